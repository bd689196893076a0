//! Puts the nodes of a parsed window into the rendered tree.

use crate::anchor::Anchor;
use crate::build::Built;
use crate::code;
use crate::diff::{self, Edit};
use crate::node::{Element, Node, escape, html};
use crate::tail::Delta;
use crate::track::{Tail, TailKind};

/// Replaces everything after an anchor by what the window yielded, and says what that changes.
pub(crate) fn window(root: &mut Element, anchor: &Anchor, built: &Built, edits: &mut Vec<Edit>) {
    let mut path = Vec::new();
    let mut element = root;
    for (index, level) in anchor.levels.iter().enumerate() {
        let is_last = index + 1 == anchor.levels.len();
        if let Some(added) = &built.additions[index] {
            set_looseness(&path, element, built.loose[index], edits);
            if let Some(lines) =
                built.code_lines.filter(|_| index + CODE_LEVELS == anchor.levels.len())
            {
                set_code_lines(&path, element, lines, edits);
            }
            match anchor.leaf.text() {
                Some(text) if is_last => {
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

/// How many levels a code block is deep: the figure, `pre` and `code`.
const CODE_LEVELS: usize = 3;

fn set_code_lines(path: &[usize], figure: &mut Element, lines: usize, edits: &mut Vec<Edit>) {
    let Some(Node::Element(caption)) = figure.children.first_mut() else { return };
    let mut counted = Element::new("figcaption");
    code::count(&mut counted, lines);
    diff::attributes(&[path, &[0]].concat(), caption, &counted, edits);
    caption.attributes = counted.attributes;
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

/// Adds a delta to the end of the document, if it is nothing but text there.
pub(crate) fn extend(
    root: &mut Element,
    tail: &mut Tail,
    delta: &Delta<'_>,
    edits: &mut Vec<Edit>,
) -> bool {
    match tail.kind {
        TailKind::Inline => {
            let Some(parent) = element_mut(root, &tail.path) else { return false };
            let word = if delta.has_address { last_word(&parent.children) } else { Some("") };
            let Some(word) = word else { return false };
            let Some(added) = delta.plain(word) else { return false };
            let Some(Node::Text(last)) = parent.children.last_mut() else { return false };
            add_text(&tail.path, last, added, edits);
            true
        }
        TailKind::Code => {
            let Some(Node::Text(last)) = last_child_mut(root, &tail.path) else { return false };
            let Some(added) = delta.code() else { return false };
            add_text(&tail.path, last, added, edits);
            true
        }
        TailKind::Address => {
            let Some(parent) = element_mut(root, &tail.path) else { return false };
            let last = parent.children.len().saturating_sub(1);
            let Some(Node::Element(link)) = parent.children.last_mut() else { return false };
            let Some((new, added)) = delta.address(link) else { return false };
            let mut path = tail.path.clone();
            path.push(last);
            edits.push(Edit::Text { path: path.clone(), text: added.to_owned() });
            diff::attributes(&path, link, &new, edits);
            *link = new;
            true
        }
        TailKind::Cell => extend_row(root, tail, delta, edits).is_some(),
    }
}

fn extend_row(
    root: &mut Element,
    tail: &mut Tail,
    delta: &Delta<'_>,
    edits: &mut Vec<Edit>,
) -> Option<()> {
    let (current, row_path) = tail.path.split_last()?;
    let row = element_mut(root, row_path)?;
    let Node::Element(cell) = row.children.get(*current)? else { return None };
    let word = if cell.children.is_empty() { "" } else { last_word(&cell.children)? };
    let added = delta.cells(word)?;
    // Cells beyond the last column are not shown, so only the parser may meet them.
    row.children.get(current + added.len() - 1)?;
    let mut path = tail.path.clone();
    for (index, text) in added.iter().enumerate() {
        *path.last_mut()? = current + index;
        let Some(Node::Element(cell)) = row.children.get_mut(current + index) else { return None };
        match cell.children.last_mut() {
            Some(Node::Text(last)) => add_text(&path, last, text, edits),
            _ if text.is_empty() => {}
            _ => {
                cell.push_text(text);
                edits.push(Edit::Splice {
                    path: path.clone(),
                    keep: 0,
                    html: html(&cell.children),
                });
            }
        }
    }
    tail.path = path;
    Some(())
}

/// The last word of an element that ends with text, unless it follows a link, which may then take it in.
fn last_word(children: &[Node]) -> Option<&str> {
    let Some(Node::Text(last)) = children.last() else { return None };
    let word = last.rsplit(char::is_whitespace).next()?;
    let before = children.iter().rev().nth(1);
    let follows_link = matches!(before, Some(Node::Element(before)) if before.name == "a");
    (!follows_link || word.len() < last.len()).then_some(word)
}

fn add_text(path: &[usize], last: &mut String, added: &str, edits: &mut Vec<Edit>) {
    if !added.is_empty() {
        last.push_str(added);
        edits.push(Edit::Text { path: path.to_vec(), text: added.replace('\0', "\u{fffd}") });
    }
}

fn last_child_mut<'t>(root: &'t mut Element, path: &[usize]) -> Option<&'t mut Node> {
    element_mut(root, path)?.children.last_mut()
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
