//! Makes a renderer's patches on the page: what `markdown` says has changed, and nothing else.
//!
//! It stands between the renderer, which knows no browser, and the page, so that whoever shows a growing document does
//! it by the same code: the page, and the benches that measure it. It knows nothing of leptos.

mod lines;

use markdown::{Edit, Patch};
use wasm_bindgen::JsCast;
use web_sys::{CharacterData, Element, Node};

pub use lines::Lines;

/// An element that shows what a [`markdown::Stream`] has rendered so far: first the blocks that it was taken over with,
/// as its children, then those that came since, in parts, `<div class="part">`.
///
/// Nothing else may add or remove nodes in it, except within the buttons and in place of them, and within finished lines
/// of code.
#[derive(Debug)]
pub struct Body {
    element: Element,
    parts: Vec<Part>,
    /// The way to the place of the last edit, a step for each level. The next edit is mostly there or right beside it,
    /// and a browser would count the siblings from the first one to find a child by its index.
    trail: Vec<Step>,
}

/// Some blocks that follow each other.
#[derive(Debug)]
struct Part {
    element: Element,
    /// The index of its first block.
    first: usize,
}

/// After so many blocks another part begins. When a block changes, the browser lays out all its siblings anew, if only to
/// find that each is as it was; so it is the siblings that must be few, in however long an answer.
const FULL: usize = 32;

#[derive(Debug)]
struct Step {
    /// Which child node of the step before, or which block of the body.
    index: usize,
    node: Node,
}

impl Body {
    /// Takes over an element that is empty, or shows what the stream has rendered already.
    pub fn new(element: Element) -> Self {
        Body { element, parts: Vec::new(), trail: Vec::new() }
    }

    /// Makes the edits of a patch. An edit that does not fit what is shown is left out. Gives back the figures of the
    /// blocks of code that have gained lines.
    pub fn apply(&mut self, patch: &Patch) -> Vec<Element> {
        let mut figures = Vec::new();
        for edit in &patch.edits {
            self.edit(edit, &mut figures);
        }
        figures
    }

    /// Removes everything that is shown.
    pub fn clear(&mut self) {
        self.trail.clear();
        self.parts.clear();
        self.element.set_text_content(None);
    }

    fn edit(&mut self, edit: &Edit, figures: &mut Vec<Element>) -> Option<()> {
        match edit {
            Edit::Splice { path, keep, html } => {
                let element = match path.as_slice() {
                    [] => self.splice_blocks(*keep, html)?,
                    path => {
                        let element = self.element(path)?;
                        self.splice(&element, path.len(), *keep, html)?;
                        element
                    }
                };
                if has_lines(html) {
                    let first = self.child(&element, path.len(), *keep)?;
                    note_figures(&element, Some(first), figures);
                }
                Some(())
            }
            Edit::Replace { path, html } => {
                let element = self.element(path)?;
                let parent = element.parent_element()?;
                self.trail.truncate(path.len() - 1);
                element.set_outer_html(html);
                if has_lines(html) {
                    let first = self.child(&parent, path.len() - 1, *path.last()?)?;
                    note_figures(&parent, Some(first), figures);
                }
                Some(())
            }
            Edit::Text { path, text } => {
                let element = self.element(path)?;
                let last = element.last_child()?.dyn_into::<CharacterData>().ok()?;
                last.append_data(text).ok()?;
                if text.ends_with('\n') {
                    note_figures(&element, None, figures);
                }
                Some(())
            }
            Edit::Attribute { path, name, value } => {
                let element = self.element(path)?;
                match value {
                    Some(value) => element.set_attribute(name, value),
                    None => element.remove_attribute(name),
                }
                .ok()
            }
        }
    }

    /// Gives back what holds the blocks after the first `keep`.
    fn splice_blocks(&mut self, keep: usize, html: &str) -> Option<Element> {
        while let Some(part) = self.parts.pop_if(|part| part.first >= keep) {
            part.element.remove();
        }
        self.trail.truncate(usize::from(keep > 0));
        match keep.checked_sub(1) {
            Some(last_kept) => {
                let body = self.element.clone();
                lines::remove_after(&self.child(&body, 0, last_kept)?)?;
            }
            None => self.element.set_text_content(None),
        }
        if html.is_empty() {
            return Some(self.element.clone());
        }
        let part = match self.parts.last() {
            Some(part) if keep - part.first < FULL => part.element.clone(),
            _ => {
                let part = self.element.owner_document()?.create_element("div").ok()?;
                part.set_class_name("part");
                self.element.append_child(&part).ok()?;
                self.parts.push(Part { element: part.clone(), first: keep });
                part
            }
        };
        part.insert_adjacent_html("beforeend", html).ok()?;
        Some(part)
    }

    /// What holds a block, and the block's index in it.
    fn place(&self, block: usize) -> (&Element, usize) {
        let parts = self.parts.partition_point(|part| part.first <= block);
        match parts.checked_sub(1).and_then(|last| self.parts.get(last)) {
            Some(part) => (&part.element, block - part.first),
            None => (&self.element, block),
        }
    }

    fn splice(&mut self, element: &Element, level: usize, keep: usize, html: &str) -> Option<()> {
        // The renderer's HTML is from a closed list of elements and attributes.
        let Some(last_kept) = keep.checked_sub(1) else {
            self.trail.truncate(level);
            element.set_inner_html(html);
            if lines::holds_lines(element) {
                Lines(element).part(element, 0)?;
            }
            return Some(());
        };
        let last_kept = self.child(element, level, last_kept)?;
        if lines::holds_lines(element) {
            return Lines(element).splice(&last_kept, keep, html);
        }
        lines::remove_after(&last_kept)?;
        if !html.is_empty() {
            element.insert_adjacent_html("beforeend", html).ok()?;
        }
        Some(())
    }

    /// The element at a path.
    fn element(&mut self, path: &[usize]) -> Option<Element> {
        let mut node = Node::from(self.element.clone());
        for (level, index) in path.iter().enumerate() {
            node = self.child(&node, level, *index)?;
        }
        node.dyn_into().ok()
    }

    /// A child of the node that the trail's first `level` steps lead to; the trail then leads to the child.
    fn child(&mut self, parent: &Node, level: usize, index: usize) -> Option<Node> {
        if let Some(step) = self.trail.get(level) {
            if step.index == index {
                return Some(step.node.clone());
            }
            // The next block, and the next line, may be in the next part.
            if step.index + 1 == index
                && level > 0
                && let Some(next) = step.node.next_sibling()
                && !next.dyn_ref().is_some_and(lines::is_part)
            {
                return Some(self.step(level, index, next));
            }
        }
        let node = match level {
            0 => {
                let (parent, at) = self.place(index);
                parent.child_nodes().get(u32::try_from(at).ok()?)?
            }
            _ => lines::child(parent, index)?,
        };
        Some(self.step(level, index, node))
    }

    fn step(&mut self, level: usize, index: usize, node: Node) -> Node {
        self.trail.truncate(level);
        self.trail.push(Step { index, node: node.clone() });
        node
    }
}

fn has_lines(html: &str) -> bool {
    html.contains("<span class=\"line\">")
}

/// Notes the block of code that `parent` is in, or else those among its children from `first` on.
fn note_figures(parent: &Element, first: Option<Node>, figures: &mut Vec<Element>) {
    let mut note = |figure: Element| {
        if figures.last() != Some(&figure) {
            figures.push(figure);
        }
    };
    if let Ok(Some(figure)) = parent.closest(FIGURE) {
        return note(figure);
    }
    let mut note_new = |figure: Element| {
        if let Ok(Some(code)) = figure.query_selector("code") {
            Lines(&code).part(&code, 0);
        }
        note(figure);
    };
    let mut next = first;
    while let Some(node) = next {
        next = node.next_sibling();
        let Ok(element) = node.dyn_into::<Element>() else { continue };
        if element.matches(FIGURE).unwrap_or_default() {
            note_new(element);
        } else if let Ok(inside) = element.query_selector_all(FIGURE) {
            (0..inside.length())
                .filter_map(|at| inside.get(at)?.dyn_into().ok())
                .for_each(&mut note_new);
        }
    }
}

const FIGURE: &str = "figure.code";
