//! Colours for code: syntect's grammars, reduced to a handful of classes.
//!
//! Grammars name hundreds of scopes. A reader tells about ten colours apart, so every scope is mapped to one of the
//! [`CLASSES`] or to none, and a line is flat: no span lies within another. The colours are in `style/code.css`.

use std::sync::Arc;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::code::{Highlight, HighlightLines, Span};

/// The classes that a piece of code can have, each with the beginnings of the scopes that it stands for.
///
/// A scope within others decides for itself; if it is not listed, the next outer one does.
pub const CLASSES: &[(&str, &[&str])] = &[
    ("hl-comment", &["comment"]),
    ("hl-string", &["string", "constant.character", "markup.raw", "markup.underline.link"]),
    ("hl-number", &["constant"]),
    ("hl-keyword", &["keyword", "storage", "markup.bold", "variable.language"]),
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

/// Highlights with a set of syntect's grammars.
pub struct Syntect {
    grammars: Arc<SyntaxSet>,
    scopes: Arc<[(Scope, &'static str)]>,
}

impl Syntect {
    /// Uses the given grammars, which must be those for lines with their newlines.
    pub fn new(grammars: SyntaxSet) -> Self {
        let mut scopes: Vec<(Scope, &'static str)> = Vec::new();
        for (class, names) in CLASSES {
            scopes.extend(names.iter().filter_map(|name| Some((Scope::new(name).ok()?, *class))));
        }
        // The most specific name that fits must be met first.
        scopes.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
        Syntect { grammars: Arc::new(grammars), scopes: scopes.into() }
    }

    /// Uses every grammar there is: right for a server, large for a page.
    pub fn with_all_grammars() -> Self {
        Self::new(two_face::syntax::extra_newlines())
    }
}

impl Highlight for Syntect {
    fn start(&self, language: &str) -> Option<Box<dyn HighlightLines>> {
        let grammar = self.grammars.find_syntax_by_token(canonical(language))?;
        Some(Box::new(Lines {
            grammars: Arc::clone(&self.grammars),
            scopes: Arc::clone(&self.scopes),
            state: ParseState::new(grammar),
            stack: ScopeStack::new(),
        }))
    }
}

/// Names that people write on fences, as the grammars know them.
fn canonical(language: &str) -> &str {
    match language.to_ascii_lowercase().as_str() {
        "c++" => "cpp",
        "c#" | "csharp" => "cs",
        "golang" => "go",
        "js" | "node" | "javascript" | "mjs" => "js",
        "jsonc" | "json5" => "json",
        "shell" | "console" | "zsh" | "shellscript" => "sh",
        "yml" => "yaml",
        "docker" => "dockerfile",
        "patch" => "diff",
        "py3" | "python3" => "python",
        _ => language,
    }
}

struct Lines {
    grammars: Arc<SyntaxSet>,
    scopes: Arc<[(Scope, &'static str)]>,
    state: ParseState,
    stack: ScopeStack,
}

impl Lines {
    fn class(&self) -> &'static str {
        let fits =
            |scope: &Scope| self.scopes.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope));
        self.stack.as_slice().iter().rev().find_map(fits).map_or("", |(_, class)| class)
    }
}

impl HighlightLines for Lines {
    fn line(&mut self, line: &str) -> Vec<Span> {
        // A grammar that fails leaves the line plain; the next line starts from what is known.
        let Ok(operations) = self.state.parse_line(line, &self.grammars) else { return Vec::new() };
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

    #[track_caller]
    fn check(language: &str, line: &str, coloured: &[(&str, &str)]) {
        let syntect = Syntect::with_all_grammars();
        let mut lines = syntect.start(language).expect("a known language");
        let mut rest = line;
        let mut found = Vec::new();
        for span in lines.line(line) {
            let (piece, after) = rest.split_at(span.length);
            rest = after;
            if !span.class.is_empty() {
                found.push((span.class, piece));
            }
        }
        for (class, piece) in coloured {
            assert!(
                found.iter().any(|(c, p)| c == class && p.trim() == *piece),
                "{piece} is no {class} in {found:?}"
            );
        }
    }

    #[test]
    fn common_languages_are_coloured() {
        check(
            "rust",
            "fn main() { let x = \"a\"; } // b\n",
            &[("hl-string", "\"a\""), ("hl-comment", "// b")],
        );
        check("py", "def f(x): return 1\n", &[("hl-function", "f"), ("hl-number", "1")]);
        check("ts", "const x: number = 1;\n", &[("hl-number", "1")]);
        check("json", "{\"a\": 1}\n", &[("hl-number", "1")]);
        check("diff", "+added\n", &[("hl-inserted", "+added")]);
        check("c++", "int x = 1;\n", &[("hl-number", "1")]);
        check("sh", "echo \"a\"\n", &[("hl-string", "\"a\"")]);
        assert!(Syntect::with_all_grammars().start("no-such-language").is_none());
    }
}
