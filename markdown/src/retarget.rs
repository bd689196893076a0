//! Leads links somewhere else when their definition changes, without parsing the text that they stand in.

use crate::diff::{self, Edit};
use crate::elements;
use crate::link::{self, Scheme};
use crate::node::{Element, Node};
use crate::references::{Definition, Label};

/// What a definition makes of its references. Only where that changes, so does the structure of what refers to it.
pub(crate) fn shape(definition: &Definition) -> Option<Scheme> {
    link::target(&definition.address).map(|target| target.scheme)
}

/// Leads the links and images with a label, below the element at `path`, to where their definition says.
pub(crate) fn all(
    path: &mut Vec<usize>,
    element: &mut Element,
    label: &Label,
    definition: &Definition,
    edits: &mut Vec<Edit>,
) {
    for (index, child) in element.children.iter_mut().enumerate() {
        let Node::Element(child) = child else { continue };
        path.push(index);
        if child.label.as_deref() == Some(label) {
            one(path, child, definition, edits);
        }
        all(path, child, label, definition, edits);
        path.pop();
    }
}

fn one(path: &mut Vec<usize>, old: &mut Element, definition: &Definition, edits: &mut Vec<Edit>) {
    let Some(target) = link::target(&definition.address) else { return };
    if old.name == "a" {
        let new = elements::anchor(&target, &definition.title);
        diff::attributes(path, old, &new, edits);
        old.attributes = new.attributes;
        return;
    }
    let mut text = String::new();
    for child in &old.children {
        if let Node::Element(child) = child
            && child.attribute("class") == Some("alt")
        {
            child.children.iter().for_each(|child| child.text(&mut text));
        }
    }
    let new = elements::image(&target, &text);
    diff::element(path, old, &new, edits);
    *old = Element { label: old.label.take(), ..new };
}
