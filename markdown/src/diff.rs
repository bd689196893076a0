//! What changed between two renderings, as few edits as a reader's page can apply without losing a selection.

use crate::node::{Element, Node, html};

/// Edits in order. Each is meant for the tree that the edits before it left behind.
///
/// A path leads from the root element (the answer's body) to an element, by child node indexes; the empty path is the
/// root itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// The edits, none if nothing visible changed.
    pub edits: Vec<Edit>,
}

/// One change of the rendered tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The element at `path` keeps its first `keep` child nodes; the others are removed, and `html` is appended
    /// (`insertAdjacentHTML("beforeend", html)`).
    Splice {
        /// The element whose children change.
        path: Vec<usize>,
        /// How many of its first child nodes stay as they are.
        keep: usize,
        /// What comes after them, possibly nothing.
        html: String,
    },
    /// The node at `path` is replaced by the one node that `html` holds.
    Replace {
        /// The node to replace; never the root.
        path: Vec<usize>,
        /// One element.
        html: String,
    },
    /// The last child node of the element at `path` is a text node, and `text` is added to it (`appendData`). The text
    /// is plain, not HTML.
    Text {
        /// The element that ends with the text node.
        path: Vec<usize>,
        /// What is added to it.
        text: String,
    },
    /// An attribute of the element at `path` is set (`setAttribute`), or removed.
    Attribute {
        /// The element; its children stay.
        path: Vec<usize>,
        /// The attribute's name.
        name: &'static str,
        /// Its new value, plain text; `None` removes it.
        value: Option<String>,
    },
}

impl Patch {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }
}

/// Adds the edits that turn `old` into `new`, where both are children of the element at `path`, after its first
/// `keep` child nodes.
pub(crate) fn children(
    path: &mut Vec<usize>,
    keep: usize,
    old: &[Node],
    new: &[Node],
    edits: &mut Vec<Edit>,
) {
    for (index, (before, after)) in old.iter().zip(new).enumerate() {
        if before == after {
            continue;
        }
        let is_last = index + 1 == old.len();
        match (before, after) {
            (Node::Element(before), Node::Element(after)) if before.name == after.name => {
                path.push(keep + index);
                element(path, before, after, edits);
                path.pop();
            }
            (Node::Text(before), Node::Text(after))
                if is_last && after.starts_with(before.as_str()) =>
            {
                edits.push(Edit::Text {
                    path: path.clone(),
                    text: after[before.len()..].replace('\0', "\u{fffd}"),
                });
            }
            (Node::Element(_), Node::Element(_)) if old.len() == new.len() && !is_last => {
                path.push(keep + index);
                edits.push(Edit::Replace { path: path.clone(), html: html(&new[index..=index]) });
                path.pop();
            }
            _ => {
                let html = html(&new[index..]);
                edits.push(Edit::Splice { path: path.clone(), keep: keep + index, html });
                return;
            }
        }
    }
    let common = old.len().min(new.len());
    if old.len() != new.len() {
        let html = html(&new[common..]);
        edits.push(Edit::Splice { path: path.clone(), keep: keep + common, html });
    }
}

pub(crate) fn element(path: &mut Vec<usize>, old: &Element, new: &Element, edits: &mut Vec<Edit>) {
    attributes(path, old, new, edits);
    children(path, 0, &old.children, &new.children, edits);
}

pub(crate) fn attributes(path: &[usize], old: &Element, new: &Element, edits: &mut Vec<Edit>) {
    for (name, _) in &old.attributes {
        if new.attribute(name).is_none() {
            edits.push(Edit::Attribute { path: path.to_vec(), name, value: None });
        }
    }
    for (name, value) in &new.attributes {
        if old.attribute(name) != Some(value) {
            edits.push(Edit::Attribute {
                path: path.to_vec(),
                name,
                value: Some(value.replace('\0', "\u{fffd}")),
            });
        }
    }
}
