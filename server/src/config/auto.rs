//! The section `[auto]`: how a model is chosen for a question.

use chat::auto::{Auto, Classifier, Rule};
use chat::upstream::Provider;

use super::file::{Entry, Table, Value, unknown_key};
use super::layers::Layers;
use super::mistake::{Mistake, Source};
use super::model::{self, ModelChoice};
use super::providers::one;
use super::reading::{self, Reading};
use super::setting::RULE_KEYS;

/// Reads the section. `model` answers where the section names no default.
pub fn read(
    layers: &mut Layers<'_>,
    providers: &[Provider],
    model: Option<&ModelChoice>,
) -> Option<Auto> {
    let file = layers.file;
    let table = file.auto.as_ref()?;
    if providers.is_empty() {
        layers.warnings.push("[auto] has no effect, since there is no provider".to_owned());
        return None;
    }
    let set = named(layers, table, "default", providers);
    let source = table.entries.get("default").map_or(Source::Default, |set| set.source.clone());
    let default = set.or_else(|| model.filter(|model| !model.is_auto()).map(ToString::to_string));
    let rules = rules(layers, table, providers);
    let about = about(layers, table, providers);
    let classifier = named(layers, table, "classifier", providers);
    if let Some(entry) = table.entries.get("classifier")
        && about.len() < 2
    {
        let words = "expected `about` to describe at least two models that it can choose among";
        layers.mistakes.0.push(Mistake::at(entry.source.clone(), words));
    }
    let Some(default) = default else {
        if !table.entries.contains_key("default") {
            let words = "`default` is missing: expected the model that answers where nothing else \
                         is found";
            layers.mistakes.0.push(Mistake::at(table.source.clone(), words));
        }
        return None;
    };
    layers.note("auto.default", default.clone(), source);
    for rule in &rules {
        let shown = match rule.conditions() {
            conditions if conditions.is_empty() => "always".to_owned(),
            conditions => conditions,
        };
        layers.note("auto.rules", format!("{shown}: {}", rule.model), table.source.clone());
    }
    let classifier = classifier.map(|model| Classifier { model, about });
    if let Some(classifier) = &classifier {
        let source = table.entries["classifier"].source.clone();
        layers.note("auto.classifier", classifier.model.clone(), source);
    }
    Some(Auto { rules, default, classifier })
}

/// The model that a key names, as `provider/model`.
fn named(
    layers: &mut Layers<'_>,
    table: &Table,
    key: &str,
    providers: &[Provider],
) -> Option<String> {
    let name = one(layers, table, key, &reading::MODEL)?;
    resolved(layers, &name, &table.entries[key], providers)
}

fn resolved(
    layers: &mut Layers<'_>,
    name: &str,
    entry: &Entry,
    providers: &[Provider],
) -> Option<String> {
    let resolved = model::resolve(name, providers);
    let resolved = resolved.map_err(|words| Mistake::at(entry.source.clone(), words));
    layers.kept(resolved).map(|choice| choice.to_string())
}

fn rules(layers: &mut Layers<'_>, table: &Table, providers: &[Provider]) -> Vec<Rule> {
    let Some(entry) = table.entries.get("rules") else { return Vec::new() };
    let Value::List(rules) = &entry.value else {
        refuse(layers, entry, "a list of tables such as { has_images = true, model = \"…\" }");
        return Vec::new();
    };
    rules.iter().filter_map(|entry| rule(layers, entry, providers)).collect()
}

fn rule(layers: &mut Layers<'_>, entry: &Entry, providers: &[Provider]) -> Option<Rule> {
    let Value::Table(keys) = &entry.value else {
        refuse(layers, entry, "a table such as { has_images = true, model = \"…\" }");
        return None;
    };
    let allowed = RULE_KEYS.map(|row| row.key);
    for (key, value) in keys.iter().filter(|(key, _)| !allowed.contains(&key.as_str())) {
        let words = unknown_key(key, &allowed);
        layers.mistakes.0.push(Mistake::at(value.source.clone(), words));
    }
    let has_images = condition(layers, keys.get("has_images"), &reading::SWITCH);
    let min_tokens = condition(layers, keys.get("min_tokens"), &reading::QUESTION_TOKENS);
    let language = condition(layers, keys.get("language"), &reading::LANGUAGE);
    let looks_like = condition(layers, keys.get("looks_like"), &reading::LIKENESS);
    let pattern = condition(layers, keys.get("pattern"), &reading::PATTERN);
    let Some(model) = keys.get("model") else {
        let words = "`model` is missing: expected the model that answers where the rule fits";
        layers.mistakes.0.push(Mistake::at(entry.source.clone(), words));
        return None;
    };
    let name = condition(layers, Some(model), &reading::MODEL)?;
    let model = resolved(layers, &name, model, providers)?;
    Some(Rule { model, has_images, min_tokens, language, looks_like, pattern })
}

fn condition<T>(layers: &mut Layers<'_>, entry: Option<&Entry>, reading: &Reading<T>) -> Option<T> {
    layers.kept(entry?.read(reading))
}

fn about(layers: &mut Layers<'_>, table: &Table, providers: &[Provider]) -> Vec<(String, String)> {
    let Some(entry) = table.entries.get("about") else { return Vec::new() };
    let Value::Table(models) = &entry.value else {
        refuse(layers, entry, "a table such as { \"openai/gpt-5\" = \"hard questions\" }");
        return Vec::new();
    };
    let mut about = Vec::new();
    for (name, entry) in models {
        let model = resolved(layers, name, entry, providers);
        let words = layers.kept(entry.read(&reading::NOTE));
        about.extend(model.zip(words));
    }
    about
}

fn refuse(layers: &mut Layers<'_>, entry: &Entry, expected: &str) {
    let words = format!("expected {expected}, found {}", entry.value.kind());
    layers.mistakes.0.push(Mistake::at(entry.source.clone(), words));
}
