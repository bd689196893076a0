//! The tree that is rendered: text and elements, nothing else.
//!
//! HTML is written from this tree only, so whatever the parser yields, the output holds exactly the elements that
//! [`crate::build`] makes, and text is escaped in one place.

use crate::references::Label;

/// A node of the rendered tree. Its place among its siblings is its child index in a browser, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Text(String),
    Element(Element),
}

/// An element with the attributes and children it will have in the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: &'static str,
    pub(crate) attributes: Vec<(&'static str, String)>,
    pub(crate) children: Vec<Node>,
    /// The label of the definition that tells where this link or image leads.
    pub(crate) label: Option<Box<Label>>,
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Element { name, attributes: Vec::new(), children: Vec::new(), label: None }
    }

    pub(crate) fn with(mut self, attribute: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((attribute, value.into()));
        self
    }

    pub(crate) fn child(mut self, child: impl Into<Node>) -> Self {
        self.children.push(child.into());
        self
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    }

    /// Adds text, and keeps adjacent text in one node: a browser's parser would do the same.
    pub(crate) fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.children.last_mut() {
            Some(Node::Text(last)) => last.push_str(text),
            _ => self.children.push(Node::Text(text.to_owned())),
        }
    }

    fn write_html(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        out.push('>');
        if matches!(self.name, "br" | "hr" | "input") {
            return;
        }
        write_html(&self.children, out);
        out.push_str("</");
        out.push_str(self.name);
        out.push('>');
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Node::Element(element)
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Node::Text(text.to_owned())
    }
}

impl Node {
    /// All text below this node, as a screen reader would meet it.
    pub(crate) fn text(&self, out: &mut String) {
        match self {
            Node::Text(text) => out.push_str(text),
            Node::Element(element) => element.children.iter().for_each(|child| child.text(out)),
        }
    }
}

pub(crate) fn write_html(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => escape(text, out),
            Node::Element(element) => element.write_html(out),
        }
    }
}

pub(crate) fn html(nodes: &[Node]) -> String {
    let mut out = String::new();
    write_html(nodes, &mut out);
    out
}

/// Escapes for text and for double-quoted attribute values alike.
pub(crate) fn escape(text: &str, out: &mut String) {
    let mut rest = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            // A parser would turn a carriage return into a line feed, and the tree would differ from the browser's.
            b'\r' => "&#13;",
            // A parser would drop it, and with it perhaps a whole text node.
            b'\0' => "\u{fffd}",
            _ => continue,
        };
        out.push_str(&text[rest..at]);
        out.push_str(entity);
        rest = at + 1;
    }
    out.push_str(&text[rest..]);
}
