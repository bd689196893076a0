//! The browser's side: everything that only means something where there is a window.
//!
//! The server compiles this too, because one source renders in both places, but nothing here is
//! reached while it renders: only effects and event handlers call it, and those run in browsers.

mod address;
mod colours;
mod follow;
mod grow;
mod scroll;
mod typesetter;
mod typing;
mod prose;

use std::future::Future;

use leptos::{ev, prelude::*, task::spawn_local};
use protocol::MessageId;
use wasm_bindgen::{JsCast, JsValue};

pub(crate) use address::{address, follow_link, go_to};
pub(crate) use grow::grow;
pub(crate) use prose::clicked_in_prose;
pub(crate) use scroll::{scrolled, stick_soon, to_the_end};
pub(crate) use typing::{Typing, grow_field, keep_draft, restore_draft, set_field};

use crate::{
    Theme, rpc,
    state::{Connection, State},
};

/// Runs a future on the page.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) {
    spawn_local(future);
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

/// Shows a theme and keeps it for a year.
pub(crate) fn set_theme(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    // Neither can fail: the attribute's name is valid, and so is the cookie.
    match theme.attribute() {
        Some(value) => root.set_attribute("data-theme", value).ok(),
        None => root.remove_attribute("data-theme").ok(),
    };
    let cookie =
        format!("{}={}; Path=/; Max-Age=31536000; SameSite=Lax", Theme::COOKIE, theme.as_str());
    document().unchecked_into::<web_sys::HtmlDocument>().set_cookie(&cookie).ok();
}

/// Listens to what happens to the window as a whole, for as long as the page lives.
pub(crate) fn listen(state: State) {
    window_event_listener(ev::popstate, move |_| spawn(state.open(address())));
    window_event_listener(ev::offline, move |_| state.connection.set(Connection::Offline));
    window_event_listener(ev::online, move |_| state.connection.set(Connection::Fine));
    if !window().navigator().on_line() {
        state.connection.set(Connection::Offline);
    }
    // Another tab or device may have asked meanwhile.
    document_event_listener("visibilitychange", move || {
        if document().visibility_state() == web_sys::VisibilityState::Visible {
            spawn(state.refresh_list());
        }
    });
    to_the_end();
}

/// Listens on the document for as long as the page lives.
fn document_event_listener(name: &str, handler: impl Fn() + 'static) {
    let handler = wasm_bindgen::closure::Closure::<dyn Fn()>::new(handler);
    // It fails only for names that no browser has.
    document().add_event_listener_with_callback(name, handler.as_ref().unchecked_ref()).ok();
    handler.forget();
}

/// Copies an answer as Markdown. False if the browser did not allow it.
pub(crate) async fn copy_answer(answer: MessageId) -> bool {
    match rpc::markdown_of(answer).await {
        Ok(markdown) => copy(&markdown).await,
        Err(_) => false,
    }
}

/// Copies a text. Browsers offer the clipboard on secure origins only, so a page reached by plain
/// HTTP over a network falls back to the older way.
pub(crate) async fn copy(text: &str) -> bool {
    if window().is_secure_context() {
        let copied = window().navigator().clipboard().write_text(text);
        return wasm_bindgen_futures::JsFuture::from(copied).await.is_ok();
    }
    copy_by_selection(text).is_ok_and(|copied| copied)
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
