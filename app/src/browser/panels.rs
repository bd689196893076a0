//! What the page does with panels: dialogs, popovers, and the forms and lists in them.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent};

use super::{
    elements,
    typing::{composes, tell_of_input},
};
use crate::sidebar::{SEARCH, SIDEBAR};

fn element<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// What is in the input fields of an element, in their order.
pub(crate) fn field_values(id: &str) -> Vec<String> {
    let Some(element) = element::<Element>(id) else { return Vec::new() };
    let fields: Vec<HtmlInputElement> = elements(element.query_selector_all("input"));
    fields.iter().map(HtmlInputElement::value).collect()
}

/// True if a popover is open.
pub(crate) fn is_open(id: &str) -> bool {
    element::<Element>(id).is_some_and(|popover| popover.matches(":popover-open").unwrap_or(false))
}

/// What the focus is led through in a panel: its search field and its choices.
const STOPS: &str = "input[type=search], .pick, .found a";

/// Leads the focus up and down through the search field and the choices of a panel. Enter in the
/// search field takes the first choice.
pub(crate) fn walk(event: &KeyboardEvent, id: &str) {
    let is_other = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
    if is_other || composes(event) {
        return;
    }
    let step = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        "Enter" => 0,
        _ => return,
    };
    let Some(panel) = element::<Element>(id) else { return };
    let stops: Vec<HtmlElement> = elements(panel.query_selector_all(STOPS));
    let focused = document().active_element();
    let here = stops.iter().position(|stop| focused.as_ref().is_some_and(|it| **it == ***stop));
    match (step, here) {
        (0, Some(0)) => {
            event.prevent_default();
            if let Some(first) = stops.get(1) {
                first.click();
            }
        }
        (0, _) => {}
        (step, here) => {
            event.prevent_default();
            let next = here.map_or(0, |here| here.saturating_add_signed(step));
            if let Some(next) = stops.get(next) {
                next.focus().ok();
            }
        }
    }
}

/// The same in the list, for the field of its search and what it finds, as long as that can be there.
pub(crate) fn walk_found() {
    let found = format!("#{SEARCH}, .found a");
    let handle = window_event_listener(ev::keydown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.matches(&found).unwrap_or(false)) {
            walk(&event, SIDEBAR);
        }
    });
    on_cleanup(move || handle.remove());
}

/// Clicks a link in an element.
pub(crate) fn click_link(id: &str, address: &str) {
    let selector = format!("#{id} a[href='{address}']");
    if let Some(link) = document().query_selector(&selector).ok().flatten() {
        link.unchecked_into::<HtmlElement>().click();
    }
}

/// Replaces what is in an element. What is typed into its search stays.
pub(crate) fn keep_search<T>(id: &str, replace: impl FnOnce() -> T) -> T {
    let selector = format!("#{id} input[type=search]");
    let search = || -> Option<HtmlInputElement> {
        document().query_selector(&selector).ok()??.dyn_into().ok()
    };
    let before = search().map(|search| {
        let focused = document().active_element();
        (search.value(), focused.is_some_and(|focused| focused == **search))
    });
    let replaced = replace();
    if let (Some((typed, is_focused)), Some(search)) = (before, search()) {
        if is_focused {
            search.focus().ok();
        }
        if !typed.is_empty() {
            search.set_value(&typed);
            tell_of_input(&search);
        }
    }
    replaced
}

/// The fields of the form in a panel as a form would be sent, with the button that sent it.
pub(crate) fn form_fields(id: &str, button: &str) -> Option<String> {
    let form = element::<Element>(id)?.query_selector("form").ok()??;
    let fields = web_sys::FormData::new_with_form(&form.unchecked_into()).ok()?;
    if !button.is_empty() {
        fields.append_with_str(button, "yes").ok()?;
    }
    // Pairs are what `URLSearchParams` takes, and form data are iterated as pairs.
    let fields = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    Some(fields.to_string().into())
}

/// Replaces a form by the server's. Whoever is writing in a field goes on writing there.
pub(crate) fn replace_form(panel: &HtmlElement, html: &str) {
    let writing = document().active_element().filter(|field| panel.contains(Some(field)));
    let id = writing.as_ref().map(Element::id).unwrap_or_default();
    let written = writing.as_ref().and_then(text_of);
    panel.set_inner_html(html);
    let Some(field) = element::<HtmlElement>(&id).filter(|_| !id.is_empty()) else { return };
    field.focus().ok();
    let Some((text, start, end)) = written else { return };
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        input.set_value(&text);
        input.set_selection_range(start, end).ok();
    } else if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
        area.set_value(&text);
        area.set_selection_range(start, end).ok();
    }
}

/// What is in a field, and which part of it is selected.
fn text_of(field: &Element) -> Option<(String, u32, u32)> {
    if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        let (start, end) = (input.selection_start().ok()??, input.selection_end().ok()??);
        return Some((input.value(), start, end));
    }
    let area = field.dyn_ref::<HtmlTextAreaElement>()?;
    let (start, end) = (area.selection_start().ok()??, area.selection_end().ok()??);
    Some((area.value(), start, end))
}
