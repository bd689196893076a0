//! The file `inglenook.toml`, taken apart into keys and values that know their lines. What a value
//! means is decided elsewhere; here only its shape and its key are looked at.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::{Mistake, Mistakes, Source, meant};
use super::reading::Reading;
use super::setting::{ALLOWANCE_KEYS, AUTO_KEYS, PROVIDER_KEYS, Row, SETTINGS};

/// A value of the file. There is no `Debug` on purpose: it may be a key.
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number with a fraction, as it is written, since no binary fraction is exactly a price.
    Decimal(String),
    /// True or false.
    Switch(bool),
    /// A list.
    List(Vec<Entry>),
    /// A table within a section, by its keys.
    Table(BTreeMap<String, Entry>),
    /// Anything else, which no key allows, by the name of its kind.
    Other(&'static str),
}

impl Value {
    /// Its text, if it is a string.
    pub fn text(&self) -> Option<&String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value it is, with its article.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Number(_) => "a number",
            Self::Decimal(_) => "a number with a fraction",
            Self::Switch(true) => "true",
            Self::Switch(false) => "false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(kind) => kind,
        }
    }
}

/// A value and where it stands.
pub struct Entry {
    /// The value.
    pub value: Value,
    /// File, line and key.
    pub source: Source,
}

impl Entry {
    /// Reads the value.
    ///
    /// # Errors
    /// What is wrong with it and where.
    pub fn read<T>(&self, reading: &Reading<T>) -> Result<T, Mistake> {
        reading.value(&self.value).map_err(|words| Mistake::at(self.source.clone(), words))
    }
}

/// A table of the file: its entries by key, sections left out.
pub struct Table {
    /// The entries, by their keys within this table.
    pub entries: BTreeMap<String, Entry>,
    /// Where the table begins.
    pub source: Source,
}

/// The whole file.
#[derive(Default)]
pub struct File {
    /// The settings, by key with their section before a dot.
    pub settings: BTreeMap<String, Entry>,
    /// The `[[providers]]` sections, in their order.
    pub providers: Vec<Table>,
    /// The `[auto]` section.
    pub auto: Option<Table>,
    /// The `[[allowances]]` sections, likewise.
    pub allowances: Vec<Table>,
}

impl File {
    /// Takes a file apart. Mistakes are added to those given, and what they concern is left out.
    pub fn parse(name: &str, text: &str, mistakes: &mut Mistakes) -> Self {
        let reader = Reader { name, text };
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            // Only the message is used: the error's own display repeats the line, keys and all.
            let source = reader.source(error.span().map_or(0, |span| span.start), "");
            mistakes.0.push(Mistake::at(source, format!("not TOML: {}", error.message())));
        }
        if !mistakes.0.is_empty() {
            return Self::default();
        }
        reader.file(root.get_ref(), mistakes)
    }
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
}

impl Reader<'_> {
    fn file(&self, root: &DeTable<'_>, mistakes: &mut Mistakes) -> File {
        let mut settings =
            self.table("", root, &["limits", "providers", "auto", "allowances"], mistakes);
        if let Some((key, section)) = root.get_key_value("limits") {
            match section.get_ref() {
                DeValue::Table(table) => {
                    settings.extend(self.table("limits.", table, &[], mistakes))
                }
                other => mistakes.0.push(self.wrong_section(key, "[limits]", other)),
            }
        }
        File {
            settings,
            providers: self.sections("providers", root, mistakes),
            auto: self.section("auto", root, mistakes),
            allowances: self.sections("allowances", root, mistakes),
        }
    }

    /// The section of a name in single brackets.
    fn section(&self, name: &str, root: &DeTable<'_>, mistakes: &mut Mistakes) -> Option<Table> {
        let (key, section) = root.get_key_value(name)?;
        match section.get_ref() {
            DeValue::Table(table) => Some(Table {
                entries: self.table(&format!("{name}."), table, &[], mistakes),
                source: self.source(section.span().start, name),
            }),
            other => {
                mistakes.0.push(self.wrong_section(key, &format!("[{name}]"), other));
                None
            }
        }
    }

    /// The sections of a name in double brackets.
    fn sections(&self, name: &str, root: &DeTable<'_>, mistakes: &mut Mistakes) -> Vec<Table> {
        let Some((key, section)) = root.get_key_value(name) else { return Vec::new() };
        let expected = format!("[[{name}]]");
        let DeValue::Array(sections) = section.get_ref() else {
            mistakes.0.push(self.wrong_section(key, &expected, section.get_ref()));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (index, section) in sections.iter().enumerate() {
            let path = format!("{name}[{index}].");
            match section.get_ref() {
                DeValue::Table(table) => tables.push(Table {
                    entries: self.table(&path, table, &[], mistakes),
                    source: self.source(section.span().start, path.trim_end_matches('.')),
                }),
                other => mistakes.0.push(self.wrong_section(key, &expected, other)),
            }
        }
        tables
    }

    fn wrong_section(
        &self,
        key: &Spanned<toml::de::DeString<'_>>,
        section: &str,
        found: &DeValue<'_>,
    ) -> Mistake {
        Mistake::at(
            self.source(key.span().start, key.get_ref()),
            format!("expected a section {section}, found {}", kind(found)),
        )
    }

    /// The entries of a table, refusing keys that are not allowed in it.
    fn table(
        &self,
        path: &str,
        table: &DeTable<'_>,
        sections: &[&'static str],
        mistakes: &mut Mistakes,
    ) -> BTreeMap<String, Entry> {
        let allowed = allowed_keys(path, sections);
        let mut entries = BTreeMap::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let full = format!("{path}{name}");
            if !allowed.contains(&name) {
                let source = self.source(key.span().start, &full);
                mistakes.0.push(Mistake::at(source, unknown_key(name, &allowed)));
            } else if !sections.contains(&name) {
                let entry = self.entry(&full, value);
                // Within such a section the key alone is enough; settings are told apart by theirs.
                let known_as = if keys_of(path).is_some() { name } else { &full };
                entries.insert(known_as.to_owned(), entry);
            }
        }
        entries
    }

    fn entry(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Entry {
        let source = self.source(value.span().start, key);
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Value::Other("a number beyond all limits"), Value::Number),
            DeValue::Array(items) => Value::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.entry(&format!("{key}[{index}]"), item))
                    .collect(),
            ),
            DeValue::Float(number) => Value::Decimal(number.as_str().to_owned()),
            DeValue::Boolean(on) => Value::Switch(*on),
            DeValue::Table(table) => Value::Table(
                table
                    .iter()
                    .map(|(name, value)| {
                        let name = name.get_ref();
                        (name.to_string(), self.entry(&format!("{key}.{name}"), value))
                    })
                    .collect(),
            ),
            other => Value::Other(kind(other)),
        };
        Entry { value, source }
    }

    fn source(&self, offset: usize, key: &str) -> Source {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Source::File { file: self.name.to_owned(), line, key: key.to_owned() }
    }
}

/// The keys of a section that is not one of settings.
fn keys_of(path: &str) -> Option<&'static [Row]> {
    match path.split(['[', '.']).next() {
        Some("auto") => Some(&AUTO_KEYS),
        Some("providers") => Some(&PROVIDER_KEYS),
        Some("allowances") => Some(&ALLOWANCE_KEYS),
        _ => None,
    }
}

fn allowed_keys(path: &str, sections: &[&'static str]) -> Vec<&'static str> {
    if let Some(rows) = keys_of(path) {
        return rows.iter().map(|row| row.key).collect();
    }
    SETTINGS
        .iter()
        .filter_map(|row| row.key.strip_prefix(path))
        .filter(|key| !key.contains('.'))
        .chain(sections.iter().copied())
        .collect()
}

/// Words for a key that is not allowed where it stands.
pub fn unknown_key(name: &str, allowed: &[&str]) -> String {
    let suggestion =
        meant(name, allowed.iter().copied()).map(|meant| format!(", did you mean `{meant}`?"));
    format!(
        "unknown key{} Allowed here: {}",
        suggestion.unwrap_or_else(|| ".".to_owned()),
        allowed.join(", ")
    )
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
