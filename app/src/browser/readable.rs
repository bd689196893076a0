//! What a message says, without what only serves the page.

use leptos::prelude::document;
use protocol::MessageId;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Buttons, captions of code, and the second writing of a formula.
const NOT_SAID: &str = "button:not(.image), figcaption, annotation";

/// A message as editors and voices take it.
pub(crate) struct Readable {
    pub(crate) html: String,
    /// With the breaks between blocks, rows and items.
    pub(crate) text: String,
}

impl Readable {
    /// Of a message that is on the page.
    pub(crate) fn of(message: MessageId) -> Option<Self> {
        let selector = format!("#m-{message} > .prose, #m-{message} .bubble");
        let body = document().query_selector(&selector).ok()??;
        let copy: HtmlElement = body.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
        let not_said = copy.query_selector_all(NOT_SAID).ok()?;
        for index in 0..not_said.length() {
            if let Some(element) =
                not_said.get(index).and_then(|node| node.dyn_into::<Element>().ok())
            {
                element.remove();
            }
        }
        // Breaks are between what is laid out only. It is gone again before anything is painted.
        body.parent_element()?.append_child(&copy).ok()?;
        let text = copy.inner_text();
        copy.remove();
        Some(Self { html: copy.inner_html(), text })
    }
}
