//! Where the open row of a table can be cut. What stands in one cell means nothing to the next, so a row can be cut
//! before any cell, and within a cell as in a paragraph.

use crate::anchor::{Leaf, Within};
use crate::build::Builder;
use crate::frame::{Frame, Kind};
use crate::pending::Pending;
use crate::track::Cut;

impl Builder<'_> {
    /// Whether the row that the innermost cell stands in is one, whatever follows on its line. A row is a row from its
    /// first delimiter on, but digits alone may still begin a list.
    pub(crate) fn is_row_certain(&self) -> bool {
        let [.., row, _cell] = self.frames.as_slice() else { return false };
        row.level.is_some() || self.text[row.start..].starts_with('|')
    }

    /// Whether the text may still turn out to belong to a definition, the label or title of which goes on over what
    /// looks like a table, and over what follows that up to a blank line.
    pub(crate) fn may_be_in_definition(&self) -> bool {
        let begin = self.track.as_ref().and_then(|track| track.definition_like);
        begin.is_some_and(|begin| {
            let is_blank = |line: &str| line.trim_matches([' ', '\t', '>', '\r']).is_empty();
            !self.text[begin..].rsplit('\n').skip(1).any(is_blank)
        })
    }

    /// Whether the row can be cut in its innermost cell. A finished row need not be.
    pub(crate) fn may_cut_row(&self) -> bool {
        let ([.., row, cell], Some(track)) = (self.frames.as_slice(), &self.track) else {
            return false;
        };
        // The search for formulas takes the beginning of the line into account.
        let begins_plainly = row.level.is_some()
            || self.text[row.start..].starts_with(|c: char| c == '|' || c.is_alphabetic());
        let is_open = !self.text[cell.start..].contains('\n');
        is_open && begins_plainly && !track.row_stands_open
    }

    /// A cut before the cell that is the innermost frame.
    pub(crate) fn cut_before_cell(&mut self) -> Option<Cut> {
        let Frame { start, level: None, .. } = *self.frames.last()? else { return None };
        let text = &self.text[start..];
        // An address, to the search for formulas, ends with a space only.
        let follows_delimiter = self.text[..start].ends_with('|') && text.starts_with([' ', '\t']);
        // A row of which nothing is there yet would be none.
        let is_blank = text.trim_ascii().is_empty();
        let in_code =
            self.masked.is_in_code(start) || self.anchor.leaf.pending().has(Pending::LINE_CODE);
        if !follows_delimiter || is_blank || in_code || self.masked.is_unsettled(start) {
            return None;
        }
        let (leaf, _) = self.leaf_in_row(None)?;
        let cell = self.frames.pop()?;
        let anchor = self.anchor_here(start, leaf);
        self.frames.push(cell);
        let (_, table) = self.leaf_in_row(None)?;
        self.cut(anchor?, table.start..start, table.level.is_some())
    }

    /// A cut for a cell that begins later, without its place.
    pub(crate) fn cut_at_row_end(&mut self) -> Option<Cut> {
        let end = self.text.len();
        if self.masked.is_unsettled(end) {
            return None;
        }
        let (leaf, table) = self.leaf_in_row(None)?;
        let (start, continued) = (table.start, table.level.is_some());
        let cell = self.frames.pop()?;
        let anchor = self.anchor_here(end, leaf);
        self.frames.push(cell);
        self.cut(anchor?, start..end, continued)
    }

    /// The innermost cell as the leaf that an anchor lies in, and the frame of its table.
    pub(crate) fn leaf_in_row(&self, within: Option<Within>) -> Option<(Leaf, &Frame)> {
        let [.., table, _body, row, cell] = self.frames.as_slice() else { return None };
        let Kind::Table(alignments) = &table.kind else { return None };
        let before = row.before + row.element.children.len();
        let column = before - usize::from(cell.level.is_some());
        Some((Leaf::Cell { alignments: alignments.clone(), column, within }, table))
    }
}
