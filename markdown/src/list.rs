//! What the parser does not tell of lists: the paragraphs of tight items, and which lists are loose.

use std::ops::Range;

use crate::anchor::Container;
use crate::build::Builder;
use crate::elements;
use crate::frame::{Frame, Kind};
use crate::node::{Element, Node};

impl Builder<'_> {
    /// Paragraphs are elements in tight lists, too, so that a list that turns loose changes by one attribute only.
    pub(crate) fn open_tight_paragraph(&mut self, range: &Range<usize>) {
        if matches!(
            self.frames.last(),
            Some(Frame { kind: Kind::Container(Container::Item(_)), .. })
        ) {
            let level = self.continued_paragraph();
            // The parser leaves a backslash before an escaped character out of the text.
            let is_escaped = self.text[..range.start].ends_with('\\');
            self.push(
                Element::new("p"),
                Kind::TightParagraph,
                range.start - usize::from(is_escaped),
                level,
            );
        }
    }

    pub(crate) fn close_tight_paragraph(&mut self) {
        if let Some(Frame { kind: Kind::TightParagraph, element, .. }) = self.frames.last() {
            let is_only_checkbox = is_only_checkbox(element);
            self.finish_inline();
            let range = self.tight_paragraph_range();
            self.pop();
            // An item that holds nothing but a checkbox so far counts as empty, which a prelude could not tell.
            self.leaf_ended(&range, is_only_checkbox);
        }
    }

    pub(crate) fn checkbox(&mut self, checked: bool, range: &Range<usize>) {
        self.checkbox_start = range.start;
        let rest_of_line = self.text[range.end..].split(['\n', '\r']).next().unwrap_or_default();
        if !rest_of_line.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return self.inline(elements::checkbox(checked, self.options.labels), range);
        }
        // Such a checkbox is no part of the paragraph on the next line, which the parser does not tell in a tight list.
        self.push(Element::new("p"), Kind::TightParagraph, range.start, None);
        self.append(elements::checkbox(checked, self.options.labels));
        self.close_tight_paragraph();
    }

    /// The parser tells that a list is loose only by giving its items paragraphs.
    pub(crate) fn loosen(&mut self) {
        if self.left_out.containers == 0
            && let [.., list, item] = self.frames.as_mut_slice()
            && matches!(item.kind, Kind::Container(Container::Item(_)))
        {
            list.loose = true;
        }
    }

    pub(crate) fn note_item_paragraph(&mut self) {
        if self.left_out.containers == 0
            && let [.., list, item] = self.frames.as_mut_slice()
            && matches!(item.kind, Kind::Container(Container::Item(_)))
        {
            list.has_paragraph = true;
        }
    }
}

/// Whether a paragraph has nothing but a checkbox, so that the parser does not take it for one.
pub(crate) fn is_only_checkbox(paragraph: &Element) -> bool {
    matches!(paragraph.children.as_slice(), [Node::Element(child)] if child.name == "input")
}
