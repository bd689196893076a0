//! Puts what is selected in a message into the question that is being written.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Range};

use super::{document_event_listener, element, scroll::transcript, typing::write_after};

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

/// What is selected of a message. A selection may end after its message: a
/// click on a whole paragraph selects up to what comes next.
fn selected() -> Option<Range> {
    let selection = window().get_selection().ok()??;
    if selection.is_collapsed() {
        return None;
    }
    let range = selection.get_range_at(0).ok()?.clone_range();
    let start = range.start_container().ok()?;
    let start = start.dyn_ref::<Element>().cloned().or_else(|| start.parent_element())?;
    let message = start.closest(".prose, .bubble").ok()??;
    if !message.contains(range.end_container().ok().as_ref()) {
        range.set_end(&message, message.child_nodes().length()).ok()?;
    }
    Some(range)
}

/// Where the button goes in what scrolls: below what is selected.
fn place() -> Option<(f64, f64)> {
    let range = selected()?;
    let around = range.get_bounding_client_rect();
    let scrolls = transcript()?;
    let seen = scrolls.get_bounding_client_rect();
    let left = (around.left() - seen.left()).clamp(8.0, (seen.width() - 120.0).max(8.0));
    Some((left, around.bottom() - seen.top() + f64::from(scrolls.scroll_top()) + 8.0))
}

/// Quotes the selection in the field, each line after a sign that Markdown knows.
fn quote_selection() {
    let Some((selection, range)) = window().get_selection().ok().flatten().zip(selected()) else {
        return;
    };
    // Only a selection has the breaks between blocks in its text.
    selection.remove_all_ranges().ok();
    selection.add_range(&range).ok();
    let text = String::from(selection.to_string());
    let quoted: String = text.trim().lines().map(|line| format!("> {line}\n")).collect();
    write_after(&format!("{quoted}\n"));
    selection.remove_all_ranges().ok();
}
