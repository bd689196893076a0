//! From the engine's errors to those that the page is told, and where a browser is led that sent
//! a plain form.

use chat::{AskError, BranchError, Chat, NameError, StoreError};
use leptos::prelude::*;
use protocol::ConversationId;

use crate::{
    Language,
    renderer::Renderer,
    rpc::{Asked, Problem},
};

/// The engine, which the server provides to every server function.
pub(crate) fn engine() -> Result<Chat, Problem> {
    provided("the engine is missing")
}

/// The renderer, provided likewise, for pages in the language of the request.
pub(crate) fn renderer() -> Result<Renderer, Problem> {
    let renderer: Renderer = provided("the renderer is missing")?;
    Ok(renderer.in_language(language()))
}

/// The language of whoever asks, provided likewise.
pub(crate) fn language() -> Language {
    use_context().unwrap_or_default()
}

fn provided<T: Clone + 'static>(otherwise: &str) -> Result<T, Problem> {
    use_context().ok_or_else(|| Problem::Connection { detail: otherwise.to_owned() })
}

pub(crate) fn storage_problem(error: StoreError) -> Problem {
    tracing::error!(%error, "the store failed");
    Problem::Storage
}

pub(crate) fn asked(outcome: Result<chat::Asked, AskError>) -> Result<Asked, Problem> {
    let asked = done(outcome)?;
    Ok(Asked {
        conversation: asked.conversation,
        question: asked.question,
        answer: asked.answer,
        model: asked.model,
    })
}

/// What came of something that is asked or written.
pub(crate) fn done<T>(outcome: Result<T, AskError>) -> Result<T, Problem> {
    outcome.map_err(|error| match error {
        AskError::Empty => Problem::Empty,
        AskError::TooLong { limit, .. } => Problem::TooLong { limit },
        AskError::Busy { limit } => Problem::Busy { limit },
        AskError::QueueFull { limit } => Problem::QueueFull { limit },
        AskError::NotFound => Problem::NotFound,
        AskError::TooManyFiles { limit } => Problem::TooManyFiles { limit },
        AskError::NoSuchFile => Problem::NoSuchFile,
        AskError::CannotSee { model } => Problem::CannotSee { model },
        AskError::LargerThanWindow { tokens, window, model } => {
            Problem::LargerThanWindow { tokens, window, model }
        }
        AskError::Limit(reached) => Problem::Limit { reached },
        AskError::Settings(_) => Problem::Settings,
        AskError::Store(error) => storage_problem(error),
    })
}

/// What came of a name.
pub(crate) fn named<T>(outcome: Result<T, NameError>) -> Result<T, Problem> {
    outcome.map_err(|error| match error {
        NameError::Empty | NameError::TooLong => Problem::Name { limit: chat::MAX_NAME_CHARS },
        NameError::NotFound => Problem::NotFound,
        NameError::Store(error) => storage_problem(error),
    })
}

/// What came of a change to the branches.
pub(crate) fn branched<T>(outcome: Result<T, BranchError>) -> Result<T, Problem> {
    outcome.map_err(|error| match error {
        BranchError::NotFound => Problem::NotFound,
        BranchError::StillOpen => Problem::StillOpen,
        BranchError::Store(error) => storage_problem(error),
    })
}

/// Leads a browser that sent a plain form to the conversation. One that runs scripts asked for
/// data, and is left where it is.
pub(crate) fn show_without_scripts(conversation: ConversationId, streams: bool) {
    let query = if streams { "?stream" } else { "" };
    lead_to(&format!("/c/{conversation}{query}"));
}

/// Leads a browser that sent a plain form to an address of ours.
pub(crate) fn lead_to(address: &str) {
    let wants_html = use_context::<http::request::Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(http::header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    });
    if wants_html {
        leptos_axum::redirect(address);
    }
}
