//! How an answer ended, where that needs saying, and what can be done about it.

use leptos::{either::Either, prelude::*};
use protocol::{AnswerStatus, End, Failure, FailureKind, MessageId};

use crate::{
    aside::{self, Action},
    icon::{Icon, Shape},
    language::words,
    state::State,
};

/// The note below an answer that did not simply finish.
#[component]
pub fn Outcome(id: MessageId, end: RwSignal<End>, has_content: RwSignal<bool>) -> impl IntoView {
    let words = &words().message;
    let note = move |text: &'static str, continues| {
        Some(Either::Left(view! { <Note id text continues /> }))
    };
    let outcome = move || {
        let end = end.get();
        let continues = has_content.get();
        match end.status {
            AnswerStatus::Open => None,
            AnswerStatus::Finished => match end.finish_reason.as_deref() {
                Some("length") => note(words.reached_limit, continues),
                Some("content_filter") => note(words.filtered, false),
                _ => None,
            },
            AnswerStatus::Stopped => note(words.stopped, continues),
            AnswerStatus::Interrupted => note(words.interrupted, continues),
            AnswerStatus::Failed => Some(Either::Right(view! { <Failed id end continues /> })),
        }
    };
    let left_out = Memo::new(move |_| end.with(|end| end.left_out));
    let says_left_out = crate::language::words().attachment.left_out;
    let seams = Memo::new(move |_| end.with(|end| end.seams.clone()));
    view! {
        {outcome}
        {move || {
            let count = left_out.get();
            (count > 0).then(|| view! { <p class="note" role="note">{says_left_out(count)}</p> })
        }}
        {move || {
            let says = |seam| view! { <p class="note" role="note" dir="auto">{(words.seam)(&seam)}</p> };
            seams.get().into_iter().map(says).collect_view()
        }}
    }
}

/// A quiet note with ways on.
#[component]
fn Note(id: MessageId, text: &'static str, continues: bool) -> impl IntoView {
    view! {
        <div class="note" role="note">
            <p>{text}</p>
            <WaysOn id continues />
        </div>
    }
}

/// A failure: what happened, what to do, and what the provider said.
#[component]
fn Failed(id: MessageId, end: End, continues: bool) -> impl IntoView {
    // A failed answer without its reason comes from a store that lost it; the kind that fits is the most general.
    let failure = end.failure.unwrap_or_else(|| Failure::new(FailureKind::UpstreamError, ""));
    let (words, remedy) = (words().failure)(&failure);
    let detail = failure.detail;
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
    let words = &words().message;
    // One answer is followed at a time, so only the last one goes on.
    let is_last = Memo::new(move |_| {
        state.messages.with(|messages| messages.last().is_some_and(|last| last.id == id))
    });
    let go_on = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        aside::act(state, Action::Continue(id));
    };
    view! {
        <div class="ways-on">
            {move || {
                (continues && is_last.get())
                    .then(|| {
                        view! {
                            <form method="post" action="/rpc/continue" on:submit=go_on>
                                <input type="hidden" name="answer" value=id.to_string() />
                                <button type="submit" class="plain">{words.continue_}</button>
                            </form>
                        }
                    })
            }}
            <Retry id label=words.retry />
        </div>
    }
}

/// Has a question answered again: that of an answer, or one that has none any more.
#[component]
pub fn Retry(
    id: MessageId,
    label: &'static str,
    /// It is an icon in a row of others.
    #[prop(default = false)]
    is_icon: bool,
) -> impl IntoView {
    let state = State::here();
    let retry = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        aside::act(state, Action::Retry(id, None));
    };
    view! {
        <form method="post" action="/rpc/retry" on:submit=retry>
            <input type="hidden" name="answer" value=id.to_string() />
            <button
                type="submit"
                class=if is_icon { "quiet icon" } else { "plain" }
                aria-label=is_icon.then_some(label)
                title=is_icon.then_some(label)
            >
                {match is_icon {
                    true => Either::Left(view! { <Icon shape=Shape::Loop /> }),
                    false => Either::Right(label),
                }}
            </button>
        </form>
    }
}
