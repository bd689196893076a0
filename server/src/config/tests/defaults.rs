//! What holds when little is set, and that the documented example is a configuration and names every key.

use chat::upstream::Dialect;

use super::{keys, machine};
use crate::config::setting;

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
fn the_documented_example_is_a_configuration() {
    let machine = machine().file(include_str!("../example.toml")).variable("MY_OPENAI_KEY", "sk-1");
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
    let example = include_str!("../example.toml");
    let rows = setting::SETTINGS.iter().chain(&setting::PROVIDER_KEYS);
    let rows = rows.chain(&setting::AUTO_KEYS).chain(&setting::RULE_KEYS);
    for row in rows.chain(&setting::ALLOWANCE_KEYS) {
        let key = row.key.rsplit('.').next().unwrap();
        // A plain password is better left out of files, so the example does not invite it.
        let shown = example.contains(&format!("{key} = ")) || key == "password";
        assert!(shown, "{key} is missing");
    }
}
