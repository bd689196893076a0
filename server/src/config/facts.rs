//! What the file says about the models of a provider: whether they see, how much they read, what
//! they cost.

use std::collections::BTreeMap;

use chat::upstream::{ForModels, ModelFacts};
use protocol::Price;

use super::file::{Entry, Table, Value};
use super::layers::Layers;
use super::providers::several;
use super::reading;

/// The keys of a price.
const PRICE_KEYS: [&str; 3] = ["input", "output", "cached_input"];

const DOLLARS: &str = "US dollars for a million tokens, from 0 to 1000000";

/// Reads `vision`, `context_window` and `prices`.
pub fn read(layers: &mut Layers<'_>, table: &Table) -> ModelFacts {
    ModelFacts {
        sees: vision(layers, table),
        context_window: context_window(layers, table),
        price: prices(layers, table),
    }
}

/// What is set of them, for `inglenook check`.
pub fn shown(facts: &ModelFacts) -> Vec<(&'static str, String)> {
    let mut shown = Vec::new();
    let each = |each: Vec<String>| each.join(", ");
    match (facts.sees.all, facts.sees.each.is_empty()) {
        (Some(all), true) => shown.push(("vision", all.to_string())),
        (_, false) => shown.push(("vision", each(facts.sees.each.keys().cloned().collect()))),
        (None, true) => {}
    }
    let windows = &facts.context_window;
    if let Some(all) = windows.all {
        shown.push(("context_window", all.to_string()));
    } else if !windows.each.is_empty() {
        let models = windows.each.iter().map(|(model, tokens)| format!("{model}: {tokens}"));
        shown.push(("context_window", each(models.collect())));
    }
    if !facts.price.each.is_empty() {
        shown.push(("prices", each(facts.price.each.keys().cloned().collect())));
    }
    shown
}

/// A list names the models that see, and so those that do not.
fn vision(layers: &mut Layers<'_>, table: &Table) -> ForModels<bool> {
    let Some(entry) = table.entries.get("vision") else { return ForModels::default() };
    match &entry.value {
        Value::Switch(all) => ForModels { all: Some(*all), each: BTreeMap::new() },
        Value::List(_) => {
            let seeing = several(layers, table, "vision", &reading::MODEL);
            let each = seeing.into_iter().map(|model| (model, true)).collect();
            ForModels { all: Some(false), each }
        }
        other => {
            let words = format!("expected true, false or a list of models, found {}", other.kind());
            layers.refuse(entry, words)
        }
    }
}

fn context_window(layers: &mut Layers<'_>, table: &Table) -> ForModels<u64> {
    let Some(entry) = table.entries.get("context_window") else { return ForModels::default() };
    match &entry.value {
        Value::Table(models) => {
            let read = models.iter().filter_map(|(model, entry)| {
                Some((model.clone(), layers.kept(entry.read(&reading::TOKENS))?))
            });
            ForModels { all: None, each: read.collect() }
        }
        Value::Number(_) => {
            ForModels { all: layers.kept(entry.read(&reading::TOKENS)), each: BTreeMap::new() }
        }
        other => {
            let words = format!(
                "expected {}, or a table of one for each model, found {}",
                reading::TOKENS.expected,
                other.kind()
            );
            layers.refuse(entry, words)
        }
    }
}

fn prices(layers: &mut Layers<'_>, table: &Table) -> ForModels<Price> {
    let Some(entry) = table.entries.get("prices") else { return ForModels::default() };
    let Value::Table(models) = &entry.value else {
        let words = format!("expected a table of prices by model, found {}", entry.value.kind());
        return layers.refuse(entry, words);
    };
    let read =
        models.iter().filter_map(|(model, entry)| Some((model.clone(), price(layers, entry)?)));
    ForModels { all: None, each: read.collect() }
}

fn price(layers: &mut Layers<'_>, entry: &Entry) -> Option<Price> {
    let Value::Table(fields) = &entry.value else {
        let words = format!(
            "expected a table such as {{ input = 0.25, output = 2.0 }}, found {}",
            entry.value.kind()
        );
        return layers.refuse(entry, words);
    };
    layers.refuse_others(fields, &PRICE_KEYS);
    let mut dollars = |name: &str| {
        let field = fields.get(name)?;
        let price = match &field.value {
            Value::Decimal(number) => Price::from_dollars(number),
            Value::Number(number) => Price::from_dollars(&number.to_string()),
            _ => None,
        };
        if price.is_none() {
            layers.refuse::<()>(field, format!("expected {DOLLARS}"));
        }
        price
    };
    let (input, output, cached_input) =
        (dollars("input"), dollars("output"), dollars("cached_input"));
    for (name, price) in [("input", input), ("output", output)] {
        if price.is_none() && !fields.contains_key(name) {
            layers.refuse::<()>(entry, format!("`{name}` is missing: expected {DOLLARS}"));
        }
    }
    Some(Price { input: input?, output: output?, cached_input })
}
