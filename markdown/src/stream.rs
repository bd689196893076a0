//! A document that grows delta by delta.

use std::sync::Arc;

use crate::Options;
use crate::build;
use crate::code::Highlight;
use crate::diff::{self, Patch};
use crate::node::{Node, html};

/// Grows a document delta by delta, and says after each what changed.
pub struct Stream {
    options: Options,
    source: String,
    nodes: Vec<Node>,
}

impl Stream {
    /// An empty document.
    pub fn new(options: Options) -> Self {
        Stream { options, source: String::new(), nodes: Vec::new() }
    }

    /// Adds text. After the patch, the page shows the one-shot rendering of everything pushed so far.
    pub fn push(&mut self, delta: &str) -> Patch {
        self.source.push_str(delta);
        self.render()
    }

    /// Ends the document.
    pub fn finish(&mut self) -> Patch {
        self.render()
    }

    /// Everything pushed so far.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The document as it stands, as [`crate::render`] would give it.
    pub fn html(&self) -> String {
        html(&self.nodes)
    }

    /// From now on finished lines of code are coloured; the patch recolours those already there.
    pub fn set_highlighter(&mut self, highlighter: Arc<dyn Highlight>) -> Patch {
        self.options.highlighter = Some(highlighter);
        self.render()
    }

    /// Whether a code block with a language was met, and no highlighter is set.
    pub fn wants_highlighter(&self) -> bool {
        self.options.highlighter.is_none() && self.nodes.iter().any(has_language)
    }

    fn render(&mut self) -> Patch {
        let nodes = build::document(&self.source, &self.options);
        let mut edits = Vec::new();
        diff::children(&mut Vec::new(), 0, &self.nodes, &nodes, &mut edits);
        self.nodes = nodes;
        Patch { edits }
    }
}

fn has_language(node: &Node) -> bool {
    let Node::Element(element) = node else { return false };
    match element.attribute("data-language") {
        Some(language) => !language.is_empty(),
        None => element.children.iter().any(has_language),
    }
}
