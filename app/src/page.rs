//! The page: the list of conversations, the conversation, and the composer.

use leptos::prelude::*;

use crate::{
    browser,
    composer::Composer,
    icon::{Icon, Shape},
    sidebar::{SIDEBAR, Sidebar},
    state::State,
    transcript::{ToLatest, Transcript},
    view::{PageView, WithoutBodies},
};

/// The whole page. The server renders it from the [`PageView`] in its context; the browser finds
/// the same data in the page.
#[component]
pub fn Page() -> impl IntoView {
    let page = SharedValue::<PageView, WithoutBodies>::new_with_encoding(|| {
        use_context::<PageView>().unwrap_or_default()
    });
    let state = State::new(page.into_inner());
    provide_context(state);
    provide_context(state.language);
    let words = state.language.words();
    Effect::new(move |_| browser::listen(state));
    Effect::new(move |_| {
        // A note comes or goes at the end.
        state.connection.track();
        browser::stick_soon(state);
    });
    Effect::new(move |_| browser::set_title(state.title().as_deref()));

    let announcement = move || {
        state.messages.with(|messages| {
            let answer = messages.last().and_then(|message| message.answer.as_ref());
            match answer {
                Some(answer) if answer.is_open() => words.page.answer_is_being_written,
                Some(_) => words.page.answer_is_complete,
                None => "",
            }
        })
    };
    view! {
        <a class="skip" href="#transcript">{words.page.skip}</a>
        <Sidebar />
        <div class="main">
            <header class="bar">
                <button
                    type="button"
                    class="quiet icon"
                    aria-label=words.page.conversations
                    popovertarget=SIDEBAR
                >
                    <Icon shape=Shape::Lines />
                </button>
                <p class="title" dir="auto">{move || state.title().unwrap_or_default()}</p>
                <a
                    class="quiet icon"
                    href="/"
                    aria-label=words.page.new_chat
                    on:click=move |event| browser::follow_link(state, &event, None)
                >
                    <Icon shape=Shape::Pen />
                </a>
            </header>
            <main>
                <Transcript />
                <div class="foot">
                    <ToLatest />
                    <Composer />
                </div>
            </main>
            <p class="visually-hidden" role="status">{announcement}</p>
        </div>
    }
}
