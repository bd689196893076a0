//! Formulas, by the rules of [`crate::formula`] as far as they tell what opens one.

use super::inline::{self, Found, Spot, Window};
use crate::dollars::{self, End};

/// The longest formula on lines of its own that is waited for: a derivation of a dozen lines.
pub(super) const LONGEST_DISPLAY: usize = 1_000;
/// The longest formula between `\(` and `\)`, which hardly ever mean anything else.
const LONGEST_BRACKETED: usize = 300;
/// The longest formula between single dollars, which may be prices all the same.
const LONGEST_IN_DOLLARS: usize = 80;

/// What begins at a dollar or a backslash.
pub(super) fn find<'a>(rest: &'a str, spot: Spot, window: impl Fn(usize) -> Window<'a>) -> Found {
    let (longest, closing) = match rest.as_bytes() {
        [b'$', ..] => match inline::run(rest) {
            1 => return in_dollars(window(LONGEST_IN_DOLLARS), spot.before),
            2 => (LONGEST_DISPLAY, "$$"),
            _ => return Found::Nothing,
        },
        [b'\\', b'(', ..] => (LONGEST_BRACKETED, "\\)"),
        [b'\\', b'[', ..] => (LONGEST_DISPLAY, "\\]"),
        _ => return inline::escape(window(LONGEST_IN_DOLLARS)),
    };
    match is_display(rest, spot) {
        true => {
            let text = &rest[..rest.floor_char_boundary(longest - 1)];
            on_lines(Window { text, is_closed: text.len() < rest.len() }, closing)
        }
        false => in_pair(window(longest), closing),
    }
}

/// Whether a formula that begins here may go over lines.
pub(super) fn is_display(rest: &str, spot: Spot) -> bool {
    let is_bracket = rest.starts_with("\\[");
    let ends_line = || rest[2..].trim_start_matches([' ', '\t']).starts_with(['\n', '\r']);
    (is_bracket || rest.starts_with("$$"))
        && !spot.in_row
        && !spot.is_barren
        && (spot.begins || (is_bracket && ends_line()))
}

/// A formula between single dollars.
pub(super) fn in_dollars(window: Window<'_>, before: char) -> Found {
    let text = window.text;
    if looks_like_price(&text[1..]) {
        return Found::Nothing;
    }
    match dollars::end_of_formula(text.as_bytes(), text.len(), Some(before)) {
        End::Closed(close) => window.complete_before_other(close + 1),
        End::Impossible => Found::Nothing,
        End::Open => window.unfinished(),
    }
}

/// A formula that its line must close.
fn in_pair(window: Window<'_>, closing: &str) -> Found {
    match close(&window.text[2..], closing) {
        Some(end) if closing == "$$" => window.complete_before_other(2 + end),
        Some(end) => Found::Complete(2 + end),
        None => window.unfinished(),
    }
}

/// A formula that goes over lines, up to a blank one.
fn on_lines(window: Window<'_>, closing: &str) -> Found {
    let mut start = 2;
    let text = window.text;
    loop {
        let newline = text[start..].find('\n');
        let line = &text[start..newline.map_or(text.len(), |length| start + length)];
        let content = line.trim_start_matches([' ', '\t', '>', '\r']);
        let is_blank = start > 2 && newline.is_some() && content.is_empty();
        if is_blank || content.starts_with("```") || content.starts_with("~~~") {
            return Found::Nothing;
        }
        if let Some(end) = close(line, closing) {
            return in_pair_end(window, start + end, closing);
        }
        let Some(length) = newline else { return window.unfinished() };
        start += length + 1;
    }
}

fn in_pair_end(window: Window<'_>, end: usize, closing: &str) -> Found {
    if closing == "$$" { window.complete_before_other(end) } else { Found::Complete(end) }
}

/// Where a line's first closing delimiter ends.
fn close(line: &str, closing: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += line[at..].find(['\\', '$'])?;
        if line[at..].starts_with(closing) {
            return Some(at + closing.len());
        }
        let is_escape = line[at..].starts_with('\\');
        let escaped = line[at + 1..].chars().next().filter(|_| is_escape);
        at += 1 + escaped.map_or(0, char::len_utf8);
    }
}

/// Whether what follows a dollar looks like an amount of money and not like the start of a formula. It is stricter than
/// what a formula is told by, since a price that waits is worse than a rare formula that does not.
fn looks_like_price(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    if rest.len() == text.len() {
        return false;
    }
    let rest = rest.trim_start_matches(['k', 'K', 'M', 'B', 'b', 'n']);
    let mut after = rest.chars();
    match after.next() {
        Some(';' | ':' | '!' | '?' | ')' | '"' | '*' | '–' | '—') => true,
        Some(' ' | '/') => after.next().is_some_and(|c| c.is_alphabetic() || c == '('),
        _ => false,
    }
}
