//! The words of every mistake: its place, its key, what is allowed, and never a secret.

use super::machine;

#[test]
fn every_mistake_of_a_file_is_told_at_once_with_its_line_and_what_is_allowed() {
    let machine = machine().file(
        r#"addr = "localhost"
adr = "127.0.0.1:3000"
data = 7
public_url = "https://chat.example.org/inglenook"
password_hash = "hearth-and-home"
model = ""
[limits]
max_message_bytes = 12
max_open_answer = 64
max_open_answers = "many"

[[providers]]
name = "first"
base_url = "ftp://example.org"
key = 1234
keys = "sk-secret"
key_env = "NOT_SET"
models = "gpt"
proxy = "127.0.0.1:1080"
connect_timeout_s = 0.5
idle_timeout_s = "soon"
ky = "sk-secret"

[[providers]]
name = "has/slash"
keys = ["sk-1", "two words"]
idle_timeout_s = 3601

[[providers]]
name = "first"
base_url = "https://user:secret@example.org/v1"
models = ["a", true]
"#,
    );
    insta::assert_snapshot!(machine.mistakes(), @r#"
    inglenook.toml:1: addr: expected an IP address and a port, such as 127.0.0.1:3000 or [::1]:3000, found "localhost"
    inglenook.toml:2: adr: unknown key, did you mean `addr`? Allowed here: addr, data, password_hash, password, public_url, cors_origins, model, title_model, continue_when_cut, limits, providers, auto, allowances
    inglenook.toml:3: data: expected the path of a folder, found 7
    inglenook.toml:4: public_url: expected the http or https address under which people open the page, without a path, such as https://chat.example.org, found "https://chat.example.org/inglenook"
    inglenook.toml:5: password_hash: expected what `inglenook hash-password` prints (in .env and in a shell between single quotes, since it holds dollar signs), found something else
    inglenook.toml:6: model: expected the name of a model, or a provider and a model as in "openai/gpt-5-mini", found ""
    inglenook.toml:8: limits.max_message_bytes: expected a whole number of bytes from 1024 to 16777216, found 12
    inglenook.toml:9: limits.max_open_answer: unknown key, did you mean `max_open_answers`? Allowed here: max_message_bytes, max_open_answers, max_import_bytes, max_file_bytes, max_files_per_message, max_relay_calls, max_relay_bytes, max_connections
    inglenook.toml:10: limits.max_open_answers: expected a whole number from 1 to 100000, found "many"
    inglenook.toml:14: providers[0].base_url: expected an http or https address up to and including the version, such as https://api.openai.com/v1, without a key or password in it, found "ftp://example.org"
    inglenook.toml:15: providers[0].key: expected a key without spaces or line breaks, found a number
    inglenook.toml:16: providers[0].keys: expected a list in square brackets, found a string
    inglenook.toml:17: providers[0].key_env: expected the variable NOT_SET to hold a key, but it is not set
    inglenook.toml:18: providers[0].models: expected a list in square brackets, found a string
    inglenook.toml:19: providers[0].proxy: expected the address of a proxy, beginning with http://, https://, socks5:// or socks5h://, found "127.0.0.1:1080"
    inglenook.toml:20: providers[0].connect_timeout_s: expected whole seconds from 1 to 3600, found a number with a fraction
    inglenook.toml:21: providers[0].idle_timeout_s: expected whole seconds from 1 to 3600, found "soon"
    inglenook.toml:22: providers[0].ky: unknown key, did you mean `key`? Allowed here: name, type, base_url, key, keys, key_env, fallback, models, vision, context_window, prices, proxy, connect_timeout_s, idle_timeout_s, max_tokens_field, client_key, background, note
    inglenook.toml:24: providers[1]: `base_url` is missing: expected an http or https address up to and including the version, such as https://api.openai.com/v1, without a key or password in it
    inglenook.toml:25: providers[1].name: expected a short name of letters, digits, `-`, `_` or `.`, found "has/slash"
    inglenook.toml:26: providers[1].keys[1]: expected a key without spaces or line breaks, found something else
    inglenook.toml:27: providers[1].idle_timeout_s: expected whole seconds from 1 to 3600, found 3601
    inglenook.toml:31: providers[2].base_url: expected an http or https address up to and including the version, such as https://api.openai.com/v1, without a key or password in it, found something else (not shown: it looks like a secret)
    inglenook.toml:32: providers[2].models[1]: expected the name of a model, or a provider and a model as in "openai/gpt-5-mini", found true
    "#);
}

#[test]
fn what_a_key_may_have_is_said_without_the_key() {
    let machine = machine().file(
        r#"[[providers]]
name = "openai"
keys = [
    { key = "sk-secret-1", wieght = 2 },
    { key = "sk-secret-2", weight = 0, max_concurrent = "many" },
    { key = "sk secret-3", requests_per_minute = 100001 },
    { key = "sk-secret-4", key_env = "NOT_SET" },
    { key_env = "NOT_SET" },
    { weight = 1 },
    7,
]
"#,
    );
    let mistakes = machine.mistakes();
    assert!(!mistakes.contains("secret"), "{mistakes}");
    insta::assert_snapshot!(mistakes, @r#"
    inglenook.toml:4: providers[0].keys[0].wieght: unknown key, did you mean `weight`? Allowed here: key, key_env, weight, max_concurrent, requests_per_minute
    inglenook.toml:5: providers[0].keys[1].weight: expected a whole number from 1 to 1000, found 0
    inglenook.toml:5: providers[0].keys[1].max_concurrent: expected a whole number of requests from 1 to 100000, found "many"
    inglenook.toml:6: providers[0].keys[2].requests_per_minute: expected a whole number of requests from 1 to 100000, found 100001
    inglenook.toml:6: providers[0].keys[2].key: expected a key without spaces or line breaks, found something else
    inglenook.toml:7: providers[0].keys[3]: expected either `key` or `key_env`, found both
    inglenook.toml:8: providers[0].keys[4].key_env: expected the variable NOT_SET to hold a key, but it is not set
    inglenook.toml:9: providers[0].keys[5]: expected `key` or `key_env`, found neither
    inglenook.toml:10: providers[0].keys[6]: expected a key, or a table such as { key = "…", weight = 2 }, found a number
    "#);
}

#[test]
fn sections_must_be_sections() {
    let mistakes = |text| machine().file(text).mistakes();
    insta::assert_snapshot!(mistakes("limits = 3\nproviders = 'openai'"), @r"
    inglenook.toml:1: limits: expected a section [limits], found a number
    inglenook.toml:2: providers: expected a section [[providers]], found a string
    ");
    insta::assert_snapshot!(mistakes("[providers]\nname = 'openai'"), @"inglenook.toml:1: providers: expected a section [[providers]], found a table");
    insta::assert_snapshot!(mistakes("providers = [1]"), @"inglenook.toml:1: providers: expected a section [[providers]], found a number");
    insta::assert_snapshot!(mistakes("[limit]\nmax_open_answers = 3"), @"inglenook.toml:1: limit: unknown key, did you mean `limits`? Allowed here: addr, data, password_hash, password, public_url, cors_origins, model, title_model, continue_when_cut, limits, providers, auto, allowances");
}

#[test]
fn names_of_providers_are_unique() {
    let provider = "[[providers]]\nname = 'a'\nbase_url = 'http://a/v1'\n";
    let twice: &'static str = Box::leak(format!("{provider}{provider}").into_boxed_str());
    insta::assert_snapshot!(machine().file(twice).mistakes(), @r#"inglenook.toml:4: providers[1]: expected a name of its own, found "a" twice"#);
}

#[test]
fn what_is_not_toml_is_told_by_line_without_repeating_it() {
    for text in [
        "addr = '127.0.0.1:1'\n[[providers]]\nkey = sk-secret\n",
        "addr = '127.0.0.1:1'\n\nkey = \"sk-secret\n",
        "addr = '127.0.0.1:1'\n[[providers]]\nkey = 'sk-secret'\nkey = 'sk-secret'\n",
        "addr = '127.0.0.1:1'\n[[providers]]\nkey 'sk-secret'\n",
        "addr = '127.0.0.1:1'\n[[providers]]\nkey = 'sk-secret' 'sk-secret'\n",
    ] {
        let mistakes = machine().file(text).mistakes();
        assert!(mistakes.starts_with("inglenook.toml:"), "{mistakes}");
        assert!(!mistakes.contains("secret"), "{mistakes}");
    }
    let text = "addr = '127.0.0.1:1'\n[[providers]]\nkey = 'sk-secret'\nkey = 'sk-secret'\n";
    insta::assert_snapshot!(machine().file(text).mistakes(), @"inglenook.toml:4: not TOML: duplicate key");
}

#[test]
fn mistakes_of_the_environment_and_the_command_line_name_the_variable_and_the_option() {
    let machine = machine()
        .addr("3000")
        .dot_env("INGLENOOK_PUBLIC_URL=chat.example.org\nOPENAI_BASE_URL=sk-secret")
        .variable("INGLENOOK_PASSWORD_HASH", "=19=19456,t=2,p=1")
        .variable("INGLENOOK_MAX_OPEN_ANSWERS", "-1")
        .variable("OPENAI_API_KEY", "two secrets");
    insta::assert_snapshot!(machine.mistakes(), @r#"
    --addr: expected an IP address and a port, such as 127.0.0.1:3000 or [::1]:3000, found "3000"
    INGLENOOK_PASSWORD_HASH: expected what `inglenook hash-password` prints (in .env and in a shell between single quotes, since it holds dollar signs), found something else
    INGLENOOK_MAX_OPEN_ANSWERS: expected a whole number from 1 to 100000, found "-1"
    OPENAI_API_KEY: expected a key without spaces or line breaks, found something else
    .env: INGLENOOK_PUBLIC_URL: expected the http or https address under which people open the page, without a path, such as https://chat.example.org, found "chat.example.org"
    .env: OPENAI_BASE_URL: expected an http or https address up to and including the version, such as https://api.openai.com/v1, without a key or password in it, found something else (not shown: it looks like a secret)
    "#);
}

#[test]
fn a_bad_line_of_dot_env_is_told_without_repeating_it() {
    let machine = machine().dot_env("# Keys\nOPENAI_API_KEY=sk-1\nOPENAI_API_KEY sk-secret\n");
    insta::assert_snapshot!(machine.mistakes(), @".env:3: expected NAME=value; a value with spaces, quotes, `#` or `$` stands between single quotes");
}

#[test]
fn a_password_that_dot_env_would_cut_is_refused() {
    let machine = machine().dot_env("INGLENOOK_PASSWORD=secret$word\n");
    insta::assert_snapshot!(machine.mistakes(), @".env: INGLENOOK_PASSWORD: expected single quotes around it, since it holds a `$`");
    let quoted = super::machine().dot_env("export INGLENOOK_PASSWORD='secret$word'\n");
    assert!(quoted.config().password.unwrap().verify(&"secret$word".into()));
}

#[test]
fn what_is_probably_a_mistake_is_a_warning() {
    let machine = machine()
        .variable("INGLENOOK_ADDRESS", "0.0.0.0:1")
        .variable("INGLENOOK_PORT", "tcp://10.0.0.1:3000")
        .variable("INGLENOOK_MODEL", "gpt")
        .variable("INGLENOOK_PUBLIC_URL", "https://chat.example.org")
        .variable("OPENAI_MODEL", "gpt");
    insta::assert_snapshot!(machine.load().unwrap().warnings.join("\n"), @r#"
    OPENAI_MODEL has no effect without OPENAI_API_KEY or OPENAI_BASE_URL; to choose a model of another provider, set INGLENOOK_MODEL
    model = "gpt" has no effect, since there is no provider
    there is no password: whoever can open https://chat.example.org/ can read and write everything, unless the proxy in front asks for one
    INGLENOOK_ADDRESS has no effect, did you mean INGLENOOK_ADDR?
    "#);
}

#[test]
fn what_is_chosen_and_how_must_be_understood() {
    let machine = machine().file(
        r#"model = "auto"
[[providers]]
name = "one"
base_url = "http://one/v1"
type = "gemini"
background = true
models = ["small", "large"]
[auto]
default = "middle"
classifier = "small"
about = { large = 3 }
rule = []
[[auto.rules]]
has_images = "yes"
min_tokens = 0
language = "de"
looks_like = "a cat"
pattern = "("
[[auto.rules]]
model = "huge"
max_tokens = 3
"#,
    );
    insta::assert_snapshot!(machine.mistakes(), @r#"
    inglenook.toml:5: providers[0].type: expected openai (chat completions), anthropic (messages) or responses, found "gemini"
    inglenook.toml:6: providers[0].background: expected type = "responses" with background = true: only that API writes answers in the background
    inglenook.toml:9: auto.default: expected one of one/small, one/large, found "middle"
    inglenook.toml:10: auto.classifier: expected `about` to describe at least two models that it can choose among
    inglenook.toml:11: auto.about.large: expected a sentence, found 3
    inglenook.toml:12: auto.rule: unknown key, did you mean `rules`? Allowed here: default, rules, classifier, about
    inglenook.toml:13: auto.rules[0]: `model` is missing: expected the model that answers where the rule fits
    inglenook.toml:14: auto.rules[0].has_images: expected true or false, found "yes"
    inglenook.toml:15: auto.rules[0].min_tokens: expected a whole number of tokens from 1 to 100000000, found 0
    inglenook.toml:16: auto.rules[0].language: expected a language with letters of its own: ar, el, he, hi, ja, ko, ru, th or zh, found "de"
    inglenook.toml:17: auto.rules[0].looks_like: expected code or translation, found "a cat"
    inglenook.toml:18: auto.rules[0].pattern: expected a regular expression of moderate size, as in "(?i)^summari[sz]e", found "("
    inglenook.toml:20: auto.rules[1].model: expected one of one/small, one/large, found "huge"
    inglenook.toml:21: auto.rules[1].max_tokens: unknown key, did you mean `min_tokens`? Allowed here: model, has_images, min_tokens, language, looks_like, pattern
    "#);
}

#[test]
fn what_is_said_of_models_must_be_understood() {
    let machine = machine().file(
        r#"[[providers]]
name = "one"
base_url = "http://one/v1"
vision = "yes"
context_window = 12
[providers.prices.cheap]
input = -1
output = "free"
cached = 0.1
[providers.prices.dear]
output = 2.0
[[providers]]
name = "two"
base_url = "http://two/v1"
vision = [3]
context_window = { small = "much" }
prices = { small = 3 }
"#,
    );
    insta::assert_snapshot!(machine.mistakes(), @r#"
    inglenook.toml:4: providers[0].vision: expected true, false or a list of models, found a string
    inglenook.toml:5: providers[0].context_window: expected a whole number of tokens from 256 to 100000000, found 12
    inglenook.toml:7: providers[0].prices.cheap.input: expected US dollars for a million tokens, from 0 to 1000000
    inglenook.toml:8: providers[0].prices.cheap.output: expected US dollars for a million tokens, from 0 to 1000000
    inglenook.toml:9: providers[0].prices.cheap.cached: unknown key, did you mean `cached_input`? Allowed here: input, output, cached_input
    inglenook.toml:10: providers[0].prices.dear: `input` is missing: expected US dollars for a million tokens, from 0 to 1000000
    inglenook.toml:15: providers[1].vision[0]: expected the name of a model, or a provider and a model as in "openai/gpt-5-mini", found 3
    inglenook.toml:16: providers[1].context_window.small: expected a whole number of tokens from 256 to 100000000, found "much"
    inglenook.toml:17: providers[1].prices.small: expected a table such as { input = 0.25, output = 2.0 }, found a number
    "#);
}

#[test]
fn what_may_be_spent_must_be_understood() {
    let machine = machine().file(
        r#"[[allowances]]
provider = "opnai"
each = "day"
money_per_day = "much"
money_per_month = 0
tokens_per_day = 1.5
requests_per_minut = 3
"#,
    );
    insta::assert_snapshot!(machine.mistakes(), @r#"
    inglenook.toml:2: allowances[0].provider: expected the name of a configured provider, found "opnai"
    inglenook.toml:3: allowances[0].each: expected all, person or token, found "day"
    inglenook.toml:4: allowances[0].money_per_day: expected US dollars, above 0 and up to 1000000, such as 5.0
    inglenook.toml:5: allowances[0].money_per_month: expected US dollars, above 0 and up to 1000000, such as 5.0
    inglenook.toml:6: allowances[0].tokens_per_day: expected a whole number from 1 to 1000000000000, found a number with a fraction
    inglenook.toml:7: allowances[0].requests_per_minut: unknown key, did you mean `requests_per_minute`? Allowed here: provider, model, each, money_per_day, money_per_month, tokens_per_day, requests_per_minute, concurrent_answers, turns_per_conversation
    "#);
    let empty = super::machine().file("[[allowances]]\nmodel = 'gpt-5'");
    insta::assert_snapshot!(empty.mistakes(), @"inglenook.toml:1: allowances[0]: nothing is limited: expected money_per_day or another amount beside it");
}
