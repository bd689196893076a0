//! A page that applies patches as a browser does.

use markdown::{Edit, Patch};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Text(String),
    Element { name: String, attributes: Vec<(String, String)>, children: Vec<Node> },
}

/// How a page reads a patch's HTML, given the name of the element that it goes into.
type Parser = fn(html: &str, context: &str) -> Vec<Node>;

/// The answer's body.
#[derive(Debug)]
pub struct Page {
    children: Vec<Node>,
    parser: Parser,
    /// The nodes that patches have added or changed so far.
    pub touched: usize,
    /// The changes so far of what was shown already: nodes removed or replaced, and attributes.
    pub flickers: usize,
}

impl Default for Page {
    fn default() -> Self {
        Page::new(|html, _| parse(html))
    }
}

impl Page {
    pub fn new(parser: Parser) -> Self {
        Page { children: Vec::new(), parser, touched: 0, flickers: 0 }
    }

    pub fn apply(&mut self, patch: &Patch) {
        for edit in &patch.edits {
            match edit {
                Edit::Splice { path, keep, html } => {
                    let new = (self.parser)(html, self.name_at(path));
                    self.touched += new.iter().map(count).sum::<usize>();
                    let children = self.children_at(path);
                    assert!(*keep <= children.len(), "{edit:?} keeps more than there is");
                    let removed = children.len() - keep;
                    children.truncate(*keep);
                    let joins = matches!(
                        (children.last(), new.first()),
                        (Some(Node::Text(_)), Some(Node::Text(_)))
                    );
                    assert!(
                        !joins,
                        "{edit:?} puts text next to text, which a browser does not join"
                    );
                    children.extend(new);
                    self.flickers += removed;
                }
                Edit::Replace { path, html } => {
                    let (last, parent) = path.split_last().expect("the root is never replaced");
                    let new = (self.parser)(html, self.name_at(parent));
                    let [new] = new.try_into().expect("one node");
                    self.touched += count(&new);
                    self.flickers += 1;
                    self.children_at(parent)[*last] = new;
                }
                Edit::Text { path, text } => {
                    self.touched += 1;
                    match self.children_at(path).last_mut() {
                        Some(Node::Text(last)) => last.push_str(text),
                        other => panic!("{edit:?} extends {other:?}"),
                    }
                }
                Edit::Attribute { path, name, value } => {
                    self.touched += 1;
                    // A count goes on as its block grows.
                    self.flickers += usize::from(*name != "data-lines");
                    let (last, parent) = path.split_last().expect("the root has no attributes");
                    let Node::Element { attributes, .. } = &mut self.children_at(parent)[*last]
                    else {
                        panic!("{edit:?} is not for an element")
                    };
                    attributes.retain(|(other, _)| other != name);
                    if let Some(value) = value {
                        attributes.push(((*name).to_owned(), value.clone()));
                    }
                }
            }
        }
    }

    /// The tree, with attributes in alphabetic order.
    pub fn tree(&self) -> Vec<Node> {
        sorted(self.children.clone())
    }

    /// The name of the element at a path; the answer's body is a `div`.
    fn name_at(&self, path: &[usize]) -> &str {
        let mut at = ("div", &self.children);
        for index in path {
            at = match &at.1[*index] {
                Node::Element { name, children, .. } => (name, children),
                Node::Text(text) => panic!("path {path:?} leads to text {text:?}"),
            };
        }
        at.0
    }

    fn children_at(&mut self, path: &[usize]) -> &mut Vec<Node> {
        path.iter().fold(&mut self.children, |children, index| match &mut children[*index] {
            Node::Element { children, .. } => children,
            Node::Text(text) => panic!("path {path:?} leads to text {text:?}"),
        })
    }
}

pub fn sorted(mut nodes: Vec<Node>) -> Vec<Node> {
    for node in &mut nodes {
        if let Node::Element { attributes, children, .. } = node {
            attributes.sort();
            *children = sorted(std::mem::take(children));
        }
    }
    nodes
}

fn count(node: &Node) -> usize {
    match node {
        Node::Text(_) => 1,
        Node::Element { children, .. } => 1 + children.iter().map(count).sum::<usize>(),
    }
}

/// Parses the well-formed HTML that the renderer writes.
pub fn parse(html: &str) -> Vec<Node> {
    let mut rest = html;
    let nodes = parse_children(&mut rest);
    assert!(rest.is_empty(), "unbalanced at {rest:?}");
    nodes
}

fn parse_children(rest: &mut &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    while !rest.is_empty() && !rest.starts_with("</") {
        if !rest.starts_with('<') {
            let end = rest.find('<').unwrap_or(rest.len());
            nodes.push(Node::Text(unescape(&rest[..end])));
            *rest = &rest[end..];
            continue;
        }
        let end = rest.find(['>', ' ']).expect("a tag ends");
        let name = rest[1..end].to_owned();
        *rest = &rest[end..];
        let mut attributes = Vec::new();
        while let Some(attribute) = rest.strip_prefix(' ') {
            let (name, after) = attribute.split_once("=\"").expect("an attribute has a value");
            let (value, after) = after.split_once('"').expect("a value ends");
            attributes.push((name.to_owned(), unescape(value)));
            *rest = after;
        }
        *rest = rest.strip_prefix('>').expect("a tag ends");
        let mut children = Vec::new();
        if !["br", "hr", "input"].contains(&name.as_str()) {
            children = parse_children(rest);
            *rest = rest.strip_prefix(&format!("</{name}>")).expect("tags are balanced");
        }
        nodes.push(Node::Element { name, attributes, children });
    }
    nodes
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#13;", "\r")
        .replace("&amp;", "&")
}
