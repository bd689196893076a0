//! Reference definitions and footnotes: what is defined so far, and which finished blocks wait for what.

use std::collections::HashMap;

use unicase::UniCase;

/// Link and footnote labels are compared without regard to case, as Unicode folds it.
pub(crate) type Label = UniCase<String>;

/// Where a reference definition leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) address: String,
    pub(crate) title: String,
}

/// What a name stands for. Links and footnotes have names of their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Link(Label),
    Footnote(Label),
}

impl Name {
    pub(crate) fn footnote(label: &str) -> Self {
        Name::Footnote(UniCase::new(plain_label(label)))
    }
}

/// A footnote's label as the parser reads it from the source: any white space in it counts as one space.
pub(crate) fn plain_label(label: &str) -> String {
    label.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Definitions, each with the first meaning that the document gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known(HashMap<Name, Option<Definition>>);

impl Known {
    pub(crate) fn link(&self, label: &str) -> Option<&Definition> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&Name::Link(UniCase::new(label.to_owned()))).and_then(Option::as_ref)
    }

    pub(crate) fn has(&self, name: &Name) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn has_footnote(&self, label: &str) -> bool {
        !self.0.is_empty() && self.has(&Name::footnote(label))
    }

    /// Adds a definition, unless the name has a meaning already.
    pub(crate) fn add(&mut self, name: Name, definition: Option<Definition>) {
        self.0.entry(name).or_insert(definition);
    }

    pub(crate) fn get(&self, name: &Name) -> Option<&Definition> {
        self.0.get(name).and_then(Option::as_ref)
    }

    /// Gives a name another meaning.
    pub(crate) fn set(&mut self, name: Name, definition: Definition) {
        self.0.insert(name, Some(definition));
    }

    pub(crate) fn add_all(&mut self, other: &Known) {
        for (name, definition) in &other.0 {
            self.add(name.clone(), definition.clone());
        }
    }

    /// The names whose meaning differs between two states.
    pub(crate) fn changed<'a>(&'a self, other: &'a Known) -> impl Iterator<Item = &'a Name> {
        let lost_or_changed =
            self.0.iter().filter(|(name, definition)| other.0.get(*name) != Some(*definition));
        let gained = other.0.keys().filter(|name| !self.0.contains_key(*name));
        lost_or_changed.map(|(name, _)| name).chain(gained)
    }
}
