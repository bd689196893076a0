//! The piece of a text that shows why it was found.

use super::words::Term;

/// A piece of a text, and whether it is what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// It is what was looked for.
    pub found: bool,
}

/// How many characters stand before the first find, and how many after it.
const BEFORE: usize = 32;
const AFTER: usize = 120;

/// How many bytes of Markdown around the first find are read: a message may be large, and its first mark far away.
const AROUND: usize = 16_384;

/// The place of the first find in one line, with every find marked, as a reader sees it: without Markdown's marks,
/// unless what was found is in one of them, such as the address of a link.
pub(super) fn snippet(text: &str, terms: &[Term]) -> Vec<Part> {
    // The index is asked first, so a text without a find is one that folds letters in another way.
    let at = find(text, terms).map_or(0, |(at, _)| at);
    let around = text.floor_char_boundary(at.saturating_sub(AROUND));
    let around = around..text.ceil_char_boundary((at + AROUND).min(text.len()));
    let plain = markdown::plain(&text[around]);
    let plain = plain.trim_end();
    match find(plain, terms) {
        Some((at, _)) => line_around(plain, at, terms),
        None => line_around(text, at, terms),
    }
}

/// The line around a place in a text.
fn line_around(text: &str, at: usize, terms: &[Term]) -> Vec<Part> {
    let start = text[..at].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let end = text[at..].char_indices().nth(AFTER).map_or(text.len(), |(more, _)| at + more);
    let line = text[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = highlighted(&line, terms);
    if start > 0 {
        parts.insert(0, Part { text: "…".to_owned(), found: false });
    }
    if end < text.len() {
        parts.push(Part { text: "…".to_owned(), found: false });
    }
    parts
}

/// A text with every find marked.
pub(super) fn highlighted(text: &str, terms: &[Term]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((at, length)) = find(rest, terms) {
        let (before, from_here) = rest.split_at(at);
        let (found, after) = from_here.split_at(length);
        if !before.is_empty() {
            parts.push(Part { text: before.to_owned(), found: false });
        }
        parts.push(Part { text: found.to_owned(), found: true });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part { text: rest.to_owned(), found: false });
    }
    parts
}

/// Where the first of the terms begins, and how long it is there, in bytes.
fn find(text: &str, terms: &[Term]) -> Option<(usize, usize)> {
    let mut after_letter = false;
    for (at, c) in text.char_indices() {
        let here = terms.iter().find_map(|term| {
            // A word is found from its beginning, a phrase of ideographs anywhere.
            let may_begin = !after_letter || matches!(term, Term::Phrase(_));
            may_begin.then(|| length_at(&text[at..], term.text())).flatten()
        });
        if let Some(length) = here {
            return Some((at, length));
        }
        after_letter = c.is_alphanumeric();
    }
    None
}

/// How many bytes of `text` are `wanted`, whatever the case of their letters.
fn length_at(text: &str, wanted: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    for wanted in wanted.chars() {
        let (_, c) = chars.next()?;
        if c != wanted && !c.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(chars.next().map_or(text.len(), |(at, _)| at))
}

#[cfg(test)]
mod tests {
    use super::{super::words::terms, *};

    fn shown(parts: &[Part]) -> String {
        parts
            .iter()
            .map(|part| if part.found { format!("[{}]", part.text) } else { part.text.clone() })
            .collect()
    }

    #[test]
    fn finds_are_marked_whatever_their_case() {
        for (text, typed, expected) in [
            ("A Hash map, hashing", "hash", "A [Hash] map, [hash]ing"),
            ("rehash", "hash", "rehash"),
            ("用哈希表", "哈希", "用[哈希]表"),
            ("ÄRGER", "ärger", "[ÄRGER]"),
            ("nothing", "x", "nothing"),
        ] {
            assert_eq!(shown(&highlighted(text, &terms(typed))), expected, "{text}");
        }
    }

    #[test]
    fn a_snippet_reads_as_the_message_does() {
        for (text, typed, expected) in [
            ("# A *hash* `map`\n\n- [x] **done**", "hash", "A [hash] map done"),
            ("```rust\nlet hash = a * b;\n```", "hash", "let [hash] = a * b;"),
            (
                "see [this](https://example.org/hash)",
                "hash",
                "see [this](https://example.org/[hash])",
            ),
            ("need**le**", "needle", "[needle]"),
        ] {
            assert_eq!(shown(&snippet(text, &terms(typed))), expected, "{text}");
        }
        let text = format!("{}the **needle**{}", "*hay* ".repeat(10_000), " *hay*".repeat(10_000));
        let shown = shown(&snippet(&text, &terms("needle")));
        assert!(shown.contains("hay hay the [needle] hay hay"), "{shown}");
    }

    #[test]
    fn a_snippet_is_one_line_around_the_first_find() {
        let text =
            format!("{}\n\nthe needle\nlies here {}", "hay ".repeat(100), "hay ".repeat(100));
        let shown = shown(&snippet(&text, &terms("needle")));
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert!(shown.contains("the [needle] lies here"), "{shown}");
        assert!(shown.chars().count() < BEFORE + AFTER + 8, "{shown}");
    }
}
