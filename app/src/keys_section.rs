//! On the server: the part of the settings that shows how the providers' keys are.

use chat::upstream::{KeyHealth, KeyState, ProviderHealth};
use leptos::prelude::*;

use crate::Language;

/// The providers with their keys, of which only the last characters are known here. A key that was
/// set aside has a button that lets it be used again.
#[component]
pub(crate) fn KeysSection(language: Language, providers: Vec<ProviderHealth>) -> impl IntoView {
    let words = language.words().keys;
    view! {
        <section id="keys">
            <h2>{words.title}</h2>
            <p>{words.about}</p>
            {providers
                .into_iter()
                .map(|provider| view! { <Provider language provider /> })
                .collect_view()}
        </section>
    }
}

#[component]
fn Provider(language: Language, provider: ProviderHealth) -> impl IntoView {
    let words = language.words().keys;
    let name = provider.provider;
    view! {
        <h3>{name.clone()}</h3>
        {provider
            .unreachable_for
            .map(|remaining| view! { <p class="effect">{(words.unreachable)(remaining)}</p> })}
        <ul class="places">
            {provider
                .keys
                .into_iter()
                .enumerate()
                .map(|(index, key)| view! { <Key language provider=name.clone() index key /> })
                .collect_view()}
        </ul>
    }
}

#[component]
fn Key(
    language: Language,
    provider: String,
    /// Its place among the provider's keys.
    index: usize,
    key: KeyHealth,
) -> impl IntoView {
    let words = language.words().keys;
    let name = match key.ending.as_deref() {
        None => words.no_key.to_owned(),
        Some("") => (words.key)(&(index + 1).to_string()),
        Some(ending) => (words.key)(&format!("…{ending}")),
    };
    let use_again = format!("{}: {name}", words.use_again);
    let state = language.both(&(words.state)(key.state), &(words.open)(key.open));
    view! {
        <li class="with-buttons">
            <div>
                <p>{name}</p>
                <p class="effect">{state}</p>
            </div>
            {(key.state != KeyState::Healthy)
                .then(|| {
                    view! {
                        <form method="post" action="/settings/keys">
                            <input type="hidden" name="provider" value=provider />
                            <input type="hidden" name="key" value=index.to_string() />
                            <button type="submit" class="plain" aria-label=use_again>
                                {words.use_again}
                            </button>
                        </form>
                    }
                })}
        </li>
    }
}
