//! On the server: the fields for parameters, for a conversation, a persona or as defaults.

use chat::{ParameterError, ParameterField, ParameterTexts, Parameters, ReasoningEffort};
use leptos::{either::EitherOf3, prelude::*};

use crate::{Assets, Language, Look, load::field_html, plain_page};

/// The fields for all parameters.
#[component]
pub(crate) fn ParameterFields(
    language: Language,
    texts: ParameterTexts,
    /// What holds where nothing is set; then what is set is marked, too.
    #[prop(optional_no_strip)]
    defaults: Option<Parameters>,
    #[prop(optional)] mistakes: Vec<ParameterError>,
) -> impl IntoView {
    let marks = defaults.is_some();
    let defaults = ParameterTexts::of(&defaults.unwrap_or_default());
    ParameterField::ALL
        .map(|field| {
            let problem = mistakes
                .iter()
                .find(|mistake| mistake.field() == field)
                .map(|mistake| (language.words().library_pages.parameter_error)(mistake));
            let default = defaults.get(field).replace('\n', " ");
            let text = texts.get(field).to_owned();
            view! { <Parameter language field text default marks problem /> }
        })
        .collect_view()
}

#[component]
fn Parameter(
    language: Language,
    field: ParameterField,
    text: String,
    default: String,
    marks: bool,
    problem: Option<String>,
) -> impl IntoView {
    let words = &language.words().library_pages;
    let name = field.as_str();
    let (label, effect) = (words.parameter)(field);
    let empty = match default.as_str() {
        "" => words.provider_decides.to_owned(),
        default => (words.default_is)(default),
    };
    let changed = marks && !text.is_empty();
    let described = format!("{name}-hint");
    let invalid = problem.is_some().then_some("true");
    let control = match field {
        ParameterField::Stop | ParameterField::More => EitherOf3::A(view! {
            <textarea
                id=name
                name=name
                rows="2"
                spellcheck="false"
                autocomplete="off"
                aria-describedby=described.clone()
                aria-invalid=invalid
                inner_html=field_html(&text)
            ></textarea>
        }),
        ParameterField::ReasoningEffort => EitherOf3::B(view! {
            <select id=name name=name aria-describedby=described.clone() aria-invalid=invalid>
                <option value="">{words.not_set}</option>
                {ReasoningEffort::ALL
                    .map(|effort| {
                        let word = effort.as_str();
                        view! { <option value=word selected=word == text>{word}</option> }
                    })
                    .collect_view()}
            </select>
        }),
        _ => EitherOf3::C(view! {
            <input
                id=name
                name=name
                value=text.clone()
                inputmode="decimal"
                autocomplete="off"
                placeholder=default
                aria-describedby=described.clone()
                aria-invalid=invalid
            />
        }),
    };
    view! {
        <div class="field" class:changed=changed>
            <label for=name>
                {label} {changed.then(|| view! { " " <small class="mark">{words.changed}</small> })}
            </label>
            {control}
            <p class="effect" id=described>
                {language.both(effect, &empty)}
            </p>
            {problem.map(|words| view! { <p class="problem" role="alert">{words}</p> })}
        </div>
    }
}

/// The section of the settings for the parameters of all conversations. Its form goes to
/// `POST /settings/parameters`.
#[component]
pub fn ParametersSection(
    language: Language,
    /// What is in the fields: what is stored, or what was refused.
    texts: ParameterTexts,
    #[prop(optional)] mistakes: Vec<ParameterError>,
) -> impl IntoView {
    let words = &language.words().library_pages;
    view! {
        <section id="parameters">
            <h2>{words.parameters}</h2>
            <p>{words.parameters_about}</p>
            <form method="post" action="/settings/parameters">
                <ParameterFields language texts mistakes />
                <p class="buttons">
                    <button type="submit" class="primary">{language.words().page.save}</button>
                </p>
            </form>
        </section>
    }
}

/// The same section on a page of its own, which answers a form that was refused.
pub fn parameters_page(
    assets: Assets,
    look: Look,
    texts: ParameterTexts,
    mistakes: Vec<ParameterError>,
) -> impl IntoView {
    let language = look.language;
    plain_page(assets, look, language.words().page.settings, move || {
        view! { <ParametersSection language texts mistakes /> }
    })
}
