//! The address bar: which conversation it names, and how it is changed without loading a page.

use leptos::prelude::*;
use protocol::ConversationId;
use wasm_bindgen::{JsCast, JsValue};

use super::{scroll, spawn};
use crate::{sidebar::SIDEBAR, state::State};

/// The conversation that the address names.
pub(crate) fn address() -> Option<ConversationId> {
    let path = window().location().pathname().ok()?;
    path.strip_prefix("/c/")?.parse().ok()
}

/// Makes the address name a conversation, as a new entry of the history.
pub(crate) fn go_to(conversation: Option<ConversationId>) {
    let path = match conversation {
        Some(id) => format!("/c/{id}"),
        None => "/".to_owned(),
    };
    if let Ok(history) = window().history() {
        // It fails only for addresses of another origin.
        history.push_state_with_url(&JsValue::NULL, "", Some(&path)).ok();
    }
}

/// Follows one of our own links without loading a page, unless the person asked for a new tab.
pub(crate) fn follow_link(
    state: State,
    event: &web_sys::MouseEvent,
    conversation: Option<ConversationId>,
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
    close_drawer();
    if conversation != address() || state.not_found.get_untracked() {
        go_to(conversation);
    }
    scroll::forget();
    spawn(async move {
        state.open(conversation).await;
        if conversation.is_none() {
            focus_message();
        }
    });
}

fn close_drawer() {
    let Some(sidebar) = document().get_element_by_id(SIDEBAR) else { return };
    if sidebar.matches(":popover-open").unwrap_or(false) {
        sidebar.unchecked_into::<web_sys::HtmlElement>().hide_popover().ok();
    }
}

fn focus_message() {
    if let Ok(Some(field)) = document().query_selector("textarea[name=text]") {
        field.unchecked_into::<web_sys::HtmlElement>().focus().ok();
    }
}
