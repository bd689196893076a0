//! The scrolling part follows the growing end only while the reader is there. Any scroll upwards
//! releases it; reaching the end, or the button, takes it up again.

use std::cell::Cell;

use leptos::prelude::*;
use web_sys::Element;

use crate::state::State;

/// How near to the end counts as there, in CSS pixels: zoom leaves fractions.
const NEAR: i32 = 8;

thread_local! {
    /// Where the transcript stood when it was last seen, to tell up from down.
    static LAST_TOP: Cell<i32> = const { Cell::new(0) };
}

fn transcript() -> Option<Element> {
    document().get_element_by_id("transcript")
}

/// The transcript was scrolled, by the reader or by [`stick`].
pub(crate) fn scrolled(state: State) {
    let Some(element) = transcript() else { return };
    let top = element.scroll_top();
    let from_end = element.scroll_height() - element.client_height() - top;
    let upwards = top < LAST_TOP.replace(top);
    let at_end = state.at_end.get_untracked();
    let now_at_end = from_end <= NEAR || (at_end && !upwards);
    if now_at_end != at_end {
        state.at_end.set(now_at_end);
    }
}

/// Goes to the end if the reader is following it.
pub(crate) fn stick(state: State) {
    if !state.at_end.get_untracked() {
        return;
    }
    if let Some(element) = transcript() {
        element.set_scroll_top(element.scroll_height());
        LAST_TOP.set(element.scroll_top());
    }
}

/// Goes to the end, if the reader is following it, after what changes now has been rendered.
pub(crate) fn stick_soon(state: State) {
    request_animation_frame(move || stick(state));
}

/// Goes to the end after the next rendering.
pub(crate) fn to_the_end() {
    request_animation_frame(|| {
        if let Some(element) = transcript() {
            element.set_scroll_top(element.scroll_height());
            LAST_TOP.set(element.scroll_top());
        }
    });
}

/// Forgets where it stood, since another conversation comes.
pub(crate) fn forget() {
    LAST_TOP.set(0);
}
