//! What each configuration becomes, and that no secret shows. The environment is always a map.

mod mistakes;

use std::collections::BTreeMap;

use chat::limits::Each;
use chat::upstream::{Dialect, ModelFacts};
use protocol::Price;
use secrecy::ExposeSecret;

use super::*;

/// A folder with files, an environment and a command line.
#[derive(Default)]
struct Machine {
    file: Option<&'static str>,
    dot_env: &'static str,
    variables: Vec<(&'static str, &'static str)>,
    options: Options,
}

impl Machine {
    fn file(mut self, text: &'static str) -> Self {
        self.file = Some(text);
        self
    }

    fn dot_env(mut self, text: &'static str) -> Self {
        self.dot_env = text;
        self
    }

    fn variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    fn addr(mut self, addr: &str) -> Self {
        self.options.addr = Some(addr.to_owned());
        self
    }

    fn load(&self) -> Result<Loaded, Mistakes> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(text) = self.file {
            std::fs::write(folder.path().join("inglenook.toml"), text).unwrap();
        }
        let mut variables = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
        variables.extend(self.variables.iter().map(|(n, v)| (n.to_string(), v.to_string())));
        let environment = Environment::new(variables, self.dot_env)?;
        Loaded::read(&self.options, &environment, folder.path())
    }

    fn config(&self) -> Config {
        self.load().unwrap_or_else(|mistakes| panic!("{mistakes}")).config
    }

    fn mistakes(&self) -> String {
        self.load().expect_err("there is a mistake").to_string()
    }
}

fn machine() -> Machine {
    Machine::default()
}

fn keys(provider: &Provider) -> Vec<&str> {
    provider.keys.iter().map(|key| key.value.expose_secret()).collect()
}

#[test]
fn with_nothing_set_the_defaults_hold() {
    let config = machine().config();
    insta::assert_snapshot!(format!("{config:#?}"), @r#"
    Config {
        addr: 127.0.0.1:3000,
        data: "/home/me/.local/share/inglenook",
        password: None,
        public_url: None,
        cors_origins: [],
        providers: [],
        model: None,
        title_model: None,
        continue_when_cut: true,
        auto: None,
        limits: Limits {
            max_message_bytes: 1048576,
            max_open_answers: 64,
            max_import_bytes: 536870912,
            max_file_bytes: 20971520,
            max_files_per_message: 10,
            max_relay_calls: 1024,
            max_relay_bytes: 33554432,
            max_connections: 16384,
        },
        allowances: [],
    }
    "#);
}

#[test]
fn each_layer_wins_over_the_ones_below() {
    let addr = |machine: &Machine| machine.config().addr.port();
    let mut machine = machine();
    assert_eq!(addr(&machine), 3000);
    machine = machine.file("addr = '127.0.0.1:1'");
    assert_eq!(addr(&machine), 1);
    machine = machine.dot_env("INGLENOOK_ADDR=127.0.0.1:2");
    assert_eq!(addr(&machine), 2);
    machine = machine.variable("INGLENOOK_ADDR", "localhost:3");
    assert_eq!(addr(&machine), 3);
    machine = machine.addr("[::1]:4");
    assert_eq!(addr(&machine), 4);
}

#[test]
fn the_documented_example_is_a_configuration() {
    let machine = machine().file(include_str!("example.toml")).variable("MY_OPENAI_KEY", "sk-1");
    let config = machine.config();
    let names: Vec<_> = config.providers.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["openai", "claude", "deep", "home"]);
    assert_eq!(config.providers[1].dialect, Dialect::Anthropic);
    assert_eq!(config.providers[2].dialect, Dialect::Responses { background: true });
    assert_eq!(keys(&config.providers[0]), ["sk-1"]);
    assert_eq!(config.model.unwrap().to_string(), "openai/gpt-5-mini");
    assert_eq!(config.title_model, None);
    let auto = config.auto.unwrap();
    assert_eq!((auto.rules.len(), auto.default.as_str()), (5, "openai/gpt-5-mini"));
    assert_eq!(auto.classifier.unwrap().about.len(), 2);
    assert!(config.data.ends_with("inglenook-data") && config.data.is_absolute());
}

#[test]
fn the_example_shows_every_key() {
    let example = include_str!("example.toml");
    let rows = setting::SETTINGS.iter().chain(&setting::PROVIDER_KEYS);
    let rows = rows.chain(&setting::AUTO_KEYS).chain(&setting::RULE_KEYS);
    for row in rows.chain(&setting::ALLOWANCE_KEYS) {
        let key = row.key.rsplit('.').next().unwrap();
        // A plain password is better left out of files, so the example does not invite it.
        let shown = example.contains(&format!("{key} = ")) || key == "password";
        assert!(shown, "{key} is missing");
    }
}

#[test]
fn a_file_may_be_named_or_lie_in_the_configuration_folder() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, port: u16| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("addr = '127.0.0.1:{port}'\ndata = 'data'")).unwrap();
    };
    let config = |options: &Options, variables: &[(&str, &str)]| {
        let home = folder.path().display().to_string();
        let mut all = BTreeMap::from([("HOME".to_owned(), home)]);
        all.extend(variables.iter().map(|(n, v)| (n.to_string(), v.to_string())));
        let environment = Environment::new(all, "").unwrap();
        Loaded::read(options, &environment, folder.path()).unwrap().config
    };
    write(".config/inglenook/inglenook.toml", 1);
    let found = config(&Options::default(), &[]);
    assert_eq!(found.addr.port(), 1);
    assert_eq!(found.data, folder.path().join(".config/inglenook/data"));
    write("inglenook.toml", 2);
    assert_eq!(config(&Options::default(), &[]).addr.port(), 2);
    write("three.toml", 3);
    assert_eq!(config(&Options::default(), &[("INGLENOOK_CONFIG", "three.toml")]).addr.port(), 3);
    write("four.toml", 4);
    let options = Options { config: Some("four.toml".to_owned()), ..Options::default() };
    assert_eq!(config(&options, &[("INGLENOOK_CONFIG", "three.toml")]).addr.port(), 4);
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let machine = machine().variable("INGLENOOK_CONFIG", "gone.toml");
    insta::assert_snapshot!(machine.mistakes(), @r#"INGLENOOK_CONFIG: the file "gone.toml" cannot be read: No such file or directory (os error 2)"#);
}

#[test]
fn data_follows_the_xdg_specification() {
    let data = |machine: Machine| machine.config().data.display().to_string();
    assert_eq!(data(machine()), "/home/me/.local/share/inglenook");
    assert_eq!(data(machine().variable("XDG_DATA_HOME", "/xdg")), "/xdg/inglenook");
    assert_eq!(
        data(machine().variable("XDG_DATA_HOME", "relative")),
        "/home/me/.local/share/inglenook"
    );
    assert_eq!(data(machine().variable("INGLENOOK_DATA", "here")), "here");
    assert_eq!(data(machine().file("data = '~/chats'")), "/home/me/chats");
    insta::assert_snapshot!(machine().variable("HOME", "").mistakes(), @"the folder for the conversations is unknown, since HOME is not set: set INGLENOOK_DATA or pass --data");
}

#[test]
fn openai_variables_alone_are_enough() {
    let config = machine().variable("OPENAI_API_KEY", " sk-1\n").config();
    assert_eq!(config.providers[0].base_url.as_str(), "https://api.openai.com/v1");
    assert_eq!(keys(&config.providers[0]), ["sk-1"]);
    assert_eq!(config.model.unwrap().to_string(), "openai/gpt-5-mini");

    let config = machine().dot_env("OPENAI_BASE_URL=http://127.0.0.1:11434/v1").config();
    assert!(config.providers[0].keys.is_empty());
    assert_eq!(config.model, None, "only the provider knows its models");

    let config =
        machine().variable("OPENAI_API_KEY", "sk-1").variable("OPENAI_MODEL", "o9").config();
    assert_eq!(config.model.unwrap().to_string(), "openai/o9");
}

#[test]
fn openai_variables_add_to_the_file_without_taking_over() {
    let machine = machine()
        .file("[[providers]]\nname = 'home'\nbase_url = 'http://127.0.0.1:1/v1'\nmodels = ['m']")
        .variable("OPENAI_API_KEY", "sk-1");
    let config = machine.config();
    assert_eq!(config.providers.len(), 2);
    assert_eq!(config.model.unwrap().to_string(), "home/m");
}

#[test]
fn openai_variables_win_over_the_provider_openai_of_the_file() {
    let machine = machine()
        .file("[[providers]]\nname = 'openai'\nkey = 'sk-file'\nidle_timeout_s = 7\nmax_tokens_field = 'max_tokens'")
        .variable("OPENAI_API_KEY", "sk-environment");
    let config = machine.config();
    assert_eq!(config.providers.len(), 1);
    assert_eq!(keys(&config.providers[0]), ["sk-environment"]);
    assert_eq!(config.providers[0].idle_timeout.as_secs(), 7);
    let field = config.providers[0].max_tokens_field.map(|field| field.as_str());
    assert_eq!(field, Some("max_tokens"));
}

#[test]
fn the_small_model_answers_only_if_nobody_else_can() {
    let local = machine().variable("INGLENOOK_LOCAL_MODEL_URL", "http://127.0.0.1:8081/v1");
    let config = local.config();
    assert_eq!(config.providers[0].name, "local");
    assert!(config.providers[0].note.as_ref().unwrap().contains("very small model"));
    assert_eq!(config.model.unwrap().to_string(), "local/SmolLM2-135M-Instruct");

    let config = local.variable("OPENAI_API_KEY", "sk-1").config();
    assert_eq!(config.providers.len(), 1);
    assert_eq!(config.providers[0].name, "openai");
}

#[test]
fn a_provider_has_the_keys_of_all_three_ways_to_give_them() {
    let machine = machine()
        .file("[[providers]]\nname = 'openai'\nkey = 'a'\nkeys = ['b', 'c']\nkey_env = 'D'")
        .variable("D", "d");
    assert_eq!(keys(&machine.config().providers[0]), ["a", "b", "c", "d"]);
}

#[test]
fn a_key_may_have_a_weight_and_limits() {
    let machine = machine()
        .file(
            "[[providers]]\nname = 'openai'\nkeys = ['plain', { key_env = 'D', weight = 2 },\n\
             { key = 'c', max_concurrent = 8, requests_per_minute = 60 }]",
        )
        .variable("D", "d");
    let provider = machine.config().providers.remove(0);
    assert_eq!(keys(&provider), ["plain", "d", "c"]);
    let set: Vec<_> = provider
        .keys
        .iter()
        .map(|key| (key.weight, key.max_concurrent, key.requests_per_minute))
        .collect();
    assert_eq!(set, [(1, None, None), (2, None, None), (1, Some(8), Some(60))]);
}

#[test]
fn a_fallback_is_another_provider_and_leads_to_an_end() {
    let config = |lines: [&str; 3]| {
        let provider = |name: &str, line: &str| {
            format!("[[providers]]\nname = '{name}'\nbase_url = 'http://{name}/v1'\n{line}\n")
        };
        let file = ["a", "b", "c"].iter().zip(lines).map(|(name, line)| provider(name, line));
        machine().file(Box::leak(file.collect::<String>().into_boxed_str()))
    };
    let fallbacks: Vec<_> = config(["fallback = 'b/m/n'", "fallback = 'c'", ""])
        .config()
        .providers
        .into_iter()
        .map(|provider| provider.fallback.map(|fallback| fallback.to_string()))
        .collect();
    assert_eq!(fallbacks, [Some("b/m/n".to_owned()), Some("c".to_owned()), None]);
    insta::assert_snapshot!(config(["fallback = 'd'", "fallback = 'b'", "fallback = 'a/'"]).mistakes(), @r#"
    inglenook.toml:4: providers[0].fallback: expected one of b, c, found "d"; did you mean "b"?
    inglenook.toml:8: providers[1].fallback: expected one of a, c, found "b"; did you mean "a"?
    inglenook.toml:12: providers[2].fallback: expected the name of another provider, alone or with a model as in "home/llama", found "a/"
    "#);
    insta::assert_snapshot!(config(["fallback = 'b'", "fallback = 'c/m'", "fallback = 'b'"]).mistakes(), @r#"
    inglenook.toml:8: providers[1].fallback: expected a way that has an end, found the circle b → c → b
    inglenook.toml:12: providers[2].fallback: expected a way that has an end, found the circle c → b → c
    "#);
    let alone = "[[providers]]\nname = 'a'\nbase_url = 'http://a/v1'\nfallback = 'b'";
    insta::assert_snapshot!(machine().file(alone).mistakes(), @r#"inglenook.toml:4: providers[0].fallback: expected another provider, but there is none; found "b""#);
}

#[test]
fn an_answer_that_is_cut_goes_on_unless_that_is_switched_off() {
    assert!(machine().config().continue_when_cut);
    assert!(!machine().file("continue_when_cut = false").config().continue_when_cut);
    let variable = machine().variable("INGLENOOK_CONTINUE_WHEN_CUT", "false");
    assert!(!variable.config().continue_when_cut);
    insta::assert_snapshot!(machine().file("continue_when_cut = 1").mistakes(), @"inglenook.toml:1: continue_when_cut: expected true or false, found 1");
}

#[test]
fn what_is_said_of_models_is_for_all_of_them_or_for_each() {
    let facts = |file: &'static str| machine().file(file).config().providers.remove(0).facts;
    let of = |lines: &str| {
        let file = format!("[[providers]]\nname = 'a'\nbase_url = 'http://a/v1'\n{lines}");
        facts(Box::leak(file.into_boxed_str()))
    };
    assert_eq!(of(""), ModelFacts::default());
    let said = of("vision = true\ncontext_window = 8192");
    assert_eq!((said.sees.all, said.context_window.all), (Some(true), Some(8_192)));
    let said = of("vision = ['eye']\ncontext_window = { 'gpt-4.1' = 1_000_000 }");
    assert_eq!((said.sees.all, said.sees.each.get("eye")), (Some(false), Some(&true)));
    assert_eq!(said.context_window.each.get("gpt-4.1"), Some(&1_000_000));
    let said =
        of("[providers.prices.'gpt-5-mini']\ninput = 0.25\noutput = 2\ncached_input = 0.025");
    let price = Price { input: 250_000, output: 2_000_000, cached_input: Some(25_000) };
    assert_eq!(said.price.each.get("gpt-5-mini"), Some(&price));
}

#[test]
fn a_provider_is_spoken_to_in_the_dialect_of_its_type() {
    let of = |lines: &str| {
        let file = format!("[[providers]]\nname = 'a'\n{lines}");
        let loaded = machine().file(Box::leak(file.into_boxed_str())).load().unwrap();
        let shown = loaded.origins.iter().find(|origin| origin.key == "providers.a.type");
        let provider = &loaded.config.providers[0];
        let shown = shown.map(|origin| origin.shown.clone()).unwrap_or_default();
        (provider.dialect, provider.base_url.to_string(), shown)
    };
    let responses = |background| Dialect::Responses { background };
    let (anthropic, openai) = ("https://api.anthropic.com/v1", "https://api.openai.com/v1");
    let mine = "http://a/v1";
    for (lines, dialect, address, shown) in [
        ("base_url = 'http://a/v1'", Dialect::ChatCompletions, mine, ""),
        ("base_url = 'http://a/v1'\ntype = 'openai'", Dialect::ChatCompletions, mine, ""),
        ("type = 'anthropic'", Dialect::Anthropic, anthropic, "anthropic"),
        ("type = 'anthropic'\nbase_url = 'http://a/v1'", Dialect::Anthropic, mine, "anthropic"),
        ("type = 'responses'", responses(false), openai, "responses"),
        ("type = 'responses'\nbackground = false", responses(false), openai, "responses"),
        (
            "type = 'responses'\nbackground = true",
            responses(true),
            openai,
            "responses, in the background",
        ),
    ] {
        assert_eq!(of(lines), (dialect, address.to_owned(), shown.to_owned()), "{lines}");
    }
}

#[test]
fn a_model_is_chosen_as_the_section_says() {
    let provider = "[[providers]]\nname = 'a'\nbase_url = 'http://a/v1'\nmodels = ['s', 'l']\n";
    let of = |before: &str, after: &str| {
        let file = format!("{before}\n{provider}{after}");
        machine().file(Box::leak(file.into_boxed_str())).config()
    };
    let config = of("", "");
    assert!(config.auto.is_none());
    let config = of("", "[auto]");
    assert_eq!(config.auto.unwrap().default, "a/s", "the model that answers otherwise");
    let config = of("model = 'l'", "[auto]");
    assert_eq!(config.auto.unwrap().default, "a/l");
    let config = of("model = 'auto'", "[auto]\ndefault = 'l'");
    assert_eq!(config.model.unwrap().to_string(), "auto");
    let auto = config.auto.unwrap();
    assert_eq!((auto.default.as_str(), auto.rules.len()), ("a/l", 0));

    let rules = "[[auto.rules]]\nmodel = 'l'\nhas_images = true\nmin_tokens = 9\nlanguage = 'zh'\n\
                 looks_like = 'code'\npattern = '^a'";
    let rule = of("", rules).auto.unwrap().rules.remove(0);
    assert_eq!(rule.model, "a/l");
    let all = "has_images = true, min_tokens = 9, language = \"zh\", looks_like = \"code\", \
               pattern = '^a'";
    assert_eq!(rule.conditions(), all);
    let warned = machine().file("[auto]").load().unwrap().warnings;
    assert_eq!(warned, ["[auto] has no effect, since there is no provider"]);
}

#[test]
fn what_may_be_spent_is_read_exactly() {
    let file = "[[allowances]]\nmodel = 'gpt-5'\neach = 'person'\nmoney_per_day = 0.1\n\
                tokens_per_day = 1_000\n[[allowances]]\nmoney_per_month = 50";
    let loaded = machine().file(file).load().unwrap();
    let [first, second] = &loaded.config.allowances[..] else { panic!("there are two") };
    assert_eq!((first.model.as_deref(), first.each), (Some("gpt-5"), Each::Person));
    assert_eq!(first.allowance.money_per_day, Some(100_000_000_000));
    assert_eq!(first.allowance.tokens_per_day, Some(1_000));
    assert_eq!(second.allowance.money_per_month, Some(50_000_000_000_000));
    let shown: Vec<_> = loaded
        .origins
        .iter()
        .filter(|origin| origin.key == "allowances")
        .map(|o| &o.shown)
        .collect();
    let expected = ["$0.10 a day, 1000 tokens a day for gpt-5, each person", "$50.00 a month"];
    assert_eq!(shown, expected);
}

#[test]
fn models_are_found_by_name_or_with_their_provider() {
    let file = "[[providers]]\nname = 'one'\nbase_url = 'http://one/v1'\nmodels = ['a', 'b/c']\n\
                [[providers]]\nname = 'two'\nbase_url = 'http://two/v1'";
    for (text, expected) in [
        ("a", "one/a"),
        ("one/a", "one/a"),
        ("b/c", "one/b/c"),
        ("one/b/c", "one/b/c"),
        ("two/anything/at:all", "two/anything/at:all"),
        ("meta/llama", "two/meta/llama"),
    ] {
        let config = machine().file(file).variable("INGLENOOK_MODEL", text).config();
        assert_eq!(config.model.unwrap().to_string(), expected);
        let config = machine().file(file).variable("INGLENOOK_TITLE_MODEL", text).config();
        assert_eq!(config.title_model.unwrap().to_string(), expected);
    }
    let mistaken = machine().file(file).variable("INGLENOOK_MODEL", "one/bc");
    insta::assert_snapshot!(mistaken.mistakes(), @r#"INGLENOOK_MODEL: expected one of one/a, one/b/c, two/…, found "one/bc"; did you mean "one/b/c"?"#);
}

#[test]
fn beyond_loopback_a_password_is_needed() {
    for addr in ["127.0.0.1:1", "127.8.9.10:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert!(machine().addr(addr).load().is_ok(), "{addr}");
    }
    for addr in
        ["0.0.0.0:1", "[::]:1", "192.168.1.2:1", "[::ffff:192.168.1.2]:1", "[2001:db8::1]:1"]
    {
        assert!(machine().addr(addr).load().is_err(), "{addr}");
        let protected = machine().addr(addr).variable("INGLENOOK_PASSWORD", "hearth");
        assert!(protected.config().password.unwrap().verify(&"hearth".into()));
    }
    insta::assert_snapshot!(machine().addr("0.0.0.0:3000").mistakes(), @"a password is needed to listen on 0.0.0.0:3000: set INGLENOOK_PASSWORD or password_hash in inglenook.toml (made by `inglenook hash-password`), or listen on 127.0.0.1");
}

#[test]
fn other_sites_are_named_by_their_origins() {
    let origins = |machine: Machine| {
        let config = machine.config();
        config
            .cors_origins
            .iter()
            .map(|origin| origin.to_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let file = "cors_origins = ['https://app.example.org/', 'http://localhost:5173']";
    assert_eq!(origins(machine().file(file)), ["https://app.example.org", "http://localhost:5173"]);
    let variable =
        machine().file(file).variable("INGLENOOK_CORS_ORIGINS", " https://a.example:443 ,");
    assert_eq!(origins(variable), ["https://a.example"]);
    assert!(origins(machine().variable("INGLENOOK_CORS_ORIGINS", "")).is_empty());
    for wrong in ["'*'", "'https://a.example/path'", "'a.example'", "1"] {
        let file = format!("cors_origins = [{wrong}]");
        let mistakes = machine().file(Box::leak(file.into_boxed_str())).mistakes();
        assert!(mistakes.contains("inglenook.toml:1: cors_origins[0]: expected"), "{mistakes}");
    }
    assert!(machine().file("cors_origins = 'https://a.example'").mistakes().contains("a list"));
}

#[test]
fn an_empty_variable_is_no_password() {
    let machine = machine().addr("0.0.0.0:1").variable("INGLENOOK_PASSWORD", "");
    assert!(machine.load().is_err());
}

#[test]
fn the_password_of_the_higher_layer_counts_in_either_form() {
    let hash = OwnerPassword::hash(&"of the file".into()).unwrap().to_hash();
    let file = Box::leak(format!("password_hash = '{}'", hash.expose_secret()).into_boxed_str());
    let password = |machine: Machine| machine.config().password.unwrap();
    assert!(password(machine().file(file)).verify(&"of the file".into()));
    let both = machine().file(file).variable("INGLENOOK_PASSWORD", "of the environment");
    assert!(password(both).verify(&"of the environment".into()));

    let twice = Box::leak(format!("{file}\npassword = 'again'").into_boxed_str());
    insta::assert_snapshot!(machine().file(twice).mistakes(), @"inglenook.toml:2: password: expected either a password or its hash, found both");
}

#[test]
fn no_secret_shows_up_in_debug_or_origins() {
    let machine = machine()
        .file(
            "password = 'secret-1'\n[[providers]]\nname = 'a'\nbase_url = 'http://a/v1'\n\
             keys = ['secret-2', { key = 'secret-3' }]\nproxy = 'http://me:secret-4@127.0.0.1:1'",
        )
        .variable("OPENAI_API_KEY", "secret-5");
    let loaded = machine.load().unwrap();
    let seen = format!("{loaded:?} {:?}", loaded.config.providers);
    assert!(!seen.contains("secret"), "{seen}");
    assert!(seen.contains("REDACTED"));
}
