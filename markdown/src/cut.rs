//! Where a paragraph can be cut: at the start of a word, when nothing before it can pair with anything after it.

use std::ops::Range;

use crate::masked::Masked;

/// A place where a paragraph can be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Its offset in the parsed text.
    pub(crate) at: usize,
    /// The text node among the paragraph's new children.
    pub(crate) node: usize,
    /// The offset in that node's text.
    pub(crate) offset: usize,
}

/// Goes over the text of one paragraph, as the parser left it over: what is still a delimiter here has found no
/// partner yet.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    candidate: Option<Candidate>,
    /// Set by a delimiter that may pair with one to come.
    blocked: bool,
    open_brackets: usize,
}

impl Scan {
    pub(crate) fn candidate(&self) -> Option<Candidate> {
        self.candidate
    }

    /// Whether nothing in the text so far can pair with anything to come.
    pub(crate) fn is_clean(&self) -> bool {
        !self.blocked && self.open_brackets == 0
    }

    /// Takes in a piece of text. `place` is the number of the paragraph's children and the length of its last text
    /// before this piece, if the piece stands directly in the paragraph and is verbatim.
    pub(crate) fn text(
        &mut self,
        masked: &Masked,
        range: Range<usize>,
        place: Option<(usize, usize)>,
    ) {
        let text = masked.text();
        let mut is_line_open = None;
        for (index, c) in text[range.clone()].char_indices() {
            if self.blocked {
                return;
            }
            let at = range.start + index;
            self.delimiter(text, at, c, place.is_some());
            let Some((children, length)) = place else { continue };
            let is_word_start = c.is_alphabetic() && index > 0 && text.as_bytes()[at - 1] == b' ';
            if !is_word_start || self.blocked || self.open_brackets > 0 || masked.is_unsettled(at) {
                continue;
            }
            if *is_line_open.get_or_insert_with(|| !begins_with_tag(text, range.start)) {
                let node = if length > 0 { children - 1 } else { children };
                self.candidate = Some(Candidate { at, node, offset: length + index });
            }
        }
    }

    fn delimiter(&mut self, text: &str, at: usize, c: char, is_direct: bool) {
        let before = text[..at].chars().next_back();
        let after = text[at + c.len_utf8()..].chars().next();
        let is_space = |c: Option<char>| c.is_some_and(char::is_whitespace);
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            // Code and tags bind closer than anything, so they matter inside other elements, too.
            '`' => self.blocked = true,
            '<' if after.is_none_or(|c| c.is_alphabetic() || matches!(c, '/' | '!' | '?')) => {
                self.blocked = true
            }
            // A bracket that stays open inside an element can still make a link, and end that element by it.
            '[' => self.open_brackets += 1,
            ']' if self.open_brackets > 0 => {
                self.open_brackets -= 1;
                self.blocked |= after.is_none_or(|c| matches!(c, '(' | '[' | ':'));
            }
            _ if !is_direct => {}
            '*' | '~' | '_' if is_space(before) && is_space(after) => {}
            '_' if is_word(before) && is_word(after) => {}
            '*' | '~' | '_' => self.blocked = true,
            _ => {}
        }
    }
}

/// Whether the line that holds an offset begins like a tag, and could become raw HTML as a whole.
fn begins_with_tag(text: &str, at: usize) -> bool {
    let line_start = text[..at].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    text[line_start..].trim_start_matches([' ', '\t', '>']).starts_with('<')
}
