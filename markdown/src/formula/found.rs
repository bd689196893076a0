//! What is found of formulas in a text, and how the parser is shown it.

use std::ops::Range;

use super::Mode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Dollar,
    Dollars,
    Parenthesis,
    Bracket,
}

impl Delimiter {
    pub(crate) fn is_display(self) -> bool {
        matches!(self, Delimiter::Dollars | Delimiter::Bracket)
    }

    pub(crate) fn len(self) -> usize {
        if self == Delimiter::Dollar { 1 } else { 2 }
    }

    pub(super) fn closing(self) -> &'static [u8] {
        match self {
            Delimiter::Dollar => b"$",
            Delimiter::Dollars => b"$$",
            Delimiter::Parenthesis => b"\\)",
            Delimiter::Bracket => b"\\]",
        }
    }
}

/// A formula with its delimiters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Formula {
    pub(crate) range: Range<usize>,
    pub(crate) delimiter: Delimiter,
}

/// What was found in a text.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) formulas: Vec<Formula>,
    /// Bytes that the parser must see as something else, in no particular order.
    pub(crate) masks: Vec<(usize, u8)>,
    /// Where text to come may still change what is a formula, or where one is; in order.
    pub(crate) unsettled: Vec<Range<usize>>,
    /// In a text without formulas: the code of its lines, where one to come would be none.
    pub(crate) code: Vec<Range<usize>>,
    /// The starts of lines that a formula reaches into.
    pub(crate) modes: Vec<(usize, Mode)>,
}

/// What stands for a byte that means nothing to the parser: punctuation, as a dollar is.
pub(crate) const NEUTRAL: u8 = b'%';

impl Found {
    /// Shows the parser a formula: dollars around something in which nothing disturbs them.
    pub(super) fn confirm(
        &mut self,
        bytes: &[u8],
        open: usize,
        close: usize,
        delimiter: Delimiter,
    ) {
        self.mask_inside(bytes, open + delimiter.len()..close);
        self.mask_delimiter(bytes, open);
        self.mask_delimiter(bytes, close);
        let range = open..close + delimiter.len();
        self.unsettle(range.start..range.end + 1);
        self.formulas.push(Formula { range, delimiter });
    }

    /// Braces matter to the parser, too.
    pub(super) fn mask_inside(&mut self, bytes: &[u8], range: Range<usize>) {
        for at in range {
            if matches!(bytes[at], b'$' | b'{' | b'}') {
                self.mask(at, NEUTRAL);
            }
        }
    }

    pub(super) fn mask_delimiter(&mut self, bytes: &[u8], at: usize) {
        if bytes[at] == b'\\' {
            self.mask(at, b'$');
            self.mask(at + 1, b'$');
        }
    }

    pub(super) fn mask_dollars(&mut self, bytes: &[u8], range: Range<usize>) {
        for at in range {
            if bytes.get(at) == Some(&b'$') {
                self.mask(at, NEUTRAL);
            }
        }
    }

    pub(super) fn mask(&mut self, at: usize, byte: u8) {
        self.masks.push((at, byte));
    }

    pub(super) fn unsettle(&mut self, range: Range<usize>) {
        match self.unsettled.last_mut() {
            Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
            _ => self.unsettled.push(range),
        }
    }
}
