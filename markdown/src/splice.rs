//! Puts the nodes of a parsed window into the rendered tree.

use crate::anchor::{Anchor, Leaf};
use crate::build::Built;
use crate::diff::{self, Edit};
use crate::node::{Element, Node, escape};

/// Replaces everything after an anchor by what the window yielded, and says what that changes.
pub(crate) fn window(root: &mut Element, anchor: &Anchor, built: &Built, edits: &mut Vec<Edit>) {
    let mut path = Vec::new();
    let mut element = root;
    for (index, level) in anchor.levels.iter().enumerate() {
        let is_last = index + 1 == anchor.levels.len();
        if let Some(added) = &built.additions[index] {
            set_looseness(&path, element, built.loose[index], edits);
            match anchor.leaf {
                Leaf::Paragraph { text } if is_last => {
                    continue_text(&path, element, level.keep, text, added, edits)
                }
                _ => {
                    let old = &element.children[level.keep.min(element.children.len())..];
                    diff::children(&mut path, level.keep, old, added, edits);
                    element.children.truncate(level.keep);
                    element.children.extend_from_slice(added);
                }
            }
        }
        if is_last {
            return;
        }
        let Some(Node::Element(child)) = element.children.get_mut(level.keep - 1) else { return };
        path.push(level.keep - 1);
        element = child;
    }
}

fn set_looseness(path: &[usize], element: &mut Element, is_loose: bool, edits: &mut Vec<Edit>) {
    if !matches!(element.name, "ul" | "ol") || element.attribute("class").is_none() == is_loose {
        return;
    }
    let value = (!is_loose).then(|| "tight".to_owned());
    match &value {
        // The class comes first, as it does in a list that is rendered at once.
        Some(value) => element.attributes.insert(0, ("class", value.clone())),
        None => element.attributes.retain(|(name, _)| *name != "class"),
    }
    edits.push(Edit::Attribute { path: path.to_vec(), name: "class", value });
}

/// Replaces the children after the first `text` bytes of the text node `node`.
fn continue_text(
    path: &[usize],
    element: &mut Element,
    node: usize,
    text: usize,
    added: &[Node],
    edits: &mut Vec<Edit>,
) {
    let Some(Node::Text(kept)) = element.children.get_mut(node) else { return };
    let old_rest = kept.split_off(text);
    let (new_rest, added) = match added.split_first() {
        Some((Node::Text(rest), added)) => (rest.as_str(), added),
        _ => ("", added),
    };
    let old: Vec<Node> =
        std::iter::once(Node::Text(old_rest)).chain(element.children.drain(node + 1..)).collect();
    let new: Vec<Node> =
        std::iter::once(Node::from(new_rest)).chain(added.iter().cloned()).collect();
    let first_edit = edits.len();
    diff::children(&mut path.to_vec(), node, &old, &new, edits);
    let Some(Node::Text(kept)) = element.children.get_mut(node) else { return };
    for edit in &mut edits[first_edit..] {
        // A browser cannot keep a part of a text node that is replaced, so it gets the whole text.
        if let Edit::Splice { path: spliced, keep, html } = edit
            && *keep == node
            && spliced == path
        {
            let mut whole = String::new();
            escape(kept, &mut whole);
            html.insert_str(0, &whole);
        }
    }
    kept.push_str(new_rest);
    element.children.extend_from_slice(added);
}

/// Adds text to the text node that an element ends with.
pub(crate) fn extend_text(root: &mut Element, path: &[usize], text: &str) -> bool {
    match element_mut(root, path).and_then(|element| element.children.last_mut()) {
        Some(Node::Text(last)) => {
            last.push_str(text);
            true
        }
        _ => false,
    }
}

pub(crate) fn element_mut<'t>(root: &'t mut Element, path: &[usize]) -> Option<&'t mut Element> {
    path.iter().try_fold(root, |element, index| match element.children.get_mut(*index) {
        Some(Node::Element(child)) => Some(child),
        _ => None,
    })
}

/// The node at a path, if a parsed window yielded it.
pub(crate) fn added<'b>(anchor: &Anchor, built: &'b Built, path: &[usize]) -> Option<&'b Node> {
    // As far as the path leads through elements that existed before, go down their levels.
    let continued = path
        .iter()
        .zip(&anchor.levels)
        .take_while(|(index, level)| **index + 1 == level.keep)
        .count();
    let level = continued.min(anchor.levels.len() - 1);
    let (first, rest) = path[level..].split_first()?;
    let index = first.checked_sub(anchor.levels[level].keep)?;
    let first = built.additions[level].as_ref()?.get(index)?;
    rest.iter().try_fold(first, |node, index| match node {
        Node::Element(element) => element.children.get(*index),
        Node::Text(_) => None,
    })
}
