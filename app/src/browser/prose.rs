//! Clicks inside rendered text. It is HTML and not components, so one listener serves all of it.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::{copy, spawn};

/// Serves the buttons that the renderer writes.
pub(crate) fn clicked_in_prose(event: &MouseEvent) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return;
    };
    let closest = |selector| target.closest(selector).ok().flatten();
    if let Some(button) = closest(".prose button.copy") {
        copy_code(button);
    } else if let Some(button) = closest(".prose button.image") {
        load_image(&button).ok();
    }
}

/// Copies the code block that a button stands in.
fn copy_code(button: Element) {
    let Some(code) = button
        .closest("figure")
        .ok()
        .flatten()
        .and_then(|figure| figure.query_selector("code").ok().flatten())
    else {
        return;
    };
    let text = code.text_content().unwrap_or_default();
    spawn(async move {
        let label = if copy(&text).await { "Copied" } else { "Not allowed" };
        button.set_text_content(Some(label));
        set_timeout(move || button.set_text_content(Some("Copy")), Duration::from_secs(2));
    });
}

/// Puts the image in place of the button that names its host: only a click makes a request.
fn load_image(button: &Element) -> Result<(), wasm_bindgen::JsValue> {
    let Some(source) = button.get_attribute("data-src") else { return Ok(()) };
    let image = document().create_element("img")?;
    image.set_attribute("referrerpolicy", "no-referrer")?;
    image.set_attribute("alt", &button.get_attribute("data-alt").unwrap_or_default())?;
    image.set_attribute("src", &source)?;
    button.replace_with_with_node_1(&image)
}
