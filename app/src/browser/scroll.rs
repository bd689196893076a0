//! The scrolling part follows the growing end only while the reader is there. Any scroll upwards
//! releases it; reaching the end, or the button, takes it up again.

use std::{cell::Cell, time::Duration};

use js_sys::JsString;
use leptos::prelude::*;
use protocol::MessageId;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};

use super::elements;

use crate::{
    aside::{self, Action},
    state::State,
};

/// How near to the end counts as there, in CSS pixels: zoom leaves fractions.
const NEAR: i32 = 8;

thread_local! {
    /// Where the transcript stood when it was last seen, to tell up from down.
    static LAST_TOP: Cell<i32> = const { Cell::new(0) };
}

pub(super) fn transcript() -> Option<Element> {
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
    if upwards && top < OLDER_WITHIN * element.client_height() && state.has_older.get_untracked() {
        aside::act(state, Action::OlderMessages);
    }
}

/// How near to the beginning older messages are loaded, in screens.
const OLDER_WITHIN: i32 = 2;

/// How far from the end the reader is, which does not change when something is put in above.
pub(crate) fn place_of_reader() -> Option<i32> {
    transcript().map(|element| element.scroll_height() - element.scroll_top())
}

/// Puts the reader back, after something was put in above.
pub(crate) fn keep_place(place: Option<i32>) {
    request_animation_frame(move || {
        if let (Some(element), Some(from_end)) = (transcript(), place) {
            element.set_scroll_top(element.scroll_height() - from_end);
            LAST_TOP.set(element.scroll_top());
        }
    });
}

/// Brings a message into view and marks it for a moment; if it was found by a search, the first of its blocks that has
/// the first word of what was typed, since an answer may be many screens long.
pub(crate) fn show_message(state: State, message: MessageId) {
    request_animation_frame(move || {
        let Some(element) = document().get_element_by_id(&format!("m-{message}")) else { return };
        let found = state.typed.with_untracked(|typed| block_with(&element, typed));
        let element = found.unwrap_or(element);
        element.scroll_into_view();
        let classes = element.class_list();
        // It fails only for names with spaces.
        classes.add_1("sought").ok();
        set_timeout(move || drop(classes.remove_1("sought")), Duration::from_secs(2));
    });
}

/// What a message is searched by, the smallest that is worth to be marked.
const BLOCKS: &str = "p, h1, h2, h3, h4, h5, h6, tr, figure";

fn block_with(message: &Element, typed: &str) -> Option<Element> {
    let word = String::from(lower_case(typed.split_whitespace().next()?));
    let blocks: Vec<Element> = elements(message.query_selector_all(BLOCKS));
    blocks
        .into_iter()
        .find(|block| block.text_content().is_some_and(|it| lower_case(&it).includes(&word, 0)))
}

/// As the browser does it, which has the tables for that already.
fn lower_case(text: &str) -> JsString {
    JsString::from(text).to_lower_case()
}

/// Goes to the end if the reader is following it.
pub(crate) fn stick(state: State) {
    if !state.at_end.get_untracked() || state.shown.with_untracked(Option::is_none) {
        return;
    }
    if let Some(element) = transcript() {
        element.set_scroll_top(element.scroll_height());
        LAST_TOP.set(element.scroll_top());
    }
}

/// Goes to the end, if the reader is following it, whenever the transcript has another height: a phone's keyboard
/// comes, or the field grows. For as long as the page lives.
pub(crate) fn stick_when_resized(state: State) {
    let resized = Closure::<dyn Fn()>::new(move || stick(state));
    // It fails only where something else is called.
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
    if let Some((observer, transcript)) = observer.zip(transcript()) {
        observer.observe(&transcript);
    }
    resized.forget();
}

/// Goes to the end, if the reader is following it, after what changes now has been rendered.
pub(crate) fn stick_soon(state: State) {
    request_animation_frame(move || stick(state));
}

/// Shows the end of a conversation, or the beginning of what greets on an empty page.
pub(crate) fn show_end(state: State) {
    if state.shown.with_untracked(Option::is_some) {
        to_the_end();
    } else if let Some(element) = transcript() {
        element.set_scroll_top(0);
    }
}

/// Leaves somebody where they read who has scrolled up before the page was live. What came late, such as a picture,
/// moves the end by less.
pub(crate) fn leave_reader(state: State) {
    let Some(element) = transcript().filter(|_| state.shown.with_untracked(Option::is_some)) else {
        return;
    };
    let (top, height) = (element.scroll_top(), element.client_height());
    if element.scroll_height() - height - top > height / 4 {
        LAST_TOP.set(top);
        state.at_end.set(false);
    }
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

/// Leaves what is far above the end out of the first rendering of what is shown next.
pub(crate) fn leave_out() {
    if let Some(root) = document().document_element() {
        root.remove_attribute(WHOLE).ok();
    }
    // That rendering is of the next frame, and the rest is laid out after it.
    request_animation_frame(|| set_timeout(lay_out_rest, Duration::ZERO));
}

/// The attribute of a page of which nothing is left out.
const WHOLE: &str = "data-whole";

/// The answers that the style sheet leaves out of what has just come: those far above what is seen first.
const LEFT_OUT: &str = ".answer:not(.laid-out, :nth-last-child(-n + 4))";

/// Lays them out, the lowest first and each in a task of its own. Then all heights are known, and nothing moves any more
/// when it comes into sight.
pub(super) fn lay_out_rest() {
    lay_out_one_by_one(elements(document().query_selector_all(LEFT_OUT)));
}

fn lay_out_one_by_one(mut left_out: Vec<Element>) {
    if let Some(answer) = left_out.pop() {
        answer.class_list().add_1("laid-out").ok();
        // Asking for its height has that done now. Else it would be done for many at once, in the next frame.
        answer.client_height();
        set_timeout(move || lay_out_one_by_one(left_out), Duration::ZERO);
    } else if let Some(root) = document().document_element() {
        root.set_attribute(WHOLE, "").ok();
    }
}

/// Forgets where it stood, since another conversation comes.
pub(crate) fn forget() {
    LAST_TOP.set(0);
}
