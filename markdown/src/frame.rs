//! The elements that are still being filled, from the root to the innermost.
//!
//! The frames that a window's prelude opens stand for elements that exist already: what they gain is handed back per
//! level of the anchor.

use std::ops::Range;

use pulldown_cmark::Alignment;

use crate::anchor::{Container, Leaf, Level};
use crate::build::Builder;
use crate::code;
use crate::cut::Scan;
use crate::list::is_only_checkbox;
use crate::node::{Element, Node};
use crate::references::Label;

/// An element that is still being filled.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) element: Element,
    pub(crate) kind: Kind,
    /// Where it begins in the text that is parsed.
    pub(crate) start: usize,
    /// The level of the anchor that it continues, if it existed before.
    pub(crate) level: Option<usize>,
    /// How many child nodes it had before.
    pub(crate) before: usize,
    /// Whether it is a list that was loose before.
    pub(crate) was_loose: bool,
    /// Whether it is a list that this text or earlier text makes loose.
    pub(crate) loose: bool,
    /// Whether it is a list and any item has a paragraph, which is what looseness shows in.
    pub(crate) has_paragraph: bool,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Kind {
    /// Holds blocks.
    Root,
    Container(Container),
    /// A list, whose looseness shows only when an item's paragraph comes.
    List,
    /// A part of a block that is made of several elements.
    Part,
    Paragraph,
    /// A paragraph that the parser left out, because its list is tight.
    TightParagraph,
    Heading,
    /// An inline element.
    Inline,
    /// A link, which stays only if its address is allowed.
    Link {
        address: String,
        title: String,
        label: Option<Box<Label>>,
    },
    /// An image: only its text counts.
    Image {
        address: String,
        label: Option<Box<Label>>,
    },
    Code,
    Html,
    Table(Vec<Alignment>),
    Row,
    Cell,
}

impl Builder<'_> {
    pub(crate) fn push(
        &mut self,
        mut element: Element,
        kind: Kind,
        start: usize,
        level: Option<usize>,
    ) {
        if level.is_some() {
            // It has these already.
            element.children.clear();
        }
        let continued =
            level.and_then(|level| self.anchor.levels.get(level)).copied().unwrap_or_default();
        let Level { keep, loose, has_paragraph } = continued;
        self.frames.push(Frame {
            element,
            kind,
            start,
            level,
            before: keep,
            was_loose: loose,
            loose,
            has_paragraph,
        });
    }

    pub(crate) fn push_inline(&mut self, element: Element, kind: Kind, range: &Range<usize>) {
        self.open_tight_paragraph(range);
        self.push(element, kind, range.start, None);
        self.inline_started(range.start);
    }

    pub(crate) fn push_container(&mut self, element: Element, container: Container, start: usize) {
        let level = self.continued_level(start);
        let container = match level {
            // Continued containers come in the anchor's order.
            Some(_) => {
                let outer = self
                    .frames
                    .iter()
                    .filter(|frame| matches!(frame.kind, Kind::Container(_)))
                    .count();
                self.anchor.containers.get(outer).cloned().unwrap_or(container)
            }
            None => container,
        };
        self.push(element, Kind::Container(container), start, level);
    }

    /// The level that a container or list continues, if the prelude opens it.
    pub(crate) fn continued_level(&mut self, start: usize) -> Option<usize> {
        // Where an item is indented by a tab, the parser says that it begins up to three bytes early. At the start of
        // a line, the prelude's last bytes open nothing.
        let slack = if self.anchor.is_inside_line() { 0 } else { 3 };
        (start + slack < self.base).then(|| {
            self.next_level += 1;
            self.next_level - 1
        })
    }

    /// The first paragraph of a window is the one that the anchor lies in, if it lies in one.
    pub(crate) fn continued_paragraph(&mut self) -> Option<usize> {
        let continues = matches!(self.anchor.leaf, Leaf::Paragraph(_)) && !self.leaf_continued;
        self.leaf_continued = true;
        if continues && let Some(track) = &mut self.track {
            track.inline = Scan::after(self.anchor.leaf.pending());
        }
        continues.then(|| self.anchor.levels.len() - 1)
    }

    pub(crate) fn pop(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.close(frame);
        }
    }

    /// Puts a finished element into its parent, or hands back what a continued one gained.
    pub(crate) fn close(&mut self, frame: Frame) {
        let Frame { mut element, kind, level, loose, has_paragraph, .. } = frame;
        let loose = loose && has_paragraph;
        match kind {
            Kind::Link { address, title, label } => {
                return self.finish_link(Element { label, ..element }, &address, &title);
            }
            Kind::Image { address, label } => {
                return self.finish_image(Element { label, ..element }, &address);
            }
            Kind::Inline => self.link_bare_addresses(&mut element, 0),
            Kind::Html => {
                if let Some(Node::Text(text)) = element.children.last_mut() {
                    text.truncate(text.trim_end_matches('\n').len());
                }
            }
            Kind::Code => self.count_code_lines(&element, level),
            Kind::Part if element.name == "figure" && level.is_none() => {
                if let Some(Node::Element(caption)) = element.children.first_mut() {
                    code::count(caption, self.code_lines);
                }
            }
            Kind::List if loose => element.attributes.retain(|(name, _)| *name != "class"),
            _ => {}
        }
        if matches!(kind, Kind::Paragraph | Kind::TightParagraph) && !is_only_checkbox(&element) {
            self.note_item_paragraph();
        }
        self.last_closed_level = level;
        match level {
            Some(level) => {
                self.additions[level] = Some(element.children);
                self.loose[level] = loose;
            }
            None => self.append(element),
        }
    }

    pub(crate) fn append(&mut self, element: Element) {
        if let Some(frame) = self.frames.last_mut() {
            frame.element.children.push(element.into());
        }
    }

    pub(crate) fn push_text(&mut self, text: &str) {
        if let Some(frame) = self.frames.last_mut() {
            frame.element.push_text(text);
        }
    }
}
