//! Constructs inside a line: how far the one that begins here reaches, or whether that is still open.

use super::brackets;
use super::formulas;
use crate::autolink;

/// The longest emphasis or code that is waited for: a long sentence. A star that is none ends here, too.
const LONGEST_SPAN: usize = 160;
/// The longest link: addresses are long, and every letter of one would be shown in vain.
const LONGEST_LINK: usize = 400;
/// What is so far from the end of a text is not held, so nothing is looked for in it.
const FAR: usize = 2 * formulas::LONGEST_DISPLAY;
/// The longest name of an entity has 31 letters.
const LONGEST_ENTITY: usize = 34;

/// What begins at the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A construct of so many bytes.
    Complete(usize),
    /// A construct that what follows may complete.
    Open,
    /// Nothing but text.
    Nothing,
}

/// The text that a construct must end in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<'a> {
    pub(super) text: &'a str,
    /// Whether nothing that follows can matter: the text ends before a new line, a cell's end or the longest wait.
    pub(super) is_closed: bool,
}

/// A place in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// The character before it, a space at the start.
    pub(super) before: char,
    /// Whether the line's content begins here.
    pub(super) begins: bool,
    /// Whether the line is a row of a table, whose cells end every construct.
    pub(super) in_row: bool,
    /// Whether a display formula was looked for in vain from before this place to after it.
    pub(super) is_barren: bool,
}

impl<'a> Window<'a> {
    fn new(rest: &'a str, spot: Spot, longest: usize) -> Self {
        let most = rest.floor_char_boundary(longest - 1);
        let text = &rest[..most];
        let end = match spot.in_row {
            true => cell_end(text),
            false => text.find(['\n', '\r']),
        };
        let text = &text[..end.unwrap_or(most)];
        Window { text, is_closed: text.len() < rest.len() }
    }

    pub(super) fn from(self, at: usize) -> Self {
        Window { text: &self.text[at..], ..self }
    }

    /// A construct that ends at `end`, if what follows that must not be more of the same.
    pub(super) fn complete_before_other(self, end: usize) -> Found {
        if end < self.text.len() || self.is_closed { Found::Complete(end) } else { Found::Open }
    }

    /// A construct whose end is not in the window.
    pub(super) fn unfinished(self) -> Found {
        if self.is_closed { Found::Nothing } else { Found::Open }
    }
}

/// How many bytes at the start of `rest`, which is not empty and begins in a line, are settled. None if that takes more
/// text; what is shown already is not waited for.
pub(super) fn step(rest: &str, spot: Spot, is_shown: bool) -> Option<usize> {
    let settled = settled(rest, spot);
    if settled > 0 {
        return Some(settled);
    }
    let is_quiet = |(at, c): &(usize, char)| match c {
        'h' | 'H' | 'w' | 'W' if *at == 0 => !autolink::may_precede(spot.before),
        'h' | 'H' | 'w' | 'W' => !autolink::may_precede(before(rest, *at)),
        c => !matches!(c, '*' | '_' | '~' | '`' | '[' | '!' | '<' | '$' | '\\' | '&' | '\n' | '\r'),
    };
    let quiet = rest.char_indices().find(|c| !is_quiet(c)).map_or(rest.len(), |(at, _)| at);
    if quiet > 0 {
        return Some(quiet);
    }
    match construct(rest, spot) {
        Found::Complete(length) => Some(length),
        Found::Open if !is_shown => None,
        _ => Some(text(rest)),
    }
}

/// How much of a line is settled only because of what follows: its end, or a lot. Only a break and a display formula go
/// on from the end of a line.
fn settled(rest: &str, spot: Spot) -> usize {
    let Some(end) = rest.bytes().position(|byte| matches!(byte, b'\n' | b'\r')) else {
        return rest.floor_char_boundary(rest.len().saturating_sub(FAR));
    };
    let line = &rest[..end];
    if spot.is_barren {
        return line.strip_suffix('\\').unwrap_or(line).len();
    }
    if spot.begins && (line.starts_with("$$") || line.starts_with("\\[")) {
        return 0;
    }
    let before_formula = line.trim_end_matches([' ', '\t']).strip_suffix("\\[");
    before_formula.or(line.strip_suffix('\\')).unwrap_or(line).len()
}

fn construct(rest: &str, spot: Spot) -> Found {
    let window = |longest| Window::new(rest, spot, longest);
    match rest.as_bytes()[0] {
        b'*' | b'_' | b'~' => emphasis(window(LONGEST_SPAN), spot),
        b'`' => code(window(LONGEST_SPAN)),
        b'[' | b'!' => brackets::link(window(LONGEST_LINK), spot.before),
        b'<' => brackets::in_angles(window(LONGEST_LINK)),
        b'h' | b'H' | b'w' | b'W' => brackets::bare_address(window(LONGEST_LINK)),
        b'$' | b'\\' => formulas::find(rest, spot, window),
        b'&' => entity(window(LONGEST_ENTITY)),
        _ => Found::Nothing,
    }
}

/// Emphasis, strong emphasis or strikethrough, with all that it holds.
fn emphasis(window: Window<'_>, spot: Spot) -> Found {
    let text = window.text;
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if !matches!(c, '*' | '_' | '~') {
            at += match nested(window.from(at), before_in(text, at, spot)) {
                Found::Complete(length) => length,
                Found::Open => return Found::Open,
                Found::Nothing => self::text(&text[at..]),
            };
            continue;
        }
        let mut run = run(&text[at..]);
        let end = at + run;
        if end == text.len() && !window.is_closed {
            return Found::Open;
        }
        let after = text[end..].chars().next().unwrap_or('\n');
        let (opens, closes) = sides(c, before_in(text, at, spot), after);
        // A single tilde is an approximation far more often than it strikes something through.
        if c != '~' || run == 2 {
            while let Some(opener) = open.iter().rposition(|(other, _)| *other == c)
                && closes
                && run > 0
            {
                open.truncate(opener + 1);
                let closed = run.min(open[opener].1);
                run -= closed;
                open[opener].1 -= closed;
                if open[opener].1 == 0 {
                    open.pop();
                }
            }
            if opens && run > 0 {
                open.push((c, run));
            }
        }
        if open.is_empty() {
            return if at == 0 { Found::Nothing } else { Found::Complete(end) };
        }
        at = end;
    }
    window.unfinished()
}

/// What emphasis and links' texts may hold that hides their own delimiters.
pub(super) fn nested(window: Window<'_>, before: char) -> Found {
    match window.text.as_bytes()[0] {
        b'`' => code(window),
        b'[' | b'!' => brackets::link(window, before),
        b'<' => brackets::in_angles(window),
        b'$' => formulas::in_dollars(window, before),
        b'\\' => escape(window),
        _ => Found::Nothing,
    }
}

/// A code span.
pub(super) fn code(window: Window<'_>) -> Found {
    let text = window.text;
    let length = run(text);
    let mut at = length;
    while let Some(next) = text[at..].find('`') {
        at += next;
        let close = run(&text[at..]);
        at += close;
        if close == length {
            return window.complete_before_other(at);
        }
    }
    window.unfinished()
}

/// A backslash and what it escapes, which may be the end of the line.
pub(super) fn escape(window: Window<'_>) -> Found {
    match window.text[1..].chars().next() {
        Some(escaped) if escaped.is_ascii_punctuation() => Found::Complete(2),
        Some(_) => Found::Nothing,
        None => window.unfinished(),
    }
}

fn entity(window: Window<'_>) -> Found {
    let name = &window.text[1..];
    match name.find(|c: char| !c.is_ascii_alphanumeric() && c != '#') {
        Some(end) if name[end..].starts_with(';') => Found::Complete(end + 2),
        Some(_) => Found::Nothing,
        None => window.unfinished(),
    }
}

/// Whether a run of delimiters can open and close emphasis between two characters.
fn sides(c: char, before: char, after: char) -> (bool, bool) {
    let punctuates = |c: char| c.is_ascii_punctuation() || (!c.is_alphanumeric() && !c.is_ascii());
    let left = !after.is_whitespace()
        && (!punctuates(after) || before.is_whitespace() || punctuates(before));
    let right = !before.is_whitespace()
        && (!punctuates(before) || after.is_whitespace() || punctuates(after));
    match c {
        '_' => (left && (!right || punctuates(before)), right && (!left || punctuates(after))),
        _ => (left, right),
    }
}

/// How much is text when nothing begins: one character, or a whole run of those that mean something by their number.
fn text(rest: &str) -> usize {
    match rest.as_bytes()[0] {
        b'*' | b'_' | b'~' | b'`' | b'$' => run(rest),
        _ => rest.chars().next().map_or(0, char::len_utf8),
    }
}

/// How often the first byte is repeated.
pub(super) fn run(text: &str) -> usize {
    let bytes = text.as_bytes();
    bytes.iter().take_while(|byte| **byte == bytes[0]).count()
}

pub(super) fn before(text: &str, at: usize) -> char {
    text[..at].chars().next_back().unwrap_or(' ')
}

fn before_in(text: &str, at: usize, spot: Spot) -> char {
    if at == 0 { spot.before } else { before(text, at) }
}

/// Where a table's cell ends: at a bar, even in code, unless a backslash stands before it.
fn cell_end(text: &str) -> Option<usize> {
    let is_end = |(at, c): &(usize, char)| match c {
        '|' => !text[..*at].ends_with('\\'),
        c => matches!(c, '\n' | '\r'),
    };
    text.char_indices().find(is_end).map(|(at, _)| at)
}
