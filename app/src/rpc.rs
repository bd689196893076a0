//! The server functions: what the page asks of the server beside the events of answers.
//!
//! Each is also the target of a plain `<form>`, so the page works without scripts and before they
//! have loaded. Who may call them is decided in front of all routes, not here.

#![expect(
    missing_docs,
    reason = "the server macro makes structs of the arguments, whose fields cannot be documented"
)]

use leptos::{prelude::*, server_fn::codec::JsonEncoding};
use protocol::{ConversationId, MessageId, Sequence};
use serde::{Deserialize, Serialize};

use crate::view::{ConversationLink, ConversationView};

/// Why the server did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Problem {
    /// The message has no text.
    Empty,
    /// The message is too long.
    TooLong {
        /// The most bytes allowed.
        limit: usize,
    },
    /// Too many answers are being written at once.
    Busy {
        /// The most allowed.
        limit: usize,
    },
    /// What was named does not exist.
    NotFound,
    /// The answer is still being written.
    StillOpen,
    /// The server could not store it.
    Storage,
    /// The server could not be reached, or did not understand.
    Connection {
        /// What is known.
        detail: String,
    },
}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self::Connection { detail: error.to_string() }
    }
}

/// A question that was stored and is being answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The conversation, a new one if none was named.
    pub conversation: ConversationId,
    /// The question's message.
    pub question: MessageId,
    /// The answer's message.
    pub answer: MessageId,
    /// Who answers, for the heading.
    pub model: String,
}

/// Stores a question and has it answered.
#[server(prefix = "/rpc", endpoint = "ask")]
pub async fn ask(
    #[server(default)] conversation: Option<ConversationId>,
    text: String,
    #[server(default)] model: Option<String>,
) -> Result<Asked, Problem> {
    use crate::load;
    let ask = chat::Ask { conversation, text: &text, model: model.as_deref() };
    let asked = load::asked(load::engine()?.ask(ask).await)?;
    load::show_without_scripts(asked.conversation, true);
    Ok(asked)
}

/// Stops an answer at whatever moment.
#[server(prefix = "/rpc", endpoint = "stop")]
pub async fn stop(answer: MessageId) -> Result<(), Problem> {
    use crate::load;
    let chat = load::engine()?;
    chat.stop(answer).await.map_err(load::storage_problem)?;
    let place = chat.conversation_of(answer).await.map_err(load::storage_problem)?;
    load::show_without_scripts(place.ok_or(Problem::NotFound)?, false);
    Ok(())
}

/// Answers a question again.
#[server(prefix = "/rpc", endpoint = "retry")]
pub async fn retry(
    answer: MessageId,
    #[server(default)] model: Option<String>,
) -> Result<Asked, Problem> {
    use crate::load;
    let asked = load::asked(load::engine()?.retry(answer, model.as_deref()).await)?;
    load::show_without_scripts(asked.conversation, true);
    Ok(asked)
}

/// Has a cut answer continued. Returns where its reader goes on.
#[server(prefix = "/rpc", endpoint = "continue")]
pub async fn continue_answer(answer: MessageId) -> Result<Sequence, Problem> {
    use crate::load;
    let continued = load::engine()?.continue_answer(answer).await.map_err(|error| match error {
        chat::ContinueError::NotFound => Problem::NotFound,
        chat::ContinueError::StillOpen => Problem::StillOpen,
        chat::ContinueError::Busy { limit } => Problem::Busy { limit },
        chat::ContinueError::Store(error) => load::storage_problem(error),
    })?;
    load::show_without_scripts(continued.conversation, true);
    Ok(continued.sequence)
}

/// A conversation along its active path, rendered.
#[server(prefix = "/rpc", endpoint = "conversation")]
pub async fn conversation(id: ConversationId) -> Result<ConversationView, Problem> {
    use crate::load;
    load::conversation_view(&load::engine()?, &load::renderer()?, id)
        .await?
        .ok_or(Problem::NotFound)
}

/// The latest conversations, newest first.
#[server(prefix = "/rpc", endpoint = "conversations")]
pub async fn conversations() -> Result<Vec<ConversationLink>, Problem> {
    use crate::load;
    load::conversation_links(&load::engine()?).await
}

/// An answer as Markdown, for copying.
#[server(prefix = "/rpc", endpoint = "markdown")]
pub async fn markdown_of(answer: MessageId) -> Result<String, Problem> {
    use crate::load;
    load::engine()?
        .answer_text(answer)
        .await
        .map_err(load::storage_problem)?
        .ok_or(Problem::NotFound)
}
