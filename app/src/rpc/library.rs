//! The server functions for prompts, personas, models and the settings of a conversation.

#![expect(
    missing_docs,
    reason = "the server macro makes structs of the arguments, whose fields cannot be documented"
)]

use leptos::prelude::*;
use protocol::{ConversationId, PersonaId, PromptId};

use super::Problem;
use crate::library_view::{PersonaView, PickedPrompt, PromptView, Sheet};

/// All prompts, without their texts.
#[server(prefix = "/rpc", endpoint = "prompts")]
pub async fn prompts() -> Result<Vec<PromptView>, Problem> {
    use crate::{load, load_library};
    load_library::prompts(&load::engine()?, load::language(), chat::MOST_PROMPTS).await
}

/// The text of a prompt.
#[server(prefix = "/rpc", endpoint = "prompt")]
pub async fn prompt(id: PromptId) -> Result<PickedPrompt, Problem> {
    use crate::{load, load_library};
    load_library::picked_prompt(&load::engine()?, load::language(), id).await
}

/// All personas.
#[server(prefix = "/rpc", endpoint = "personas")]
pub async fn personas() -> Result<Vec<PersonaView>, Problem> {
    use crate::{load, load_library};
    load_library::personas(&load::engine()?, load::language()).await
}

/// The form for the settings of a conversation, or of one to be begun with a persona or with what
/// was changed before. With `fields`, which is the form as it is sent, what they say is done first.
#[server(prefix = "/rpc", endpoint = "settings")]
pub async fn settings(
    #[server(default)] conversation: Option<ConversationId>,
    #[server(default)] persona: Option<PersonaId>,
    #[server(default)] changed: String,
    #[server(default)] fields: Option<String>,
) -> Result<Sheet, Problem> {
    use crate::{load, load_library};
    let language = load::language();
    load_library::sheet(&load::engine()?, language, conversation, persona, &changed, fields).await
}

/// Chooses the model that answers in a conversation from here on.
#[server(prefix = "/rpc", endpoint = "model")]
pub async fn pick_model(conversation: ConversationId, model: String) -> Result<(), Problem> {
    use crate::{load, load_library};
    let picked = load::engine()?.set_conversation_model(conversation, Some(&model)).await;
    load_library::saved(picked)
}

/// Makes a model a favourite, or none any more.
#[server(prefix = "/rpc", endpoint = "favourite")]
pub async fn set_favourite(
    model: String,
    #[server(default)] is_favourite: bool,
) -> Result<(), Problem> {
    use crate::{load, load_library};
    load_library::saved(load::engine()?.set_favourite(&model, is_favourite).await)
}

/// The models that are offered first.
#[server(prefix = "/rpc", endpoint = "favourites")]
pub async fn favourites() -> Result<Vec<String>, Problem> {
    Ok(crate::load::engine()?.preferences().favourite_models)
}
