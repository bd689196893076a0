//! Writing a message: which key sends, how the field grows, and how a draft is kept.

use std::{cell::Cell, time::Duration};

use leptos::{ev, prelude::*};
use protocol::{ConversationId, MessageId};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{HtmlElement, HtmlTextAreaElement, KeyboardEvent, Storage};

use super::{address, focus::is_touched, spawn};
use crate::{rpc, state::State};

/// Safari ends a composition before it tells of the key that ended it, so an Enter within this
/// time belongs to the composition.
const AFTER_COMPOSITION_MS: f64 = 100.0;

/// The key code of keys that an input method has taken.
const TAKEN_BY_INPUT_METHOD: u32 = 229;

thread_local! {
    static COMPOSED_AT_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// A composition ended: a Chinese or Japanese word was chosen.
pub(crate) fn composed() {
    COMPOSED_AT_MS.set(js_sys::Date::now());
}

/// True if the key sends the message: Enter, but neither Shift+Enter nor the Enter that chooses a
/// word. A keyboard on the screen has no Shift+Enter, so there Enter alone begins a new line.
pub(crate) fn sends(event: &KeyboardEvent) -> bool {
    let begins_line = || event.shift_key() || is_touched();
    let is_meant = event.ctrl_key() || event.meta_key() || !begins_line();
    event.key() == "Enter" && is_meant && !composes(event)
}

/// True if the key belongs to an input method, which is choosing a word with it.
pub(crate) fn composes(event: &KeyboardEvent) -> bool {
    event.is_composing()
        || event.key_code() == TAKEN_BY_INPUT_METHOD
        || js_sys::Date::now() - COMPOSED_AT_MS.get() <= AFTER_COMPOSITION_MS
}

/// Offers keys that are pressed in the field before the field gets them, for as long as the page
/// lives. What `takes` takes has no other effect.
pub(crate) fn take_keys_of_field(takes: impl Fn(&KeyboardEvent) -> bool + 'static) {
    let take = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        let in_field = event.target().and_then(|target| target.dyn_into().ok()) == field();
        if in_field && !composes(&event) && takes(&event) {
            event.prevent_default();
            event.stop_propagation();
        }
    });
    let listener = take.as_ref().unchecked_ref();
    // Listeners that capture come before those of the field.
    document().add_event_listener_with_callback_and_bool("keydown", listener, true).ok();
    take.forget();
}

/// Says in the field that it has a list of options, and which of them is active. `None` where there
/// is no list.
pub(crate) fn mark_field(list: &str, active: Option<String>) {
    let Some(field) = field() else { return };
    let marks = [
        ("role", "combobox"),
        ("aria-expanded", "true"),
        ("aria-controls", list),
        ("aria-activedescendant", active.as_deref().unwrap_or_default()),
    ];
    for (name, value) in marks {
        match active {
            Some(_) => field.set_attribute(name, value).ok(),
            None => field.remove_attribute(name).ok(),
        };
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
pub(super) fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn draft_key(conversation: Option<ConversationId>) -> String {
    match conversation {
        Some(id) => format!("draft:{id}"),
        None => "draft:new".to_owned(),
    }
}

/// How long after the last key a draft goes to the server.
const PAUSE: Duration = Duration::from_millis(800);

thread_local! {
    /// Which change of a draft was the last.
    static LAST_CHANGE: Cell<u64> = const { Cell::new(0) };
    /// The one after which the server has what is in the field. `None` where it never had it.
    static KEPT_CHANGE: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Keeps what is written and not sent, for each conversation: at once in the browser, and on the
/// server after a pause, where other devices find it.
pub(crate) fn keep_draft(state: State, conversation: Option<ConversationId>, text: String) {
    keep_here(conversation, &text);
    let change = LAST_CHANGE.get() + 1;
    LAST_CHANGE.set(change);
    let keep = move || {
        if LAST_CHANGE.get() == change {
            spawn(async move {
                let kept = rpc::keep_draft(conversation, text).await.is_ok();
                // Where one has come back to it, it may just be read as it was before.
                let is_read =
                    address() == conversation && state.shown.get_untracked() != conversation;
                if kept && LAST_CHANGE.get() == change && !is_read {
                    keep_here(conversation, "");
                    KEPT_CHANGE.set(Some(change));
                }
            });
        }
    };
    set_timeout(keep, PAUSE);
}

/// Forgets a draft in the browser; the server forgets its own when the text is sent.
pub(crate) fn forget_draft(conversation: Option<ConversationId>) {
    LAST_CHANGE.set(LAST_CHANGE.get() + 1);
    keep_here(conversation, "");
}

fn keep_here(conversation: Option<ConversationId>, text: &str) {
    let Some(storage) = storage() else { return };
    let key = draft_key(conversation);
    // A full storage costs the last words of a draft and nothing else.
    if text.is_empty() { storage.remove_item(&key) } else { storage.set_item(&key, text) }.ok();
}

/// Puts the draft of a conversation into the field: what the server has not got yet, or what it
/// has. What was typed before the scripts ran wins.
pub(crate) fn restore_draft(
    field: &HtmlTextAreaElement,
    conversation: Option<ConversationId>,
    from_server: String,
) {
    let here =
        storage().and_then(|storage| storage.get_item(&draft_key(conversation)).ok().flatten());
    let typed_early = !field.value().is_empty() && field.dataset().get("seen").is_none();
    let is_kept = here.is_none() && !typed_early;
    KEPT_CHANGE.set(is_kept.then(|| LAST_CHANGE.get()));
    if !typed_early {
        set_field(field, &here.unwrap_or(from_server));
    }
    field.unchecked_ref::<HtmlElement>().dataset().set("seen", "").ok();
}

/// True while somebody is writing in the field.
pub(crate) fn is_writing() -> bool {
    let focused = document().active_element().filter(|_| document().has_focus().unwrap_or(true));
    let is_written = |field: &HtmlTextAreaElement| !field.value().is_empty();
    field().filter(is_written).is_some_and(|field| focused.as_deref() == Some(field.as_ref()))
}

/// Puts a draft that was written in another tab into the field. False where it stands there already, or
/// would take something from somebody who writes here: what the server has not got is kept.
pub(crate) fn take_over_draft(text: &str) -> bool {
    let Some(field) = field() else { return false };
    let last_change = Some(LAST_CHANGE.get());
    if field.value() == text {
        KEPT_CHANGE.set(last_change);
        return false;
    }
    let takes_over = KEPT_CHANGE.get() == last_change && !is_writing();
    if takes_over {
        set_field(&field, text);
    }
    takes_over
}

fn field() -> Option<HtmlTextAreaElement> {
    let field = document().query_selector("textarea[name=text]").ok()??;
    field.dyn_into().ok()
}

/// Puts an earlier question into the field, to be sent in another way.
pub(crate) fn write_anew(state: State, question: MessageId, text: &str) {
    let Some(field) = field() else { return };
    state.editing.set(Some(question));
    write(&field, text);
}

/// Puts a prompt before what is written, and in place of the command by which it was picked.
pub(crate) fn write_prompt(text: &str) {
    let Some(field) = field() else { return };
    let written = field.value();
    if written.starts_with('/') && !written.contains(char::is_whitespace) {
        write(&field, text);
    } else {
        write_before(text);
    }
}

/// Puts a text before what is written.
pub(crate) fn write_before(text: &str) {
    let Some(field) = field() else { return };
    put_before(&field, text);
    wrote(&field);
}

/// Puts a text before what is in the field, quietly, and returns both.
pub(crate) fn put_before(field: &HtmlTextAreaElement, text: &str) -> String {
    let written = field.value();
    let whole = match (text, written.trim()) {
        (text, "") => text.to_owned(),
        ("", _) => written,
        (text, _) => format!("{text}\n\n{written}"),
    };
    set_field(field, &whole);
    whole
}

/// Puts a text after what is written.
pub(crate) fn write_after(text: &str) {
    let Some(field) = field() else { return };
    let written = field.value();
    let whole = match written.trim_end() {
        "" => text.to_owned(),
        written => format!("{written}\n\n{text}"),
    };
    write(&field, &whole);
}

fn write(field: &HtmlTextAreaElement, text: &str) {
    set_field(field, text);
    wrote(field);
}

fn wrote(field: &HtmlTextAreaElement) {
    field.unchecked_ref::<HtmlElement>().focus().ok();
    tell_of_input(field);
}

/// What listens for typing hears of what was written into a field as of any other text.
pub(super) fn tell_of_input(field: &web_sys::EventTarget) {
    let bubbles = web_sys::EventInit::new();
    bubbles.set_bubbles(true);
    if let Ok(event) = web_sys::Event::new_with_event_init_dict("input", &bubbles) {
        field.dispatch_event(&event).ok();
    }
}

/// Calls back with what is written whenever somebody types, for as long as the page lives.
pub(crate) fn listen_to_field(heard: impl Fn(&str) + 'static) {
    window_event_listener(ev::input, move |event| {
        let typed_into: Option<HtmlTextAreaElement> =
            event.target().and_then(|target| target.dyn_into().ok());
        if let Some(typed_into) = typed_into.filter(|it| Some(it) == field().as_ref()) {
            heard(&typed_into.value());
        }
    });
}

/// Calls back with what is written, once whatever is changing the field now has done so.
pub(crate) fn read_field_soon(heard: impl Fn(&str) + 'static) {
    request_animation_frame(move || {
        heard(&field().map(|field| field.value()).unwrap_or_default());
    });
}

/// Shows how much of something is used: so much of so much, and the words for it. Nothing hides it.
pub(crate) fn set_gauge(gauge: &web_sys::Element, used: Option<(u64, u64, String)>) {
    gauge.set_class_name(if used.is_some() { "" } else { "absent" });
    let Some((value, max, says)) = used else { return };
    let numbers = [("max", max), ("high", max / 10 * 8), ("value", value)];
    for (name, number) in numbers {
        gauge.set_attribute(name, &number.to_string()).ok();
    }
    gauge.set_attribute("aria-valuetext", &says).ok();
    gauge.set_attribute("title", &says).ok();
}
