//! Mends what the typesetter writes, where a browser would show it badly.

use crate::node::{Element, Node};

/// Mends an element and everything below it.
pub(super) fn polish(element: &mut Element) {
    let mut children = Vec::with_capacity(element.children.len());
    for child in std::mem::take(&mut element.children) {
        match child {
            Node::Element(mut child) => {
                accent(&mut child);
                polish(&mut child);
                children.extend(leading_space(&mut child).map(Node::Element));
                children.push(Node::Element(unwrapped(child)));
            }
            text => children.push(text),
        }
    }
    element.children = children;
}

/// The space before an operator with scripts belongs before the scripts' element: within it, it would be taken for
/// what has the scripts.
fn leading_space(element: &mut Element) -> Option<Element> {
    let arity = match element.name {
        "msub" | "msup" | "munder" | "mover" => 2,
        "msubsup" | "munderover" => 3,
        _ => return None,
    };
    let is_space = |node: &Node| matches!(node, Node::Element(first) if first.name == "mspace");
    if element.children.len() <= arity || !is_space(&element.children[0]) {
        return None;
    }
    match element.children.remove(0) {
        Node::Element(space) => Some(space),
        Node::Text(_) => None,
    }
}

/// An accent is an operator, which a browser puts close above and shows as large as it is. Only what stands in no row
/// is one: an argument always stands in one.
fn accent(element: &mut Element) {
    if element.name != "mover" {
        return;
    }
    let [_, Node::Element(above)] = element.children.as_mut_slice() else { return };
    let [Node::Text(mark)] = above.children.as_slice() else { return };
    let is_stretched = above.name == "mo";
    // An arrow is better small, as what stands above is.
    let is_arrow = mark == "→";
    let mark = match mark.as_str() {
        "^" if !is_stretched => "ˆ",
        "~" if !is_stretched => "˜",
        "‾" => "¯",
        "→" if is_stretched => return,
        mark @ ("´" | "˘" | "ˇ" | "˙" | "¨" | "`" | "^" | "~" | "˚" | "→") => mark,
        _ => return,
    };
    let is_stretchy = if is_stretched { "true" } else { "false" };
    *above = Element::new("mo").with("stretchy", is_stretchy).child(mark);
    if !is_arrow {
        element.attributes.push(("accent", "true".to_owned()));
    }
}

/// A row of a single element means no more than the element, and most arguments are such rows. An operator stays in
/// its row, which says that there is nothing to put space between.
fn unwrapped(mut element: Element) -> Element {
    if element.name == "mrow"
        && element.attributes.is_empty()
        && let [Node::Element(only)] = element.children.as_mut_slice()
        && only.name != "mo"
    {
        return std::mem::replace(only, Element::new("mrow"));
    }
    element
}
