//! What an upstream is asked, whatever its dialect.

use base64::{Engine, engine::general_purpose::STANDARD};
use protocol::Role;
use serde_json::{Map, Value};

use super::MaxTokensField;

/// Asks a model to go on with an answer that was cut. Few models continue a last message of the
/// assistant by themselves, so it is said in words.
pub(super) const CONTINUE: &str = "Continue exactly where your last message broke off. \
    Do not repeat anything and do not comment on this.";

/// One message of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Content,
}

/// What a message of a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text alone.
    Text(String),
    /// Texts and pictures, sent as a list of parts.
    Parts(Vec<Part>),
}

/// A part of what a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A text.
    Text(String),
    /// A picture, sent along as a data URL, since no upstream can reach this server.
    Image {
        /// Its type, such as `image/png`.
        media_type: String,
        /// Its content.
        bytes: Vec<u8>,
    },
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Content {
    /// As JSON, with parts as a dialect writes them. A text alone is sent as a plain string, which every
    /// upstream understands.
    pub(super) fn to_json(&self, part: fn(&Part) -> Value) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Parts(parts) => parts.iter().map(part).collect(),
        }
    }

    /// True if a model would read nothing.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Parts(parts) => parts.is_empty(),
        }
    }

    /// The texts in it, without the pictures.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => {
                let texts = parts.iter().filter_map(|part| match part {
                    Part::Text(text) => Some(text.as_str()),
                    Part::Image { .. } => None,
                });
                texts.collect::<Vec<_>>().join("\n\n")
            }
        }
    }
}

/// A picture's content as base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A picture as an address that holds its content, since no upstream can reach this server.
pub(super) fn data_url(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", base64(bytes))
}

/// A request for one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The model, as the upstream names it.
    pub model: String,
    /// The conversation, oldest first. If the last message is of the assistant, the model is asked
    /// to go on with it.
    pub messages: Vec<Prompt>,
    /// Further fields, such as `temperature`, by their names in chat completions. Each dialect
    /// takes over what it has a word for. Fields that it does not know go along as they are, and
    /// none ever replaces what the dialect decides itself.
    pub parameters: Map<String, Value>,
}

impl Request {
    /// The answer that the model is to go on with, if it is to.
    pub(super) fn unfinished(&self) -> Option<&Prompt> {
        self.messages.last().filter(|last| last.role == Role::Assistant)
    }

    /// The words that ask the model to go on, if it is to.
    pub(super) fn words_to_go_on(&self) -> Option<&'static str> {
        self.unfinished().map(|_| CONTINUE)
    }
}

/// Takes the most tokens of an answer out of the fields of a request, whatever they call it.
pub(super) fn take_max_tokens(fields: &mut Map<String, Value>) -> Option<Value> {
    MaxTokensField::ALL.into_iter().fold(None, |found, field| {
        let taken = fields.remove(field.as_str());
        found.or(taken)
    })
}

/// The instructions that stand before the conversation as one text, and the messages after them.
/// For dialects in which instructions have a place of their own.
pub(super) fn split_instructions(messages: &[Prompt]) -> (Option<String>, &[Prompt]) {
    let first = messages.iter().position(|said| said.role != Role::System);
    let (instructions, rest) = messages.split_at(first.unwrap_or(messages.len()));
    let texts: Vec<_> = instructions.iter().map(|said| said.content.text()).collect();
    ((!texts.is_empty()).then(|| texts.join("\n\n")), rest)
}
