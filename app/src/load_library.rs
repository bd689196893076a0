//! On the server: from the engine's prompts, personas and settings to what the page is told.

use chat::{Chat, ConversationSettings, Persona, SaveError, SavedPrompt};
use leptos::prelude::*;
use protocol::{ConversationId, PersonaId, PromptId};
use url::form_urlencoded;

use crate::{
    Language,
    conversation_settings::{self, SettingsFields, SettingsForm},
    library_view::{LibraryView, PersonaView, PickedPrompt, PromptView, Sheet},
    load::storage_problem,
    personas_page::picture,
    prompts_page::excerpt,
    rpc::Problem,
    words::shipped,
};

/// How many prompts and personas stand on the page for a new conversation.
const SHOWN_PROMPTS: u32 = 6;
const SHOWN_PERSONAS: usize = 8;

/// What there is to begin with.
pub(crate) async fn library(
    chat: &Chat,
    language: Language,
    picked: Option<PersonaId>,
) -> Result<LibraryView, Problem> {
    let mut prompts = prompts(chat, language, SHOWN_PROMPTS + 1).await?;
    let has_more_prompts = prompts.len() > SHOWN_PROMPTS as usize;
    prompts.truncate(SHOWN_PROMPTS as usize);
    let mut personas = personas(chat, language).await?;
    let picked = personas.iter().find(|persona| Some(persona.id) == picked).cloned();
    personas.truncate(SHOWN_PERSONAS);
    let favourite_models = chat.preferences().favourite_models;
    Ok(LibraryView { personas, prompts, has_more_prompts, favourite_models, picked })
}

pub(crate) async fn prompts(
    chat: &Chat,
    language: Language,
    limit: u32,
) -> Result<Vec<PromptView>, Problem> {
    let prompts = chat.prompts(limit).await.map_err(storage_problem)?;
    Ok(prompts.into_iter().map(|saved| prompt_view(shipped::prompt(language, saved))).collect())
}

fn prompt_view(saved: SavedPrompt) -> PromptView {
    let SavedPrompt { id, prompt } = saved;
    let about = excerpt(&prompt);
    PromptView { id, title: prompt.title, command: prompt.command, about }
}

pub(crate) async fn picked_prompt(
    chat: &Chat,
    language: Language,
    id: PromptId,
) -> Result<PickedPrompt, Problem> {
    let saved = chat.prompt(id).await.map_err(storage_problem)?.ok_or(Problem::NotFound)?;
    let saved = shipped::prompt(language, saved);
    Ok(PickedPrompt {
        text: chat::with_plain_variables(&saved.prompt.text),
        variables: chat::variables(&saved.prompt.text),
    })
}

/// The text of a prompt for the field; empty if there is no such prompt.
pub(crate) async fn text_of(chat: &Chat, language: Language, id: PromptId) -> String {
    picked_prompt(chat, language, id).await.map(|prompt| prompt.text).unwrap_or_default()
}

pub(crate) async fn personas(chat: &Chat, language: Language) -> Result<Vec<PersonaView>, Problem> {
    let personas = chat.personas().await.map_err(storage_problem)?;
    Ok(personas.into_iter().map(|persona| persona_view(language, persona)).collect())
}

fn persona_view(language: Language, persona: Persona) -> PersonaView {
    let Persona { id, profile } = shipped::persona(language, persona);
    PersonaView {
        id,
        picture: picture(&profile.emoji, &profile.name),
        name: profile.name,
        description: profile.description,
        model: profile.model,
        starters: profile.starters,
    }
}

/// The form for the settings of a conversation after what was done to it.
pub(crate) async fn sheet(
    chat: &Chat,
    language: Language,
    conversation: Option<ConversationId>,
    persona: Option<PersonaId>,
    changed: &str,
    fields: Option<String>,
) -> Result<Sheet, Problem> {
    let before = match conversation {
        Some(id) => {
            let stored = chat.conversation_settings(id).await.map_err(storage_problem)?;
            stored.ok_or(Problem::NotFound)?
        }
        None => conversation_settings::beginning(chat, language, persona, changed).await?,
    };
    let form = match fields {
        Some(fields) => {
            let fields: Vec<_> = form_urlencoded::parse(fields.as_bytes()).into_owned().collect();
            conversation_settings::change(chat, language, conversation, before, &fields).await?
        }
        None => SettingsForm::open(chat, language, before).await?,
    };
    let settings = form.settings.clone();
    Ok(Sheet {
        html: view! { <SettingsFields language form /> }.to_html(),
        view: conversation_settings::view_of(&settings),
        persona: persona_of(chat, language, &settings).await?,
        settings: serde_json::to_string(&settings).unwrap_or_default(),
    })
}

async fn persona_of(
    chat: &Chat,
    language: Language,
    settings: &ConversationSettings,
) -> Result<Option<PersonaView>, Problem> {
    let Some(id) = settings.persona else { return Ok(None) };
    let persona = chat.persona(id).await.map_err(storage_problem)?;
    Ok(persona.map(|persona| persona_view(language, persona)))
}

/// What became of something that was to be kept.
pub(crate) fn saved(outcome: Result<(), SaveError>) -> Result<(), Problem> {
    outcome.map_err(|error| match error {
        SaveError::NotFound => Problem::NotFound,
        SaveError::Store(error) => storage_problem(error),
        _ => Problem::Settings,
    })
}
