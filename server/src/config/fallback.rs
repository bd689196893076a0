//! Who answers in place of a provider: that it is another one, and that the way has an end.

use chat::upstream::{Fallback, Provider};

use super::file::Table;
use super::layers::Layers;
use super::mistake::meant;
use super::reading::shown;

/// Refuses the fallbacks of the file that lead nowhere or in a circle.
pub fn check(layers: &mut Layers<'_>, providers: &[Provider]) {
    let file = layers.file;
    for provider in providers {
        let Some(fallback) = &provider.fallback else { continue };
        let is_of_it = |table: &&Table| {
            let name = table.entries.get("name");
            name.is_some_and(|name| name.value.text() == Some(&provider.name))
        };
        let table = file.providers.iter().find(is_of_it);
        let Some(entry) = table.and_then(|table| table.entries.get("fallback")) else { continue };
        if let Err(words) = leads_on(provider, fallback, providers) {
            layers.refuse(entry, words)
        }
    }
}

fn leads_on(from: &Provider, fallback: &Fallback, providers: &[Provider]) -> Result<(), String> {
    let find = |name: &str| providers.iter().find(|provider| provider.name == name);
    let others: Vec<&str> = providers
        .iter()
        .map(|provider| provider.name.as_str())
        .filter(|name| *name != from.name)
        .collect();
    let Some(first) = find(&fallback.provider).filter(|first| first.name != from.name) else {
        let found = shown(&fallback.to_string());
        if others.is_empty() {
            return Err(format!("expected another provider, but there is none; found {found}"));
        }
        let suggestion = meant(&fallback.provider, others.iter().copied())
            .map(|meant| format!("; did you mean {meant:?}?"))
            .unwrap_or_default();
        let allowed = others.join(", ");
        return Err(format!("expected one of {allowed}, found {found}{suggestion}"));
    };
    let mut way = vec![from.name.as_str(), first.name.as_str()];
    let mut last = first;
    // A circle that this one only leads into is told where it closes.
    while let Some(next) = last.fallback.as_ref().and_then(|fallback| find(&fallback.provider)) {
        way.push(&next.name);
        if next.name == from.name {
            let way = way.join(" → ");
            return Err(format!("expected a way that has an end, found the circle {way}"));
        }
        if way[..way.len() - 1].contains(&next.name.as_str()) {
            break;
        }
        last = next;
    }
    Ok(())
}
