//! Puts what is selected in a message into the question that is being written.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::Node;

use super::{document_event_listener, element, typing::write_after};

/// The id of the button that stands beside a selection.
pub(crate) const QUOTE: &str = "quote";

/// Shows the button beside whatever is selected in the transcript, for as long as the page lives.
pub(crate) fn offer_to_quote() {
    if let Some(button) = element(QUOTE) {
        let quote = Closure::<dyn Fn()>::new(quote_selection);
        button.set_onclick(Some(quote.as_ref().unchecked_ref()));
        quote.forget();
    }
    document_event_listener("selectionchange", || {
        let Some(button) = element(QUOTE) else { return };
        match place() {
            Some((left, top)) => {
                for (name, value) in [("left", left), ("top", top)] {
                    button.style().set_property(name, &format!("{value}px")).ok();
                }
                button.remove_attribute("hidden").ok();
            }
            None => {
                button.set_attribute("hidden", "").ok();
            }
        }
    });
}

/// Where the button goes: below the end of a selection inside a message.
fn place() -> Option<(f64, f64)> {
    let selection = window().get_selection().ok()??;
    if selection.is_collapsed() {
        return None;
    }
    let range = selection.get_range_at(0).ok()?;
    let node = range.common_ancestor_container().ok()?;
    let inside = match node.node_type() {
        Node::ELEMENT_NODE => node.dyn_into::<web_sys::Element>().ok()?,
        _ => node.parent_element()?,
    };
    inside.closest("article.message").ok()??;
    let (around, width) =
        (range.get_bounding_client_rect(), window().inner_width().ok()?.as_f64()?);
    Some((around.left().clamp(8.0, (width - 120.0).max(8.0)), around.bottom() + 8.0))
}

/// Quotes the selection in the field, each line after a sign that Markdown knows.
fn quote_selection() {
    let Some(selection) = window().get_selection().ok().flatten() else { return };
    let text = String::from(selection.to_string());
    let quoted: String = text.trim().lines().map(|line| format!("> {line}\n")).collect();
    write_after(&format!("{quoted}\n"));
    selection.remove_all_ranges().ok();
}
