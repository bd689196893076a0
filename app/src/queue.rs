//! The questions that wait for the answer before them.

use leptos::prelude::*;

use crate::{
    browser,
    icon::{Icon, Shape},
    language::words,
    state::State,
    view::QueuedView,
};

/// The questions that wait for the answer before them.
#[component]
pub fn Queue() -> impl IntoView {
    let state = State::here();
    let words = &words().composer;
    move || {
        let queued = state.queued.get();
        (!queued.is_empty()).then(|| {
            let rows = queued.into_iter().map(|question| {
                let id = question.id;
                let take_back = move |_| {
                    browser::spawn(async move {
                        if let Some(text) = state.unqueue(id).await {
                            browser::write_before(&text);
                        }
                    });
                };
                let send_now = move |_| browser::spawn(state.ask_queued(id));
                view! {
                    <li>
                        <span dir="auto">{queued_words(&question)}</span>
                        <Show when=move || state.open_answer().is_none()>
                            <button type="button" class="quiet icon" aria-label=words.send_now title=words.send_now on:click=send_now>
                                <Icon shape=Shape::ArrowUp />
                            </button>
                        </Show>
                        <button type="button" class="quiet icon" aria-label=words.take_back title=words.take_back on:click=take_back>
                            <Icon shape=Shape::Cross />
                        </button>
                    </li>
                }
            });
            view! { <ul class="queued" aria-label=words.queued>{rows.collect_view()}</ul> }
        })
    }
}

/// A question that waits, in a line: its text, and what its files are called.
fn queued_words(question: &QueuedView) -> String {
    let files = question.files.iter().map(|file| file.name.as_str());
    let words = std::iter::once(question.text.as_str()).filter(|text| !text.is_empty());
    words.chain(files).collect::<Vec<_>>().join(" · ")
}
