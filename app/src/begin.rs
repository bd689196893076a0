//! What a conversation can be begun with: a persona, a prompt, or one of the persona's questions.
//!
//! Everything here is a link or a form, so it works without scripts.

use leptos::{either::Either, prelude::*};

use crate::{
    browser,
    language::words,
    library_view::{PersonaView, PromptView},
    state::State,
};

/// The most prompts that a search shows.
const MOST_FOUND: usize = 12;

/// The personas, and beneath them the prompts or what the persona offers.
#[component]
pub fn Begin() -> impl IntoView {
    let state = State::here();
    view! {
        <Personas />
        {move || match state.library.persona.get() {
            Some(persona) => Either::Left(view! { <Starters persona /> }),
            None => Either::Right(view! { <Prompts /> }),
        }}
    }
}

#[component]
fn Personas() -> impl IntoView {
    let state = State::here();
    let words = &words().library;
    let personas = state.library.personas.get_value();
    (!personas.is_empty()).then(|| {
        view! {
            <nav class="personas" aria-label=words.personas>
                {personas
                    .into_iter()
                    .map(|persona| view! { <Persona persona /> })
                    .collect_view()}
                <a class="quiet" href="/personas">{words.all_personas}</a>
            </nav>
        }
    })
}

#[component]
fn Persona(persona: PersonaView) -> impl IntoView {
    let state = State::here();
    let id = persona.id;
    let is_picked = move || {
        state.library.persona.with(|picked| picked.as_ref().is_some_and(|picked| picked.id == id))
    };
    let (picture, name) = (persona.picture.clone(), persona.name.clone());
    let about = persona.description.clone();
    let pick = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        let picked = (!is_picked()).then(|| persona.clone());
        state.pick_persona(picked);
        browser::focus_message();
    };
    view! {
        <a
            href=format!("/?persona={id}")
            title=about
            aria-current=move || is_picked().then_some("true")
            on:click=pick
        >
            <span aria-hidden="true">{picture}</span>
            <span dir="auto">{name}</span>
        </a>
    }
}

/// What the persona is for, and its questions to begin with.
#[component]
fn Starters(persona: PersonaView) -> impl IntoView {
    let state = State::here();
    let words = &words().library;
    let leave = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        state.pick_persona(None);
    };
    view! {
        <p class="persona-about">
            <span dir="auto">{persona.description}</span>
            <a class="quiet" href="/" on:click=leave>{words.without_persona}</a>
        </p>
        <form method="post" action="/rpc/ask" class="starters">
            <input type="hidden" name="persona" value=persona.id.to_string() />
            {persona
                .starters
                .into_iter()
                .map(|text| {
                    let (written, shown) = (text.clone(), text.clone());
                    let write = move |event: web_sys::MouseEvent| {
                        event.prevent_default();
                        browser::write_prompt(&written);
                    };
                    view! {
                        <button type="submit" name="text" value=text dir="auto" on:click=write>
                            <span>{shown}</span>
                        </button>
                    }
                })
                .collect_view()}
        </form>
    }
}

#[component]
fn Prompts() -> impl IntoView {
    let state = State::here();
    let library = state.library;
    let words = &words().library;
    let typed = RwSignal::new(String::new());
    let look = move |event: web_sys::Event| {
        library.want_all_prompts();
        typed.set(event_target_value(&event));
    };
    let shown = move || match typed.get().trim() {
        "" => library.prompts.get_value(),
        typed => library.find_prompts(typed, MOST_FOUND),
    };
    let search = library.has_more_prompts.then(|| {
        view! {
            <input
                type="search"
                name="q"
                dir="auto"
                autocomplete="off"
                aria-label=words.find_prompt
                placeholder=words.find_prompt
                on:input=look
            />
        }
    });
    view! {
        <form class="find" role="search" aria-label=words.find_prompt action="/prompts">
            {search} <a class="quiet" href="/prompts">{words.all_prompts}</a>
        </form>
        <nav class="starters" class:found=move || !typed.get().is_empty() aria-label=words.prompts>
            {move || {
                let cards = shown();
                match cards.is_empty() && !typed.get().is_empty() {
                    true => Either::Left(view! { <p>{words.no_prompt_found}</p> }),
                    false => Either::Right(
                        cards.into_iter().map(|prompt| view! { <Card prompt /> }).collect_view(),
                    ),
                }
            }}
        </nav>
    }
}

#[component]
fn Card(prompt: PromptView) -> impl IntoView {
    let state = State::here();
    let id = prompt.id;
    let pick = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        state.use_prompt(id);
    };
    view! {
        <a href=format!("/?prompt={id}") dir="auto" on:click=pick>
            <strong>{prompt.title}</strong>
            <span>{prompt.about}</span>
        </a>
    }
}
