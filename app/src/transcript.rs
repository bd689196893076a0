//! The conversation: its messages, or what stands there before the first.

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};

use wasm_bindgen::JsCast;

use crate::{
    aside::{self, Action, BEGIN, Place},
    begin::Begin,
    browser,
    icon::{Icon, Shape},
    language::words,
    message::{MessageArticle, Question},
    state::State,
};

/// The scrolling part of the page.
#[component]
pub fn Transcript() -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    let empty = Memo::new(move |_| {
        state.messages.with(Vec::is_empty) && state.sending.with(Option::is_none)
    });
    view! {
        <div
            class="transcript"
            id="transcript"
            tabindex="-1"
            on:scroll=move |_| browser::scrolled(state)
            on:click=move |event| clicked_in_prose(state, &event)
        >
            <div class="column">
                {move || match (empty.get(), state.not_found.get()) {
                    (false, _) => EitherOf3::A(()),
                    (true, true) => EitherOf3::B(view! { <NotFound /> }),
                    (true, false) => EitherOf3::C(view! { <Welcome /> }),
                }}
                <Show when=move || state.has_older.get()>
                    <a
                        class="quiet older"
                        href="?all"
                        role="button"
                        aria-busy=move || state.asks_older.get().then_some("true")
                        on:click=move |event| {
                            event.prevent_default();
                            aside::act(state, Action::OlderMessages);
                        }
                    >
                        {words.older}
                    </a>
                </Show>
                <For each=move || state.messages.get() key=|message| (message.id, message.revision) let:message>
                    <MessageArticle message />
                </For>
                {move || {
                    state
                        .sending
                        .get()
                        .map(|text| {
                            view! {
                                <Question text files=state.attached.sending() />
                                <p class="waiting">
                                    <i></i>
                                    <i></i>
                                    <i></i>
                                </p>
                            }
                        })
                }}
            </div>
            <button type="button" class="quote" id=browser::QUOTE hidden>
                {words.quote}
            </button>
        </div>
    }
}

/// The way back to the growing end, shown while the reader is elsewhere.
#[component]
pub fn ToLatest() -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    let go = move |_| {
        state.at_end.set(true);
        browser::to_the_end();
    };
    view! {
        <button
            type="button"
            class="to-latest"
            aria-label=words.to_latest
            title=words.to_latest
            class:absent=move || state.at_end.get()
            on:click=go
        >
            <Icon shape=Shape::ArrowDown />
        </button>
    }
}

/// Serves the buttons that the renderer writes. They are HTML and not components, so one listener
/// serves all of them.
fn clicked_in_prose(state: State, event: &web_sys::MouseEvent) {
    let button = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|target| target.closest(".prose button").ok().flatten());
    if let Some(button) = button {
        aside::act(state, Action::Clicked(button));
    }
}

/// What greets on an empty page.
#[component]
fn Welcome() -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    // What the server wrote there can be used until the part comes by itself.
    Effect::new(move |_| {
        if browser::is_empty(BEGIN) {
            aside::act(state, Action::Welcome);
        }
    });
    if state.providers.with_value(Vec::is_empty) {
        return Either::Left(view! { <NoProvider /> });
    }
    let note = state.providers.with_value(|providers| {
        let first = providers.iter().find(|provider| !provider.name.is_empty());
        first.and_then(|provider| provider.note.clone())
    });
    Either::Right(view! {
        <section class="welcome" on:click=move |event| aside::repeat_late(state, &event, BEGIN)>
            <h1>{words.welcome}</h1>
            <Place id=BEGIN before=|| view! { <Begin /> } />
            {note.map(|note| view! { <p class="provider-note">{note}</p> })}
        </section>
    })
}

/// What stands there until a provider is set up.
#[component]
fn NoProvider() -> impl IntoView {
    let words = &words().message;
    view! {
        <section class="welcome">
            <h1>{words.add_a_key}</h1>
            <p>{words.add_a_key_how}</p>
            <pre class="sample">
                <code>"OPENAI_API_KEY=sk-…"</code>
            </pre>
            <p>{words.add_a_key_more}</p>
        </section>
    }
}

/// What stands at an address without a conversation.
#[component]
fn NotFound() -> impl IntoView {
    let words = &words().message;
    view! {
        <section class="welcome">
            <h1>{words.not_found}</h1>
            <p>{words.not_found_why}</p>
            <p>
                <a class="plain" href="/">{words.begin_new}</a>
            </p>
        </section>
    }
}
