//! The buttons inside rendered text, which the renderer writes.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, BlobPropertyBag, Element, HtmlAnchorElement, HtmlElement, Url};

use super::{copy, spawn};
use crate::words::MessageWords;

/// Does what a button says.
pub(crate) fn clicked(button: Element, words: &'static MessageWords) {
    match button.class_name().as_str() {
        "copy" => copy_code(button, words),
        "wrap" => toggle(&button, "aria-pressed"),
        "fold" => toggle(&button, "aria-expanded"),
        "download" => drop(download(&button)),
        "image" => drop(load_image(button)),
        _ => {}
    }
}

/// The style sheet does what the button says.
fn toggle(button: &Element, state: &str) {
    let is_on = button.get_attribute(state).is_some_and(|value| value == "true");
    button.set_attribute(state, if is_on { "false" } else { "true" }).ok();
}

fn code_of(button: &Element) -> Option<Element> {
    button.closest("figure").ok()??.query_selector("code").ok()?
}

/// Saves the code block that a button stands in as a file.
fn download(button: &Element) -> Result<(), JsValue> {
    let Some(text) = code_of(button).and_then(|code| code.text_content()) else { return Ok(()) };
    let figure = button.closest("figure")?;
    let language = figure.and_then(|figure| figure.get_attribute("data-language"));
    let kind = BlobPropertyBag::new();
    kind.set_type("text/plain;charset=utf-8");
    let parts = js_sys::Array::of1(&text.into());
    let address =
        Url::create_object_url_with_blob(&Blob::new_with_str_sequence_and_options(&parts, &kind)?)?;
    save(&address, &file_name(&language.unwrap_or_default()))?;
    // The browser has taken the file by then.
    set_timeout(move || drop(Url::revoke_object_url(&address)), Duration::from_secs(60));
    Ok(())
}

/// Saves what is at an address as a file. Without a name it gets the server's.
pub(crate) fn save(address: &str, name: &str) -> Result<(), JsValue> {
    let link = document().create_element("a")?.unchecked_into::<HtmlAnchorElement>();
    link.set_href(address);
    link.set_download(name);
    link.click();
    Ok(())
}

/// A name for a file in a language, as a fence names it.
fn file_name(language: &str) -> String {
    let language = language.to_ascii_lowercase();
    let ending = match language.as_str() {
        "bash" | "console" | "shell" | "zsh" => "sh",
        "c#" | "csharp" => "cs",
        "c++" => "cpp",
        "dockerfile" | "docker" => return "Dockerfile".to_owned(),
        "elixir" => "ex",
        "golang" => "go",
        "haskell" => "hs",
        "javascript" | "node" => "js",
        "julia" => "jl",
        "kotlin" => "kt",
        "latex" => "tex",
        "make" | "makefile" => return "Makefile".to_owned(),
        "markdown" => "md",
        "objc" | "objectivec" | "objective-c" => "m",
        "objc++" | "objective-c++" | "objective-cpp" => "mm",
        "perl" => "pl",
        "plain" | "plaintext" | "text" => "txt",
        "powershell" => "ps1",
        "python" | "python3" => "py",
        "ruby" => "rb",
        "rust" => "rs",
        "typescript" => "ts",
        "yml" => "yaml",
        ending if !ending.is_empty() && ending.chars().all(|c| c.is_ascii_alphanumeric()) => ending,
        _ => "txt",
    };
    format!("code.{ending}")
}

/// Copies the code block that a button stands in.
fn copy_code(button: Element, words: &'static MessageWords) {
    let Some(text) = code_of(&button).and_then(|code| code.text_content()) else { return };
    spawn(async move {
        let label = if copy(&text).await { words.copied } else { words.copy_refused };
        button.set_text_content(Some(label));
        set_timeout(move || button.set_text_content(Some(words.copy)), Duration::from_secs(2));
    });
}

/// Puts the image in place of the button that names its host: only a click makes a request. If the image cannot be
/// loaded, the button comes back, and says so. Either has the focus that the other one had.
fn load_image(button: Element) -> Result<(), JsValue> {
    let Some(source) = button.get_attribute("data-src") else { return Ok(()) };
    let image = document().create_element("img")?.unchecked_into::<HtmlElement>();
    image.set_attribute("referrerpolicy", "no-referrer")?;
    let text = button.query_selector(".alt")?.and_then(|text| text.text_content());
    image.set_attribute("alt", &text.unwrap_or_default())?;
    image.set_tab_index(-1);
    let button = button.unchecked_into::<HtmlElement>();
    let failed = Closure::once_into_js({
        let (image, button) = (image.clone(), button.clone());
        move || {
            button.set_attribute("data-failed", "").ok();
            put_instead(&image, &button).ok();
        }
    });
    image.add_event_listener_with_callback("error", failed.unchecked_ref())?;
    image.set_attribute("src", &source)?;
    put_instead(&button, &image)
}

fn put_instead(old: &HtmlElement, new: &HtmlElement) -> Result<(), JsValue> {
    let had_focus = document().active_element().is_some_and(|it| *it == ***old);
    old.replace_with_with_node_1(new)?;
    if had_focus { new.focus() } else { Ok(()) }
}
