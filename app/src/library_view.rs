//! What the page is told of prompts, personas and how a conversation is answered.

use protocol::{PersonaId, PromptId};
use serde::{Deserialize, Serialize};

/// What there is to begin with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LibraryView {
    /// The first personas.
    pub personas: Vec<PersonaView>,
    /// The first prompts.
    pub prompts: Vec<PromptView>,
    /// There are more prompts.
    pub has_more_prompts: bool,
    /// `provider/model`s that are offered first.
    pub favourite_models: Vec<String>,
    /// The persona that is picked for the conversation to be begun.
    pub picked: Option<PersonaView>,
}

/// A persona to be picked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonaView {
    /// Its id.
    pub id: PersonaId,
    /// Its name.
    pub name: String,
    /// An emoji or a letter.
    pub picture: String,
    /// What it is for.
    pub description: String,
    /// The model it answers with, if it names one.
    pub model: Option<String>,
    /// Questions to begin with.
    pub starters: Vec<String>,
}

/// A prompt to be picked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptView {
    /// Its id.
    pub id: PromptId,
    /// Its title.
    pub title: String,
    /// What is typed after a slash to get it.
    pub command: Option<String>,
    /// What it is for, or how it begins.
    pub about: String,
}

/// A prompt that was picked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickedPrompt {
    /// The text, in which each variable is written as `{{name}}` exactly.
    pub text: String,
    /// The names of the variables.
    pub variables: Vec<String>,
}

/// How a conversation is answered, as far as the page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// `provider/model`; `None` for the default.
    pub model: Option<String>,
    /// Anything differs from the defaults, the model left aside.
    pub changed: bool,
}

/// The form for the settings of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The form as HTML of the server's.
    pub html: String,
    /// How the conversation is answered with it.
    pub view: SettingsView,
    /// The settings of a conversation to be begun, for the server to read again.
    pub settings: String,
    /// The persona in them.
    pub persona: Option<PersonaView>,
}
