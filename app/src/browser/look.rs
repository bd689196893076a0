//! How the page looks, which is in cookies: all tabs of a browser share them.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDocument};

use crate::{Language, Look, Theme};

/// Shows a theme.
pub(crate) fn show_theme(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    // Neither can fail, since the attribute's name is valid.
    match theme.attribute() {
        Some(value) => root.set_attribute("data-theme", value).ok(),
        None => root.remove_attribute("data-theme").ok(),
    };
}

/// Keeps a theme for a year.
pub(crate) fn keep_theme(theme: Theme) {
    let cookie =
        format!("{}={}; Path=/; Max-Age=31536000; SameSite=Lax", Theme::COOKIE, theme.as_str());
    // It is a valid cookie.
    cookies().set_cookie(&cookie).ok();
}

/// Shows the page as the cookies have it, and returns the theme. The language is that of the words,
/// which stay until the page is loaded again.
pub(crate) fn show_look(language: Language) -> Theme {
    let kept = cookies().cookie().unwrap_or_default();
    let cookie = |name: &str| {
        let mut all = kept.split(';').filter_map(|cookie| cookie.trim().split_once('='));
        all.find(|(this, _)| *this == name).map(|(_, value)| value)
    };
    let look = Look::from_cookies(cookie, language);
    show_theme(look.theme);
    let show = |root: Element| {
        for (name, value) in [
            ("data-size", look.size.as_str()),
            ("data-density", look.density.as_str()),
            ("data-width", look.width.as_str()),
            ("data-code", look.code.as_str()),
        ] {
            root.set_attribute(name, value).ok();
        }
    };
    document().document_element().map(show);
    look.theme
}

fn cookies() -> HtmlDocument {
    document().unchecked_into()
}
