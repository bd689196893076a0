//! How the conversation is answered, in a sheet beside it. The form in it comes from the server as
//! HTML and is saved whenever something in it has changed.

use leptos::{ev::SubmitEvent, html, prelude::*};

use crate::{
    aside, browser,
    icon::{Icon, Shape},
    language::words,
    rpc,
    state::State,
};

/// The sheet's id.
pub(crate) const SHEET: &str = "conversation-settings";

/// The sheet. It stands outside the form that asks, because it holds one of its own.
#[component]
pub fn SettingsSheet() -> impl IntoView {
    let state = State::here();
    let words = words();
    let content = NodeRef::<html::Div>::new();
    // The answer to an older request must not replace that to a newer one.
    let requests = StoredValue::new(0_u32);
    let request = move |fields: Option<String>| {
        requests.update_value(|requests| *requests += 1);
        let this = requests.get_value();
        let shown = state.shown.get_untracked();
        let (persona, changed) = state.library.beginning();
        browser::spawn(async move {
            let written = fields.is_some();
            let answer = rpc::settings(shown, persona, changed, fields).await;
            if this != requests.get_value() || shown != state.shown.get_untracked() {
                return;
            }
            match answer {
                Ok(sheet) => {
                    if let Some(content) = content.get_untracked() {
                        browser::replace_form(&content, &sheet.html);
                    }
                    if written {
                        state.take_over_settings(sheet);
                    }
                }
                Err(problem) => {
                    browser::close_popover(SHEET);
                    state.problem.set(Some(problem));
                }
            }
        });
    };
    let toggled = move |_| {
        if browser::is_open(SHEET) {
            request(None);
        }
    };
    let changed = move |_| request(browser::form_fields(SHEET, ""));
    // The only button of the form resets; Enter in a field sends the form as well.
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let button = event.submitter().and_then(|button| button.get_attribute("name"));
        request(browser::form_fields(SHEET, button.as_deref().unwrap_or_default()));
    };
    view! {
        <div
            id=SHEET
            class="panel sheet"
            popover="auto"
            role="dialog"
            aria-label=words.library.settings
            on:toggle=toggled
            on:change=changed
            on:submit=submit
        >
            <div class="head">
                <h2>{words.library.settings}</h2>
                <button
                    type="button"
                    class="quiet icon"
                    aria-label=words.page.close
                    popovertarget=SHEET
                    popovertargetaction="hide"
                >
                    <Icon shape=Shape::Cross />
                </button>
            </div>
            <div node_ref=content>
                <p>{words.library.loading}</p>
            </div>
        </div>
    }
}

/// The button that opens the sheet.
#[component]
pub fn SettingsButton() -> impl IntoView {
    let state = State::here();
    let words = words();
    let label = move || match state.library.is_changed.get() {
        true => words.library.settings_changed,
        false => words.library.settings,
    };
    // Without scripts a conversation that exists has a page for this.
    let plain = move || {
        state.shown.get().map(|id| {
            view! {
                <a
                    class="quiet icon unscripted"
                    href=format!("/c/{id}/settings")
                    aria-label=words.library.settings
                >
                    <Icon shape=Shape::Sliders />
                </a>
            }
        })
    };
    view! {
        {plain}
        <button
            type="button"
            class="quiet icon sliders scripted"
            class:changed=move || state.library.is_changed.get()
            popovertarget=SHEET
            on:click=move |event| aside::open_late(state, &event, SHEET)
            aria-haspopup="dialog"
            aria-label=label
            title=label
        >
            <Icon shape=Shape::Sliders />
        </button>
    }
}
