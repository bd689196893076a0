//! How an answer ended, where that needs saying, and what can be done about it.

use leptos::prelude::*;
use protocol::{AnswerStatus, End, MessageId};

use crate::{
    browser,
    icon::{Icon, Shape},
    state::State,
};

/// The note below an answer that did not simply finish.
#[component]
pub fn Outcome(id: MessageId, end: RwSignal<End>, has_content: RwSignal<bool>) -> impl IntoView {
    let outcome = move || {
        let end = end.get();
        match end.status {
            AnswerStatus::Open => None,
            AnswerStatus::Finished if end.finish_reason.as_deref() == Some("length") => {
                Some(view! { <Note id words="The model reached its length limit.".to_owned() continues=has_content.get() /> }.into_any())
            }
            AnswerStatus::Finished if end.finish_reason.as_deref() == Some("content_filter") => {
                Some(view! { <Note id words="The provider's filter ended this answer.".to_owned() continues=false /> }.into_any())
            }
            AnswerStatus::Finished => None,
            AnswerStatus::Stopped => {
                Some(view! { <Note id words="You stopped this answer.".to_owned() continues=has_content.get() /> }.into_any())
            }
            AnswerStatus::Interrupted => Some(
                view! { <Note id words="The server ended while this was being written. Everything that came is kept.".to_owned() continues=has_content.get() /> }
                    .into_any(),
            ),
            AnswerStatus::Failed => Some(view! { <Failed id end continues=has_content.get() /> }.into_any()),
        }
    };
    view! { {outcome} }
}

/// A quiet note with ways on.
#[component]
fn Note(id: MessageId, words: String, continues: bool) -> impl IntoView {
    view! {
        <div class="note" role="note">
            <p>{words}</p>
            <WaysOn id continues />
        </div>
    }
}

/// A failure: what happened, what to do, and what the provider said.
#[component]
fn Failed(id: MessageId, end: End, continues: bool) -> impl IntoView {
    let (words, remedy, detail) = match &end.failure {
        Some(failure) => (failure.words(), failure.remedy(), failure.detail.clone()),
        None => ("This answer failed.".to_owned(), "Retry.".to_owned(), None),
    };
    view! {
        <div class="note failed" role="alert">
            <p class="words">
                <Icon shape=Shape::Warning />
                <strong>{words}</strong>
            </p>
            <p>{remedy}</p>
            {detail.map(|detail| view! { <p class="detail" dir="auto">{detail}</p> })}
            <WaysOn id continues />
        </div>
    }
}

/// Continue and Retry, as forms, so that they work without scripts.
#[component]
fn WaysOn(id: MessageId, continues: bool) -> impl IntoView {
    let state = State::here();
    let go_on = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        browser::spawn(state.continue_answer(id));
    };
    let retry = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        browser::spawn(state.retry(id));
    };
    view! {
        <div class="ways-on">
            {continues
                .then(|| {
                    view! {
                        <form method="post" action="/rpc/continue" on:submit=go_on>
                            <input type="hidden" name="answer" value=id.to_string() />
                            <button type="submit" class="plain">"Continue"</button>
                        </form>
                    }
                })}
            <form method="post" action="/rpc/retry" on:submit=retry>
                <input type="hidden" name="answer" value=id.to_string() />
                <button type="submit" class="plain">"Retry"</button>
            </form>
        </div>
    }
}
