//! Menus that open beside a button. With keys one moves in them as in the menus of a system.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, HtmlElement, HtmlFormElement, KeyboardEvent, ShowPopoverOptions};

use super::{close_popover, element, elements};

/// What can have the focus in a menu.
pub(crate) const CONTROL: &str = "button:enabled, a[href], input:not([type=hidden]), select";

/// Opens a menu beside the button that asks for it. The focus goes to the first that matches `first`,
/// or to the menu itself, from which keys go on.
pub(crate) fn open_menu(id: &'static str, button: &EventTarget, first: Option<&'static str>) {
    let Some(menu) = element(id) else { return };
    let Some(button) = button.dyn_ref::<HtmlElement>().cloned() else { return };
    // What was written and not sent was meant for what the menu was open for before.
    if let Ok(Some(form)) = menu.query_selector("form") {
        form.unchecked_into::<HtmlFormElement>().reset();
    }
    // The browser gives the focus back to what has it now, and Safari focuses no button that is clicked.
    button.focus().ok();
    // What is opened from within a drawer leaves that open, where the browser knows from where.
    let from = ShowPopoverOptions::new();
    from.set_source(&button);
    menu.show_popover_with_options(&from).ok();
    place_beside(&menu, &button);
    // What it shows may be rendered only now, and then it has another height.
    request_animation_frame(move || {
        place_beside(&menu, &button);
        // Somebody was quicker.
        if menu.contains(document().active_element().as_deref()) {
            return;
        }
        let first = first.and_then(|first| menu.query_selector(first).ok().flatten());
        let first = first.and_then(|first| first.dyn_into().ok());
        first.as_ref().unwrap_or(&menu).focus().ok();
    });
}

/// Opens a menu beside the button that the page has for it, with what matches `first` to go on with.
pub(crate) fn open_menu_of_page(id: &'static str, first: &'static str) {
    if let Some(button) = button_of(id) {
        open_menu(id, &button, Some(first));
    }
}

/// Presses the button that the page has for a panel, which opens it.
pub(crate) fn press_button_of(panel: &str) {
    if let Some(button) = button_of(panel) {
        button.click();
    }
}

/// Panels come last in the page, so a button in one that closes it is not the first.
fn button_of(panel: &str) -> Option<HtmlElement> {
    let selector = format!("[popovertarget={panel}]");
    document().query_selector(&selector).ok()??.dyn_into().ok()
}

fn place_beside(popover: &HtmlElement, button: &HtmlElement) {
    let (button, size) = (button.get_bounding_client_rect(), popover.get_bounding_client_rect());
    let inner = |value: Result<JsValue, JsValue>| value.ok().and_then(|value| value.as_f64());
    let width = inner(window().inner_width()).unwrap_or(0.0);
    let height = inner(window().inner_height()).unwrap_or(0.0);
    let left = button.left().min(width - size.width() - EDGE).max(EDGE);
    let below = button.bottom() + 4.0;
    let top = if below + size.height() + EDGE > height {
        (button.top() - size.height() - 4.0).max(EDGE)
    } else {
        below
    };
    // The style sheet puts it elsewhere on a phone.
    for (name, value) in [("--left", left), ("--top", top)] {
        popover.style().set_property(name, &format!("{value}px")).ok();
    }
}

/// How far from the edge of the window a popover stays, in CSS pixels.
const EDGE: f64 = 8.0;

/// Leads the focus through the controls of a menu. Tab past either end closes it and goes on from its
/// button; the menu itself is last in the page, from where nothing follows.
pub(crate) fn walk_menu(event: &KeyboardEvent, id: &str) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let Some(menu) = element(id) else { return };
    let controls: Vec<HtmlElement> = elements(menu.query_selector_all(CONTROL));
    let Some(last) = controls.len().checked_sub(1) else { return };
    let focused = document().active_element();
    let here = focused
        .as_ref()
        .and_then(|focused| controls.iter().position(|control| ***control == **focused));
    // In a text or a list of choices these keys have a meaning of their own.
    let writes = focused.is_some_and(|it| it.matches("input, select").unwrap_or(false));
    let next = match event.key().as_str() {
        "Tab" if event.shift_key() => {
            if here.is_none_or(|here| here == 0) {
                event.prevent_default();
                close_popover(id);
            }
            return;
        }
        "Tab" => {
            // The button has the focus then, and what the browser does with the key begins there.
            if here == Some(last) {
                close_popover(id);
            }
            return;
        }
        _ if writes => return,
        "ArrowDown" => here.filter(|here| *here < last).map_or(0, |here| here + 1),
        "ArrowUp" => here.and_then(|here| here.checked_sub(1)).unwrap_or(last),
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = controls.get(next) {
        next.focus().ok();
    }
}
