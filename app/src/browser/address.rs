//! The address bar: which conversation it names, and how it is changed without loading a page.

use std::cell::Cell;

use leptos::prelude::*;
use protocol::{ConversationId, MessageId};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::History;

use super::{scroll, spawn};
use crate::{sidebar::SIDEBAR, state::State, view::path_of};

/// The conversation that the address names.
pub(crate) fn address() -> Option<ConversationId> {
    let path = window().location().pathname().ok()?;
    path.strip_prefix("/c/")?.parse().ok()
}

thread_local! {
    /// What the address named when it was last looked at.
    static LAST: Cell<Option<ConversationId>> = const { Cell::new(None) };
}

/// Whether the address names something else than when this was last asked, or [`go_to`] was last called. Asked first
/// when the page has been loaded.
pub(super) fn has_changed() -> bool {
    let now = address();
    LAST.replace(now) != now
}

/// The message that the address points at.
pub(super) fn message() -> Option<MessageId> {
    window().location().hash().ok()?.strip_prefix("#m-")?.parse().ok()
}

/// Makes the address name a conversation, as a new entry of the history.
pub(crate) fn go_to(conversation: Option<ConversationId>) {
    set_address(conversation, History::push_state_with_url);
}

/// Makes the address name a conversation again, in place of one that could not be shown.
pub(crate) fn stay_at(conversation: Option<ConversationId>) {
    set_address(conversation, History::replace_state_with_url);
}

fn set_address(
    conversation: Option<ConversationId>,
    set: fn(&History, &JsValue, &str, Option<&str>) -> Result<(), JsValue>,
) {
    if let Ok(history) = window().history() {
        // It fails only for addresses of another origin.
        set(&history, &JsValue::NULL, "", Some(&path_of(conversation))).ok();
    }
    LAST.set(conversation);
}

/// Follows one of our own links without loading a page, unless the person asked for a new tab.
pub(crate) fn follow_link(
    state: State,
    event: &web_sys::MouseEvent,
    conversation: Option<ConversationId>,
    back_to: Option<MessageId>,
) {
    let elsewhere = event.button() != 0
        || event.ctrl_key()
        || event.meta_key()
        || event.shift_key()
        || event.alt_key();
    if elsewhere {
        return;
    }
    event.prevent_default();
    if conversation.is_none() {
        // What is begun next is kept, whatever was begun before.
        state.temporary.set(false);
    }
    follow_to(state, conversation, back_to);
}

fn close_drawer() {
    super::close_popover(SIDEBAR);
}

/// Shows a conversation, or the page for a new one.
pub(crate) fn follow_to(
    state: State,
    conversation: Option<ConversationId>,
    back_to: Option<MessageId>,
) {
    close_drawer();
    if conversation != address() || state.not_found.get_untracked() {
        go_to(conversation);
    }
    scroll::forget();
    spawn(async move {
        state.open(conversation, back_to).await;
        if conversation.is_none() {
            focus_message();
        }
    });
}

/// Puts the cursor where questions are written.
pub(crate) fn focus_message() {
    if let Ok(Some(field)) = document().query_selector("textarea[name=text]") {
        field.unchecked_into::<web_sys::HtmlElement>().focus().ok();
    }
}
