//! Where in a document a text goes on: in which quotes and lists, after what, and in which part of a line.

use super::formulas::{self, LONGEST_DISPLAY};
use super::inline::{self, Spot};
use super::line::{self, Content, Line, line_end};

/// The most quotes and lists that are told apart; the renderer shows no deeper ones either.
const DEEPEST: usize = 100;
/// Marks at the start of a line that are waited for: more than the deepest list, or a rule as wide as a screen.
const LONGEST_MARKS: usize = 200;
/// The longest line that opens a fence. Its language is one word; some models add a path or attributes.
const LONGEST_FENCE: usize = 200;
/// The longest definition of a link, or the first line of an alert.
const LONGEST_DEFINITION: usize = 400;
/// The longest head of a table, with its second row: ten columns with a few words each.
const LONGEST_TABLE: usize = 600;

/// What a line can be inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Quote,
    /// A list's item, or a footnote, whose further lines are indented by so many columns.
    Item(usize),
}

/// What the lines so far leave open in the innermost container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Leaf {
    #[default]
    None,
    Paragraph,
    Table,
    Fence {
        mark: u8,
        length: usize,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Start,
    /// In a line that is shown as it comes.
    Code,
    Text(Spot),
}

/// A place in a document.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    containers: Vec<Container>,
    leaf: Leaf,
    within: Within,
    /// In so many bytes from here on no display formula ends that began before: none is looked for in them, or a text
    /// full of openings would be read again and again.
    barren: usize,
}

impl Place {
    /// How many bytes at the start of `rest`, which is not empty, are settled; the place is then after them. None if
    /// that takes more text. What is shown already is not waited for, unless it says what the lines after it are.
    pub(super) fn step(&mut self, rest: &str, is_shown: bool) -> Option<usize> {
        match self.within {
            Within::Start => self.begin(rest, is_shown),
            Within::Code => {
                let end = rest.find(['\n', '\r']);
                Some(end.map_or(rest.len(), |end| self.end_line(rest, end)))
            }
            Within::Text(_) if rest.starts_with(['\n', '\r']) => Some(self.end_line(rest, 0)),
            Within::Text(_) if !is_shown && self.is_open_break(rest) => None,
            Within::Text(spot) => {
                let spot = Spot { is_barren: self.barren > 0, ..spot };
                let length = inline::step(rest, spot, is_shown)?;
                self.barren = match length {
                    // The delimiter is text.
                    1 | 2 if formulas::is_display(rest, spot) => rest.len().min(LONGEST_DISPLAY),
                    _ => self.barren.saturating_sub(length),
                };
                self.within = Within::Text(Spot {
                    before: inline::before(rest, length),
                    begins: false,
                    ..spot
                });
                Some(length)
            }
        }
    }

    /// Whether `rest` begins with a backslash that ends the line, and nothing of the next line can be shown: until then
    /// it is no break but a backslash.
    fn is_open_break(&self, rest: &str) -> bool {
        let Some(after) = rest.strip_prefix('\\') else { return false };
        if !after.starts_with(['\n', '\r']) || rest.len() >= LONGEST_DISPLAY {
            return false;
        }
        let mut next = self.clone();
        let length = next.end_line(after, 0);
        length == after.len() || next.step(&after[length..], false).is_none()
    }

    fn begin(&mut self, rest: &str, is_shown: bool) -> Option<usize> {
        let end = rest.find(['\n', '\r']);
        // What a line is shows in its first bytes.
        let line =
            &rest[..rest.floor_char_boundary(LONGEST_DISPLAY).min(end.unwrap_or(rest.len()))];
        let may_wait = |longest| rest.len() < longest;
        let (mut at, mut matched) = line::within(line, &self.containers);
        let is_blank = line[at..].trim_ascii().is_empty();
        if is_blank && end.is_none() && may_wait(LONGEST_MARKS) {
            return None;
        }
        if is_blank {
            self.barren = 0;
            // A list's item goes on after a blank line, a quote does not.
            let quote = self.containers[matched..].iter().position(|c| *c == Container::Quote);
            if let Some(quote) = quote {
                self.containers.truncate(matched + quote);
                self.leaf = Leaf::None;
            }
            if !matches!(self.leaf, Leaf::Fence { .. }) {
                self.leaf = Leaf::None;
            }
            return Some(self.plain_line(rest, end));
        }
        if let Leaf::Fence { mark, length } = self.leaf {
            if matched == self.containers.len() {
                let content = line[at..].trim_matches([' ', '\t']);
                let is_mark = content.bytes().all(|byte| byte == mark);
                if is_mark && end.is_none() && may_wait(LONGEST_MARKS) {
                    return None;
                }
                if is_mark && content.len() >= length {
                    self.leaf = Leaf::None;
                }
                return Some(self.plain_line(rest, end));
            }
            self.leaf = Leaf::None;
        }

        let goes_on = matched == self.containers.len();
        let is_open = self.leaf == Leaf::Paragraph;
        let mut added = Vec::new();
        let mut content = line::content(&line[at..], goes_on && is_open, false);
        while let Content::Container(container, length) = content
            && matched + added.len() < DEEPEST
        {
            added.push(container);
            at += length;
            content = line::content(&line[at..], false, container != Container::Quote);
        }
        let is_first = !added.is_empty() || !(goes_on || is_open);
        let (kind, start) = match content {
            Content::Leaf(kind, start) => (kind, at + start),
            Content::Container(..) => (Line::Text, at),
        };
        let is_lazy = is_open && added.is_empty() && matches!(kind, Line::Text);
        if is_lazy {
            matched = self.containers.len();
        }
        let begins = is_first || self.leaf == Leaf::None;
        let spot = Spot {
            before: ' ',
            begins: true,
            in_row: self.leaf == Leaf::Table && !begins && kind == Line::Text,
            is_barren: self.barren > 0,
        };
        // The row of a table is none until its first cell has content.
        let bar = if spot.in_row && rest[start..].starts_with('|') { 1 } else { 0 };
        let text = &rest[start..];
        let longest = match kind {
            Line::Marks => LONGEST_MARKS,
            Line::Fence { .. } => LONGEST_FENCE,
            Line::Alert => LONGEST_DEFINITION,
            Line::Tag => LONGEST_MARKS,
            Line::Definition if begins || text.starts_with("[^") => LONGEST_DEFINITION,
            _ => 0,
        };
        if end.is_none() && may_wait(longest) {
            return None;
        }
        let mut consumed = None;
        let mut leaf = Leaf::None;
        match kind {
            Line::Marks | Line::Alert => {
                if self.leaf == Leaf::Table && !begins && text.starts_with('|') {
                    leaf = Leaf::Table;
                }
                consumed = Some(self.plain_line(rest, end));
            }
            Line::Indented => consumed = Some(self.plain_line(rest, end)),
            Line::Definition if begins => consumed = Some(self.plain_line(rest, end)),
            Line::Fence { mark, length } => {
                leaf = Leaf::Fence { mark, length };
                consumed = Some(self.plain_line(rest, end));
            }
            Line::Heading => {}
            Line::Definition | Line::Tag | Line::Text => {
                leaf = if spot.in_row { Leaf::Table } else { Leaf::Paragraph };
                if begins && text.starts_with('|') {
                    match line::table(text) {
                        None if may_wait(LONGEST_TABLE) => return None,
                        Some(true) => {
                            leaf = Leaf::Table;
                            let second = end.map_or(rest.len(), |end| end + line_end(rest, end));
                            let length = rest[second..].find(['\n', '\r']);
                            let length = length.unwrap_or(rest.len() - second);
                            consumed = Some(self.end_line(rest, second + length));
                        }
                        _ => {}
                    }
                }
            }
        }
        let length = match consumed {
            Some(length) => length,
            // A mark alone is an empty item, or an underline, until it has content.
            None => {
                let content = &text[bar..];
                let content = content.trim_start_matches([' ', '\t']);
                let start = rest.len() - content.len();
                let is_open = start > 0
                    && !content.is_empty()
                    && inline::step(content, spot, is_shown).is_none();
                if is_open && may_wait(LONGEST_DISPLAY) {
                    return None;
                }
                self.within = Within::Text(spot);
                start
            }
        };
        self.containers.truncate(matched);
        self.containers.append(&mut added);
        self.leaf = leaf;
        Some(length)
    }

    /// A line that is settled as far as it goes.
    fn plain_line(&mut self, rest: &str, end: Option<usize>) -> usize {
        match end {
            Some(end) => self.end_line(rest, end),
            None => {
                self.within = Within::Code;
                rest.len()
            }
        }
    }

    fn end_line(&mut self, rest: &str, end: usize) -> usize {
        self.within = Within::Start;
        let length = end + line_end(rest, end);
        self.barren = self.barren.saturating_sub(length);
        length
    }
}
