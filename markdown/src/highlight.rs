//! Colours for code: syntect's grammars, reduced to a handful of classes.
//!
//! Grammars name hundreds of scopes. A reader tells about ten colours apart, so every scope is mapped to one of the
//! [`CLASSES`] or to none, and a line is flat: no span lies within another. The colours are in `style/code.css`.

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use syntect::dumps;
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::code::{Highlight, HighlightLines, Span};

/// The classes that a piece of code can have, each with the beginnings of the scopes that it stands for.
///
/// A scope within others decides for itself; if it is not listed, the next outer one does.
pub const CLASSES: &[(&str, &[&str])] = &[
    ("hl-comment", &["comment"]),
    ("hl-string", &["string", "constant.character", "markup.raw", "markup.underline.link"]),
    ("hl-number", &["constant"]),
    ("hl-keyword", &["keyword", "storage", "markup.bold", "meta.diff.header", "variable.language"]),
    (
        "hl-function",
        &[
            "entity.name.function",
            "support.function",
            "variable.function",
            "support.macro",
            "entity.name.macro",
        ],
    ),
    (
        "hl-type",
        &[
            "entity.name",
            "entity.other.inherited-class",
            "support.type",
            "support.class",
            "markup.heading",
        ],
    ),
    (
        "hl-name",
        &[
            "entity.name.tag",
            "entity.other.attribute-name",
            "meta.annotation",
            "meta.diff.range",
            "meta.mapping.key",
            "support.constant",
            "support.type.property-name",
            "variable.annotation",
            "variable.parameter",
        ],
    ),
    ("hl-inserted", &["markup.inserted"]),
    ("hl-deleted", &["markup.deleted", "invalid"]),
];

/// The longest line that is coloured, in bytes. A grammar's expressions may look at a line again from each of its
/// places, and nobody reads colours in a line of minified code.
const LONGEST_LINE: usize = 4_000;

/// What a pack begins with. Whatever else a server or a proxy answers with must not be taken for one: bincode believes
/// any length that it reads.
pub const PACK: &[u8] = b"inglenook grammar 1\n";

/// The grammar of one language. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Grammar(Arc<SyntaxSet>);

/// The bytes that were to be a grammar are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoGrammar;

impl Grammar {
    /// Reads a grammar from a pack: after [`PACK`], a `SyntaxSet` of one syntax, for lines with their newlines, as
    /// bincode writes it.
    pub fn read(pack: &[u8]) -> Result<Self, NoGrammar> {
        let pack = pack.strip_prefix(PACK).ok_or(NoGrammar)?;
        let set: SyntaxSet = dumps::from_uncompressed_data(pack).map_err(|_| NoGrammar)?;
        if set.syntaxes().is_empty() { Err(NoGrammar) } else { Ok(Grammar(Arc::new(set))) }
    }
}

/// A grammar is of one language, whatever the fence calls it.
impl Highlight for Grammar {
    fn start(&self, _language: &str) -> Option<Box<dyn HighlightLines>> {
        let syntax = self.0.syntaxes().first()?;
        Some(Box::new(Lines {
            grammar: Arc::clone(&self.0),
            state: ParseState::new(syntax),
            stack: ScopeStack::new(),
        }))
    }
}

/// What is a string to its grammar and a name to its readers: a key, which would look just like its value.
const KEY: [&str; 2] = ["meta.mapping.key", "string"];

/// Every scope that has a class, the most specific ones first, so that the first that fits is the one.
fn scopes() -> &'static [(Scope, &'static str)] {
    static SCOPES: OnceLock<Vec<(Scope, &'static str)>> = OnceLock::new();
    SCOPES.get_or_init(|| {
        let mut scopes: Vec<(Scope, &'static str)> = Vec::new();
        for (class, names) in CLASSES {
            scopes.extend(names.iter().filter_map(|name| Some((Scope::new(name).ok()?, *class))));
        }
        scopes.sort_by_key(|(scope, _)| Reverse(scope.len()));
        scopes
    })
}

/// The state of a grammar between two lines of one block.
struct Lines {
    grammar: Arc<SyntaxSet>,
    state: ParseState,
    stack: ScopeStack,
}

impl Lines {
    fn class(&self) -> &'static str {
        let fits = |scope: &Scope| scopes().iter().find(|(prefix, _)| prefix.is_prefix_of(*scope));
        match self.stack.as_slice().iter().rev().find_map(fits) {
            Some((_, "hl-string")) if self.is_in_key() => "hl-name",
            Some((_, class)) => class,
            None => "",
        }
    }

    /// Whether a string around here is a key as a whole; one deeper in a key that is computed is none.
    fn is_in_key(&self) -> bool {
        static SCOPES: OnceLock<Option<[Scope; 2]>> = OnceLock::new();
        let scopes = SCOPES.get_or_init(|| {
            let [key, string] = KEY.map(Scope::new);
            Some([key.ok()?, string.ok()?])
        });
        let Some([key, string]) = scopes else { return false };
        let is_key = |pair: &[Scope]| key.is_prefix_of(pair[0]) && string.is_prefix_of(pair[1]);
        self.stack.as_slice().windows(2).any(is_key)
    }
}

impl HighlightLines for Lines {
    fn line(&mut self, line: &str) -> Vec<Span> {
        if line.len() > LONGEST_LINE {
            return Vec::new();
        }
        // A grammar that fails leaves the line plain; the next line starts from what is known.
        let Ok(operations) = self.state.parse_line(line, &self.grammar) else { return Vec::new() };
        let mut spans: Vec<Span> = Vec::new();
        let mut done = 0;
        let mut add = |until: usize, class: &str, done: &mut usize| {
            if until <= *done {
                return;
            }
            match spans.last_mut() {
                Some(last) if last.class == class => last.length += until - *done,
                _ => spans.push(Span { length: until - *done, class: class.to_owned() }),
            }
            *done = until;
        };
        for (at, operation) in operations {
            add(at, self.class(), &mut done);
            if self.stack.apply(&operation).is_err() {
                return Vec::new();
            }
        }
        add(line.len(), self.class(), &mut done);
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The luminance of a colour, as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value =
                f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour")) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// The background of code in the light and in the dark theme.
    const PAPERS: [&str; 2] = ["#f6f6f4", "#1e1e1c"];

    #[test]
    fn every_class_has_a_colour_that_can_be_read() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../style/code.css");
        let sheet = std::fs::read_to_string(path).expect("the style sheet is there");
        for (class, _) in CLASSES {
            assert!(sheet.contains(&format!(".{class} {{")), "{class} has no rule");
            let colours: Vec<&str> = sheet
                .split(&format!("--{class}: "))
                .skip(1)
                .filter_map(|rest| rest.split(';').next())
                .collect();
            let [light, dark, dark_by_preference] =
                colours.try_into().expect("one light colour, and a dark one twice");
            assert_eq!(dark, dark_by_preference, "{class}");
            for (colour, paper) in [light, dark].into_iter().zip(PAPERS) {
                let contrast = contrast(colour, paper);
                assert!(contrast >= 4.5, "{class}: {colour} on {paper} has {contrast:.2}");
            }
        }
    }
}
