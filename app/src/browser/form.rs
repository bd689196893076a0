//! Forms that are sent by the page instead of by the browser.

use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement, SubmitEvent};

/// What a form was sent with.
pub(crate) struct Submitted {
    fields: Option<FormData>,
    /// The value of the button that sent it.
    pub(crate) button: String,
}

/// Keeps the browser from sending a form, and reads it.
pub(crate) fn submitted(event: &SubmitEvent) -> Submitted {
    event.prevent_default();
    let form = event.target().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let button = event.submitter().and_then(|button| button.get_attribute("value"));
    Submitted {
        fields: form.and_then(|form| FormData::new_with_form(&form).ok()),
        button: button.unwrap_or_default(),
    }
}

impl Submitted {
    /// A field; empty where there is none.
    pub(crate) fn field(&self, name: &str) -> String {
        let value = self.fields.as_ref().and_then(|fields| fields.get(name).as_string());
        value.unwrap_or_default()
    }
}
