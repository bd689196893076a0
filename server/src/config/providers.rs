//! The providers: those of the file, the one named `openai` that `OPENAI_*` describes, and, where
//! there is none of either, the small model on this machine.

use std::time::Duration;

use chat::upstream::{Dialect, ModelFacts, Provider};
use url::Url;

use super::facts;
use super::fallback;
use super::file::{Table, Value};
use super::keys;
use super::layers::Layers;
use super::mistake::{Mistake, Source};
use super::reading::{self, Reading};

/// The provider that the variables `OPENAI_*` describe.
const OPENAI: &str = "openai";
const OPENAI_BASE_URL: &str = "https://api.openai.com/v1";
const ANTHROPIC_BASE_URL: &str = "https://api.anthropic.com/v1";

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
    fallback::check(layers, &providers);
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
    let dialect = dialect(layers, table);
    let usual_address = match dialect {
        Dialect::Anthropic => Some(ANTHROPIC_BASE_URL),
        Dialect::Responses { .. } => Some(OPENAI_BASE_URL),
        Dialect::ChatCompletions if name.as_deref() == Some(OPENAI) => Some(OPENAI_BASE_URL),
        Dialect::ChatCompletions => None,
    };
    let base_url = match usual_address {
        Some(usual) => {
            let set = one(layers, table, "base_url", &reading::BASE_URL);
            Some(set.unwrap_or_else(|| address(usual)))
        }
        None => required(layers, table, "base_url", &reading::BASE_URL),
    };
    let keys = keys::read(layers, table);
    let fallback = one(layers, table, "fallback", &reading::FALLBACK);
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
        dialect,
        keys,
        fallback,
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
    if provider.dialect != Dialect::default() {
        layers.note(format!("{prefix}type"), shown(provider.dialect), source("type"));
    }
    layers.note(format!("{prefix}base_url"), provider.base_url.as_str(), source("base_url"));
    layers.note(format!("{prefix}keys"), keys::count(&provider.keys), keys::source(table));
    if let Some(fallback) = &provider.fallback {
        layers.note(format!("{prefix}fallback"), fallback.to_string(), source("fallback"));
    }
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
            layers.note("providers.openai.keys", keys::count(&[]), Source::Default);
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
        provider.keys = vec![key.into()];
        layers.renote("providers.openai.keys", keys::count(&provider.keys), source);
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
        dialect: Dialect::default(),
        keys: Vec::new(),
        fallback: None,
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
    address(OPENAI_BASE_URL)
}

fn address(constant: &str) -> Url {
    Url::parse(constant).expect("the constants of this file are valid addresses")
}

/// What `type` and `background` say together.
fn dialect(layers: &mut Layers<'_>, table: &Table) -> Dialect {
    let spoken = one(layers, table, "type", &reading::DIALECT).unwrap_or_default();
    let background = one(layers, table, "background", &reading::SWITCH).unwrap_or_default();
    match spoken {
        Dialect::Responses { .. } => Dialect::Responses { background },
        other => {
            if background {
                let words = "expected type = \"responses\" with background = true: only that API \
                             writes answers in the background";
                let source = table.entries["background"].source.clone();
                layers.mistakes.0.push(Mistake::at(source, words));
            }
            other
        }
    }
}

fn shown(dialect: Dialect) -> String {
    let background = if dialect.is_background() { ", in the background" } else { "" };
    format!("{}{background}", dialect.as_str())
}

pub(super) fn one<T>(
    layers: &mut Layers<'_>,
    table: &Table,
    key: &str,
    reading: &Reading<T>,
) -> Option<T> {
    let entry = table.entries.get(key)?;
    layers.kept(entry.read(reading))
}

pub(super) fn required<T>(
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
