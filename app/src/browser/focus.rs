//! Where the focus goes when what had it goes from the page: to what a person goes on with. Without
//! this it would be nowhere, and whoever uses keys would begin at the top again.

use leptos::prelude::*;
use protocol::MessageId;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::{SAID, focus_message};

/// The button that undoes what is said in passing.
const UNDO: &str = ".said button";

/// Focuses the button that undoes what is about to be said, so that it is at hand for as long as it is
/// there. Whoever has not used it by then goes on.
pub(crate) fn focus_undo() {
    request_animation_frame(|| {
        focus_first(&[UNDO.to_owned()]);
    });
    set_timeout(
        || {
            if has_focus(UNDO) {
                refocus(Vec::new());
            }
        },
        SAID,
    );
}

/// What to focus after the switch between versions was used: in the version that comes, the arrow that
/// was used, or the other one where nothing more comes that way.
pub(crate) fn arrows_of(message: MessageId) -> Vec<String> {
    let last = document().query_selector(".siblings form:last-of-type :focus").ok().flatten();
    let which = if last.is_some() { "last" } else { "first" };
    [&format!("form:{which}-of-type "), ""]
        .map(|form| format!("#m-{message} .siblings {form}button:enabled"))
        .into()
}

/// Once what changes now has been rendered, and where that has lost the focus, focuses the first of
/// these selectors that can be, or else what one goes on with after everything.
pub(crate) fn refocus(wanted: Vec<String>) {
    request_animation_frame(move || {
        if is_lost() && !focus_first(&wanted) {
            focus_writing();
        }
    });
}

/// Goes on where questions are written. Where this would open a keyboard on the screen, only a focus
/// that was lost goes to the transcript.
pub(crate) fn go_on() {
    if is_touched() { refocus(Vec::new()) } else { focus_message() }
}

/// True if what a selector leads to has the focus.
pub(crate) fn has_focus(selector: &str) -> bool {
    document().query_selector(&format!("{selector}:focus")).is_ok_and(|found| found.is_some())
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
pub(super) fn is_touched() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}
