//! The conversation: its messages, or what stands there before the first.

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};

use crate::{
    browser,
    icon::{Icon, Shape},
    message::{MessageArticle, Question},
    state::State,
};

/// Questions to begin with.
const STARTERS: [(&str, &str); 4] = [
    ("Explain", "Explain how a hash map works, with a small example in Rust"),
    ("Write", "Write a short, friendly note that moves a meeting to next week"),
    ("Compare", "Compare SQLite and PostgreSQL for a small team, as a table"),
    ("Plan", "Plan a quiet weekend in the mountains, hour by hour"),
];

/// The scrolling part of the page.
#[component]
pub fn Transcript() -> impl IntoView {
    let state = State::here();
    let empty = Memo::new(move |_| {
        state.messages.with(Vec::is_empty) && state.sending.with(Option::is_none)
    });
    view! {
        <div
            class="transcript"
            id="transcript"
            tabindex="-1"
            on:scroll=move |_| browser::scrolled(state)
            on:click=move |event| browser::clicked_in_prose(&event)
        >
            <div class="column">
                {move || match (empty.get(), state.not_found.get()) {
                    (false, _) => EitherOf3::A(()),
                    (true, true) => EitherOf3::B(view! { <NotFound /> }),
                    (true, false) => EitherOf3::C(view! { <Welcome /> }),
                }}
                <For each=move || state.messages.get() key=|message| (message.id, message.revision) let:message>
                    <MessageArticle message />
                </For>
                {move || {
                    state
                        .sending
                        .get()
                        .map(|text| {
                            view! {
                                <Question text />
                                <p class="waiting">
                                    <i></i>
                                    <i></i>
                                    <i></i>
                                </p>
                            }
                        })
                }}
            </div>
        </div>
    }
}

/// The way back to the growing end, shown while the reader is elsewhere.
#[component]
pub fn ToLatest() -> impl IntoView {
    let state = State::here();
    let go = move |_| {
        state.at_end.set(true);
        browser::to_the_end();
    };
    view! {
        <button
            type="button"
            class="to-latest"
            aria-label="To the latest"
            title="To the latest"
            class:absent=move || state.at_end.get()
            on:click=go
        >
            <Icon shape=Shape::ArrowDown />
        </button>
    }
}

/// What greets on an empty page.
#[component]
fn Welcome() -> impl IntoView {
    let state = State::here();
    if state.providers.with_value(Vec::is_empty) {
        return Either::Left(view! { <NoProvider /> });
    }
    let note = state
        .providers
        .with_value(|providers| providers.first().and_then(|provider| provider.note.clone()));
    Either::Right(view! {
        <section class="welcome">
            <h1>"What is on your mind?"</h1>
            <form method="post" action="/rpc/ask" class="starters">
                {STARTERS
                    .map(|(verb, text)| {
                        let ask = move |event: web_sys::MouseEvent| {
                            event.prevent_default();
                            browser::spawn(async move {
                                state.ask(text.to_owned()).await.ok();
                            });
                        };
                        view! {
                            <button type="submit" name="text" value=text on:click=ask>
                                <strong>{verb}</strong>
                                <span>{text.trim_start_matches(verb).trim_start().to_owned()}</span>
                            </button>
                        }
                    })
                    .collect_view()}
            </form>
            {note.map(|note| view! { <p class="provider-note">{note}</p> })}
        </section>
    })
}

/// What stands there until a provider is set up.
#[component]
fn NoProvider() -> impl IntoView {
    view! {
        <section class="welcome">
            <h1>"Add a key to begin"</h1>
            <p>
                "No provider is set up to answer yet. Put a key into a file named "
                <code>".env"</code> " where Inglenook was started, and start it again:"
            </p>
            <pre class="sample">
                <code>"OPENAI_API_KEY=sk-…"</code>
            </pre>
            <p>
                "Any OpenAI-compatible server will do: name it with "
                <code>"OPENAI_BASE_URL"</code> ", or list several in "
                <code>"inglenook.toml"</code> ". "
                <code>"inglenook check"</code> " says whether they can be reached."
            </p>
        </section>
    }
}

/// What stands at an address without a conversation.
#[component]
fn NotFound() -> impl IntoView {
    view! {
        <section class="welcome">
            <h1>"There is no conversation here"</h1>
            <p>"It may have been deleted, or the address is not whole."</p>
            <p>
                <a class="plain" href="/">"Begin a new one"</a>
            </p>
        </section>
    }
}
