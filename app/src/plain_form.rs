//! On the server: the fields of plain forms.

use leptos::prelude::*;

use crate::load::field_html;

/// A field of one line with its label, and what is said about it.
#[component]
pub(crate) fn LineField(
    name: &'static str,
    label: &'static str,
    #[prop(into)] value: String,
    #[prop(optional)] hint: &'static str,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let described = (!hint.is_empty()).then(|| format!("{name}-hint"));
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                value=value
                required=required
                dir="auto"
                autocomplete="off"
                aria-describedby=described.clone()
            />
            {described.map(|id| view! { <p class="effect" id=id>{hint}</p> })}
        </div>
    }
}

/// A field of several lines.
#[component]
pub(crate) fn AreaField(
    name: &'static str,
    label: &'static str,
    #[prop(into)] value: String,
    #[prop(optional)] hint: &'static str,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let described = (!hint.is_empty()).then(|| format!("{name}-hint"));
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea
                id=name
                name=name
                rows="4"
                required=required
                dir="auto"
                autocomplete="off"
                aria-describedby=described.clone()
                inner_html=field_html(&value)
            ></textarea>
            {described.map(|id| view! { <p class="effect" id=id>{hint}</p> })}
        </div>
    }
}

/// Why a form was refused, or what came of it.
#[component]
pub(crate) fn Outcome(outcome: Result<Option<String>, String>) -> impl IntoView {
    let (words, class, role) = match outcome {
        Ok(words) => (words, "done", "status"),
        Err(words) => (Some(words), "problem", "alert"),
    };
    words.map(|words| view! { <p class=class role=role>{words}</p> })
}

/// A button that deletes, behind a question.
#[component]
pub(crate) fn DeleteForm(
    action: String,
    /// What the button that asks says.
    label: &'static str,
    /// What the button that deletes says.
    sure: &'static str,
    /// What is deleted, for those who do not see where the button stands.
    what: String,
) -> impl IntoView {
    view! {
        <details class="sure">
            <summary class="quiet" aria-label=format!("{label}: {what}")>{label}</summary>
            <form method="post" action=action>
                <button type="submit" class="plain danger">{sure}</button>
            </form>
        </details>
    }
}
