//! On the server: the pages of the personas.

use chat::{ParameterError, ParameterTexts, Persona, Profile};
use leptos::{either::Either, prelude::*};
use protocol::PersonaId;

use crate::{
    Assets, Look,
    parameters::ParameterFields,
    plain_form::{AreaField, DeleteForm, LineField, Outcome},
    plain_page,
};

/// What is in the form for a persona: what is stored, or what was refused.
#[derive(Debug, Clone, Default)]
pub struct PersonaForm {
    /// What is written, parameters left out.
    pub profile: Profile,
    /// The parameters as they are written.
    pub texts: ParameterTexts,
    /// What is wrong with them.
    pub mistakes: Vec<ParameterError>,
    /// What is wrong with the rest.
    pub refusal: Option<String>,
}

impl From<Profile> for PersonaForm {
    fn from(profile: Profile) -> Self {
        Self { texts: ParameterTexts::of(&profile.parameters), profile, ..Self::default() }
    }
}

impl PersonaForm {
    fn is_refused(&self) -> bool {
        self.refusal.is_some() || !self.mistakes.is_empty()
    }
}

/// The emoji of a persona, or the first letter of its name.
pub(crate) fn picture(emoji: &str, name: &str) -> String {
    match emoji {
        "" => name.chars().next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default(),
        emoji => emoji.to_owned(),
    }
}

/// `/personas`.
pub fn personas_page(
    assets: Assets,
    look: Look,
    personas: Vec<Persona>,
    models: Vec<String>,
    form: PersonaForm,
) -> impl IntoView {
    let words = look.language.words();
    let library = &words.library_pages;
    let nothing = personas.is_empty().then_some(library.empty);
    let adds = form.is_refused();
    plain_page(assets, look, words.library.personas, move || {
        view! {
            <p class="effect">{library.personas_about}</p>
            {nothing.map(|words| view! { <p>{words}</p> })}
            <ul class="cards">
                {personas
                    .into_iter()
                    .map(|persona| view! { <PersonaCard look persona /> })
                    .collect_view()}
            </ul>
            <section id="add">
                <details open=adds>
                    <summary>{library.add_persona}</summary>
                    <form method="post" action="/personas">
                        <PersonaFields look models form />
                    </form>
                </details>
            </section>
        }
    })
}

#[component]
fn PersonaCard(look: Look, persona: Persona) -> impl IntoView {
    let words = &look.language.words().library_pages;
    let Persona { id, profile } = persona;
    let name = profile.name;
    view! {
        <li id=id.to_string()>
            <span class="picture" aria-hidden="true">{picture(&profile.emoji, &name)}</span>
            <h2 dir="auto">{name.clone()}</h2>
            <p dir="auto">{profile.description}</p>
            {profile.model.map(|model| view! { <code>{model}</code> })}
            <div class="ways">
                <a class="quiet" href=format!("/?persona={id}") aria-label=format!("{}: {name}", words.use_it)>
                    {words.use_it}
                </a>
                <a class="quiet" href=format!("/personas/{id}") aria-label=format!("{}: {name}", words.edit)>
                    {words.edit}
                </a>
                <DeleteForm
                    action=format!("/personas/{id}/delete")
                    label=words.delete
                    sure=words.delete_for_good
                    what=name
                />
            </div>
        </li>
    }
}

/// `/personas/{id}`: a persona to be changed, or `None` if it does not exist any more.
pub fn persona_page(
    assets: Assets,
    look: Look,
    persona: Option<(PersonaId, PersonaForm)>,
    models: Vec<String>,
) -> impl IntoView {
    let words = look.language.words();
    let gone = (words.library_pages.save_error)(&chat::SaveError::NotFound);
    plain_page(assets, look, words.library.personas, move || match persona {
        None => Either::Left(view! {
            <p>{gone}</p>
            <p class="buttons">
                <a class="plain" href="/personas">{words.library.all_personas}</a>
            </p>
        }),
        Some((id, form)) => Either::Right(view! {
            <form method="post" action=format!("/personas/{id}")>
                <PersonaFields look models form />
            </form>
        }),
    })
}

#[component]
fn PersonaFields(look: Look, models: Vec<String>, form: PersonaForm) -> impl IntoView {
    let words = &look.language.words().library_pages;
    let language = look.language;
    let PersonaForm { profile, texts, mistakes, refusal } = form;
    let sets_parameters = texts != ParameterTexts::default();
    view! {
        <Outcome outcome=refusal.map_or(Ok(None), Err) />
        <LineField name="name" label=words.name value=profile.name required=true />
        <LineField name="emoji" label=words.emoji value=profile.emoji hint=words.emoji_hint />
        <LineField name="description" label=words.description value=profile.description />
        <AreaField
            name="system_prompt"
            label=words.system_prompt
            value=profile.system_prompt
            hint=words.system_prompt_hint
        />
        <ModelField look models model=profile.model />
        <AreaField
            name="starters"
            label=words.starters
            value=profile.starters.join("\n")
            hint=words.starters_hint
        />
        <details class="more" open=sets_parameters>
            <summary>{words.parameters}</summary>
            <ParameterFields language texts mistakes />
        </details>
        <p class="buttons">
            <button type="submit" class="primary">{language.words().page.save}</button>
            <a class="plain" href="/personas">{language.words().page.cancel}</a>
        </p>
    }
}

/// A choice of the known models. One that is chosen and not known any more stays a choice.
#[component]
fn ModelField(look: Look, models: Vec<String>, model: Option<String>) -> impl IntoView {
    let words = &look.language.words().library_pages;
    let mut named = models;
    if let Some(model) = &model
        && !named.contains(model)
    {
        named.insert(0, model.clone());
    }
    view! {
        <div class="field">
            <label for="model">{words.model}</label>
            <select id="model" name="model">
                <option value="">{words.default_model}</option>
                {named
                    .into_iter()
                    .map(|name| {
                        let selected = model.as_deref() == Some(&name);
                        view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}
