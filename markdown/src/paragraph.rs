//! The open paragraph, heading or cell: whether its text is text for good, and where it can be cut.

use std::ops::Range;

use crate::anchor::{Anchor, Container, Leaf, Within};
use crate::autolink;
use crate::build::Builder;
use crate::cut::{self, Candidate};
use crate::frame::{Frame, Kind};
use crate::list::is_only_checkbox;
use crate::node::Node;
use crate::pending::Pending;
use crate::track::{Cut, Tail, TailKind};
use crate::{formula::Mode, markers::LONGEST_NUMBER};

/// A link's label has fewer characters than this.
const LONGEST_LABEL: usize = 1000;

impl Builder<'_> {
    /// Called when the frame of a paragraph, heading or cell has all its content.
    pub(crate) fn finish_inline(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        let scan =
            self.track.as_mut().map(|track| std::mem::take(&mut track.inline)).unwrap_or_default();
        let candidate = scan.candidate();
        let flat = candidate.map(|candidate| {
            flat_length(&frame.element.children, candidate.node, candidate.offset)
        });
        let is_html = frame.kind == Kind::Html;
        let is_paragraph = matches!(frame.kind, Kind::Paragraph | Kind::TightParagraph);
        let is_cell = frame.kind == Kind::Cell;
        if !is_html {
            let word = match (frame.level, frame.element.children.first()) {
                (Some(_), Some(Node::Text(text))) => self.rest_of_word(text),
                _ => 0,
            };
            self.link_bare_addresses(&mut frame.element, word);
        }
        let last_text = match frame.element.children.last() {
            Some(Node::Text(_)) => Some(frame.element.children.len() - 1),
            _ => None,
        };
        let leaf = self.text.get(frame.start..).unwrap_or_default();
        let end = self.text.len();
        let is_plain = cut::is_plain_line(leaf) && end > self.masked.content(end);
        let pending = scan.pending_at(self.masked, self.text.len(), leaf);
        let place = flat.and_then(|flat| text_at(&frame.element.children, flat));
        self.frames.push(frame);
        let Some(track) = &mut self.track else { return };
        track.tracked.reaches_back |= scan.reaches_back();
        if is_html {
            return;
        }
        let is_settled = self.is_settled(scan.pending()) && !self.may_be_in_definition();
        let is_text = is_settled || (is_paragraph && self.is_in_delimiter_row());
        if !is_text {
            return;
        }
        let is_paragraph = is_paragraph && is_settled;
        let is_cell_cut = is_cell && is_settled && self.may_cut_row();
        let candidate = candidate.filter(|_| is_settled && (!is_cell || is_cell_cut));
        let cut = match (candidate, place) {
            (Some(Candidate { at, pending, .. }), Some((node, text))) => {
                self.cut_in_text(at, node, text, pending)
            }
            _ if is_paragraph => self.cut_before(),
            _ if is_cell_cut => self.cut_before_cell(),
            _ => None,
        };
        let text = self.text;
        let later = match last_text {
            Some(node) if is_paragraph && is_plain && !self.masked.is_unsettled(text.len()) => {
                self.cut_in_text(text.len(), node, 0, pending)
            }
            _ if is_cell_cut && !pending.reaches_beyond_cell() => self.cut_at_row_end(),
            _ => None,
        };
        let path = self.path();
        let kind = match last_text {
            Some(_) if is_cell => TailKind::Cell,
            Some(_) => TailKind::Inline,
            None => TailKind::Address,
        };
        let shown = self.source_offset(text.trim_end_matches(' ').len());
        let Some(track) = &mut self.track else { return };
        track.row_stands_open |= is_cell && scan.pending().reaches_beyond_cell();
        if cut.is_some() {
            track.tracked.cut = cut;
        }
        // Text at the very end that is no text node has become a link to a bare address.
        let is_end = |end: usize| match kind {
            TailKind::Address => end == text.len(),
            _ => text[end..].bytes().all(|byte| byte == b' '),
        };
        if let Some(end) = track.text_end.filter(|end| is_end(*end)) {
            let (pending, edge) = (scan.pending(), scan.edge(end, text.len()));
            track.tracked.tail = Some(Tail { path, kind, cut: later, pending, edge, shown });
        }
    }

    /// How much of the text at the anchor is the rest of a word that the anchor lies in.
    fn rest_of_word(&self, text: &str) -> usize {
        match self.anchor.leaf.within() {
            Some(Within { spaced: false, .. }) => autolink::first_word(text),
            _ => 0,
        }
    }

    /// Whether the last line of the innermost frame is text for good, whatever follows on it.
    fn is_settled(&self, pending: Pending) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        let may_be_html = |line: &str| {
            let is_text = |rest: &str| rest.chars().any(char::is_alphabetic);
            line.starts_with('<')
                && (pending.has(Pending::ANGLE)
                    || line.rsplit_once('>').is_none_or(|(_, rest)| !is_text(rest)))
        };
        if frame.kind == Kind::Cell {
            // In a formula that may still be closed, a row's delimiters are no delimiters.
            let line = self.text.rfind('\n').map_or(0, |at| at + 1);
            if self.masked.mode(line) != Mode::Text {
                return false;
            }
            if self.is_row_certain() {
                return true;
            }
        }
        if frame.level.is_none() {
            let leaf = &self.text[frame.start..];
            if self.may_define(frame.start) {
                return false;
            }
            if !leaf.contains(['\n', '\r']) && may_be_html(leaf) {
                return false;
            }
        }
        let is_first = frame.level.is_none() && frame.kind != Kind::Cell;
        let leaf_start = if is_first { frame.start } else { self.base };
        let line_start = self.text.rfind(['\n', '\r']).map_or(0, |at| at + 1).max(leaf_start);
        let line = self.text[line_start..].trim_start_matches([' ', '\t', '>']);
        // A footnote's definition interrupts a paragraph.
        let may_be_footnote = line.starts_with("[^") && may_be_definition(line);
        !may_be_html(line) && !may_be_footnote && begins_with_text(line)
    }

    /// Whether what begins here may turn out to be a definition, or the title of the one before it.
    pub(crate) fn may_define(&self, start: usize) -> bool {
        let leaf = &self.text[start..];
        let follows_one = self.track.as_ref().is_some_and(|track| track.has_definitions());
        may_be_definition(leaf) || (follows_one && leaf.starts_with(['"', '\'', '(']))
    }

    /// Whether the last line of the innermost frame is the beginning of a table's delimiter row, and too short to make
    /// the line before it a table's head: so far both are text, and dashes will not change that.
    fn is_in_delimiter_row(&self) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        if frame.level.is_none() && self.may_define(frame.start) {
            return false;
        }
        let leaf_start = if frame.level.is_none() { frame.start } else { self.base };
        let is_margin = [' ', '\t', '>'];
        let mut lines =
            self.text[leaf_start..].rsplit('\n').map(|line| line.trim_matches(is_margin));
        let (Some(row), Some(head)) = (lines.next(), lines.next()) else { return false };
        let columns = |line: &str| line.matches('|').count() - line.matches("\\|").count();
        let is_row =
            row.starts_with('|') && row.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
        is_row && head.starts_with('|') && columns(row) + 1 < columns(head)
    }

    /// A cut before the paragraph that is the innermost frame.
    pub(crate) fn cut_before(&mut self) -> Option<Cut> {
        let Frame { start, level: None, .. } = *self.frames.last()? else { return None };
        if self.track.as_ref()?.has_definitions() || is_only_checkbox(&self.frames.last()?.element)
        {
            return None;
        }
        let paragraph = self.frames.pop()?;
        // In a loose list, the parser begins the paragraph after its checkbox.
        let has_checkbox = matches!(paragraph.element.children.first(), Some(Node::Element(first)) if first.name == "input");
        let start = if has_checkbox { self.checkbox_start } else { start };
        // On a line after its item's marker this is text, but in the prelude's place it would be a checkbox.
        let first_line = self.text[start..].split(['\n', '\r']).next().unwrap_or_default();
        // Without a letter it could be a thematic break, together with a bullet.
        let has_letter = first_line.chars().any(char::is_alphabetic);
        let would_be_checkbox =
            ["[ ]", "[x]", "[X]"].iter().any(|checkbox| self.text[start..].starts_with(checkbox));
        if (would_be_checkbox && !has_checkbox) || !has_letter {
            self.frames.push(paragraph);
            return None;
        }
        // To the search for formulas, an address may go on after a footnote's label.
        let is_settled = !self.masked.is_unsettled(start) && !self.text[..start].ends_with(':');
        let anchor = if is_settled && looks_like_text(&self.text[start..]) {
            self.anchor_here(start, Leaf::Begin)
        } else {
            None
        };
        self.frames.push(paragraph);
        self.cut(anchor?, start..start, false)
    }

    /// A cut in a text node of the paragraph that is the innermost frame.
    fn cut_in_text(
        &mut self,
        at: usize,
        node: usize,
        text: usize,
        pending: Pending,
    ) -> Option<Cut> {
        let frame = self.frames.last()?;
        let (start, continued) = (frame.start, frame.level.is_some());
        let begins_with_text = matches!(frame.element.children.first(), Some(Node::Text(_)));
        let (keep, text) = match self.anchor.leaf.within() {
            Some(within) if continued && begins_with_text && node == 0 => {
                (frame.before, within.text + text)
            }
            // The text node that the anchor lies in stays in front of what does not begin with text.
            Some(_) if continued && !begins_with_text => (frame.before + 1 + node, text),
            _ => (frame.before + node, text),
        };
        let spaced = self.text[..at].ends_with(' ');
        let within = Within { text, spaced, pending };
        if let Kind::Cell = frame.kind {
            let (leaf, table) = self.leaf_in_row(Some(within))?;
            let mut anchor = self.anchor_here(at, leaf)?;
            anchor.levels.last_mut()?.keep = keep;
            return self.cut(anchor, table.start..at, table.level.is_some());
        }
        let mut anchor = self.anchor_here(at, Leaf::Paragraph(within))?;
        anchor.levels.last_mut()?.keep = keep;
        if let ([.., list, _, _], Some(Container::Item(_))) =
            (anchor.levels.as_mut_slice(), anchor.containers.last())
        {
            list.has_paragraph = true;
        }
        self.cut(anchor, start..at, continued)
    }

    pub(crate) fn cut(&self, anchor: Anchor, leaf: Range<usize>, continued: bool) -> Option<Cut> {
        let track = self.track.as_ref()?;
        let forgets_names =
            track.open_names && !continued && !matches!(self.anchor.leaf, Leaf::None | Leaf::Begin);
        if track.unclosed_names || forgets_names || self.may_be_in_definition() {
            return None;
        }
        let names = track.names(self.masked.original(), leaf.start.max(self.base)..leaf.end);
        let names = names.into_iter().map(|(name, at)| (name, self.source_offset(at))).collect();
        Some(Cut { anchor, names, continued })
    }
}

/// Whether a paragraph's text would begin a paragraph anywhere. After an alert's title or a definition the parser takes
/// what looks like another block for text.
fn looks_like_text(leaf: &str) -> bool {
    let mut chars = leaf.chars();
    match chars.next() {
        Some('*' | '_') => chars.next().is_some_and(|c| !c.is_whitespace()),
        Some('`') => !leaf.starts_with("```"),
        Some('[' | '"' | '\'' | '(' | '!' | '\\' | '%') => true,
        Some(c) => c.is_alphabetic(),
        None => false,
    }
}

/// Whether a text begins with a label that may become a definition, as long as it is not clear what follows it.
pub(crate) fn may_be_definition(text: &str) -> bool {
    let Some(label) = text.strip_prefix('[') else { return false };
    let mut letters = 0;
    let mut is_escaped = false;
    for (at, c) in label.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => return false,
            ']' => return matches!(label.as_bytes().get(at + 1), None | Some(b':')),
            c => letters += usize::from(!c.is_whitespace()),
        }
        if letters >= LONGEST_LABEL {
            return false;
        }
    }
    true
}

/// Whether a line is text, whatever follows on it: it begins neither a list, a thematic break nor a heading's underline.
fn begins_with_text(line: &str) -> bool {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (first, second) = {
        let mut rest = line[digits..].chars();
        (rest.next(), rest.next())
    };
    match first {
        _ if line.chars().any(char::is_alphabetic) => true,
        None => digits > LONGEST_NUMBER,
        Some('.' | ')') if (1..=LONGEST_NUMBER).contains(&digits) => {
            second.is_some_and(|c| !c.is_whitespace())
        }
        Some(_) if digits > 0 => true,
        Some(c) => !matches!(c, '-' | '=' | '+' | '#' | ':') && cut::is_inert(c),
    }
}

fn text_len(node: &Node) -> usize {
    match node {
        Node::Text(text) => text.len(),
        Node::Element(element) => element.children.iter().map(text_len).sum(),
    }
}

fn flat_length(nodes: &[Node], node: usize, offset: usize) -> usize {
    nodes.iter().take(node).map(text_len).sum::<usize>() + offset
}

/// The text node that a place within the nodes' text lies inside of, and how far.
fn text_at(nodes: &[Node], flat: usize) -> Option<(usize, usize)> {
    let mut before = 0;
    for (index, node) in nodes.iter().enumerate() {
        let length = text_len(node);
        if flat > before && flat < before + length {
            return matches!(node, Node::Text(_)).then_some((index, flat - before));
        }
        before += length;
    }
    None
}
