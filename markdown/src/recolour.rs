//! Colours code that was rendered before there was a highlighter.

use crate::code::{Highlight, Painter};
use crate::diff::Edit;
use crate::node::{Element, Node, html};

/// Colours every finished line of code below an element. Gives back the painter of the block whose `code` element is
/// at `open`, so that it can go on there.
pub(crate) fn all(
    root: &mut Element,
    highlighter: &dyn Highlight,
    open: Option<&[usize]>,
    edits: &mut Vec<Edit>,
) -> Option<Painter> {
    let mut recolour = Recolour { highlighter, open, painter: None, path: Vec::new(), edits };
    recolour.element(root, "");
    recolour.painter
}

struct Recolour<'a> {
    highlighter: &'a dyn Highlight,
    open: Option<&'a [usize]>,
    painter: Option<Painter>,
    path: Vec<usize>,
    edits: &'a mut Vec<Edit>,
}

impl Recolour<'_> {
    fn element(&mut self, element: &mut Element, language: &str) {
        let language = element.attribute("data-language").unwrap_or(language).to_owned();
        if element.name == "code" && !language.is_empty() {
            return self.lines(element, &language);
        }
        for (index, child) in element.children.iter_mut().enumerate() {
            let Node::Element(child) = child else { continue };
            self.path.push(index);
            self.element(child, &language);
            self.path.pop();
        }
    }

    fn lines(&mut self, code: &mut Element, language: &str) {
        let mut painter = Painter::new(Some(self.highlighter), language);
        for (index, line) in code.children.iter_mut().enumerate() {
            let Node::Element(line) = line else { continue };
            let before = line.clone();
            let mut text = String::new();
            line.children.iter().for_each(|child| child.text(&mut text));
            if text.ends_with('\n') {
                painter.paint(line);
            }
            if *line != before {
                let mut path = self.path.clone();
                path.push(index);
                self.edits.push(Edit::Splice { path, keep: 0, html: html(&line.children) });
            }
        }
        if self.open == Some(self.path.as_slice()) {
            self.painter = Some(painter);
        }
    }
}
