//! The frame of a menu that opens beside a button and is walked through with keys.

use leptos::prelude::*;

use crate::browser;

/// A menu. It is closed until a button opens it.
#[component]
pub fn Menu(id: &'static str, label: &'static str, children: Children) -> impl IntoView {
    view! {
        <div
            class="menu"
            id=id
            popover="auto"
            role="dialog"
            aria-label=label
            tabindex="-1"
            on:keydown=move |event| browser::walk_menu(&event, id)
        >
            {children()}
        </div>
    }
}
