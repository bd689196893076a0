//! On the server: the form for how a conversation is answered, and what becomes of it.
//!
//! One form serves the page without scripts and the sheet beside the conversation. The sheet gets it
//! as HTML, so that none of it weighs anything in the WASM.

use chat::{
    Chat, ConversationSettings, ParameterError, ParameterTexts, Parameters, Persona, SaveError,
};
use leptos::prelude::*;
use protocol::{ConversationId, PersonaId};

use crate::{
    Assets, Language, Look,
    library_view::SettingsView,
    load::{self, field_html},
    parameters::ParameterFields,
    plain_form::Outcome,
    plain_page,
    rpc::Problem,
    words::shipped,
};

/// The fields of the form beside the parameters.
const PERSONA: &str = "persona";
const SYSTEM_PROMPT: &str = "system_prompt";
const RESET: &str = "reset";

/// What the form is rendered from.
#[derive(Debug, Clone)]
pub struct SettingsForm {
    /// How the conversation is answered.
    pub settings: ConversationSettings,
    /// What is in the fields; it differs from the settings where it was refused.
    pub system_prompt: String,
    /// The parameters as they are written.
    pub texts: ParameterTexts,
    /// What is wrong with them.
    pub mistakes: Vec<ParameterError>,
    /// What is wrong with the rest, or what came of it.
    pub outcome: Result<Option<String>, String>,
    /// The personas to choose from.
    pub personas: Vec<Persona>,
    /// What holds where nothing is set.
    pub defaults: Parameters,
}

impl SettingsForm {
    /// The form as it is opened.
    pub async fn open(
        chat: &Chat,
        language: Language,
        settings: ConversationSettings,
    ) -> Result<Self, Problem> {
        let personas = chat.personas().await.map_err(load::storage_problem)?;
        Ok(Self {
            system_prompt: settings.system_prompt.clone(),
            texts: ParameterTexts::of(&settings.parameters),
            settings,
            mistakes: Vec::new(),
            outcome: Ok(None),
            personas: personas.into_iter().map(|one| shipped::persona(language, one)).collect(),
            defaults: chat.preferences().parameters,
        })
    }

    /// True if nothing was refused.
    pub fn is_saved(&self) -> bool {
        self.mistakes.is_empty() && self.outcome.is_ok()
    }
}

/// How a conversation is answered, as far as the page shows it.
pub(crate) fn view_of(settings: &ConversationSettings) -> SettingsView {
    let plain = ConversationSettings { model: settings.model.clone(), ..Default::default() };
    SettingsView { model: settings.model.clone(), changed: *settings != plain }
}

/// The settings that a conversation is begun with: those that were changed before, otherwise those
/// of the persona. What cannot be read is left out, since it is checked before it is stored anyway.
pub async fn beginning(
    chat: &Chat,
    language: Language,
    persona: Option<PersonaId>,
    changed: &str,
) -> Result<ConversationSettings, Problem> {
    if let Ok(settings) = serde_json::from_str(changed) {
        return Ok(settings);
    }
    let Some(id) = persona else { return Ok(ConversationSettings::default()) };
    let persona = chat.persona(id).await.map_err(load::storage_problem)?;
    let persona = persona.map(|persona| shipped::persona(language, persona));
    Ok(persona.as_ref().map(ConversationSettings::from).unwrap_or_default())
}

/// Does what a form says: picks another persona, resets everything, or changes what was written.
/// Returns the form to be shown next. For a conversation that exists, what is right is stored.
pub async fn change(
    chat: &Chat,
    language: Language,
    conversation: Option<ConversationId>,
    before: ConversationSettings,
    fields: &[(String, String)],
) -> Result<SettingsForm, Problem> {
    let words = &language.words().library_pages;
    let field = |name: &str| fields.iter().find(|(this, _)| this == name).map(|(_, text)| text);
    let persona = match field(PERSONA) {
        Some(id) => id.parse().ok(),
        None => before.persona,
    };
    let mut texts = ParameterTexts::default();
    fields.iter().for_each(|(name, text)| texts.set(name, text));
    let system_prompt = field(SYSTEM_PROMPT).cloned().unwrap_or_default();

    let wanted = if field(RESET).is_some() {
        Ok(ConversationSettings { model: before.model.clone(), ..Default::default() })
    } else if persona != before.persona {
        let previous = beginning(chat, language, before.persona, "").await?;
        Ok(before.with_persona(&previous, beginning(chat, language, persona, "").await?))
    } else {
        texts.read().map(|parameters| ConversationSettings {
            persona,
            system_prompt: system_prompt.clone(),
            model: before.model.clone(),
            parameters,
        })
    };
    let refused = |form: SettingsForm| SettingsForm {
        system_prompt: system_prompt.clone(),
        texts: texts.clone(),
        ..form
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(mistakes) => {
            let form = SettingsForm::open(chat, language, before).await?;
            return Ok(SettingsForm { mistakes, ..refused(form) });
        }
    };
    let outcome = match conversation {
        Some(id) => chat.set_conversation_settings(id, &wanted).await,
        None => wanted.check(),
    };
    match outcome {
        Ok(()) => {
            let form = SettingsForm::open(chat, language, wanted).await?;
            Ok(SettingsForm { outcome: Ok(Some(words.saved.to_owned())), ..form })
        }
        Err(SaveError::NotFound) => Err(Problem::NotFound),
        Err(SaveError::Store(error)) => Err(load::storage_problem(error)),
        Err(error) => {
            let form = SettingsForm::open(chat, language, before).await?;
            Ok(SettingsForm { outcome: Err((words.save_error)(&error)), ..refused(form) })
        }
    }
}

/// The form. In the sheet it has no address and is saved as it is changed.
#[component]
pub(crate) fn SettingsFields(
    language: Language,
    form: SettingsForm,
    #[prop(optional_no_strip)] conversation: Option<ConversationId>,
) -> impl IntoView {
    let words = &language.words().library_pages;
    let SettingsForm { settings, system_prompt, texts, mistakes, outcome, personas, defaults } =
        form;
    let picked = settings.persona;
    let instructed = !system_prompt.is_empty();
    view! {
        <form
            class="settings"
            method="post"
            action=conversation.map(|id| format!("/c/{id}/settings"))
            autocomplete="off"
        >
            <Outcome outcome />
            <div class="field">
                <label for=PERSONA>{words.persona}</label>
                <select id=PERSONA name=PERSONA>
                    <option value="">{words.no_persona}</option>
                    {personas
                        .into_iter()
                        .map(|Persona { id, profile }| {
                            view! {
                                <option value=id.to_string() selected=picked == Some(id)>
                                    {profile.emoji}
                                    " "
                                    {profile.name}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </div>
            <div class="field" class:changed=instructed>
                <label for=SYSTEM_PROMPT>
                    {words.system_prompt}
                    {instructed.then(|| view! { " " <small class="mark">{words.changed}</small> })}
                </label>
                <textarea
                    id=SYSTEM_PROMPT
                    name=SYSTEM_PROMPT
                    rows="4"
                    dir="auto"
                    aria-describedby="system_prompt-hint"
                    inner_html=field_html(&system_prompt)
                ></textarea>
                <p class="effect" id="system_prompt-hint">{words.system_prompt_hint}</p>
            </div>
            <ParameterFields language texts defaults=Some(defaults) mistakes />
            <p class="buttons">
                <button type="submit" class="primary unscripted">{language.words().page.save}</button>
                <button type="submit" class="plain" name=RESET value="yes">{words.reset}</button>
            </p>
        </form>
    }
}

/// `/c/{id}/settings`, for browsers without scripts. `None` if there is no such conversation.
pub fn conversation_settings_page(
    assets: Assets,
    look: Look,
    shown: Option<(ConversationId, SettingsForm)>,
) -> impl IntoView {
    let words = look.language.words();
    let language = look.language;
    plain_page(assets, look, words.library_pages.conversation_settings, move || match shown {
        None => leptos::either::Either::Left(view! { <p>{words.message.not_found_why}</p> }),
        Some((id, form)) => leptos::either::Either::Right(view! {
            <p>
                <a class="quiet" href=format!("/c/{id}")>{words.page.back}</a>
            </p>
            <SettingsFields language form conversation=Some(id) />
        }),
    })
}
