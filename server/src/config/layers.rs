//! The layers a setting may stand in, the highest first: command line, environment, file. What was
//! picked from where is noted for `inglenook check`, and mistakes are gathered on the way.

use std::collections::BTreeMap;

use super::environment::Environment;
use super::file::{Entry, File, Value, unknown_key};
use super::mistake::{Mistake, Mistakes, Source};
use super::reading::Kind;
use super::setting::Setting;
use crate::command_line::Options;

/// A line of what is in effect: a key, its value as it may be shown, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The key, with a provider's name or a section before a dot.
    pub key: String,
    /// The value without secrets.
    pub shown: String,
    /// Where it stands.
    pub source: Source,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Picked<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub source: Source,
}

/// The three layers, and what was learnt while picking from them.
pub struct Layers<'a> {
    /// The highest layer.
    pub options: &'a Options,
    /// The middle layer.
    pub environment: &'a Environment,
    /// The lowest layer.
    pub file: &'a File,
    /// What is wrong.
    pub mistakes: Mistakes,
    /// What is in effect.
    pub origins: Vec<Origin>,
    /// What is allowed but probably not meant.
    pub warnings: Vec<String>,
}

impl Layers<'_> {
    /// The value of the highest layer that sets it. Every layer is read, so that a mistake in a
    /// lower one is told before that layer is needed.
    pub fn pick<T>(&mut self, setting: &Setting<T>) -> Option<Picked<T>> {
        let mut picked = None;
        if let Some(option) = setting.option
            && let Some(text) = self.options.get(option)
        {
            let source = Source::CommandLine(option);
            self.keep_first(&mut picked, source, setting.reading.text(text));
        }
        if let Some((text, source)) = self.environment.get(setting.variable) {
            self.keep_first(&mut picked, source, setting.reading.text(text));
        }
        if let Some(entry) = self.file.settings.get(setting.key) {
            let read = setting.reading.value(&entry.value);
            self.keep_first(&mut picked, entry.source.clone(), read);
        }
        picked
    }

    /// Picks a value, or takes the default, and notes which for `inglenook check`.
    pub fn pick_or<T>(
        &mut self,
        setting: &Setting<T>,
        default: T,
        show: impl FnOnce(&T) -> String,
    ) -> T {
        let picked =
            self.pick(setting).unwrap_or(Picked { value: default, source: Source::Default });
        let secret = setting.reading.kind == Kind::Secret;
        let shown = if secret { "set, not shown".to_owned() } else { show(&picked.value) };
        self.note(setting.key, shown, picked.source);
        picked.value
    }

    /// The values of a list, noted for `inglenook check`. In the environment a list has commas.
    pub fn list<T>(&mut self, setting: &Setting<T>, show: impl Fn(&T) -> String) -> Vec<T> {
        let text = |(text, source): (&str, Source)| {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            let read = |part| {
                setting.reading.text(part).map_err(|words| Mistake::at(source.clone(), words))
            };
            (parts.map(read).collect(), source)
        };
        let entry = |entry: &Entry| {
            let read: Vec<_> = match &entry.value {
                Value::List(items) => {
                    items.iter().map(|item| item.read(&setting.reading)).collect()
                }
                other => {
                    let found = other.kind();
                    let words = format!("expected a list in square brackets, found {found}");
                    vec![Err(Mistake::at(entry.source.clone(), words))]
                }
            };
            (read, entry.source.clone())
        };
        let (read, source) = self
            .environment
            .get(setting.variable)
            .map(text)
            .or_else(|| self.file.settings.get(setting.key).map(entry))
            .unwrap_or((Vec::new(), Source::Default));
        let values: Vec<_> = read.into_iter().filter_map(|read| self.kept(read)).collect();
        let shown: Vec<_> = values.iter().map(show).collect();
        let shown = if shown.is_empty() { "none".to_owned() } else { shown.join(", ") };
        self.note(setting.key, shown, source);
        values
    }

    /// Notes what is in effect.
    pub fn note(&mut self, key: impl Into<String>, shown: impl Into<String>, source: Source) {
        self.origins.push(Origin { key: key.into(), shown: shown.into(), source });
    }

    /// Notes anew what a higher layer has changed.
    pub fn renote(&mut self, key: &str, shown: impl Into<String>, source: Source) {
        self.origins.retain(|origin| origin.key != key);
        self.note(key, shown, source);
    }

    /// Takes the value of a reading, or notes the mistake.
    pub fn kept<T>(&mut self, read: Result<T, Mistake>) -> Option<T> {
        read.map_err(|mistake| self.mistakes.0.push(mistake)).ok()
    }

    /// Notes a mistake in an entry of the file, and gives what is taken in its place.
    pub fn refuse<T: Default>(&mut self, entry: &Entry, words: String) -> T {
        self.mistakes.0.push(Mistake::at(entry.source.clone(), words));
        T::default()
    }

    /// Notes every field of a table within a section that is not allowed there.
    pub fn refuse_others(&mut self, fields: &BTreeMap<String, Entry>, allowed: &[&str]) {
        for (name, field) in fields {
            if !allowed.contains(&name.as_str()) {
                self.refuse(field, unknown_key(name, allowed))
            }
        }
    }

    fn keep_first<T>(
        &mut self,
        picked: &mut Option<Picked<T>>,
        source: Source,
        read: Result<T, String>,
    ) {
        match read {
            Ok(value) if picked.is_none() => *picked = Some(Picked { value, source }),
            Ok(_) => {}
            Err(words) => self.mistakes.0.push(Mistake::at(source, words)),
        }
    }
}
