//! How texts become words for the index, and how what a person types becomes a query.
//!
//! SQLite's tokenizers cut at spaces, and Chinese and Japanese have none. So every character of
//! these scripts becomes a word of its own here, and a run of them in a query becomes a phrase,
//! which finds the run wherever it stands, also where it is only one or two characters long.

use std::{iter::Peekable, str::CharIndices};

/// True for characters that are indexed one by one: ideographs and kana.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// The text as it is given to the index.
pub(super) fn indexed(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + text.len() / 4);
    let mut after_alone = false;
    for c in text.chars() {
        let alone = stands_alone(c);
        if (alone || after_alone) && !words.is_empty() {
            words.push(' ');
        }
        words.push(c);
        after_alone = alone;
    }
    words
}

/// What must be in a text for it to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    /// A word that begins so.
    Prefix(String),
    /// Exactly these words, one after the other.
    Phrase(String),
}

impl Term {
    /// The characters that are looked for.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Prefix(text) | Self::Phrase(text) => text,
        }
    }
}

/// The most terms of a query; more only cost.
const MOST_TERMS: usize = 16;

/// Cuts what a person typed: words, runs of ideographs, and phrases in quotes.
pub(super) fn terms(typed: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut chars = typed.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        if terms.len() == MOST_TERMS {
            break;
        }
        if let Some(close) = closing_quote(c) {
            chars.next();
            let text = run(typed, &mut chars, |c| c != close);
            chars.next();
            // A quote that holds no letter finds nothing, and SQLite takes no empty phrase.
            if text.chars().any(char::is_alphanumeric) {
                terms.push(Term::Phrase(text.to_owned()));
            }
        } else if stands_alone(c) {
            terms.push(Term::Phrase(run(typed, &mut chars, stands_alone).to_owned()));
        } else if c.is_alphanumeric() {
            let text = run(typed, &mut chars, |c| c.is_alphanumeric() && !stands_alone(c));
            terms.push(Term::Prefix(text.to_owned()));
        } else {
            chars.next();
            debug_assert!(start < typed.len());
        }
    }
    terms
}

const fn closing_quote(c: char) -> Option<char> {
    match c {
        '"' => Some('"'),
        '“' => Some('”'),
        '「' => Some('」'),
        '«' => Some('»'),
        _ => None,
    }
}

/// The characters from here on that hold `goes_on`.
fn run<'a>(
    text: &'a str,
    chars: &mut Peekable<CharIndices<'_>>,
    goes_on: impl Fn(char) -> bool,
) -> &'a str {
    let start = chars.peek().map_or(text.len(), |(at, _)| *at);
    while chars.next_if(|(_, c)| goes_on(*c)).is_some() {}
    let end = chars.peek().map_or(text.len(), |(at, _)| *at);
    &text[start..end]
}

/// The query for SQLite: every term must be there. `None` if there is nothing to look for.
pub(super) fn query(terms: &[Term]) -> Option<String> {
    let quoted = |text: &str| format!("\"{}\"", indexed(text).replace('"', "\"\""));
    let parts: Vec<String> = terms
        .iter()
        .map(|term| match term {
            Term::Prefix(text) => format!("{}*", quoted(text)),
            Term::Phrase(text) => quoted(text),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ideographs_are_words_and_others_stay_whole() {
        for (text, expected) in [
            ("hash map", "hash map"),
            ("用Rust写", "用 Rust 写"),
            ("哈希表", "哈 希 表"),
            ("テスト。する", "テ ス ト 。 す る"),
            ("안녕 세계", "안녕 세계"),
            ("", ""),
        ] {
            assert_eq!(indexed(text), expected, "{text}");
        }
    }

    #[test]
    fn a_query_asks_for_every_term() {
        for (typed, expected) in [
            ("hash ma", Some(r#""hash"* AND "ma"*"#)),
            ("用Rust写的", Some(r#""用" AND "Rust"* AND "写 的""#)),
            (r#""hash map" x"#, Some(r#""hash map" AND "x"*"#)),
            ("“hash map", Some(r#""hash map""#)),
            (
                r#"NEAR(a b) OR c* -d ^e"#,
                Some(r#""NEAR"* AND "a"* AND "b"* AND "OR"* AND "c"* AND "d"* AND "e"*"#),
            ),
            ("…—", None),
            ("\"\"", None),
            ("", None),
        ] {
            assert_eq!(query(&terms(typed)).as_deref(), expected, "{typed}");
        }
    }
}
