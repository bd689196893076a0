//! Code blocks: one element per line, so that an open block grows by whole lines and a finished line is never touched.

use std::fmt;

use crate::node::{Element, Node};

/// Colours code. The page loads its implementation only when it meets code, so the renderer knows just this much.
pub trait Highlight: Send + Sync {
    /// Starts a block in the language that a fence names (`rust`, `ts`, `c++`); `None` leaves it plain.
    fn start(&self, language: &str) -> Option<Box<dyn HighlightLines>>;
}

/// The state of a highlighter between two lines of one block.
pub trait HighlightLines: Send {
    /// Colours the next line, which ends with its newline. What the spans do not cover stays plain.
    fn line(&mut self, line: &str) -> Vec<Span>;
}

/// A piece of a line, following the piece before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its length in bytes.
    pub length: usize,
    /// Its class, or empty for plain text.
    pub class: String,
}

/// The element for a block in `language` (the fence's first word, possibly empty), without any line yet.
pub(crate) fn figure(language: &str) -> Element {
    let language = language.trim();
    let shown = if language.is_empty() { "text" } else { language };
    let caption = Element::new("figcaption")
        .child(Element::new("span").with("class", "language").child(shown))
        .child(Element::new("button").with("type", "button").with("class", "copy").child("Copy"));
    let code = match language {
        "" => Element::new("code"),
        _ => Element::new("code").with("class", format!("language-{language}")),
    };
    let figure = Element::new("figure").with("class", "code").with("data-language", language);
    figure.child(caption).child(Element::new("pre").with("tabindex", "0").child(code))
}

/// Where a code block's lines live below its figure, by child index.
pub(crate) const LINES: [usize; 2] = [1, 0];

pub(crate) fn lines_mut(figure: &mut Element) -> Option<&mut Vec<Node>> {
    let mut element = figure;
    for index in LINES {
        match element.children.get_mut(index) {
            Some(Node::Element(child)) => element = child,
            _ => return None,
        }
    }
    Some(&mut element.children)
}

/// Splits a block's text into its lines, each as a plain element.
pub(crate) fn plain_lines(text: &str) -> impl Iterator<Item = Node> + '_ {
    text.split_inclusive('\n')
        .map(|line| Element::new("span").with("class", "line").child(line).into())
}

/// Colours one block line by line, in order.
#[derive(Default)]
pub(crate) struct Painter(Option<Box<dyn HighlightLines>>);

impl fmt::Debug for Painter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Painter").field(&self.0.is_some()).finish()
    }
}

impl Painter {
    pub(crate) fn new(highlighter: Option<&dyn Highlight>, language: &str) -> Self {
        Painter(
            highlighter
                .filter(|_| !language.is_empty())
                .and_then(|highlighter| highlighter.start(language)),
        )
    }

    /// Colours a line if it is finished. Without its newline it may still grow, and a token with it.
    pub(crate) fn paint(&mut self, line: &mut Node) {
        let Node::Element(line) = line else { return };
        let [Node::Text(text)] = line.children.as_slice() else { return };
        if !text.ends_with('\n') {
            return;
        }
        let Some(lines) = &mut self.0 else { return };
        let text = text.clone();
        let mut rest = text.as_str();
        let mut painted = Element::new("span").with("class", "line");
        for span in lines.line(&text) {
            let Some((piece, after)) = rest.split_at_checked(span.length) else { break };
            rest = after;
            if span.class.is_empty() || piece.trim().is_empty() {
                painted.push_text(piece);
            } else {
                painted =
                    painted.child(Element::new("span").with("class", span.class).child(piece));
            }
        }
        painted.push_text(rest);
        *line = painted;
    }
}
