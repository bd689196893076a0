//! Formulas: their elements, and what typesets them.

use crate::diff::Edit;
use crate::mathml::MathMl;
use crate::node::{Element, Node, html};

/// Typesets formulas. The page loads its implementation only when it meets one, so the renderer knows just this much.
pub trait Typeset: Send + Sync {
    /// Typesets LaTeX without its delimiters, on lines of its own (`is_display`) or within text. What cannot be typeset
    /// is shown as its source, with the error's text as its title.
    fn typeset(&self, latex: &str, is_display: bool) -> Result<MathMl, String>;
}

/// The element of a formula, from its source with the delimiters.
pub(crate) fn element(source: &str, is_display: bool, typesetter: Option<&dyn Typeset>) -> Element {
    let class = if is_display { "math display" } else { "math" };
    let element = Element::new("span").with("class", class);
    let latex = latex(source);
    match typesetter.map(|typesetter| typesetter.typeset(latex, is_display)) {
        Some(Ok(formula)) => element.child(formula.annotated(latex)),
        Some(Err(reason)) => element.with("title", reason).child(source),
        None => element.child(source),
    }
}

/// Typesets every formula below an element that still shows its source.
pub(crate) fn typeset_all(root: &mut Element, typesetter: &dyn Typeset, edits: &mut Vec<Edit>) {
    typeset_below(root, typesetter, &mut Vec::new(), edits);
}

fn typeset_below(
    element: &mut Element,
    typesetter: &dyn Typeset,
    path: &mut Vec<usize>,
    edits: &mut Vec<Edit>,
) {
    for (index, child) in element.children.iter_mut().enumerate() {
        let Node::Element(child) = child else { continue };
        path.push(index);
        match source_of(child) {
            Some((source, is_display)) => {
                *child = self::element(source, is_display, Some(typesetter));
                let html = html(&[Node::Element(child.clone())]);
                edits.push(Edit::Replace { path: path.clone(), html });
            }
            None => typeset_below(child, typesetter, path, edits),
        }
        path.pop();
    }
}

/// The source that an element shows, and whether it is a display formula.
fn source_of(element: &Element) -> Option<(&str, bool)> {
    let is_display = match element.attribute("class")? {
        "math" => false,
        "math display" => true,
        _ => return None,
    };
    match element.children.as_slice() {
        [Node::Text(source)] => Some((source, is_display)),
        _ => None,
    }
}

/// A formula without its delimiters.
fn latex(source: &str) -> &str {
    let width = if source.starts_with("$$") || source.starts_with('\\') { 2 } else { 1 };
    source.get(width..source.len() - width).unwrap_or_default().trim()
}
