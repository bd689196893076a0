//! Who is to answer. Without scripts it is a select; with them a list that can be searched.

use leptos::{either::Either, prelude::*};

use crate::{
    aside, browser,
    icon::{Icon, Shape},
    language::words,
    state::State,
};

/// The popover's id.
pub(crate) const MODELS: &str = "models";

/// True if there is more than one model.
pub(crate) fn is_choice(state: State) -> bool {
    let count = |provider: &crate::view::ProviderView| provider.models.len();
    state.providers.with_value(|providers| providers.iter().map(count).sum::<usize>() > 1)
}

/// The name of the model, and where there is a choice, the way to it.
#[component]
pub fn ModelPicker() -> impl IntoView {
    let state = State::here();
    let words = words();
    let name = move || {
        let model = state.model.get();
        model.split_once('/').map(|(_, model)| model.to_owned()).unwrap_or(model)
    };
    if !is_choice(state) {
        return Either::Left(view! { <span class="model">{name}</span> });
    }
    Either::Right(view! {
        <PlainSelect />
        <button
            type="button"
            class="model scripted"
            popovertarget=MODELS
            on:click=move |event| aside::open_late(state, &event, MODELS)
            aria-haspopup="dialog"
            aria-label=move || format!("{}: {}", words.composer.model, name())
        >
            <span>{name}</span>
            <Icon shape=Shape::Chevron />
        </button>
    })
}

/// The list. It stands outside the form that asks, which Enter in its search would send.
#[component]
pub fn ModelPanel() -> impl IntoView {
    let words = words();
    let open = RwSignal::new(false);
    is_choice(State::here()).then(|| {
        view! {
            <div
                id=MODELS
                class="panel models"
                popover="auto"
                role="dialog"
                aria-label=words.library.choose_model
                on:toggle=move |_| open.set(browser::is_open(MODELS))
                on:keydown=move |event| browser::walk(&event, MODELS)
            >
                {move || open.get().then(|| view! { <Choices /> })}
            </div>
        }
    })
}

/// The choice without scripts. It is also what the form sends before they have loaded.
#[component]
fn PlainSelect() -> impl IntoView {
    let state = State::here();
    view! {
        <select name="model" aria-label=words().composer.model class="model unscripted">
            {state
                .providers
                .get_value()
                .into_iter()
                .map(|provider| {
                    let options = provider
                        .full_names()
                        .zip(&provider.models)
                        .map(|(value, model)| {
                            let selected = state.model.with_untracked(|chosen| *chosen == value);
                            view! {
                                <option value=value selected=selected>
                                    {model.name.clone()}
                                </option>
                            }
                        })
                        .collect_view();
                    match provider.name.is_empty() {
                        true => Either::Left(options),
                        false => Either::Right(view! {
                            <optgroup label=provider.name.clone()>{options}</optgroup>
                        }),
                    }
                })
                .collect_view()}
        </select>
    }
}

/// The search and the models it finds: favourites first, then each provider's.
#[component]
fn Choices() -> impl IntoView {
    let state = State::here();
    let words = &words().library;
    let typed = RwSignal::new(String::new());
    let search = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(search) = search.get() {
            search.focus().ok();
        }
    });
    let groups = move || groups(state, words.favourites, &typed.get());
    view! {
        <input
            node_ref=search
            type="search"
            dir="auto"
            autocomplete="off"
            aria-label=words.find_model
            placeholder=words.find_model
            on:input=move |event| typed.set(event_target_value(&event))
        />
        {move || {
            let groups = groups();
            match groups.is_empty() {
                true => Either::Left(view! { <p class="none">{words.no_model_found}</p> }),
                false => Either::Right(
                    groups
                        .into_iter()
                        .map(|(heading, models)| {
                            let rows = models.into_iter().map(|model| view! { <Choice model /> });
                            view! {
                                <section>
                                    {(!heading.is_empty()).then(|| view! { <h2>{heading}</h2> })}
                                    <ul>{rows.collect_view()}</ul>
                                </section>
                            }
                        })
                        .collect_view(),
                ),
            }
        }}
    }
}

#[component]
fn Choice(model: String) -> impl IntoView {
    let state = State::here();
    let words = &words().library;
    let name = model.split_once('/').map_or(model.clone(), |(_, name)| name.to_owned());
    let is_picked = state.model.with_untracked(|picked| *picked == model);
    let is_favourite = state.library.favourites.with_untracked(|all| all.contains(&model));
    let label = format!("{}: {name}", words.favourite);
    let toggled = model.clone();
    // A favourite stands elsewhere, and with it its button.
    let quoted = label.replace('\\', r"\\").replace('"', r#"\""#);
    let star = format!("#{MODELS} .star[aria-label=\"{quoted}\"]");
    let toggle = move |_| {
        state.toggle_favourite(toggled.clone());
        browser::refocus(vec![star.clone()]);
    };
    view! {
        <li>
            <button
                type="button"
                class="pick"
                aria-pressed=is_picked.to_string()
                popovertarget=MODELS
                popovertargetaction="hide"
                on:click=move |_| state.pick_model(model.clone())
            >
                <span>{name}</span>
                {is_picked.then(|| view! { <Icon shape=Shape::Tick /> })}
            </button>
            <button
                type="button"
                class="quiet icon star"
                aria-pressed=is_favourite.to_string()
                aria-label=label.clone()
                title=label
                on:click=toggle
            >
                <Icon shape=Shape::Star />
            </button>
        </li>
    }
}

/// The models that have all the words, by their headings. A favourite is not shown twice. What begins with
/// the first word comes first, since Enter takes it: many models are named after the one that they come from.
fn groups(state: State, favourites: &str, typed: &str) -> Vec<(String, Vec<String>)> {
    let typed = typed.to_lowercase();
    let is_found = |model: &String| {
        let model = model.to_lowercase();
        typed.split_whitespace().all(|word| model.contains(word))
    };
    state.library.favourites.with(|chosen| {
        state.providers.with_value(|providers| {
            let all = providers.iter().map(|provider| {
                let named = provider.full_names().filter(is_found);
                (provider.name.clone(), named.collect::<Vec<_>>())
            });
            let all: Vec<_> = all.collect();
            let first = all.iter().flat_map(|(_, models)| models);
            let first = first.filter(|model| chosen.contains(model)).cloned().collect::<Vec<_>>();
            let rest = all.into_iter().map(|(provider, models)| {
                let rest = models.into_iter().filter(|model| !chosen.contains(model));
                (provider, rest.collect::<Vec<_>>())
            });
            let groups = [(favourites.to_owned(), first)].into_iter().chain(rest);
            let mut groups: Vec<_> = groups.filter(|(_, models)| !models.is_empty()).collect();
            // Without a word all of them begin with it, and stay as they are.
            let word = typed.split_whitespace().next().unwrap_or_default();
            let begins_elsewhere = |model: &String| {
                !model.to_lowercase().split('/').any(|part| part.starts_with(word))
            };
            for (_, models) in &mut groups {
                models.sort_by_key(begins_elsewhere);
            }
            groups.sort_by_key(|(_, models)| models.iter().all(begins_elsewhere));
            groups
        })
    })
}
