//! The page: the list of conversations, the conversation, and the composer.

use leptos::{either::EitherOf3, prelude::*};

use crate::{
    aside::{self, ASIDE, Action, Place},
    browser,
    composer::Composer,
    conversation_menu::{CONVERSATION_MENU, ConversationMenu},
    icon::{Icon, Shape},
    language::words,
    rpc::Arrange,
    sidebar::{self, LIST, SIDEBAR, Sidebar},
    state::{Arrangement, State},
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
    // What needs not be there for the first key is taken over in tasks of its own.
    Effect::new(move |_| {
        browser::leave_reader(state);
        browser::prepare_events(state);
        browser::in_turn(state, &[sidebar::take_over, browser::listen_to_server, browser::listen]);
    });
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
        <Place id=LIST before=|| view! { <Sidebar /> } />
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
                <Heading />
                <a
                    class="quiet icon new-chat"
                    href="/"
                    aria-label=words.page.new_chat
                    on:click=move |event| browser::follow_link(state, &event, None, None)
                >
                    <Icon shape=Shape::Pen />
                </a>
            </header>
            <main>
                <div class="pane">
                    <Transcript />
                </div>
                <div class="foot">
                    <ToLatest />
                    <Composer />
                </div>
            </main>
            <p class="visually-hidden" role="status">{announcement}</p>
            <SaidInPassing />
        </div>
        <Place id=ASIDE before=|| view! { <ConversationMenu /> } />
    }
}

/// What is shown, with the way to its menu. On the page for a new conversation, the switch between
/// one that is kept and one that is not.
#[component]
fn Heading() -> impl IntoView {
    let state = State::here();
    let words = words();
    let menu = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        state.menu.set(Some(state.link.get_untracked()));
        aside::open_beside(state, CONVERSATION_MENU, &event);
    };
    let switch = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        state.temporary.update(|temporary| *temporary = !*temporary);
    };
    let is_temporary = move || match state.shown.get() {
        Some(_) => state.link.with(|link| link.temporary),
        None => state.temporary.get(),
    };
    view! {
        <p class="title" dir="auto">
            {move || match is_temporary() {
                true => words.page.temporary.to_owned(),
                false => state.title().unwrap_or_default(),
            }}
        </p>
        {move || match (state.shown.get(), is_temporary()) {
            (Some(_), false) => EitherOf3::A(view! {
                <button
                    type="button"
                    class="quiet icon"
                    aria-label=words.list.menu
                    title=words.list.menu
                    aria-haspopup="dialog"
                    popovertarget=CONVERSATION_MENU
                    on:click=menu
                >
                    <Icon shape=Shape::Dots />
                </button>
            }),
            (Some(id), true) => EitherOf3::B(view! {
                <form
                    method="post"
                    action="/rpc/arrange"
                    on:submit=move |event| {
                        event.prevent_default();
                        aside::act(state, Action::Arrange(id, Arrange::End, Arrangement::default()));
                    }
                >
                    <input type="hidden" name="conversation" value=id.to_string() />
                    <button
                        type="submit"
                        class="quiet icon"
                        name="what"
                        value=Arrange::End.as_str()
                        aria-label=words.page.end_temporary
                        title=words.page.end_temporary
                    >
                        <Icon shape=Shape::Cross />
                    </button>
                </form>
            }),
            (None, temporary) => EitherOf3::C(view! {
                <a
                    class="quiet icon"
                    class:on=temporary
                    href=if temporary { "/" } else { "/?temporary" }
                    role="button"
                    aria-pressed=if temporary { "true" } else { "false" }
                    aria-label=words.page.temporary
                    title=words.page.temporary
                    on:click=switch
                >
                    <Icon shape=Shape::Ghost />
                </a>
            }),
        }}
    }
}

/// Says what was done, with the way to undo it.
#[component]
fn SaidInPassing() -> impl IntoView {
    let state = State::here();
    let words = words();
    view! {
        <div class="said" role="status">
            {move || {
                state
                    .said
                    .get()
                    .map(|said| {
                        view! {
                            <div class="toast">
                                <span>{said.words}</span>
                                {said
                                    .undo
                                    .map(|id| {
                                        view! {
                                            <button
                                                type="button"
                                                class="plain"
                                                on:click=move |_| aside::act(state, Action::Undelete(id))
                                            >
                                                {words.page.undo}
                                            </button>
                                        }
                                    })}
                            </div>
                        }
                    })
            }}
        </div>
    }
}
