//! Where the focus goes when what had it goes from the page: to what a person goes on with. Without
//! this it would be nowhere, and whoever uses keys would begin at the top again.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::focus_message;

/// Once what changes now has been rendered, and where that has lost the focus, focuses the first of
/// these selectors that can be, or else what one goes on with after everything.
pub(crate) fn refocus(wanted: Vec<String>) {
    request_animation_frame(move || {
        if is_lost() && !focus_first(&wanted) {
            focus_writing();
        }
    });
}

fn focus_first(wanted: &[String]) -> bool {
    wanted.iter().any(|wanted| {
        let Ok(Some(element)) = document().query_selector(wanted) else { return false };
        // What is not shown does not take it.
        element.unchecked_ref::<HtmlElement>().focus().ok();
        document().active_element() == Some(element)
    })
}

fn focus_writing() {
    if is_touched() {
        focus_first(&["#transcript".to_owned()]);
    } else {
        focus_message();
    }
}

/// True if nothing has the focus, for which browsers say that the body has it.
fn is_lost() -> bool {
    let body = document().body();
    document().active_element().is_none_or(|it| body.is_some_and(|body| *body == it))
}

/// True if the page is used with fingers.
fn is_touched() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}
