//! The browser's side: everything that only means something where there is a window.
//!
//! The server compiles this too, because one source renders in both places, but nothing here is
//! reached while it renders: only effects and event handlers call it, and those run in browsers.

mod address;
mod attach;
mod colours;
mod events;
mod grow;
mod form;
mod focus;
mod look;
mod menu;
mod panels;
mod scroll;
mod typesetter;
mod typing;
mod shortcuts;
mod speech;
mod quote;
mod readable;
mod prose;

use std::{cell::Cell, future::Future, time::Duration};

use leptos::{ev, prelude::*, task::spawn_local};
use protocol::MessageId;
use readable::Readable;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

pub(crate) use address::{address, focus_message, follow_link, follow_to, go_to, stay_at};
pub(crate) use attach::{
    add_files, files_in, forget_files, keep_file, keep_files, kept_files, next_key, pick_files,
};
pub(crate) use events::{listen_again, listen_to_server, prepare_events};
pub(crate) use focus::{arrows_of, focus_undo, go_on, has_focus, refocus};
pub(crate) use form::submitted;
pub(crate) use grow::{Open, grow};
pub(crate) use look::{keep_theme, show_look, show_theme};
pub(crate) use menu::{CONTROL, open_menu, open_menu_of_page, press_button_of, walk_menu};
pub(crate) use panels::{
    click_link, field_values, form_fields, is_open, keep_search, replace_form, walk, walk_found,
};
pub(crate) use prose::{clicked, save};
pub(crate) use quote::{QUOTE, offer_to_quote};
pub(crate) use scroll::{
    keep_place, leave_out, leave_reader, place_of_reader, scrolled, show_end, show_message,
    stick_soon, stick_when_resized, to_the_end,
};
pub(crate) use shortcuts::Shortcut;
pub(crate) use speech::{read_aloud, stop_reading};
pub(crate) use typing::{
    composed, composes, forget_draft, grow_field, is_writing, keep_draft, listen_to_field,
    mark_field, put_before, read_field_soon, restore_draft, sends, set_field, set_gauge,
    take_keys_of_field, take_over_draft, write_anew, write_before, write_prompt,
};

use crate::{
    aside, rpc,
    state::{Connection, Said, State},
    view::HitView,
};

/// Runs a future on the page.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) {
    spawn_local(future);
}

/// Does one thing after another, each in a task of its own: a browser that does all at once answers
/// nothing meanwhile.
pub(crate) fn in_turn(state: State, steps: &'static [fn(State)]) {
    if let Some((first, later)) = steps.split_first() {
        let step = move || {
            first(state);
            in_turn(state, later);
        };
        set_timeout(step, Duration::ZERO);
    }
}

/// Milliseconds since 1970 in UTC.
pub(crate) fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// What is added to UTC to get the reader's time, in milliseconds.
pub(crate) fn time_zone_offset_ms() -> i64 {
    let minutes = js_sys::Date::new_0().get_timezone_offset();
    -(minutes as i64) * 60 * 1000
}

/// Names the tab after what is shown.
pub(crate) fn set_title(conversation: Option<&str>) {
    document().set_title(&match conversation {
        Some(title) => format!("{title} · Inglenook"),
        None => "Inglenook".to_owned(),
    });
}

/// Listens to what happens to the window as a whole, for as long as the page lives.
pub(crate) fn listen(state: State) {
    address::has_changed();
    window_event_listener(ev::popstate, move |_| {
        // A link to a place in the page makes an entry of the history, too, but leads nowhere else.
        if address::has_changed() {
            spawn(state.open(address(), None));
        }
    });
    window_event_listener(ev::offline, move |_| state.connection.set(Connection::Offline));
    window_event_listener(ev::online, move |_| state.connection.set(Connection::Fine));
    if !window().navigator().on_line() {
        state.connection.set(Connection::Offline);
    }
    shortcuts::listen(state);
    attach::listen(state);
    when_at_rest(move || {
        aside::prefetch(state);
        // To begin the requests of a part takes some time of the page's thread, so each has its own turn.
        when_at_rest(grow::prefetch);
    });
    match address::message() {
        Some(message) => show_message(state, message),
        None if state.at_end.get_untracked() => show_end(state),
        None => {}
    }
    // Everything on the page is live now.
    if let Some(root) = document().document_element() {
        root.set_attribute("data-live", "").ok();
    }
    scroll::lay_out_rest();
}

/// How long something that was done stays said: long enough to undo it.
const SAID: Duration = Duration::from_secs(10);

thread_local! {
    /// How often something was said.
    static SAYINGS: Cell<u64> = const { Cell::new(0) };
}

/// Says what was done, in passing. The same may be said again before its time is over, and then has
/// its time anew.
pub(crate) fn say(state: State, said: Said) {
    let saying = SAYINGS.get() + 1;
    SAYINGS.set(saying);
    state.said.set(Some(said));
    set_timeout(
        move || {
            if SAYINGS.get() == saying {
                state.said.set(None);
            }
        },
        SAID,
    );
}

/// Listens on the document for as long as the page lives.
fn document_event_listener(name: &str, handler: impl Fn() + 'static) {
    let handler = wasm_bindgen::closure::Closure::<dyn Fn()>::new(handler);
    // It fails only for names that no browser has.
    document().add_event_listener_with_callback(name, handler.as_ref().unchecked_ref()).ok();
    handler.forget();
}

/// Copies an answer as Markdown. False if it could not be read, or the browser did not allow it.
pub(crate) async fn copy_answer(answer: MessageId) -> bool {
    if !window().is_secure_context() {
        return match rpc::markdown_of(answer).await {
            Ok(markdown) => copy(&markdown).await,
            Err(_) => false,
        };
    }
    // Safari lets a page write to the clipboard only while it hears of what the person did, so the text is promised.
    let text = future_to_promise(async move {
        let markdown = rpc::markdown_of(answer).await.map_err(|_| JsValue::NULL)?;
        blob(TEXT, &markdown).map(JsValue::from)
    });
    match put_on_clipboard(&[(TEXT, text.into())]) {
        Ok(copied) => JsFuture::from(copied).await.is_ok(),
        Err(_) => false,
    }
}

const TEXT: &str = "text/plain";

fn blob(kind: &str, content: &str) -> Result<web_sys::Blob, JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&content.into());
    web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)
}

/// Puts the same on the clipboard as several types: each a blob, or a promise of one.
fn put_on_clipboard(types: &[(&str, JsValue)]) -> Result<js_sys::Promise, JsValue> {
    let item = js_sys::Object::new();
    for (kind, content) in types {
        js_sys::Reflect::set(&item, &(*kind).into(), content)?;
    }
    let item = web_sys::ClipboardItem::new_with_record_from_str_to_blob_promise(&item)?;
    Ok(window().navigator().clipboard().write(&js_sys::Array::of1(&item)))
}

/// Copies a text. Browsers offer the clipboard on secure origins only, so a page reached by plain
/// HTTP over a network falls back to the older way.
pub(crate) async fn copy(text: &str) -> bool {
    if window().is_secure_context() {
        let copied = window().navigator().clipboard().write_text(text);
        return JsFuture::from(copied).await.is_ok();
    }
    copy_by_selection(text).is_ok_and(|copied| copied)
}

/// Copies a message as it looks: as HTML for editors that take it, and as text for the others.
pub(crate) async fn copy_rich(message: MessageId) {
    let Some(Readable { html, text }) = Readable::of(message) else { return };
    let rich = || -> Result<js_sys::Promise, JsValue> {
        let html = blob("text/html", &html)?;
        put_on_clipboard(&[("text/html", html.into()), (TEXT, blob(TEXT, &text)?.into())])
    };
    if window().is_secure_context()
        && let Ok(copied) = rich()
    {
        JsFuture::from(copied).await.ok();
    } else {
        copy(&text).await;
    }
}

/// How long after a key the server is asked.
pub(crate) const TYPED: Duration = Duration::from_millis(120);

/// Searches for the palette once nothing more is typed for a moment.
pub(crate) fn find_soon(typed: RwSignal<String>, hits: RwSignal<Vec<HitView>>) {
    let text = typed.get_untracked();
    let find = move || {
        if typed.get_untracked() != text {
            return;
        }
        spawn(async move {
            let found = if text.trim().is_empty() {
                Ok(Vec::new())
            } else {
                rpc::search(text.clone()).await
            };
            if let Ok(found) = found
                && typed.get_untracked() == text
            {
                hits.set(found);
            }
        });
    };
    set_timeout(find, TYPED);
}

/// Brings the chosen option of a list into view.
pub(crate) fn show_chosen(list: &str) {
    let selector = format!("#{list} [aria-selected=true]");
    request_animation_frame(move || {
        if let Ok(Some(option)) = document().query_selector(&selector) {
            option.scroll_into_view_with_bool(false);
        }
    });
}

/// Leaves for another page of ours.
pub(crate) fn leave_for(address: &str) {
    window().location().assign(address).ok();
}

fn copy_by_selection(text: &str) -> Result<bool, JsValue> {
    let document = document();
    let body = document.body().ok_or(JsValue::NULL)?;
    let area =
        document.create_element("textarea")?.unchecked_into::<web_sys::HtmlTextAreaElement>();
    area.set_value(text);
    area.set_class_name("visually-hidden");
    body.append_child(&area)?;
    area.select();
    let copied = document.unchecked_into::<web_sys::HtmlDocument>().exec_command("copy");
    area.remove();
    copied
}

/// Calls back when the page has done what it does at first.
fn when_at_rest(callback: impl FnOnce() + 'static) {
    // Safari knows no idle callbacks, and nothing depends on the moment.
    set_timeout(callback, AT_REST);
}

/// How long after hydration the page is at rest.
const AT_REST: Duration = Duration::from_millis(300);

/// Opens a popover.
pub(crate) fn show_popover(id: &str) {
    if let Some(popover) = element(id) {
        popover.show_popover().ok();
    }
}

/// True if there is an element with nothing in it.
pub(crate) fn is_empty(id: &str) -> bool {
    element(id).is_some_and(|element| element.first_element_child().is_none())
}

/// An element of which nothing is left but itself.
pub(crate) fn emptied(id: &str) -> Option<web_sys::HtmlElement> {
    let element = element(id)?;
    element.set_text_content(None);
    Some(element)
}

/// Closes a popover if it is open.
pub(crate) fn close_popover(id: &str) {
    if let Some(popover) = element(id)
        && popover.matches(":popover-open").unwrap_or(false)
    {
        popover.hide_popover().ok();
    }
}

/// Opens a dialog over everything else.
pub(crate) fn open_dialog(id: &str) {
    if let Some(dialog) = dialog(id).filter(|dialog| !dialog.open()) {
        dialog.show_modal().ok();
    }
}

/// Closes a dialog.
pub(crate) fn close_dialog(id: &str) {
    if let Some(dialog) = dialog(id) {
        dialog.close();
    }
}

fn dialog(id: &str) -> Option<web_sys::HtmlDialogElement> {
    element(id)?.dyn_into().ok()
}

/// What was found by a selector.
fn elements<T: JsCast>(found: Result<web_sys::NodeList, JsValue>) -> Vec<T> {
    let Ok(found) = found else { return Vec::new() };
    let nodes = (0..found.length()).filter_map(|index| found.get(index));
    nodes.filter_map(|node| node.dyn_into().ok()).collect()
}

pub(crate) fn element(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
