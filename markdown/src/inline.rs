//! Inline elements that need a decision: links, images, footnote marks and bare addresses.

use std::ops::Range;

use crate::autolink;
use crate::build::Builder;
use crate::elements;
use crate::frame::Kind;
use crate::link::{self, Scheme};
use crate::maths;
use crate::node::{Element, Node};

impl Builder<'_> {
    pub(crate) fn inline(&mut self, element: Element, range: &Range<usize>) {
        self.open_tight_paragraph(range);
        self.inline_started(range.start);
        self.opaque_added(range);
        self.append(element);
    }

    pub(crate) fn inline_text(&mut self, text: &str, range: &Range<usize>) {
        self.open_tight_paragraph(range);
        self.text_added(text, range);
        self.push_text(text);
    }

    pub(crate) fn raw_html(&mut self, text: &str, range: &Range<usize>) {
        self.open_tight_paragraph(range);
        self.raw_added(range);
        self.html_added(text, range);
        self.push_text(text);
    }

    pub(crate) fn finish_link(&mut self, element: Element, address: &str, title: &str) {
        // The parser yields an address in angle brackets inside of a link as a link, which browsers would tear apart.
        match link::target(address).filter(|_| !self.inside_link()) {
            Some(target) => {
                let link = elements::anchor(&target, title);
                let Element { children, label, .. } = element;
                self.append(Element { children, label, ..link });
            }
            None => {
                for child in element.children {
                    match child {
                        Node::Text(text) => self.push_text(&text),
                        Node::Element(element) => self.append(element),
                    }
                }
            }
        }
    }

    pub(crate) fn finish_image(&mut self, element: Element, address: &str) {
        let mut text = String::new();
        element.children.iter().for_each(|child| child.text(&mut text));
        match link::target(address) {
            // A button inside a link would be two controls in one place; the link keeps the image's text.
            Some(target) if target.scheme == Scheme::Web && !self.inside_link() => {
                let image = elements::image(&target, &text);
                self.append(Element { label: element.label, ..image });
            }
            _ => self.push_text(&text),
        }
    }

    pub(crate) fn formula(&mut self, source: &str, is_display: bool, range: &Range<usize>) {
        let formula = maths::element(source, is_display, self.options.typesetter.as_deref());
        self.inline(formula, range);
        if let Some(track) = &mut self.track {
            track.tracked.met_formula = true;
        }
    }

    pub(crate) fn footnote_reference(&mut self, label: &str, range: &Range<usize>) {
        let mark = Element::new("sup").with("class", "footnote");
        let id = elements::footnote_id(&self.options.id_prefix, label);
        // A link inside a link is torn apart by browsers, so there the mark stays plain.
        let mark = match self.inside_link() {
            true => mark.child(label),
            false => mark.child(Element::new("a").with("href", format!("#{id}")).child(label)),
        };
        self.inline(mark, range);
    }

    pub(crate) fn inside_link(&self) -> bool {
        self.frames.iter().any(|frame| matches!(frame.kind, Kind::Link { .. } | Kind::Image { .. }))
    }

    /// Makes links of the bare addresses in an element's own text, whose first `word` bytes are the rest of a word too
    /// long for an e-mail address.
    pub(crate) fn link_bare_addresses(&self, element: &mut Element, word: usize) {
        let may_link =
            |node: &Node| matches!(node, Node::Text(text) if autolink::find(text, 0).is_some());
        if self.inside_link() || !element.children.iter().any(may_link) {
            return;
        }
        for (index, child) in std::mem::take(&mut element.children).into_iter().enumerate() {
            match child {
                Node::Text(text) if index == 0 => elements::push_linked(element, &text, word),
                Node::Text(text) => elements::push_linked(element, &text, 0),
                Node::Element(_) => element.children.push(child),
            }
        }
    }
}
