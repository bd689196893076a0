//! One message: a question as it was written, or an answer that may still be growing.

use leptos::{either::Either, html, prelude::*};
use protocol::{AnswerStatus, FileInfo, MessageId};

use crate::{
    aside::{self, Action},
    attachments::SentFiles,
    browser::{self, Open},
    icon::{Icon, Shape},
    language::words,
    message_menu::MESSAGE_MENU,
    outcome::{Outcome, Retry},
    rpc::Branch,
    state::{Answer, Connection, Message, State},
};

/// What the server puts where the text of an open answer goes on, and later streams the text for.
pub const CONTINUES_HERE: &str = "<!--the answer continues here-->";

/// Makes the ids inside a message differ from those of every other: `part` is `a` for the answer
/// and `r` for the reasoning.
pub(crate) fn id_prefix(message: MessageId, part: &str) -> String {
    format!("{part}-{message}-")
}

/// A message.
#[component]
pub fn MessageArticle(message: Message) -> impl IntoView {
    match message.answer.clone() {
        Some(answer) => Either::Left(view! { <AnswerArticle message answer /> }),
        None => Either::Right(view! { <QuestionArticle message /> }),
    }
}

/// A question that is not stored yet.
#[component]
pub fn Question(text: String, files: Vec<FileInfo>) -> impl IntoView {
    view! {
        <article class="message question" aria-label=words().message.you>
            <SentFiles files />
            <Bubble text />
        </article>
    }
}

/// The words of a question, which may be files alone.
#[component]
fn Bubble(text: String) -> impl IntoView {
    (!text.is_empty()).then(|| view! { <div class="bubble" dir="auto">{text}</div> })
}

/// A question with what can be done with it.
#[component]
fn QuestionArticle(message: Message) -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    let id = message.id;
    let conversation = state.shown.get_untracked().unwrap_or_default();
    let text = message.text.clone();
    let edit = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        browser::write_anew(state, id, &text);
    };
    view! {
        <article class="message question" id=format!("m-{id}") aria-label=words.you>
            <SentFiles files=message.files.clone() />
            <Bubble text=message.text.clone() />
            <Show when=move || state.is_unanswered(id)>
                <div class="ways-on">
                    <Retry id label=words.answer_again />
                </div>
            </Show>
            <footer class="actions">
                <Siblings message=message.clone() />
                <a
                    class="quiet icon"
                    role="button"
                    href=format!("/c/{conversation}?edit={id}")
                    aria-label=words.edit
                    title=words.edit
                    on:click=edit
                >
                    <Icon shape=Shape::Pen />
                </a>
                <More message />
            </footer>
        </article>
    }
}

/// Switches between a message and those that stand beside it.
#[component]
fn Siblings(message: Message) -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    let id = message.id;
    move || {
        let siblings = message.siblings.get();
        let place = siblings.iter().position(|sibling| *sibling == id)?;
        let step = |to: Option<MessageId>, shape: Shape, label: &'static str| {
            let show = move |event: web_sys::SubmitEvent| {
                event.prevent_default();
                if let Some(to) = to {
                    aside::act(state, Action::Branch(to, Branch::Show));
                }
            };
            view! {
                <form method="post" action="/rpc/branch" on:submit=show>
                    <input type="hidden" name="message" value=to.map(|to| to.to_string()) />
                    <button
                        type="submit"
                        class="quiet icon"
                        name="what"
                        value="show"
                        aria-label=label
                        title=label
                        disabled=to.is_none()
                    >
                        <Icon shape />
                    </button>
                </form>
            }
        };
        let before = place.checked_sub(1).and_then(|place| siblings.get(place).copied());
        let after = siblings.get(place + 1).copied();
        Some(view! {
            <div class="siblings" role="group" aria-label=words.versions>
                {step(before, Shape::Before, words.version_before)}
                <span>{format!("{}/{}", place + 1, siblings.len())}</span>
                {step(after, Shape::After, words.version_after)}
            </div>
        })
    }
}

/// Opens the menu of a message. While the message is read aloud, it is silenced beside that.
#[component]
fn More(message: Message) -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    let id = message.id;
    let open = move |event: web_sys::MouseEvent| {
        state.message_menu.set(Some(message.clone()));
        aside::open_beside(state, MESSAGE_MENU, &event);
    };
    view! {
        <Show when=move || state.reading.get() == Some(id)>
            <button
                type="button"
                class="quiet icon silence"
                aria-label=words.stop_reading
                title=words.stop_reading
                on:click=move |_| aside::act(state, Action::StopReading)
            >
                <Icon shape=Shape::Square />
            </button>
        </Show>
        <button
            type="button"
            class="quiet icon scripted"
            aria-haspopup="dialog"
            aria-label=words.more
            title=words.more
            on:click=open
        >
            <Icon shape=Shape::Dots />
        </button>
    }
}

/// An answer. While it is open, its text is grown by [`browser::grow`] and not by a signal, so
/// that finished text is never touched again.
#[component]
fn AnswerArticle(message: Message, answer: Answer) -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    let id = message.id;
    let content = NodeRef::<html::Div>::new();
    let reasoning = NodeRef::<html::Div>::new();
    let end = RwSignal::from(answer.end.clone());
    let open = {
        let answer = answer.clone();
        Memo::new(move |_| answer.is_open())
    };
    let has_content = RwSignal::from(answer.has_content.clone());
    let has_reasoning = RwSignal::from(answer.has_reasoning.clone());
    let streams_here = state.streams && open.get_untracked();

    let growing = answer.clone();
    Effect::new(move |_| {
        let (Some(content), Some(reasoning)) = (content.get(), reasoning.get()) else { return };
        if growing.end.with_untracked(|end| end.status == AnswerStatus::Open) {
            browser::grow(Open { state, id, answer: growing.clone(), content, reasoning });
        }
    });

    let provider = answer.provider.clone();
    let name = Memo::new(move |_| {
        let model = end.with(|end| end.model.clone());
        [model, provider.clone()]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| words.answer.to_owned())
    });
    let thinking = move || {
        let thinking = open.get() && !has_content.get();
        let seen_ms = Some(answer.thinking_s.get() * 1_000).filter(|ms| *ms > 0);
        match (thinking, end.with(|end| end.timings.reasoning_ms).or(seen_ms)) {
            (true, Some(ms)) => (words.thinking_for)(&(words.duration)(ms)),
            (true, None) => words.thinking.to_owned(),
            (false, Some(ms)) => (words.thought_for)(&(words.duration)(ms)),
            (false, None) => words.reasoning.to_owned(),
        }
    };
    let html = if streams_here { CONTINUES_HERE.into() } else { message.html.clone() };
    let message = StoredValue::new(message);

    view! {
        <article
            class="message answer"
            id=format!("m-{id}")
            aria-label=move || name.get()
            aria-busy=move || if open.get() { "true" } else { "false" }
        >
            <header class="who">{move || name.get()}</header>
            {open.get_untracked().then(|| view! { <StopWithoutScripts id streams_here /> })}
            <details class="reasoning" class:absent=move || !has_reasoning.get()>
                <summary>{thinking}</summary>
                <div
                    class=prose(&answer.reasoning_html, false)
                    dir="auto"
                    node_ref=reasoning
                    inner_html=answer.reasoning_html
                ></div>
            </details>
            <div class=prose(&html, streams_here) dir="auto" node_ref=content inner_html=html></div>
            <Show when=move || open.get() && !has_content.get() && !streams_here>
                <p class="waiting">
                    <span class="visually-hidden">{words.waiting}</span>
                    <i></i>
                    <i></i>
                    <i></i>
                </p>
            </Show>
            <Show when=move || open.get() && state.connection.get() != Connection::Fine>
                <p class="note">
                    {move || match state.connection.get() {
                        Connection::Offline => words.offline,
                        _ => words.reconnecting,
                    }}
                </p>
            </Show>
            <Outcome id end has_content />
            <Show when=move || !open.get()>
                <footer class="actions">
                    <Siblings message=message.get_value() />
                    <Show when=move || has_content.get()>
                        <CopyAnswer id />
                    </Show>
                    <Show when=move || end.with(|end| end.status == AnswerStatus::Finished)>
                        <Retry id label=words.answer_again is_icon=true />
                    </Show>
                    <More message=message.get_value() />
                </footer>
            </Show>
        </article>
    }
}

/// The classes of a text: `bidi` where paragraphs may run their own ways. What `is_to_come` may have any letters.
fn prose(html: &str, is_to_come: bool) -> &'static str {
    let is_bidi = is_to_come || markdown::has_right_to_left(html);
    if is_bidi { "prose bidi" } else { "prose" }
}

/// The way to stop an answer, and to see it come, for browsers that run no scripts.
#[component]
fn StopWithoutScripts(id: MessageId, streams_here: bool) -> impl IntoView {
    let state = State::here();
    let conversation = state.shown.get_untracked();
    let words = &words().message;
    view! {
        <div class="unscripted ways-on">
            <form method="post" action="/rpc/stop">
                <input type="hidden" name="answer" value=id.to_string() />
                <button type="submit" class="plain">{words.stop}</button>
            </form>
            {conversation
                .filter(|_| !streams_here)
                .map(|conversation| {
                    view! {
                        <a class="plain" href=format!("/c/{conversation}?stream")>
                            {words.show_as_it_comes}
                        </a>
                    }
                })}
        </div>
    }
}

/// Copies an answer as Markdown. It needs scripts, so it is not shown without them.
#[component]
fn CopyAnswer(id: MessageId) -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    let done = RwSignal::new(false);
    let copy = move |_| aside::act(state, Action::Copy(id, done));
    let label = move || if done.get() { words.copied } else { words.copy_answer };
    view! {
        <button type="button" class="quiet icon scripted" aria-label=label title=label on:click=copy>
            {move || view! { <Icon shape=if done.get() { Shape::Tick } else { Shape::Sheets } /> }}
        </button>
    }
}
