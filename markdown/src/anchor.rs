//! Places in a document before which nothing can change any more.
//!
//! A growing document is parsed from its latest anchor only. What lies before it is represented by a *prelude*: a few
//! lines that bring the parser into the state it had there. The prelude opens the same containers and, if the anchor
//! lies inside a leaf, begins the same kind of leaf.

use pulldown_cmark::Alignment;

use crate::formula::Mode;
use crate::pending::Pending;
use crate::references::Known;

/// A container that is open at an anchor, with the text that opens it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Quote,
    /// The marker of a list item with the spaces around it, so that its width is the width of the item's indent.
    Item(String),
    /// A footnote definition's `[^label]: `.
    Footnote(String),
}

/// What the text after an anchor continues.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Leaf {
    /// Nothing: a block ended before the anchor.
    None,
    /// Nothing, but a paragraph begins right after the markers of its containers.
    Begin,
    /// A paragraph, within a line of its own text.
    Paragraph(Within),
    /// Code, at the start of a line. The opening is its fence, or what stands for an indented line.
    Code { opening: String },
    /// Raw HTML, at the end of a line. The opening begins a block that ends where this one does.
    Html { opening: &'static str, text: usize },
    /// A table, at the start of a row.
    Table(Vec<Alignment>),
    /// A table, in a row: after the delimiter that begins a cell, or within that cell's text.
    Cell { alignments: Vec<Alignment>, column: usize, within: Option<Within> },
}

/// A place within a line of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Within {
    /// How many bytes of the last text node stand before it.
    pub(crate) text: usize,
    /// Whether it follows a space.
    pub(crate) spaced: bool,
    /// What stands open before it in the same paragraph or cell.
    pub(crate) pending: Pending,
}

/// How much of one element on the way from the root to an anchor is finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    /// Its finished child nodes, with the one that the next level lies in.
    pub(crate) keep: usize,
    /// Whether it is a list that text before the anchor has made loose.
    pub(crate) loose: bool,
    /// Whether it is a list of which an item has a paragraph.
    pub(crate) has_paragraph: bool,
}

/// A place in the source, with everything that is needed to go on from there.
#[derive(Clone, Debug)]
pub(crate) struct Anchor {
    /// The offset in the source, in bytes.
    pub(crate) at: usize,
    pub(crate) containers: Vec<Container>,
    pub(crate) leaf: Leaf,
    /// One per element: the root, then the elements of each container, then those of the leaf.
    pub(crate) levels: Vec<Level>,
    /// Headings before the anchor.
    pub(crate) headings: usize,
    /// Definitions between the last block anchor and this one.
    pub(crate) known: Known,
    /// The formula that the lines before the anchor leave open.
    pub(crate) mode: Mode,
    /// The quote markers on its line, as the search for formulas counts them; they matter if it is inside the line.
    pub(crate) quotes: usize,
}

impl Anchor {
    /// The start of a document.
    pub(crate) fn start() -> Self {
        Anchor {
            at: 0,
            containers: Vec::new(),
            leaf: Leaf::None,
            levels: vec![Level::default()],
            headings: 0,
            known: Known::default(),
            mode: Mode::Text,
            quotes: 0,
        }
    }

    /// Whether the source after the anchor continues a line.
    pub(crate) fn is_inside_line(&self) -> bool {
        !matches!(self.leaf, Leaf::None | Leaf::Code { .. } | Leaf::Table(_))
    }

    /// Whether what follows on the line of its containers' markers is the leaf's own text.
    fn shares_line(&self) -> bool {
        matches!(self.leaf, Leaf::Begin | Leaf::Paragraph(_))
    }

    /// Which of the levels are lists that the anchor lies in.
    pub(crate) fn list_levels(&self) -> Vec<usize> {
        let mut level = 1;
        let mut lists = Vec::new();
        for container in &self.containers {
            if matches!(container, Container::Item(_)) {
                lists.push(level);
                level += 1;
            }
            level += 1;
        }
        lists
    }

    /// Lines that add an item with a paragraph to each open list, from the innermost outwards.
    pub(crate) fn probe(&self) -> String {
        let mut indent = String::new();
        let mut lines = Vec::new();
        for container in &self.containers {
            match container {
                Container::Quote => indent.push_str("> "),
                Container::Item(marker) => {
                    lines.push(format!("{indent}{marker}x\n"));
                    indent.extend(std::iter::repeat_n(' ', marker.len()));
                }
                Container::Footnote(_) => indent.push_str("    "),
            }
        }
        if self.is_inside_line() {
            lines.push("x\n".to_owned());
        }
        lines.reverse();
        lines.concat()
    }

    /// The lines that bring a parser into the state it has at this anchor, for the source that follows it.
    ///
    /// An item is opened with a paragraph and an empty heading: the paragraph shows whether the list is loose, the
    /// heading ends it, so that no later text can be taken for its continuation.
    pub(crate) fn prelude(&self, source: &str) -> String {
        let mut out = String::new();
        let mut indent = String::new();
        let mut innermost = "";
        for (index, container) in self.containers.iter().enumerate() {
            match container {
                Container::Item(marker) => {
                    let is_last = index + 1 == self.containers.len();
                    if is_last && self.shares_line() {
                        innermost = marker;
                        break;
                    }
                    out.extend([&indent, marker, "x\n"]);
                    indent.extend(std::iter::repeat_n(' ', marker.len()));
                }
                Container::Quote => indent.push_str("> "),
                Container::Footnote(marker) => {
                    out.extend([&indent, marker.as_str(), "#\n"]);
                    indent.push_str("    ");
                }
            }
            out.extend([&indent, "#\n"]);
        }
        match &self.leaf {
            Leaf::None => {}
            Leaf::Begin | Leaf::Paragraph(_) => out.extend([&indent, innermost, self.leaf.lead()]),
            Leaf::Code { opening } => out.extend([&indent, opening, "\n"]),
            Leaf::Html { opening, .. } => out.extend([&indent, *opening]),
            Leaf::Table(alignments) => {
                table_head(&mut out, &indent, alignments.len().min(most_cells(source)));
            }
            Leaf::Cell { alignments, column, .. } => {
                let columns = alignments.len().min(column + most_cells(source));
                table_head(&mut out, &indent, columns);
                out.push_str(&indent);
                out.extend(std::iter::repeat_n('|', *column));
                out.push_str(self.leaf.lead());
            }
        }
        out
    }

    /// The same for source that does not end the line, so that its containers do not matter.
    pub(crate) fn bare_prelude(&self, source: &str) -> String {
        let mut out = String::new();
        if let Leaf::Cell { alignments, column, .. } = &self.leaf {
            table_head(&mut out, "", (alignments.len() - column).min(most_cells(source)));
        }
        out.push_str(self.leaf.lead());
        out
    }

    /// How many of the levels belong to the leaf.
    pub(crate) fn leaf_levels(&self) -> usize {
        match &self.leaf {
            Leaf::None | Leaf::Begin => 0,
            Leaf::Paragraph(_) | Leaf::Html { .. } => 1,
            Leaf::Code { .. } | Leaf::Table(_) => 3,
            Leaf::Cell { within: None, .. } => 4,
            Leaf::Cell { within: Some(_), .. } => 5,
        }
    }
}

/// The head of a table with so many columns: the parser passes over cells that a row has beyond them.
fn table_head(out: &mut String, indent: &str, columns: usize) {
    for cell in ["a|", "-|"] {
        out.extend([indent, "|"]);
        out.extend(std::iter::repeat_n(cell, columns));
        out.push('\n');
    }
}

/// The most cells that any line of a text may have.
fn most_cells(text: &str) -> usize {
    text.lines().map(|line| line.matches('|').count()).max().unwrap_or_default() + 1
}

impl Leaf {
    /// What stands for the text before an anchor in a paragraph: after a letter no line can be anything but text.
    pub(crate) fn lead(&self) -> &'static str {
        match self {
            Leaf::Paragraph(Within { spaced: true, .. }) => "x ",
            Leaf::Paragraph(_) => "x",
            Leaf::Cell { within: Some(Within { spaced: true, .. }), .. } => "|x ",
            Leaf::Cell { within: Some(_), .. } => "|x",
            Leaf::Cell { within: None, .. } => "|",
            _ => "",
        }
    }

    /// Where the anchor lies, if that is within text.
    pub(crate) fn within(&self) -> Option<Within> {
        match self {
            Leaf::Paragraph(within) => Some(*within),
            Leaf::Cell { within, .. } => *within,
            _ => None,
        }
    }

    /// How many bytes of the last text node stand before the anchor, if it lies within text.
    pub(crate) fn text(&self) -> Option<usize> {
        match self {
            Leaf::Html { text, .. } => Some(*text),
            leaf => leaf.within().map(|within| within.text),
        }
    }

    /// Whether the anchor lies in a table's row.
    pub(crate) fn is_cell(&self) -> bool {
        matches!(self, Leaf::Cell { .. })
    }

    /// What stands open before the anchor.
    pub(crate) fn pending(&self) -> Pending {
        self.within().map(|within| within.pending).unwrap_or_default()
    }
}

impl Container {
    /// The list item whose marker a text begins with. `None` if a tab is involved: its width depends on the column.
    pub(crate) fn item(text: &str) -> Option<Self> {
        let indent = text.len() - text.trim_start_matches(' ').len();
        let digits = text[indent..].find(|c: char| !c.is_ascii_digit())?;
        if !text[indent + digits..].starts_with(['-', '+', '*', '.', ')']) {
            return None;
        }
        let marker = indent + digits + 1;
        let after = &text[marker..];
        let spaces = after.len() - after.trim_start_matches(' ').len();
        if after[spaces..].starts_with('\t') {
            return None;
        }
        // An item that begins with a blank line, or with indented code, is indented by one space after its marker.
        let is_blank = after[spaces..].starts_with(['\n', '\r']) || after.len() == spaces;
        let spaces = if is_blank || spaces > 4 { 1 } else { spaces };
        Some(Container::Item(format!("{}{}", &text[..marker], " ".repeat(spaces))))
    }

    /// The footnote definition that a text begins with.
    pub(crate) fn footnote(text: &str) -> Option<Self> {
        let end = text.find("]:")?;
        Some(Container::Footnote(format!("{}]: ", &text[..end])))
    }

    /// The columns that it takes of every line, except for a quote's marker.
    pub(crate) fn indent(&self) -> usize {
        match self {
            Container::Quote => 0,
            Container::Item(marker) => marker.len(),
            Container::Footnote(_) => 4,
        }
    }
}
