//! Links, images and addresses.

use super::inline::{self, Found, Window};
use crate::autolink;
use crate::pending::may_be_address;

/// A link, an image, a reference or a footnote's mark: everything from the bracket on that belongs to it.
pub(super) fn link(window: Window<'_>, before: char) -> Found {
    let text = window.text;
    let start = match text.as_bytes() {
        [b'!'] if before.is_whitespace() || before == '(' => return window.unfinished(),
        [b'!', b'[', ..] => 1,
        [b'!', ..] => return Found::Nothing,
        _ => 0,
    };
    let Some(end) = label_end(&text[start..]) else { return window.unfinished() };
    let end = start + end;
    if text[start..].starts_with("[^") {
        return Found::Complete(end);
    }
    let (at, found) = match text.as_bytes().get(end) {
        None => return window.complete_before_other(end),
        Some(b'(') => (end + 1, in_parentheses(window.from(end + 1))),
        Some(b'[') => (end, label_end(&text[end..]).map_or(window.unfinished(), Found::Complete)),
        Some(_) => return Found::Complete(end),
    };
    match found {
        Found::Complete(length) => Found::Complete(at + length),
        // The brackets may be a reference all the same, or hold one.
        found => found,
    }
}

/// Where the bracket that closes the first one ends.
pub(super) fn label_end(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'\\' => at += 1,
            b'`' => {
                let code = inline::code(Window { text: &text[at..], is_closed: true });
                at += if let Found::Complete(length) = code {
                    length
                } else {
                    inline::run(&text[at..])
                };
                continue;
            }
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(at + 1),
            b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// An address and perhaps a title, up to the parenthesis that closes them.
fn in_parentheses(window: Window<'_>) -> Found {
    let text = window.text;
    let mut depth = 1;
    let mut quote = None;
    let mut before = ' ';
    let mut skips = false;
    for (at, c) in text.char_indices() {
        let was_space = before.is_ascii_whitespace();
        before = c;
        if std::mem::take(&mut skips) {
            continue;
        }
        match c {
            '\\' => skips = true,
            _ if quote.is_some() => quote = quote.filter(|quote| *quote != c),
            '"' | '\'' if was_space => quote = Some(c),
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return if may_be_address(&text[..at]) {
                Found::Complete(at + 1)
            } else {
                Found::Nothing
            };
        }
    }
    if may_be_address(text) { window.unfinished() } else { Found::Nothing }
}

/// An address, or a tag, in angle brackets.
pub(super) fn in_angles(window: Window<'_>) -> Found {
    let inside = &window.text[1..];
    let Some(first) = inside.chars().next() else { return window.unfinished() };
    let end = inside.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
    match end {
        _ if !first.is_ascii_alphanumeric() => Found::Nothing,
        Some(end) if inside[end..].starts_with('>') => Found::Complete(end + 2),
        Some(_) => Found::Nothing,
        None => window.unfinished(),
    }
}

/// An address in running text: half of one leads elsewhere, or nowhere.
pub(super) fn bare_address(window: Window<'_>) -> Found {
    let text = window.text;
    let begins = |scheme: &str| {
        let length = text.len().min(scheme.len());
        text.as_bytes()[..length].eq_ignore_ascii_case(&scheme.as_bytes()[..length])
    };
    if !autolink::BEGINNINGS.into_iter().any(begins) {
        return Found::Nothing;
    }
    match text.find(autolink::ends) {
        Some(end) => Found::Complete(end),
        None if window.is_closed => Found::Complete(text.len()),
        None => Found::Open,
    }
}
