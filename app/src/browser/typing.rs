//! Writing a message: which key sends, how the field grows, and how a draft is kept.

use leptos::prelude::*;
use protocol::ConversationId;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlTextAreaElement, KeyboardEvent, Storage};

/// Safari ends a composition before it tells of the key that ended it, so an Enter within this
/// time belongs to the composition.
const AFTER_COMPOSITION_MS: f64 = 100.0;

/// The key code of keys that an input method has taken.
const TAKEN_BY_INPUT_METHOD: u32 = 229;

/// What is remembered between keys.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    composed_at_ms: f64,
}

impl Typing {
    /// A composition ended: a Chinese or Japanese word was chosen.
    pub(crate) fn composed(&mut self) {
        self.composed_at_ms = js_sys::Date::now();
    }

    /// True if the key sends the message: Enter, but neither Shift+Enter nor the Enter that
    /// chooses a word.
    pub(crate) fn sends(&self, event: &KeyboardEvent) -> bool {
        event.key() == "Enter"
            && !event.shift_key()
            && !event.is_composing()
            && event.key_code() != TAKEN_BY_INPUT_METHOD
            && js_sys::Date::now() - self.composed_at_ms > AFTER_COMPOSITION_MS
    }
}

/// Gives the field the height of its text. Browsers that know `field-sizing` do so by themselves.
pub(crate) fn grow_field(field: &HtmlTextAreaElement) {
    let style = AsRef::<HtmlElement>::as_ref(field).style();
    if style.get_property_value("field-sizing").is_ok()
        && js_sys::Reflect::has(&style, &"fieldSizing".into()).unwrap_or(false)
    {
        return;
    }
    style.set_property("height", "auto").ok();
    style.set_property("height", &format!("{}px", field.scroll_height())).ok();
}

/// Puts a text into the field.
pub(crate) fn set_field(field: &HtmlTextAreaElement, text: &str) {
    field.set_value(text);
    grow_field(field);
}

/// Storage may be forbidden; then drafts live as long as the page.
fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn draft_key(conversation: Option<ConversationId>) -> String {
    match conversation {
        Some(id) => format!("draft:{id}"),
        None => "draft:new".to_owned(),
    }
}

/// Keeps what is written and not sent, for each conversation.
pub(crate) fn keep_draft(conversation: Option<ConversationId>, text: &str) {
    let Some(storage) = storage() else { return };
    let key = draft_key(conversation);
    // A full storage costs the draft and nothing else.
    if text.is_empty() { storage.remove_item(&key) } else { storage.set_item(&key, text) }.ok();
}

/// Puts the draft of a conversation into the field. What was typed before the scripts ran wins.
pub(crate) fn restore_draft(field: &HtmlTextAreaElement, conversation: Option<ConversationId>) {
    let kept =
        storage().and_then(|storage| storage.get_item(&draft_key(conversation)).ok().flatten());
    let typed_early = !field.value().is_empty() && field.dataset().get("seen").is_none();
    if !typed_early {
        set_field(field, &kept.unwrap_or_default());
    }
    field.unchecked_ref::<HtmlElement>().dataset().set("seen", "").ok();
}
