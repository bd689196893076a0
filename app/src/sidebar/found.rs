//! What a search finds, in place of the list. Nothing while nothing is looked for.

use leptos::{either::Either, prelude::*};

use crate::{browser, language::words, state::State, view::HitView};

/// The results, each a link to the message.
#[component]
pub(crate) fn Found() -> impl IntoView {
    let state = State::here();
    let words = &words().list;
    Effect::new(|_| browser::walk_found());
    move || {
        if state.typed.with(String::is_empty) {
            return None;
        }
        let hits = state.hits.get()?;
        if hits.is_empty() {
            return Some(Either::Left(view! { <p class="nothing">{words.nothing_found}</p> }));
        }
        Some(Either::Right(view! {
            <ul class="found">{hits.into_iter().map(|hit| view! { <Hit hit /> }).collect_view()}</ul>
        }))
    }
}

#[component]
fn Hit(hit: HitView) -> impl IntoView {
    let state = State::here();
    let (id, message) = (hit.conversation, hit.message);
    let address = match message {
        Some(message) => format!("/c/{id}?at={message}#m-{message}"),
        None => format!("/c/{id}"),
    };
    view! {
        <li>
            <a href=address on:click=move |event| browser::follow_link(state, &event, Some(id), message)>
                <strong dir="auto">{marked(hit.title)}</strong>
                {(!hit.snippet.is_empty()).then(|| view! { <span dir="auto">{marked(hit.snippet)}</span> })}
            </a>
        </li>
    }
}

/// Every second piece, from the second on, is what was looked for.
fn marked(pieces: Vec<String>) -> impl IntoView {
    pieces
        .into_iter()
        .enumerate()
        .map(|(place, text)| match place % 2 {
            0 => Either::Left(text),
            _ => Either::Right(view! { <mark>{text}</mark> }),
        })
        .collect_view()
}
