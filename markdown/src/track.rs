//! What the builder notices while it builds a growing document: up to where the window is finished, where the open
//! leaf could be cut, and where plain text could be added without parsing.

use std::cell::RefCell;
use std::ops::Range;

use unicase::UniCase;

use crate::anchor::{Anchor, Leaf};
use crate::build::Builder;
use crate::code::Painter;
use crate::cut::{Edge, Scan};
use crate::definition::{Defined, OpenDefinition};
use crate::frame::{Frame, Kind};
use crate::lines::{line_end, line_follows};
use crate::node::Node;
use crate::pending::Pending;
use crate::references::Name;
use crate::referrer::Referrer;

/// What stands for a line of indented code.
const INDENTED: &str = "    x";

/// Names that a piece of text refers to, and where.
pub(crate) type Names = Vec<(Name, usize)>;

/// The element at the end of the document whose last text may simply grow.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) path: Vec<usize>,
    pub(crate) kind: TailKind,
    /// In a paragraph: a cut in the last text node, still without its place. In a row: a cut before the last cell.
    pub(crate) cut: Option<Cut>,
    /// What stands open in the leaf.
    pub(crate) pending: Pending,
    /// The end of the source, as a place in the leaf's text.
    pub(crate) edge: Edge,
    /// Where the text that is shown ends in the source: spaces at the end are not shown.
    pub(crate) shown: usize,
}

impl Tail {
    fn code(path: Vec<usize>) -> Self {
        let (pending, edge) = (Pending::default(), Edge::default());
        Tail { path, kind: TailKind::Code, cut: None, pending, edge, shown: 0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TailKind {
    /// A paragraph or a heading, which ends with text.
    Inline,
    /// A cell of the last row of a table, which ends with text or is empty.
    Cell,
    /// A paragraph, heading or cell that ends with a bare address.
    Address,
    /// A line of code.
    Code,
}

/// A place in the open leaf to go on from.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) anchor: Anchor,
    /// The names in the leaf before the cut, after the window's start, and where they are in the source.
    pub(crate) names: Names,
    /// Whether it lies in the leaf that the window began in.
    pub(crate) continued: bool,
}

/// Everything noticed in one window.
#[derive(Debug, Default)]
pub(crate) struct Tracked {
    /// After the last block that nothing can change any more.
    pub(crate) closed: Option<Anchor>,
    pub(crate) cut: Option<Cut>,
    /// The highlighter's state at the cut, or at the window's start if that is in code and there is no cut.
    pub(crate) painter: Option<Painter>,
    pub(crate) tail: Option<Tail>,
    pub(crate) referrers: Vec<Referrer>,
    /// The definition that ends the text, if the text can simply grow by more of its address.
    pub(crate) open_definition: Option<OpenDefinition>,
    /// Footnotes that the window defines, and where.
    pub(crate) footnotes: Names,
    /// Whether there is a formula.
    pub(crate) met_formula: bool,
    /// Whether something in the window may be the partner of what stands open before it.
    pub(crate) reaches_back: bool,
}

pub(crate) struct Track<'a> {
    pub(crate) tracked: Tracked,
    /// Names that the parser asked for, filled while it runs.
    pub(crate) asked: &'a RefCell<Names>,
    /// Whether the leaf that the window began in has names before the window.
    pub(crate) open_names: bool,
    /// The links that the window defines, in order, and how many of them have been passed.
    definitions: Vec<Defined>,
    definitions_passed: usize,
    /// Whether a leaf that may still change refers to names, which a cut after it would forget.
    pub(crate) unclosed_names: bool,
    /// The end of the text that was added last, if nothing else was added since.
    pub(crate) text_end: Option<usize>,
    pub(crate) inline: Scan,
    /// Whether something stands open in a cell of the current row that may end in another cell.
    pub(crate) row_stands_open: bool,
    /// Where a table begins that may still turn out to be a part of a definition.
    pub(crate) definition_like: Option<usize>,
    opening: Option<String>,
    /// Where the last finished line of code ends, and how many lines there are up to it.
    code_finished: Option<(usize, usize)>,
    /// Where the last line of raw HTML that says anything ends, and how much of the block's text stands before that.
    pub(crate) html_line: Option<(usize, usize)>,
}

impl<'a> Track<'a> {
    pub(crate) fn new(
        asked: &'a RefCell<Names>,
        open_names: bool,
        definitions: Vec<Defined>,
    ) -> Self {
        Track {
            tracked: Tracked::default(),
            asked,
            open_names,
            definitions,
            definitions_passed: 0,
            unclosed_names: false,
            text_end: None,
            inline: Scan::default(),
            row_stands_open: false,
            definition_like: None,
            opening: None,
            html_line: None,
            code_finished: None,
        }
    }

    /// Whether the window defines link names.
    pub(crate) fn has_definitions(&self) -> bool {
        !self.definitions.is_empty()
    }

    /// The next definition that begins before `end`.
    pub(crate) fn next_definition(&mut self, end: usize) -> Option<Defined> {
        let next = self.definitions.get(self.definitions_passed)?;
        let next = (next.range.start < end).then(|| next.clone());
        self.definitions_passed += usize::from(next.is_some());
        next
    }

    pub(crate) fn finish(self, painter: Painter) -> Tracked {
        let mut tracked = self.tracked;
        tracked.painter.get_or_insert(painter);
        tracked
    }

    pub(crate) fn names(&self, text: &str, range: Range<usize>) -> Names {
        let mut names: Names =
            self.asked.borrow().iter().filter(|(_, at)| range.contains(at)).cloned().collect();
        names.extend(footnote_names(text, range));
        names
    }
}

impl Builder<'_> {
    pub(crate) fn note_link(&mut self, label: &str, start: usize) {
        if let Some(track) = &self.track
            && !label.is_empty()
        {
            track.asked.borrow_mut().push((Name::Link(UniCase::new(label.to_owned())), start));
        }
    }

    pub(crate) fn note_footnote(&mut self, label: &str, start: usize) {
        let at = self.source_offset(start);
        if let Some(track) = &mut self.track {
            track.tracked.footnotes.push((Name::footnote(label), at));
        }
    }

    pub(crate) fn inline_started(&mut self, at: usize) {
        if let Some(track) = &mut self.track {
            track.text_end = None;
            track.inline.element(self.text, at);
        }
    }

    pub(crate) fn text_added(&mut self, added: &str, range: &Range<usize>) {
        let (Some(track), Some(frame)) = (&mut self.track, self.frames.last()) else { return };
        track.text_end = Some(range.end);
        if matches!(frame.kind, Kind::Link { .. }) && self.text[frame.start..].starts_with('<') {
            return track.inline.raw(self.masked, range.clone());
        }
        let may_be_cut = matches!(frame.kind, Kind::Paragraph | Kind::TightParagraph | Kind::Cell);
        let place = may_be_cut
            .then(|| (frame.element.children.len(), last_text_len(&frame.element.children)));
        let verbatim = added.len() == range.len() && added != "\n";
        track.inline.text(self.masked, range.clone(), place.filter(|_| verbatim), frame.start);
    }

    pub(crate) fn opaque_added(&mut self, range: &Range<usize>) {
        if let Some(track) = &mut self.track {
            track.inline.opaque(&self.text[range.clone()]);
        }
    }

    pub(crate) fn raw_added(&mut self, range: &Range<usize>) {
        if let Some(track) = &mut self.track {
            track.text_end = Some(range.end);
            track.inline.raw(self.masked, range.clone());
        }
    }

    /// The end of a paragraph for which the parser has no event.
    pub(crate) fn tight_paragraph_range(&self) -> Range<usize> {
        let start = self.frames.last().map_or(0, |frame| frame.start);
        let end = self.inline_end.max(start);
        start..end
    }

    /// Called when a leaf has been put into its parent.
    pub(crate) fn leaf_ended(&mut self, range: &Range<usize>, may_reopen: bool) {
        let text = self.text;
        let line_end = line_end(text, range.end);
        let continued = self.last_closed_level.is_some();
        let path = self.path_of_last();
        let is_over = !may_reopen
            && line_end.is_some_and(|end| line_follows(text, end))
            && !self.may_be_in_definition()
            // A formula that goes on after it looks otherwise in it when it is closed.
            && !line_end.is_some_and(|end| self.masked.is_unsettled(end));
        let end = self.source_offset(line_end.unwrap_or(text.len()));
        let closed = line_end.filter(|_| is_over).and_then(|end| self.anchor_here(end, Leaf::None));
        let Some(track) = &mut self.track else { return };
        track.text_end = None;
        let start = range.start.max(self.base);
        let names = track.names(self.masked.original(), start..range.end.max(start));
        let base = self.base;
        let at_source = |at: usize| self.anchor.at + at.saturating_sub(base);
        let names: Names = names.into_iter().map(|(name, at)| (name, at_source(at))).collect();
        track.asked.borrow_mut().clear();
        let has_names = !names.is_empty() || (continued && track.open_names);
        if has_names {
            let before = track.tracked.closed.clone();
            track.tracked.referrers.push(Referrer { names, before, end, path, continued });
        }
        match closed {
            Some(closed) => {
                track.tracked.closed = Some(closed);
                track.tracked.cut = None;
                track.unclosed_names = false;
            }
            None => track.unclosed_names |= has_names,
        }
    }

    pub(crate) fn code_started(&mut self, start: usize, is_fenced: bool) {
        let opening = match &self.anchor.leaf {
            Leaf::Code { opening } if start < self.base => Some(opening.clone()),
            _ if is_fenced => self.fence(start),
            _ => Some(INDENTED.to_owned()),
        };
        if let Some(track) = &mut self.track {
            track.opening = opening;
            track.code_finished = None;
        }
    }

    pub(crate) fn code_added(&mut self, added: &str, range: &Range<usize>) {
        let (Some(track), Some(frame)) = (&mut self.track, self.frames.last()) else { return };
        track.text_end = Some(range.end);
        let newline = match self.code_is_indented {
            // Behind a blank line, what follows may no longer be code, and may loosen a list.
            true => {
                let end = added.trim_end().len();
                added[end..].find('\n').map(|at| end + at).filter(|_| end > 0)
            }
            false => added.rfind('\n'),
        };
        if let Some(newline) = newline {
            // Where the parser changed the text, it did so within a line of its own.
            let rest = if added.len() == range.len() { added.len() - newline - 1 } else { 0 };
            let lines_after = added[newline + 1..].split_inclusive('\n').count();
            let lines = frame.before + frame.element.children.len() - lines_after;
            track.code_finished = Some((range.end - rest, lines));
        }
    }

    /// Called when a code block's lines are complete, and its innermost frame is still open.
    pub(crate) fn code_ended(&mut self) {
        let text = self.text;
        let Some(frame) = self.frames.last() else { return };
        let continued = frame.level.is_some();
        let line = frame.before + frame.element.children.len();
        let open_lines = frame.element.children.len();
        let painter = std::mem::take(&mut self.painter);
        let Some(track) = &mut self.track else { return };
        let (opening, finished, text_end) =
            (track.opening.take(), track.code_finished.take(), track.text_end.take());
        let rest = &text[finished.map_or(self.base, |(at, _)| at).max(self.base)..];
        let in_line = rest.trim_start_matches([' ', '\t', '>']);
        let is_open_line = text_end == Some(text.len()) && !rest.contains(['\n', '\r']);
        let may_be_fence = in_line.is_empty() || in_line.starts_with(['`', '~']);
        let has_tail = opening.is_some()
            && is_open_line
            && !may_be_fence
            && open_lines > 0
            && (continued || finished.is_some());
        if continued {
            track.tracked.painter = Some(painter);
            self.cut_code(opening, finished, continued);
        } else if self.cut_code(opening, finished, continued)
            && let Some(track) = &mut self.track
        {
            track.tracked.painter = Some(painter);
        }
        let mut path = self.path();
        path.push(line.saturating_sub(1));
        if let Some(track) = &mut self.track
            && has_tail
        {
            track.tracked.tail = Some(Tail::code(path));
        }
    }

    fn cut_code(
        &mut self,
        opening: Option<String>,
        finished: Option<(usize, usize)>,
        continued: bool,
    ) -> bool {
        let (Some(opening), Some((at, lines))) = (opening, finished) else { return false };
        let Some(mut anchor) = self.anchor_here(at, Leaf::Code { opening }) else { return false };
        if let Some(level) = anchor.levels.last_mut() {
            level.keep = lines;
        }
        let cut = self.cut(anchor, at..at, continued);
        if let Some(track) = &mut self.track
            && cut.is_some()
        {
            track.tracked.cut = cut;
            return true;
        }
        false
    }

    /// Called when a row has been put into its table's body, or the body has been opened after the head.
    pub(crate) fn table_row_ended(&mut self, range: &Range<usize>, is_head: bool) {
        let text = self.text;
        let mut end = line_end(text, range.end);
        if is_head {
            end = end.and_then(|end| line_end(text, end + 1));
        }
        let is_whole = |end: &usize| text[..*end].ends_with('\n');
        // A formula that goes on in the next row looks otherwise in this one when it is closed.
        let Some(end) = end.filter(|end| is_whole(end) && !self.masked.is_unsettled(*end)) else {
            return;
        };
        let (start, alignments, continued) = match self.frames.as_slice() {
            [.., Frame { kind: Kind::Table(alignments), start, level, .. }, _body] => {
                (*start, alignments.clone(), level.is_some())
            }
            _ => return,
        };
        if let Some(anchor) = self.anchor_here(end, Leaf::Table(alignments)) {
            let cut = self.cut(anchor, start..end, continued);
            if let Some(track) = &mut self.track
                && cut.is_some()
            {
                track.tracked.cut = cut;
            }
        }
    }
}

fn footnote_names(text: &str, range: Range<usize>) -> Names {
    let mut names = Names::new();
    let mut rest = range.start;
    while let Some(at) = text[rest..range.end].find("[^").map(|at| rest + at) {
        rest = at + 2;
        if let Some(end) = text[rest..].find(']') {
            names.push((Name::footnote(&text[rest..rest + end]), at));
        }
    }
    names
}

fn last_text_len(nodes: &[Node]) -> usize {
    match nodes.last() {
        Some(Node::Text(text)) => text.len(),
        _ => 0,
    }
}
