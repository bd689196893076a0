//! What the file says about how much may be spent: the `[[allowances]]` sections.

use chat::limits::{Allowance, Each, Rule};
use chat::upstream::Provider;
use protocol::money;

use super::file::{Table, Value};
use super::layers::Layers;
use super::mistake::Mistake;
use super::providers::one;
use super::reading::{self, Kind, Reading};

/// A million dollars, beyond which a limit is hardly meant.
const MOST_MONEY: u64 = 1_000_000 * money::DOLLAR;

const EACH: Reading<Each> = Reading {
    expected: "all, person or token",
    kind: Kind::Text,
    read: |text| match text.trim() {
        "all" => Some(Each::All),
        "person" => Some(Each::Person),
        "token" => Some(Each::Token),
        _ => None,
    },
};

const COUNT: Reading<u64> = Reading {
    expected: "a whole number from 1 to 1000000000000",
    kind: Kind::Number,
    read: |text| text.trim().parse().ok().filter(|count| (1..=1_000_000_000_000).contains(count)),
};

/// All rules, in their order.
pub fn read(layers: &mut Layers<'_>, providers: &[Provider]) -> Vec<Rule> {
    let file = layers.file;
    file.allowances.iter().filter_map(|table| of_table(layers, table, providers)).collect()
}

fn of_table(layers: &mut Layers<'_>, table: &Table, providers: &[Provider]) -> Option<Rule> {
    let provider = one(layers, table, "provider", &reading::PROVIDER_NAME);
    if let Some(name) = &provider
        && !providers.iter().any(|provider| provider.name == *name)
    {
        let words = format!("expected the name of a configured provider, found {name:?}");
        layers.mistakes.0.push(Mistake::at(table.entries["provider"].source.clone(), words));
    }
    let model = one(layers, table, "model", &reading::MODEL);
    let (provider, model) = apart(provider, model, providers);
    let rule = Rule {
        provider,
        model,
        each: one(layers, table, "each", &EACH).unwrap_or_default(),
        allowance: Allowance {
            requests_per_minute: one(layers, table, "requests_per_minute", &COUNT),
            tokens_per_day: one(layers, table, "tokens_per_day", &COUNT),
            turns_per_conversation: one(layers, table, "turns_per_conversation", &COUNT),
            concurrent_answers: one(layers, table, "concurrent_answers", &COUNT),
            money_per_day: dollars(layers, table, "money_per_day"),
            money_per_month: dollars(layers, table, "money_per_month"),
        },
    };
    if rule.allowance == Allowance::default() && layers.mistakes.0.is_empty() {
        let words = "nothing is limited: expected money_per_day or another amount beside it";
        layers.mistakes.0.push(Mistake::at(table.source.clone(), words));
        return None;
    }
    layers.note("allowances", shown(&rule), table.source.clone());
    Some(rule)
}

/// A model may be named with its provider, here as elsewhere.
fn apart(
    provider: Option<String>,
    model: Option<String>,
    providers: &[Provider],
) -> (Option<String>, Option<String>) {
    let named = model.as_deref().and_then(|model| {
        let mut names = providers.iter().map(|provider| &provider.name);
        names.find_map(|name| Some((name, model.strip_prefix(name.as_str())?.strip_prefix('/')?)))
    });
    match named {
        Some((name, bare)) if provider.as_ref().is_none_or(|provider| provider == name) => {
            (Some(name.clone()), Some(bare.to_owned()))
        }
        _ => (provider, model),
    }
}

/// An amount of money, in picodollars.
fn dollars(layers: &mut Layers<'_>, table: &Table, key: &str) -> Option<u64> {
    let entry = table.entries.get(key)?;
    let read = match &entry.value {
        Value::Decimal(number) => money::read_decimal(number, 12),
        Value::Number(number) => money::read_decimal(&number.to_string(), 12),
        _ => None,
    };
    let read = read.filter(|amount| (1..=MOST_MONEY).contains(amount)).ok_or_else(|| {
        let words = "expected US dollars, above 0 and up to 1000000, such as 5.0";
        Mistake::at(entry.source.clone(), words)
    });
    layers.kept(read)
}

/// A rule in one line, for `inglenook check`.
fn shown(rule: &Rule) -> String {
    let each = match rule.each {
        Each::All => None,
        Each::Person => Some("each person"),
        Each::Token => Some("each token"),
    };
    let names = [rule.provider.as_deref(), rule.model.as_deref(), each];
    let names: Vec<&str> = names.into_iter().flatten().collect();
    match names.is_empty() {
        true => rule.allowance.to_string(),
        false => format!("{} for {}", rule.allowance, names.join(", ")),
    }
}
