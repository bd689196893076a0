//! On the server: the page of settings, each with its effect in words.

use chat::{ParameterTexts, prices::ModelPrice, upstream::ProviderHealth};
use leptos::prelude::*;

use crate::{
    Assets, Language, Look, Theme,
    keys_section::KeysSection,
    look::{CodeTheme, Density, TextSize, Width},
    parameters::ParametersSection,
    plain_page::plain_page,
    prices_section::PricesSection,
    words::SettingsWords,
};

/// The page of settings. `typed` leaves only those that have it in their words.
pub fn settings_document(
    assets: Assets,
    look: Look,
    saved: bool,
    typed: String,
    parameters: ParameterTexts,
    providers: Vec<ProviderHealth>,
    prices: Vec<ModelPrice>,
) -> impl IntoView {
    let page = look.language.words();
    let words = &page.settings;
    let wanted = typed.trim().to_lowercase();
    let matches = move |texts: &[&str]| {
        wanted.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&wanted))
    };
    let choices = choices(look, words);
    let shown: Vec<_> = choices
        .into_iter()
        .map(|choice| {
            let fits = matches(&[choice.name, choice.effect]);
            (choice, fits)
        })
        .collect();
    let no_choice = shown.iter().all(|(_, fits)| !fits);
    let links = [
        ("/prompts", page.page.prompts, words.prompts_effect),
        ("/personas", page.page.personas, words.personas_effect),
        ("/tokens", page.tokens.title, page.tokens.effect),
        ("/archive", page.list.archive_link, words.archive_effect),
        ("/usage", page.page.usage, words.usage_effect),
        ("/import", page.page.import, words.import_effect),
        ("/export?as=json", words.export_all, words.export_all_effect),
    ];
    let links: Vec<_> =
        links.into_iter().filter(|(_, name, effect)| matches(&[name, effect])).collect();
    let no_link = links.is_empty();
    let library = &page.library_pages;
    let no_prices = !matches(&[page.usage.prices]);
    let no_parameters = !matches(&[library.parameters, library.parameters_about]);
    let no_keys = providers.is_empty() || !matches(&[page.keys.title, page.keys.about]);
    plain_page(assets, look, page.page.settings, move || {
        view! {
            <form method="get" action="/settings" role="search" class="field">
                <input
                    type="search"
                    name="q"
                    value=typed
                    aria-label=words.search
                    placeholder=words.search
                    autocomplete="off"
                />
            </form>
            {saved.then(|| view! { <p class="saved" role="status">{words.saved}</p> })}
            {(no_choice && no_link && no_parameters && no_keys && no_prices).then(|| view! { <p class="effect">{words.nothing}</p> })}
            <form method="post" action="/settings">
                <section class:absent=no_choice>
                    <h2>{words.appearance}</h2>
                    {shown
                        .into_iter()
                        .map(|(choice, fits)| view! { <Setting choice hidden=!fits /> })
                        .collect_view()}
                    <div class="buttons">
                        <button type="submit" class="primary">{page.page.save}</button>
                    </div>
                </section>
            </form>
            {(!no_parameters)
                .then(|| view! { <ParametersSection language=look.language texts=parameters /> })}
            {(!no_keys).then(|| view! { <KeysSection language=look.language providers /> })}
            {(!no_prices).then(|| view! { <PricesSection language=look.language prices /> })}
            <section class:absent=no_link>
                <h2>{words.data}</h2>
                <ul class="places">
                    {links
                        .into_iter()
                        .map(|(href, name, effect)| {
                            view! {
                                <li>
                                    <a href=href>{name}</a>
                                    <p class="effect">{effect}</p>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}

/// One setting: a field with its choices.
struct Choice {
    field: &'static str,
    name: &'static str,
    effect: &'static str,
    options: Vec<(&'static str, &'static str)>,
    chosen: &'static str,
}

fn choices(look: Look, words: &'static SettingsWords) -> Vec<Choice> {
    vec![
        Choice {
            field: "theme",
            name: words.theme,
            effect: words.theme_effect,
            options: vec![
                (Theme::System.as_str(), words.theme_system),
                (Theme::Light.as_str(), words.theme_light),
                (Theme::Dark.as_str(), words.theme_dark),
            ],
            chosen: look.theme.as_str(),
        },
        Choice {
            field: "language",
            name: words.language,
            effect: words.language_effect,
            options: Language::ALL.map(|language| (language.tag(), language.name())).to_vec(),
            chosen: look.language.tag(),
        },
        Choice {
            field: "size",
            name: words.size,
            effect: words.size_effect,
            options: TextSize::ALL
                .iter()
                .zip(words.sizes)
                .map(|(size, name)| (size.as_str(), name))
                .collect(),
            chosen: look.size.as_str(),
        },
        Choice {
            field: "density",
            name: words.density,
            effect: words.density_effect,
            options: Density::ALL
                .iter()
                .zip(words.densities)
                .map(|(density, name)| (density.as_str(), name))
                .collect(),
            chosen: look.density.as_str(),
        },
        Choice {
            field: "width",
            name: words.width,
            effect: words.width_effect,
            options: Width::ALL
                .iter()
                .zip(words.widths)
                .map(|(width, name)| (width.as_str(), name))
                .collect(),
            chosen: look.width.as_str(),
        },
        Choice {
            field: "code",
            name: words.code,
            effect: words.code_effect,
            options: CodeTheme::ALL
                .iter()
                .zip(words.codes)
                .map(|(code, name)| (code.as_str(), name))
                .collect(),
            chosen: look.code.as_str(),
        },
    ]
}

/// A setting that is not shown is sent all the same, or saving would change it back.
#[component]
fn Setting(choice: Choice, hidden: bool) -> impl IntoView {
    let id = format!("setting-{}", choice.field);
    let effect = format!("{id}-effect");
    view! {
        <div class="field" class:absent=hidden>
            <label for=id.clone()>{choice.name}</label>
            <select id=id name=choice.field aria-describedby=effect.clone()>
                {choice
                    .options
                    .into_iter()
                    .map(|(value, name)| {
                        view! {
                            <option value=value selected=value == choice.chosen>
                                {name}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <p class="effect" id=effect>{choice.effect}</p>
        </div>
    }
}
