//! Leaves that are several elements deep: code blocks and tables.

use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind};

use crate::anchor::Leaf;
use crate::build::Builder;
use crate::code::{self, Painter};
use crate::cut::Scan;
use crate::elements;
use crate::frame::{Frame, Kind};
use crate::node::Element;

impl Builder<'_> {
    pub(crate) fn start_code(&mut self, kind: &CodeBlockKind<'_>, start: usize) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => code::language(info),
            CodeBlockKind::Indented => "",
        };
        self.code_is_indented = matches!(kind, CodeBlockKind::Indented);
        let figure = code::figure(language, self.options.labels);
        let levels = self.anchor.levels.len();
        let continued = (start < self.base).then(|| levels - 3);
        if continued.is_none() {
            self.painter = Painter::new(self.options.highlighter.as_deref(), language);
        }
        self.code_started(start, matches!(kind, CodeBlockKind::Fenced(_)));
        for (depth, element) in code::nested(figure).into_iter().enumerate() {
            let kind = if depth == 2 { Kind::Code } else { Kind::Part };
            self.push(element, kind, start, continued.map(|level| level + depth));
        }
    }

    pub(crate) fn count_code_lines(&mut self, code: &Element, level: Option<usize>) {
        match level {
            Some(level) => {
                let before = self.anchor.levels[level].keep;
                self.continued_code_lines = Some(before + code.children.len());
            }
            None => self.code_lines = code.children.len(),
        }
    }

    pub(crate) fn in_code(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { kind: Kind::Code, .. }))
    }

    pub(crate) fn code_text(&mut self, text: &str, range: &Range<usize>) {
        if let Some(frame) = self.frames.last_mut() {
            code::push(&mut frame.element.children, text, &mut self.painter);
        }
        self.code_added(text, range);
    }

    pub(crate) fn start_table(&mut self, alignments: Vec<Alignment>, start: usize) {
        let anchor = self.anchor;
        let continued = (start < self.base).then(|| anchor.levels.len() - anchor.leaf_levels());
        if continued.is_none()
            && self.may_define(start)
            && let Some(track) = &mut self.track
        {
            track.definition_like = Some(start);
        }
        let alignments = match &anchor.leaf {
            // The prelude's head says nothing of them.
            Leaf::Table(before) | Leaf::Cell { alignments: before, .. } if continued.is_some() => {
                before.clone()
            }
            _ => alignments,
        };
        self.push(elements::table_region(self.options.labels), Kind::Part, start, continued);
        self.push(
            Element::new("table"),
            Kind::Table(alignments),
            start,
            continued.map(|level| level + 1),
        );
        if let Some(level) = continued {
            self.push(Element::new("tbody"), Kind::Part, start, Some(level + 2));
        }
    }

    pub(crate) fn start_row(&mut self, start: usize) {
        // Of a table's levels, the row's is the fourth.
        let continued =
            (start < self.base).then(|| self.anchor.levels.len() - self.anchor.leaf_levels() + 3);
        self.push(Element::new("tr"), Kind::Row, start, continued);
        if let Some(track) = &mut self.track {
            track.row_stands_open = false;
        }
    }

    /// Fills a row up that has too few cells, as the parser does as far as it knows the columns.
    pub(crate) fn fill_row(&mut self, end: usize) {
        let columns = self.frames.iter().rev().find_map(|frame| match &frame.kind {
            Kind::Table(alignments) => Some(alignments.len()),
            _ => None,
        });
        let cells = self.frames.last().map_or(0, |row| row.before + row.element.children.len());
        for _ in cells..columns.unwrap_or_default() {
            self.start_cell(end);
            self.pop();
        }
    }

    pub(crate) fn start_cell(&mut self, start: usize) {
        let column = self.frames.last().map_or(0, |row| row.before + row.element.children.len());
        let continued = (start < self.base).then(|| self.anchor.levels.len() - 1);
        let is_head =
            self.frames.iter().rev().nth(1).is_some_and(|part| part.element.name == "thead");
        let alignment = self.frames.iter().rev().find_map(|frame| match &frame.kind {
            Kind::Table(alignments) => alignments.get(column),
            _ => None,
        });
        let cell = elements::cell(is_head, alignment);
        self.inline_started(start);
        if continued.is_some()
            && let Some(track) = &mut self.track
        {
            track.inline = Scan::after(self.anchor.leaf.pending());
        }
        self.push(cell, Kind::Cell, start, continued);
    }
}
