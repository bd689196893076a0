//! The providers: those of the file, the one named `openai` that `OPENAI_*` describes, and, where
//! there is none of either, the small model on this machine.

use std::time::Duration;

use chat::upstream::{ModelFacts, Provider};
use secrecy::SecretString;
use url::Url;

use super::facts;
use super::file::{Table, Value};
use super::layers::Layers;
use super::mistake::{Mistake, Source};
use super::reading::{self, Reading};

/// The provider that the variables `OPENAI_*` describe.
const OPENAI: &str = "openai";
const OPENAI_BASE_URL: &str = "https://api.openai.com/v1";

/// Set by the command that starts the small model when nothing else is configured.
const LOCAL_MODEL_URL: &str = "INGLENOOK_LOCAL_MODEL_URL";
const LOCAL_MODEL: &str = "SmolLM2-135M-Instruct";
const LOCAL_NOTE: &str = "Answers come from SmolLM2-135M, a very small model on this machine. Set \
                          OPENAI_API_KEY or add a provider to inglenook.toml to use your own.";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// All providers, those of the file first, so that a key left in the environment does not change
/// who answers.
pub fn read(layers: &mut Layers<'_>) -> Vec<Provider> {
    let mut providers: Vec<Provider> = Vec::new();
    for table in &layers.file.providers {
        let Some(provider) = of_table(layers, table) else { continue };
        if providers.iter().any(|other| other.name == provider.name) {
            let words = format!("expected a name of its own, found {:?} twice", provider.name);
            layers.mistakes.0.push(Mistake::at(table.source.clone(), words));
            continue;
        }
        providers.push(provider);
    }
    openai_of_environment(layers, &mut providers);
    if providers.is_empty() && layers.file.providers.is_empty() {
        providers.extend(local(layers));
    }
    providers
}

/// A provider of the file, or nothing if it has no usable name or address; what is wrong with the
/// rest is noted, too.
fn of_table(layers: &mut Layers<'_>, table: &Table) -> Option<Provider> {
    let name = required(layers, table, "name", &reading::PROVIDER_NAME);
    let prefix = match &name {
        Some(name) => format!("providers.{name}."),
        None => "providers.".to_owned(),
    };
    let base_url = match &name {
        Some(name) if name == OPENAI => {
            Some(one(layers, table, "base_url", &reading::BASE_URL).unwrap_or_else(openai_url))
        }
        _ => required(layers, table, "base_url", &reading::BASE_URL),
    };
    let keys = keys(layers, table);
    let models = several(layers, table, "models", &reading::MODEL);
    let facts = facts::read(layers, table);
    let proxy = one(layers, table, "proxy", &reading::PROXY);
    let connect = one(layers, table, "connect_timeout_s", &reading::SECONDS);
    let idle = one(layers, table, "idle_timeout_s", &reading::SECONDS);
    let max_tokens_field = one(layers, table, "max_tokens_field", &reading::MAX_TOKENS_FIELD);
    let client_key = one(layers, table, "client_key", &reading::SWITCH);
    let note = one(layers, table, "note", &reading::NOTE);

    let provider = Provider {
        name: name?,
        base_url: base_url?,
        keys,
        models,
        facts,
        proxy,
        connect_timeout: connect.unwrap_or(CONNECT_TIMEOUT),
        idle_timeout: idle.unwrap_or(IDLE_TIMEOUT),
        max_tokens_field,
        client_key: client_key.unwrap_or_default(),
        note,
    };
    let source = |key: &str| table.entries.get(key).map_or(Source::Default, |e| e.source.clone());
    let key_source =
        ["key", "keys", "key_env"].map(source).into_iter().find(|found| *found != Source::Default);
    layers.note(format!("{prefix}base_url"), provider.base_url.as_str(), source("base_url"));
    layers.note(
        format!("{prefix}keys"),
        count(&provider.keys),
        key_source.unwrap_or(Source::Default),
    );
    layers.note(format!("{prefix}models"), list(&provider.models), source("models"));
    for (key, shown) in facts::shown(&provider.facts) {
        layers.note(format!("{prefix}{key}"), shown, source(key));
    }
    if let Some(proxy) = &provider.proxy {
        layers.note(format!("{prefix}proxy"), without_credentials(proxy), source("proxy"));
    }
    for (key, value) in
        [("connect_timeout_s", provider.connect_timeout), ("idle_timeout_s", provider.idle_timeout)]
    {
        layers.note(format!("{prefix}{key}"), value.as_secs().to_string(), source(key));
    }
    if let Some(field) = provider.max_tokens_field {
        let key = "max_tokens_field";
        layers.note(format!("{prefix}{key}"), field.as_str(), source(key));
    }
    if provider.client_key {
        layers.note(format!("{prefix}client_key"), "true", source("client_key"));
    }
    Some(provider)
}

/// Lets `OPENAI_API_KEY`, `OPENAI_BASE_URL` and `OPENAI_MODEL` describe the provider `openai`:
/// that of the file if it has one, otherwise a further one.
fn openai_of_environment(layers: &mut Layers<'_>, providers: &mut Vec<Provider>) {
    let key = variable(layers, "OPENAI_API_KEY", &reading::KEY);
    let base_url = variable(layers, "OPENAI_BASE_URL", &reading::BASE_URL);
    let model = variable(layers, "OPENAI_MODEL", &reading::MODEL);

    let index = match providers.iter().position(|provider| provider.name == OPENAI) {
        Some(index) => index,
        None if key.is_some() || base_url.is_some() => {
            layers.note("providers.openai.base_url", OPENAI_BASE_URL, Source::Default);
            layers.note("providers.openai.keys", count(&[]), Source::Default);
            layers.note("providers.openai.models", list(&[]), Source::Default);
            providers.push(plain_provider(OPENAI, openai_url()));
            providers.len() - 1
        }
        None => {
            if model.is_some() {
                layers.warnings.push(
                    "OPENAI_MODEL has no effect without OPENAI_API_KEY or OPENAI_BASE_URL; to \
                     choose a model of another provider, set INGLENOOK_MODEL"
                        .to_owned(),
                );
            }
            return;
        }
    };
    let provider = &mut providers[index];
    if let Some((base_url, source)) = base_url {
        layers.renote("providers.openai.base_url", base_url.to_string(), source);
        provider.base_url = base_url;
    }
    if let Some((key, source)) = key {
        provider.keys = vec![key];
        layers.renote("providers.openai.keys", count(&provider.keys), source);
    }
    if let Some((model, source)) = model {
        provider.models = vec![model];
        layers.renote("providers.openai.models", list(&provider.models), source);
    }
}

/// The small model on this machine.
fn local(layers: &mut Layers<'_>) -> Option<Provider> {
    let (base_url, source) = variable(layers, LOCAL_MODEL_URL, &reading::BASE_URL)?;
    layers.note("providers.local.base_url", base_url.as_str(), source);
    Some(Provider {
        models: vec![LOCAL_MODEL.to_owned()],
        note: Some(LOCAL_NOTE.to_owned()),
        ..plain_provider("local", base_url)
    })
}

fn plain_provider(name: &str, base_url: Url) -> Provider {
    Provider {
        name: name.to_owned(),
        base_url,
        keys: Vec::new(),
        models: Vec::new(),
        facts: ModelFacts::default(),
        proxy: None,
        connect_timeout: CONNECT_TIMEOUT,
        idle_timeout: IDLE_TIMEOUT,
        max_tokens_field: None,
        client_key: false,
        note: None,
    }
}

fn openai_url() -> Url {
    Url::parse(OPENAI_BASE_URL).expect("a constant of this file is a valid address")
}

/// The keys of `key`, of `keys` and of the variable that `key_env` names, together.
fn keys(layers: &mut Layers<'_>, table: &Table) -> Vec<SecretString> {
    let mut keys: Vec<_> = one(layers, table, "key", &reading::KEY).into_iter().collect();
    keys.extend(several(layers, table, "keys", &reading::KEY));
    if let Some(name) = one(layers, table, "key_env", &reading::VARIABLE) {
        match layers.environment.get(&name) {
            Some((text, source)) => {
                let read = reading::KEY.text(text).map_err(|words| Mistake::at(source, words));
                keys.extend(layers.kept(read));
            }
            None => {
                let words =
                    format!("expected the variable {name} to hold a key, but it is not set");
                let source = table.entries["key_env"].source.clone();
                layers.mistakes.0.push(Mistake::at(source, words));
            }
        }
    }
    keys
}

fn one<T>(layers: &mut Layers<'_>, table: &Table, key: &str, reading: &Reading<T>) -> Option<T> {
    let entry = table.entries.get(key)?;
    layers.kept(entry.read(reading))
}

fn required<T>(
    layers: &mut Layers<'_>,
    table: &Table,
    key: &str,
    reading: &Reading<T>,
) -> Option<T> {
    if !table.entries.contains_key(key) {
        let words = format!("`{key}` is missing: expected {}", reading.expected);
        layers.mistakes.0.push(Mistake::at(table.source.clone(), words));
    }
    one(layers, table, key, reading)
}

pub(super) fn several<T>(
    layers: &mut Layers<'_>,
    table: &Table,
    key: &str,
    reading: &Reading<T>,
) -> Vec<T> {
    let Some(entry) = table.entries.get(key) else { return Vec::new() };
    match &entry.value {
        Value::List(items) => {
            items.iter().filter_map(|item| layers.kept(item.read(reading))).collect()
        }
        other => {
            let words = format!("expected a list in square brackets, found {}", other.kind());
            layers.mistakes.0.push(Mistake::at(entry.source.clone(), words));
            Vec::new()
        }
    }
}

fn variable<T>(layers: &mut Layers<'_>, name: &str, reading: &Reading<T>) -> Option<(T, Source)> {
    let (text, source) = layers.environment.get(name)?;
    let read = reading.text(text).map_err(|words| Mistake::at(source.clone(), words));
    layers.kept(read).map(|value| (value, source))
}

fn count(keys: &[SecretString]) -> String {
    match keys.len() {
        0 => "none".to_owned(),
        1 => "1 key, not shown".to_owned(),
        several => format!("{several} keys, not shown"),
    }
}

fn list(models: &[String]) -> String {
    if models.is_empty() { "what the provider lists".to_owned() } else { models.join(", ") }
}

fn without_credentials(proxy: &Url) -> String {
    let mut proxy = proxy.clone();
    // Both fail only for addresses without a host, which are refused when they are read.
    let _ = proxy.set_username("");
    let _ = proxy.set_password(None);
    proxy.to_string()
}
