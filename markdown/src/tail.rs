//! Deltas that mean nothing but themselves: text that can be added to the last text node without parsing.

use crate::autolink;
use crate::elements;
use crate::link;
use crate::node::{Element, Node};
use crate::pending::Pending;

/// What may be added, and what it is judged by.
pub(crate) struct Delta<'s> {
    /// All source, with the delta.
    pub(crate) source: &'s str,
    /// Where the delta begins.
    pub(crate) start: usize,
    /// Where the text that is shown ends before the delta.
    pub(crate) shown: usize,
    /// What stands open before the delta.
    pub(crate) pending: Pending,
    /// Whether the text before the delta may end within a character reference.
    pub(crate) in_reference: bool,
    /// Whether the text before the delta or in it may be a bare address.
    pub(crate) has_address: bool,
}

impl<'s> Delta<'s> {
    fn text(&self) -> &'s str {
        &self.source[self.start..]
    }

    /// Whether a character means only itself, whatever comes after it.
    fn is_plain(&self, c: char) -> bool {
        match c {
            ' ' | ',' | '.' | '\'' | '"' | '?' | '!' | '%' | '/' | '+' | '=' | '-' | '{' | '}'
            | '@' | ':' | '(' => true,
            ')' => !self.pending.has(Pending::PARENTHESIS),
            '>' => !self.pending.has(Pending::ANGLE),
            ';' => !self.in_reference,
            c => c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !c.is_control()),
        }
    }

    /// Whether the character before the delta is done with: it cannot pair with, escape or open anything by what
    /// follows it. Where there is a space between, it never can.
    fn is_separate(&self) -> bool {
        let before = self.source[..self.start].chars().next_back();
        before.is_some_and(|c| self.is_plain(c))
    }

    /// Where the text that is shown ends after the delta: spaces at the end are not shown until something follows them.
    pub(crate) fn shown_after(&self) -> usize {
        match self.text().trim_end_matches(' ').len() {
            0 => self.shown,
            length => self.start + length,
        }
    }

    /// What the delta adds to a paragraph, heading or cell that ends with `word`, or `None` if it may mean more.
    pub(crate) fn plain(&self, word: &str) -> Option<&'s str> {
        if !self.is_separate() || !self.text().chars().all(|c| self.is_plain(c)) {
            return None;
        }
        let added = &self.source[self.shown..self.shown_after()];
        let makes_link = self.has_address && autolink::find(&[word, added].concat(), 0).is_some();
        (!makes_link).then_some(added)
    }

    /// What the delta adds to a table's row: to its current cell, which ends with `word`, and to the cells after it.
    pub(crate) fn cells(&self, word: &str) -> Option<Vec<&'s str>> {
        let before = self.source[..self.start].trim_end_matches(' ');
        let is_first = before.ends_with('|') && !before.ends_with("\\|");
        let is_separate = is_first || self.is_separate();
        if !is_separate || !self.text().chars().all(|c| c == '|' || self.is_plain(c)) {
            return None;
        }
        let mut cells = Vec::new();
        let mut start = self.start;
        for (index, piece) in self.text().split('|').enumerate() {
            let end = start + piece.len();
            let from = match index {
                0 if !is_first => self.source[..self.start].trim_end_matches(' ').len(),
                _ => end - piece.trim_start_matches(' ').len(),
            };
            let to = from + self.source[from..end].trim_end_matches(' ').len();
            cells.push(&self.source[from..to]);
            start = end + 1;
        }
        let makes_link = |text: &str| autolink::find(text, 0).is_some();
        let (first, others) = cells.split_first()?;
        let links =
            makes_link(&[word, first].concat()) || others.iter().any(|text| makes_link(text));
        (!links).then_some(cells)
    }

    /// What the delta adds to an open line of code that cannot be a fence.
    pub(crate) fn code(&self) -> Option<&'s str> {
        (!self.text().contains(['\n', '\r'])).then_some(self.text())
    }

    /// The link that a bare address at the end of the document becomes, if the delta is all part of it.
    pub(crate) fn address(&self, link: &Element) -> Option<(Element, &'s str)> {
        let is_plain =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '=' | '%' | '+');
        let [Node::Text(shown)] = link.children.as_slice() else { return None };
        if !self.text().chars().all(is_plain)
            || !self.source[..self.start].ends_with(shown.as_str())
        {
            return None;
        }
        let shown = [shown, self.text()].concat();
        let bare = autolink::find(&shown, 0).filter(|bare| bare.range == (0..shown.len()))?;
        let link = elements::anchor(&link::target(&bare.address)?, "").child(shown.as_str());
        Some((link, self.text()))
    }
}
