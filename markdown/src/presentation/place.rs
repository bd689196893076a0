//! Where in a document a text goes on: in which quotes and lists, after what, and in which part of a line.

use super::formulas::{self, LONGEST_DISPLAY};
use super::inline::{self, Spot};
use super::line::{self, Content, Line, Table, line_end};

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

/// How a line starts.
struct Start {
    /// How many of the open containers it goes on in.
    matched: usize,
    added: Vec<Container>,
    kind: Line,
    /// Where its content begins.
    at: usize,
    /// Whether its content follows nothing that it could go on.
    begins: bool,
}

impl Start {
    /// How long it is waited for more of the line before its content is read.
    fn longest_wait(&self) -> usize {
        match self.kind {
            Line::Marks | Line::Tag => LONGEST_MARKS,
            Line::Fence { .. } => LONGEST_FENCE,
            Line::Alert | Line::Definition => LONGEST_DEFINITION,
            Line::Indented | Line::Heading | Line::Text => 0,
        }
    }
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

    /// The start of a line, up to where its text begins, or a whole line that has none.
    fn begin(&mut self, rest: &str, is_shown: bool) -> Option<usize> {
        let end = rest.find(['\n', '\r']);
        // What a line is shows in its first bytes.
        let most = rest.floor_char_boundary(LONGEST_DISPLAY);
        let line = &rest[..end.unwrap_or(rest.len()).min(most)];
        let (at, matched) = line::within(line, &self.containers);
        if line[at..].trim_ascii().is_empty() {
            return self.blank_line(rest, end, matched);
        }
        if let Leaf::Fence { mark, length } = self.leaf {
            if matched == self.containers.len() {
                return self.line_of_code(rest, end, line[at..].trim_ascii(), mark, length);
            }
            self.leaf = Leaf::None;
        }
        let start = self.read(line, at, matched);
        if end.is_none() && rest.len() < start.longest_wait() {
            return None;
        }
        let (leaf, length) = self.content(rest, end, &start, is_shown)?;
        self.containers.truncate(start.matched);
        self.containers.extend(start.added);
        self.leaf = leaf;
        Some(length)
    }

    fn blank_line(&mut self, rest: &str, end: Option<usize>, matched: usize) -> Option<usize> {
        if end.is_none() && rest.len() < LONGEST_MARKS {
            return None;
        }
        self.barren = 0;
        // A list's item goes on after a blank line, a quote does not.
        let quote = self.containers[matched..].iter().position(|c| *c == Container::Quote);
        if let Some(quote) = quote {
            self.containers.truncate(matched + quote);
        }
        if quote.is_some() || !matches!(self.leaf, Leaf::Fence { .. }) {
            self.leaf = Leaf::None;
        }
        Some(self.plain_line(rest, end))
    }

    fn line_of_code(
        &mut self,
        rest: &str,
        end: Option<usize>,
        content: &str,
        mark: u8,
        length: usize,
    ) -> Option<usize> {
        let is_mark = content.bytes().all(|byte| byte == mark);
        if is_mark && end.is_none() && rest.len() < LONGEST_MARKS {
            return None;
        }
        if is_mark && content.len() >= length {
            self.leaf = Leaf::None;
        }
        Some(self.plain_line(rest, end))
    }

    /// Reads the marks of a line that is not blank, after those of the containers that it goes on in.
    fn read(&self, line: &str, mut at: usize, matched: usize) -> Start {
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
        let (kind, length) = match content {
            Content::Leaf(kind, length) => (kind, length),
            Content::Container(..) => (Line::Text, 0),
        };
        at += length;
        let begins = !added.is_empty() || self.leaf == Leaf::None || !(goes_on || is_open);
        let kind = match kind {
            // Only a footnote's definition may follow a paragraph's line.
            Line::Definition if !begins && !line[at..].starts_with("[^") => Line::Text,
            kind => kind,
        };
        // A paragraph's next line need not have the marks of its containers.
        let is_lazy = is_open && added.is_empty() && kind == Line::Text;
        let matched = if is_lazy { self.containers.len() } else { matched };
        Start { matched, added, kind, at, begins }
    }

    /// What the line leaves open, and how much of it is settled.
    fn content(
        &mut self,
        rest: &str,
        end: Option<usize>,
        start: &Start,
        is_shown: bool,
    ) -> Option<(Leaf, usize)> {
        let text = &rest[start.at..];
        let is_row = text.starts_with('|');
        let in_table = self.leaf == Leaf::Table && !start.begins;
        let leaf = match start.kind {
            Line::Marks if in_table && is_row => {
                return Some((Leaf::Table, self.plain_line(rest, end)));
            }
            Line::Marks | Line::Alert | Line::Indented | Line::Definition => {
                return Some((Leaf::None, self.plain_line(rest, end)));
            }
            Line::Fence { mark, length } => {
                return Some((Leaf::Fence { mark, length }, self.plain_line(rest, end)));
            }
            Line::Text | Line::Tag if start.begins && is_row => match line::table(text) {
                Table::Open if rest.len() < LONGEST_TABLE => return None,
                Table::Until(second) => {
                    return Some((Leaf::Table, self.end_line(rest, start.at + second)));
                }
                Table::Open | Table::None => Leaf::Paragraph,
            },
            Line::Text | Line::Tag if in_table => Leaf::Table,
            Line::Text | Line::Tag => Leaf::Paragraph,
            Line::Heading => Leaf::None,
        };

        let in_row = leaf == Leaf::Table;
        // The row of a table is none until its first cell has content.
        let text = if in_row { text.trim_start_matches(['|', ' ', '\t']) } else { text };
        let at = rest.len() - text.len();
        let spot = Spot { before: ' ', begins: true, in_row, is_barren: self.barren > 0 };
        // A mark alone is an empty item, or an underline, until it has content.
        let is_open = at > 0 && !text.is_empty() && inline::step(text, spot, is_shown).is_none();
        if is_open && rest.len() < LONGEST_DISPLAY {
            return None;
        }
        self.within = Within::Text(spot);
        Some((leaf, at))
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
