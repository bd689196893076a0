//! What stands open before a cut in a paragraph: delimiters that have found no partner yet.
//!
//! A cut may lie after them. As long as nothing comes that could be such a partner, they are text, and the paragraph is
//! parsed from the cut; when something does, it is parsed from an earlier cut, before the delimiter.

use std::borrow::Cow;
use std::ops::BitOr;

use crate::formula;

/// The kinds of open delimiters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pending {
    /// How many delimiters stand open.
    count: usize,
    kinds: u16,
    /// The lengths of runs of backticks, one bit each; the first bit stands for all lengths that have none.
    backticks: u64,
}

impl Pending {
    pub(crate) const STAR: Pending = Pending::kind(1);
    pub(crate) const UNDERSCORE: Pending = Pending::kind(2);
    pub(crate) const TILDE: Pending = Pending::kind(4);
    pub(crate) const BRACKET: Pending = Pending::kind(8);
    /// The parenthesis that follows a link's text.
    pub(crate) const PARENTHESIS: Pending = Pending::kind(16);
    /// A tag, a comment or an address in angle brackets.
    pub(crate) const ANGLE: Pending = Pending::kind(32);

    /// To the search for formulas, which knows one line only, the place lies in code that the line leaves open or, as the
    /// parser pairs the backticks, is not code.
    pub(crate) const LINE_CODE: Pending = Pending::kind(64);
    /// A bracket at the start of the line, which may make a definition of it to the search for formulas.
    pub(crate) const LINE_LABEL: Pending = Pending::kind(128);
    /// A formula's dollars that the parser pairs otherwise, as where it sees code around one end of the formula.
    pub(crate) const DOLLAR: Pending = Pending::kind(256);

    const fn kind(kinds: u16) -> Self {
        Pending { count: 1, kinds, backticks: 0 }
    }

    pub(crate) fn brackets(count: usize) -> Self {
        Pending { count, ..Pending::BRACKET }
    }

    /// A run of so many backticks.
    pub(crate) fn backticks(length: usize) -> Self {
        Pending { count: 1, kinds: 0, backticks: if length < 64 { 1 << length } else { 1 } }
    }

    pub(crate) fn add(&mut self, other: Pending) {
        *self = *self | other;
    }

    pub(crate) fn has(self, kind: Pending) -> bool {
        self.kinds & kind.kinds != 0
    }

    /// Whether it may be closed by what stands in another cell of the same row.
    pub(crate) fn reaches_beyond_cell(self) -> bool {
        let kinds = [Pending::BRACKET, Pending::PARENTHESIS, Pending::ANGLE, Pending::LINE_CODE];
        kinds.iter().any(|kind| self.has(*kind))
    }

    /// What matters until the line ends only.
    pub(crate) fn of_line(self) -> Self {
        let kinds = self.kinds & (Pending::LINE_CODE.kinds | Pending::LINE_LABEL.kinds);
        Pending { count: kinds.count_ones() as usize, kinds, backticks: 0 }
    }

    /// What matters until the paragraph ends.
    pub(crate) fn of_paragraph(self) -> Self {
        let line = self.of_line();
        Pending { count: self.count - line.count, kinds: self.kinds & !line.kinds, ..self }
    }

    pub(crate) fn is_less_than(self, other: Pending) -> bool {
        self.count < other.count
    }

    /// Whether a text has something that binds more closely than all the text's own delimiters, and could be the
    /// partner of what stands open before it.
    pub(crate) fn may_close_in(self, text: &str) -> bool {
        (self.has(Pending::ANGLE) && text.contains('>'))
            || (self.has(Pending::PARENTHESIS) && text.contains(')'))
            || (self.backticks != 0 && self.has_run_in(text))
            || (self.has(Pending::DOLLAR) && text.contains(['$', '\\']))
            || (self.has(Pending::LINE_CODE) && formula::may_begin_in(first_line(text)))
            || (self.has(Pending::LINE_LABEL) && first_line(text).contains("]:"))
    }

    fn has_run_in(self, text: &str) -> bool {
        let mut rest = text;
        while let Some(at) = rest.find('`') {
            let is_escaped = rest[..at].ends_with('\\');
            rest = &rest[at..];
            let length = rest.len() - rest.trim_start_matches('`').len();
            rest = &rest[length..];
            let closes = |length| self.backticks & Pending::backticks(length).backticks != 0;
            if closes(length) || (is_escaped && closes(length - 1)) {
                return true;
            }
        }
        false
    }
}

impl BitOr for Pending {
    type Output = Pending;

    fn bitor(self, other: Pending) -> Pending {
        Pending {
            count: self.count + other.count,
            kinds: self.kinds | other.kinds,
            backticks: self.backticks | other.backticks,
        }
    }
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// Whether what follows a `<` may still turn out to be a tag, a comment or an address.
pub(crate) fn may_be_tag(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return true };
    if matches!(first, '!' | '?') {
        return true;
    }
    // The name before an address's at sign may begin with these.
    if !first.is_ascii_alphanumeric() && !"/.#$%&'*+=^_`{|}~-".contains(first) {
        return false;
    }
    let text = without_margins(text);
    let Some((name, attributes)) = text.split_once(|c: char| c.is_ascii_whitespace()) else {
        return !text.contains('<');
    };
    // An address has no spaces, and a tag a name.
    if !first.is_ascii_alphabetic() && first != '/' {
        return false;
    }
    let name = name.strip_prefix('/').unwrap_or(name);
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && may_be_attributes(attributes)
}

/// A text of several lines without what a quote's markers may be at their starts.
fn without_margins(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') {
        return text.into();
    }
    let is_margin = |c: char| c.is_ascii_whitespace() || c == '>';
    let lines = text.split_inclusive('\n').enumerate();
    lines
        .map(|(index, line)| if index == 0 { line } else { line.trim_start_matches(is_margin) })
        .collect()
}

fn may_be_attributes(text: &str) -> bool {
    let mut quote = None;
    let mut before = ' ';
    let mut in_value = false;
    for c in text.chars() {
        match c {
            _ if quote.is_some() => quote = quote.filter(|quote| *quote != c),
            '"' | '\'' if before == '=' => quote = Some(c),
            // It is complete, but the parser saw the paragraph end within it, which later text may undo.
            '>' => return true,
            '<' | '`' | '"' | '\'' => return false,
            '=' => in_value = true,
            c if c.is_ascii_whitespace() => in_value = in_value && before == '=',
            c if in_value || c.is_ascii_alphanumeric() => {}
            '_' | ':' | '.' | '-' | '/' => {}
            _ => return false,
        }
        if quote.is_none() && !(c.is_ascii_whitespace() && before == '=') {
            before = c;
        }
    }
    true
}

/// Whether what follows the `(` after a link's text may still turn out to be its address and title.
pub(crate) fn may_be_address(text: &str) -> bool {
    // A quote's markers may stand at the start of a line.
    let is_space = |c: char| c.is_ascii_whitespace() || c == '>';
    let text = text.trim_start_matches(is_space);
    if text.starts_with('<') {
        return true;
    }
    let Some((_, title)) = text.split_once(|c: char| c.is_ascii_whitespace()) else { return true };
    title
        .trim_start_matches(is_space)
        .chars()
        .next()
        .is_none_or(|c| matches!(c, '"' | '\'' | '(' | ')'))
}
