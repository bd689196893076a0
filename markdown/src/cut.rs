//! Where a paragraph can be cut, so that only the text after the cut is parsed again: in its own text, between two
//! characters of which neither means more by the other.

use std::ops::Range;

use crate::autolink::{self, Beginning, Begun};
use crate::markers;
use crate::masked::Masked;
use crate::pending::{Pending, may_be_address, may_be_tag};

/// A place where a paragraph can be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Its offset in the parsed text.
    pub(crate) at: usize,
    /// The text node among the paragraph's new children.
    pub(crate) node: usize,
    /// The offset in that node's text.
    pub(crate) offset: usize,
    /// What stands open before it.
    pub(crate) pending: Pending,
}

/// The place between two characters of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Edge {
    before: Option<char>,
    /// How many more characters a character reference may have that began before here.
    reference: usize,
    /// How many more characters a bare address may have that began before here.
    address: usize,
    /// What may become a bare address with the next characters, and will be one or none after a few of them.
    beginning: Beginning,
    /// How many characters before here may stand in an e-mail address, since its `@` or the word's beginning.
    word: usize,
    /// Whether an `@` stands before that word.
    is_after_at: bool,
    destination: Destination,
}

/// The address of a link, in which a dollar is no formula's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Destination {
    #[default]
    None,
    /// Only spaces may stand before it.
    Next,
    Inside,
    /// In running text, where a mark without a space may end it.
    Bare,
}

impl Edge {
    /// Moves on by one character, and tells whether a cut may lie before it.
    pub(crate) fn step(&mut self, c: char) -> bool {
        let may_begin_address = matches!(c, 'h' | 'H' | 'w' | 'W');
        let may_cut = match self.before {
            _ if self.destination != Destination::None => false,
            None => false,
            Some(' ') => !c.is_whitespace() && !c.is_control(),
            Some(before) => {
                let is_in_word = self.reference > 0
                    || self.address > 0
                    || self.beginning.is_open()
                    || may_begin_address;
                is_inert(before) && is_inert(c) && !is_in_word && self.may_cut_mail(before, c)
            }
        };
        let is_at_start =
            self.before.is_none_or(|before| before == '|' || autolink::may_precede(before));
        self.reference = match c {
            '&' => 40,
            '#' => self.reference.saturating_sub(1),
            c if c.is_ascii_alphanumeric() => self.reference.saturating_sub(1),
            _ => 0,
        };
        self.step_in_address(c, is_at_start);
        self.step_in_mail(c);
        self.destination = match (self.destination, c) {
            (_, '\n' | ')' | '>') => Destination::None,
            (Destination::Inside | Destination::Bare, ' ' | '\t') => Destination::None,
            (Destination::Bare, c) if autolink::is_wide_mark(c) => Destination::None,
            (_, '(' | ':') if self.before.is_none_or(|before| before == ']') => Destination::Next,
            (Destination::Next, ' ' | '\t') => Destination::Next,
            (Destination::Next, _) | (_, '<') => Destination::Inside,
            (Destination::None, '/') if self.before == Some(':') => Destination::Bare,
            (destination, _) => destination,
        };
        self.before = Some(c);
        may_cut
    }

    fn step_in_address(&mut self, c: char, is_at_start: bool) {
        // What looks like a tag's beginning may not be one.
        if autolink::ends(c) && c != '<' {
            (self.address, self.beginning) = (0, Beginning::default());
            return;
        }
        self.address = self.address.saturating_sub(1);
        let beginning = std::mem::take(&mut self.beginning);
        if beginning.is_open() && matches!(c, '&' | '\\') {
            // Any letter may be meant.
            self.address = autolink::LONGEST;
        } else if beginning.is_open() || is_at_start {
            match beginning.with(c) {
                Begun::Not => {}
                Begun::Partly(beginning) => self.beginning = beginning,
                Begun::Wholly => self.address = autolink::LONGEST,
            }
        }
    }

    /// An e-mail address ends with its word, and is known as one by what follows its `@`. So no cut lies within a word
    /// or before it, unless there is a space or the word is too long for one: then a window that begins with the rest
    /// of it, without a space, finds no address there.
    fn may_cut_mail(&self, before: char, c: char) -> bool {
        let is_long = self.word >= autolink::LONGEST_MAIL && autolink::is_in_mail(before);
        is_long || !(autolink::is_in_mail(c) || c == '@')
    }

    fn step_in_mail(&mut self, c: char) {
        if autolink::is_in_mail(c) {
            self.word += 1;
            return;
        }
        self.is_after_at = c == '@' && (self.word > 0 || self.before.is_none());
        self.word = 0;
    }

    /// Something that is not verbatim text stands before the next character.
    fn interrupt(&mut self) {
        self.before = None;
        // The letters before it may be a part of the same word, and it may stand for an `@`.
        (self.word, self.is_after_at) = (0, true);
        if std::mem::take(&mut self.beginning).is_open() {
            self.address = autolink::LONGEST;
        }
    }

    /// Whether a character reference may stand around here.
    pub(crate) fn is_in_reference(&self) -> bool {
        self.reference > 0
    }

    /// Whether the text around here may be or become a bare address.
    pub(crate) fn is_in_address(&self) -> bool {
        self.address > 0 || self.beginning.is_open() || self.is_after_at
    }
}

/// Whether a character means only itself, whatever stands beside it.
pub(crate) fn is_inert(c: char) -> bool {
    let is_mark = ".,;?\"'/+=-{}@%#^".contains(c);
    is_mark || c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !c.is_control())
}

/// Goes over the text of one paragraph, as the parser left it over: what is still a delimiter here has found no
/// partner yet.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    candidate: Option<Candidate>,
    /// What stands open before the window, which began in this paragraph.
    before: Pending,
    pending: Pending,
    open_brackets: usize,
    reaches_back: bool,
    /// What stands open before the window, for as long as its first line goes on.
    line_before: Pending,
    edge: Edge,
    end: usize,
}

impl Scan {
    /// For the rest of a paragraph.
    pub(crate) fn after(before: Pending) -> Self {
        let (line_before, before) = (before.of_line(), before.of_paragraph());
        Scan { before, pending: before, line_before, ..Scan::default() }
    }

    pub(crate) fn candidate(&self) -> Option<Candidate> {
        self.candidate
    }

    /// Whether the text has something that may be the partner of what stands open before the window.
    pub(crate) fn reaches_back(&self) -> bool {
        self.reaches_back
    }

    /// What stands open at the end.
    pub(crate) fn pending(&self) -> Pending {
        match self.open_brackets {
            0 => self.pending,
            count => self.pending | Pending::brackets(count),
        }
    }

    /// What stands open at a place, which ends the leaf's text so far.
    pub(crate) fn pending_at(&self, masked: &Masked, at: usize, leaf: &str) -> Pending {
        self.pending() | self.line(leaf) | code(masked, at)
    }

    /// What stands open at the end of a leaf's text, for as long as its last line goes on.
    fn line(&self, leaf: &str) -> Pending {
        match last_line(leaf).starts_with('[') {
            true => Pending::LINE_LABEL,
            false if leaf.contains('\n') => Pending::default(),
            false => self.line_before,
        }
    }

    /// The place after a text that ends with the paragraph's at `shown`, and then with spaces only.
    pub(crate) fn edge(&self, shown: usize, end: usize) -> Edge {
        // What is not text, such as a tag, may stand after it.
        let mut edge = self.edge;
        if self.end != shown {
            edge.interrupt();
        }
        if shown < end {
            edge.step(' ');
        }
        edge
    }

    /// Takes in a piece of text. `place` is the number of the paragraph's children and the length of its last text
    /// before this piece, if the piece stands directly in the paragraph, which begins at `start`, and is verbatim.
    pub(crate) fn text(
        &mut self,
        masked: &Masked,
        range: Range<usize>,
        place: Option<(usize, usize)>,
        start: usize,
    ) {
        let text = masked.text();
        self.move_to(masked.text(), &range);
        let mut line = None;
        let original = masked.original()[range.clone()].chars();
        for ((index, c), original) in text[range.clone()].char_indices().zip(original) {
            let at = range.start + index;
            let may_cut = self.edge.step(original);
            if may_cut
                && let Some((children, length)) = place
                && !masked.is_unsettled(at)
                && let Some((content, line)) = *line.get_or_insert_with(|| {
                    // A piece of text lies in one line.
                    let leaf = text.get(start..range.end).unwrap_or_default();
                    is_plain_line(leaf).then(|| (masked.content(range.start), self.line(leaf)))
                })
                // Before the content, the search for formulas would not see where that begins.
                && at > content
            {
                let node = if length > 0 { children - 1 } else { children };
                let pending = self.pending() | line | code(masked, at);
                self.candidate = Some(Candidate { at, node, offset: length + index, pending });
            }
            self.delimiter(text, at, c, place.is_some());
        }
        if place.is_none() {
            self.edge.interrupt();
            // The letter that is meant may begin an address.
            if masked.original()[range].starts_with("&#") {
                self.edge.address = autolink::LONGEST;
            }
        }
    }

    /// Takes in raw HTML or an address in angle brackets: shown as text, but without delimiters, whatever its characters.
    pub(crate) fn raw(&mut self, masked: &Masked, range: Range<usize>) {
        self.move_to(masked.text(), &range);
        self.opaque(&masked.text()[range.clone()]);
        masked.original()[range].chars().for_each(|c| _ = self.edge.step(c));
        self.edge.interrupt();
    }

    fn move_to(&mut self, text: &str, range: &Range<usize>) {
        if range.start != self.end {
            self.edge.interrupt();
            // To the search for formulas, an address may go on after a footnote's label.
            if text[..range.start].ends_with(':') {
                self.edge.destination = Destination::Next;
            }
        }
        self.end = range.end;
    }

    /// Takes in text without delimiters, such as code. The parser ends a label there nevertheless, and then takes what
    /// stands before the label for no link.
    pub(crate) fn opaque(&mut self, text: &str) {
        self.reaches_back |= self.before.has(Pending::BRACKET) && text.contains(']');
        // The search for formulas looks at one line only, so there the end of code from an earlier line begins some.
        let ticks = text.len() - text.trim_end_matches('`').len();
        if ticks > 0 && text.contains('\n') {
            self.pending.add(Pending::backticks(ticks));
        }
    }

    /// Takes in the start of an inline element: a delimiter that opens it might close one before the window instead.
    pub(crate) fn element(&mut self, text: &str, at: usize) {
        if let Some(c) = text[at..].chars().next().filter(|c| matches!(c, '*' | '_' | '~')) {
            self.delimiter(text, at, c, false);
        }
    }

    fn delimiter(&mut self, text: &str, at: usize, c: char, is_direct: bool) {
        let after = &text[at + c.len_utf8()..];
        match c {
            '`' if text[..at].ends_with('`') => {}
            '`' => {
                let run = text.len() - at - text[at..].trim_start_matches('`').len();
                self.pending.add(Pending::backticks(run));
                if is_escaped(text, at) && run > 1 {
                    self.pending.add(Pending::backticks(run - 1));
                }
            }
            '$' => self.pending.add(Pending::DOLLAR),
            '<' | '[' | ']' | '*' | '_' | '~' if is_escaped(text, at) => {}
            '<' if may_be_tag(after) => self.pending.add(Pending::ANGLE),
            // A bracket that stays open inside an element can still make a link, and end that element by it.
            '[' => self.open_brackets += 1,
            ']' => match self.open_brackets.checked_sub(1) {
                Some(open) => self.open_brackets = open,
                None => self.reaches_back |= self.before.has(Pending::BRACKET),
            },
            '(' if text[..at].ends_with(']') && may_be_address(after) => {
                self.pending.add(Pending::PARENTHESIS)
            }
            '*' => self.emphasis(text, at, c, Pending::STAR, is_direct),
            '_' => self.emphasis(text, at, c, Pending::UNDERSCORE, is_direct),
            '~' => self.emphasis(text, at, c, Pending::TILDE, is_direct),
            _ => {}
        }
    }

    fn emphasis(&mut self, text: &str, at: usize, c: char, kind: Pending, is_direct: bool) {
        let before = text[..at].trim_end_matches(c).chars().next_back();
        let after = text[at..].trim_start_matches(c).chars().next();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if c == '_' && is_word(before) && is_word(after) {
            return;
        }
        let may_close = before.is_some_and(|c| !c.is_whitespace());
        let may_open = after.is_none_or(|c| !c.is_whitespace());
        self.reaches_back |= may_close && self.before.has(kind);
        // What is left over inside an element can no longer open anything after it.
        if may_open && is_direct {
            self.pending.add(kind);
        }
    }
}

/// What the search for formulas takes for open code at a place.
fn code(masked: &Masked, at: usize) -> Pending {
    if masked.is_in_code(at) { Pending::LINE_CODE } else { Pending::default() }
}

/// Whether the character at an offset follows a backslash that escapes it.
fn is_escaped(text: &str, at: usize) -> bool {
    let before = &text[..at];
    (before.len() - before.trim_end_matches('\\').len()) % 2 == 1
}

/// The last line of a paragraph's text, without the markers of its containers.
fn last_line(text: &str) -> &str {
    let start = text.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    text[start..].trim_start_matches([' ', '\t', '>'])
}

/// Whether the last line of a paragraph's text so far can become neither raw HTML as a whole nor, to the search for
/// formulas, a list's item or a fence.
pub(crate) fn is_plain_line(text: &str) -> bool {
    let line = last_line(text);
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_item = match number.len() < line.len() {
        true if number.is_empty() => line.len() <= markers::LONGEST_NUMBER,
        true => number.starts_with(['.', ')']),
        false => line.starts_with(['-', '+', '*']),
    };
    !line.is_empty()
        && !is_item
        && !line.starts_with('<')
        && !line.starts_with("```")
        && !line.starts_with("~~~")
}
