//! Who answers: providers by variables and by file, their keys, their dialects, and who steps in.

use chat::upstream::Dialect;

use super::{keys, machine};

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
