//! The lines of a block of code, however many: the first ones stand in it, those that came later in parts,
//! `<span class="part">`.
//!
//! The lines of one element are laid out together, so each new one, and each one that gets its colours, would lay out
//! all of them anew.

use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

/// After so many lines another part begins.
const FULL: u32 = 64;

/// The number of a part's first line.
const FIRST: &str = "data-first";

/// The lines of the block of code of which this is the `code` element.
#[derive(Debug)]
pub struct Lines<'a>(pub &'a Element);

impl Lines<'_> {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self.parts().next() {
            Some((part, first)) => first + part.child_element_count() as usize,
            None => self.0.child_element_count() as usize,
        }
    }

    /// One of them.
    pub fn line(&self, index: usize) -> Option<Element> {
        let (container, first) =
            self.parts().find(|(_, first)| *first <= index).unwrap_or_else(|| (self.0.clone(), 0));
        container.children().item(u32::try_from(index - first).ok()?)
    }

    /// The one after a line.
    pub fn next(line: &Element) -> Option<Element> {
        let next = match line.next_element_sibling() {
            Some(next) => next,
            None => part_of(line)?.next_element_sibling()?,
        };
        if is_part(&next) { next.first_element_child() } else { Some(next) }
    }

    /// Leaves the lines up to `last`, of which there are `count`, and appends others.
    pub(crate) fn splice(&self, last: &Node, count: usize, html: &str) -> Option<()> {
        let within = part_of(last);
        for node in within.iter().map(AsRef::as_ref).chain([last]) {
            remove_after(node)?;
        }
        let mut container = within.unwrap_or_else(|| self.0.clone());
        if html.is_empty() {
            return Some(());
        }
        let mut first = container.get_attribute(FIRST).and_then(|first| first.parse().ok());
        if container.child_element_count() >= FULL {
            container = self.new_part(count)?;
            first = Some(count);
        }
        container.insert_adjacent_html("beforeend", html).ok()?;
        self.part(&container, first.unwrap_or_default())
    }

    /// Puts those of a container's lines into parts that are too many for it. They have just come, so
    /// nobody has selected or focused any of them.
    pub(crate) fn part(&self, container: &Element, first: usize) -> Option<()> {
        let (lines, mut first) = (container.children(), first);
        let next = || lines.item(FULL).filter(|line| !is_part(line));
        while let Some(line) = next() {
            first += FULL as usize;
            let part = self.new_part(first)?;
            part.append_child(&line).ok()?;
            while part.child_element_count() < FULL
                && let Some(line) = next()
            {
                part.append_child(&line).ok()?;
            }
        }
        Some(())
    }

    fn new_part(&self, first: usize) -> Option<Element> {
        let part = self.0.owner_document()?.create_element("span").ok()?;
        part.set_class_name(PART);
        part.set_attribute(FIRST, &first.to_string()).ok()?;
        self.0.append_child(&part).ok()?;
        Some(part)
    }

    /// The parts with the numbers of their first lines, the last part first.
    fn parts(&self) -> impl Iterator<Item = (Element, usize)> + use<> {
        let last = self.0.last_element_child();
        std::iter::successors(last, Element::previous_element_sibling)
            .take_while(is_part)
            .filter_map(|part| Some((part.clone(), part.get_attribute(FIRST)?.parse().ok()?)))
    }
}

const PART: &str = "part";

pub(crate) fn is_part(element: &Element) -> bool {
    element.class_name() == PART
}

fn part_of(line: &Node) -> Option<Element> {
    line.parent_element().filter(is_part)
}

/// Removes what stands beside a node and after it.
pub(crate) fn remove_after(node: &Node) -> Option<()> {
    let parent = node.parent_node()?;
    while let Some(removed) = node.next_sibling() {
        parent.remove_child(&removed).ok()?;
    }
    Some(())
}

/// Whether this is the element that holds the lines of a block of code.
pub(crate) fn holds_lines(element: &Element) -> bool {
    element.tag_name() == "CODE"
        && element.parent_element().is_some_and(|parent| parent.tag_name() == "PRE")
}

/// The child of a node at an index, where a block of code counts its lines.
pub(crate) fn child(parent: &Node, index: usize) -> Option<Node> {
    match parent.dyn_ref::<Element>() {
        Some(element) if element.last_element_child().as_ref().is_some_and(is_part) => {
            Some(Lines(element).line(index)?.into())
        }
        _ => parent.child_nodes().get(u32::try_from(index).ok()?),
    }
}
