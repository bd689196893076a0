//! The keys of a provider: plain, in a variable of the environment, or as a table with a weight and
//! limits of its own.

use std::collections::BTreeMap;

use chat::upstream::ProviderKey;
use secrecy::SecretString;

use super::file::{Entry, Table, Value};
use super::layers::Layers;
use super::mistake::{Mistake, Source};
use super::providers::one;
use super::reading::{self, Reading};

/// What a key that is written as a table may have.
const KEY_FIELDS: [&str; 5] = ["key", "key_env", "weight", "max_concurrent", "requests_per_minute"];

/// Reads `key`, `keys` and the variable that `key_env` names, together.
pub fn read(layers: &mut Layers<'_>, table: &Table) -> Vec<ProviderKey> {
    let mut keys: Vec<_> =
        one(layers, table, "key", &reading::KEY).map(ProviderKey::from).into_iter().collect();
    keys.extend(listed(layers, table));
    if let Some(entry) = table.entries.get("key_env") {
        keys.extend(of_variable(layers, entry).map(ProviderKey::from));
    }
    keys
}

fn listed(layers: &mut Layers<'_>, table: &Table) -> Vec<ProviderKey> {
    let Some(entry) = table.entries.get("keys") else { return Vec::new() };
    let Value::List(items) = &entry.value else {
        let words = format!("expected a list in square brackets, found {}", entry.value.kind());
        return layers.refuse(entry, words);
    };
    items.iter().filter_map(|item| listed_key(layers, item)).collect()
}

fn listed_key(layers: &mut Layers<'_>, item: &Entry) -> Option<ProviderKey> {
    match &item.value {
        Value::Table(fields) => of_fields(layers, item, fields),
        Value::Text(_) => layers.kept(item.read(&reading::KEY)).map(ProviderKey::from),
        other => {
            let words = format!(
                "expected a key, or a table such as {{ key = \"…\", weight = 2 }}, found {}",
                other.kind()
            );
            layers.refuse(item, words)
        }
    }
}

fn of_fields(
    layers: &mut Layers<'_>,
    item: &Entry,
    fields: &BTreeMap<String, Entry>,
) -> Option<ProviderKey> {
    layers.refuse_others(fields, &KEY_FIELDS);
    let weight = field(layers, fields, "weight", &reading::WEIGHT);
    let max_concurrent = field(layers, fields, "max_concurrent", &reading::REQUESTS);
    let requests_per_minute = field(layers, fields, "requests_per_minute", &reading::REQUESTS);
    let secret = match (fields.get("key"), fields.get("key_env")) {
        (Some(entry), None) => layers.kept(entry.read(&reading::KEY)),
        (None, Some(entry)) => of_variable(layers, entry),
        (Some(_), Some(_)) => {
            layers.refuse(item, "expected either `key` or `key_env`, found both".to_owned())
        }
        (None, None) => {
            layers.refuse(item, "expected `key` or `key_env`, found neither".to_owned())
        }
    };
    let plain = ProviderKey::from(secret?);
    Some(ProviderKey {
        weight: weight.unwrap_or(plain.weight),
        max_concurrent,
        requests_per_minute,
        ..plain
    })
}

fn field<T>(
    layers: &mut Layers<'_>,
    fields: &BTreeMap<String, Entry>,
    name: &str,
    reading: &Reading<T>,
) -> Option<T> {
    layers.kept(fields.get(name)?.read(reading))
}

/// The key in the variable that an entry names.
fn of_variable(layers: &mut Layers<'_>, entry: &Entry) -> Option<SecretString> {
    let name = layers.kept(entry.read(&reading::VARIABLE))?;
    match layers.environment.get(&name) {
        Some((text, source)) => {
            let read = reading::KEY.text(text).map_err(|words| Mistake::at(source, words));
            layers.kept(read)
        }
        None => {
            let words = format!("expected the variable {name} to hold a key, but it is not set");
            layers.refuse(entry, words)
        }
    }
}

/// Where the keys stand, for `inglenook check`.
pub fn source(table: &Table) -> Source {
    ["key", "keys", "key_env"]
        .into_iter()
        .find_map(|name| table.entries.get(name))
        .map_or(Source::Default, |entry| entry.source.clone())
}

/// How many there are, for `inglenook check`.
pub fn count(keys: &[ProviderKey]) -> String {
    match keys.len() {
        0 => "none".to_owned(),
        1 => "1 key, not shown".to_owned(),
        several => format!("{several} keys, not shown"),
    }
}
