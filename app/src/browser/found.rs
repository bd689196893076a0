//! What a search finds, used with keys: from the field into the results and back.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::{composes, element};

/// The results of the search, each a link.
const RESULTS: &str = ".sidebar .found a";

/// Listens to keys in the field of the search, which has this id, and on its results, for as long as they can be there.
pub(crate) fn walk_found(field: &'static str) {
    let handle = window_event_listener(ev::keydown, move |event| walk(&event, field));
    on_cleanup(move || handle.remove());
}

fn walk(event: &KeyboardEvent, field: &str) {
    let other = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
    let (Some(field), Some(focused)) = (element(field), document().active_element()) else {
        return;
    };
    let results = results();
    let in_field = **field == *focused;
    let here = results.iter().position(|result| ***result == *focused);
    if other || composes(event) || (!in_field && here.is_none()) {
        return;
    }
    let next = match (event.key().as_str(), here) {
        // It would send the form, and read anew the page that shows the results already.
        ("Enter", None) => {
            event.prevent_default();
            if let Some(best) = results.first() {
                best.click();
            }
            return;
        }
        ("ArrowDown", None) => results.first(),
        ("ArrowDown", Some(here)) => results.get(here + 1),
        ("ArrowUp", Some(0)) => Some(&field),
        ("ArrowUp", Some(here)) => results.get(here - 1),
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = next {
        next.focus().ok();
    }
}

fn results() -> Vec<HtmlElement> {
    let Ok(results) = document().query_selector_all(RESULTS) else { return Vec::new() };
    let results = (0..results.length()).filter_map(|index| results.get(index));
    results.filter_map(|result| result.dyn_into().ok()).collect()
}
