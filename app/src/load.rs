//! On the server: from the engine's conversations to what the page is rendered from.

use std::sync::Arc;

use chat::{AskError, Chat, StoreError};
use futures_util::{StreamExt, stream};
use leptos::prelude::*;
use protocol::{AnswerStatus, ConversationId, Role};

use crate::{
    Language, Theme,
    message::id_prefix,
    renderer::Renderer,
    rpc::{Asked, Problem},
    view::{
        AnswerView, ConversationLink, ConversationView, Growing, MessageView, PageView,
        ProviderView,
    },
};

/// How many conversations the list shows.
const LISTED: u32 = 500;

/// What a page is asked for with.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// The conversation in the address, where there is one.
    pub conversation: Option<ConversationId>,
    /// The address names something that cannot exist.
    pub not_found: bool,
    /// The choice in the cookie.
    pub theme: Theme,
    /// The choice in the cookie, or what the browser asks for.
    pub language: Language,
    /// True if there is a password.
    pub can_sign_out: bool,
    /// Why the form that is answered with this page was refused.
    pub problem: Option<Problem>,
    /// What was written in that form.
    pub written: String,
    /// The open answer is to be streamed into the HTML.
    pub streams: bool,
}

/// Reads everything a page is rendered from.
pub async fn load_page(
    chat: &Chat,
    renderer: &Renderer,
    request: PageRequest,
) -> Result<PageView, Problem> {
    let conversation = match request.conversation {
        Some(id) => conversation_view(chat, renderer, id).await?,
        None => None,
    };
    let not_found = request.not_found || (request.conversation.is_some() && conversation.is_none());
    let has_open_answer = conversation
        .iter()
        .flat_map(|shown| &shown.messages)
        .any(|message| message.answer.as_ref().is_some_and(AnswerView::is_open));
    Ok(PageView {
        conversations: conversation_links(chat).await?,
        conversation,
        not_found,
        providers: chat
            .models()
            .into_iter()
            .map(|provider| ProviderView {
                name: provider.provider,
                note: provider.note,
                models: provider.models,
            })
            .collect(),
        default_model: chat.default_model(),
        theme: request.theme,
        language: request.language,
        can_sign_out: request.can_sign_out,
        problem: request.problem,
        written_html: field_html(&request.written),
        now: chat::now_ms(),
        streams: request.streams && has_open_answer,
    })
}

/// A text as what stands in a `<textarea>`, of which browsers leave out a first line break.
fn field_html(text: &str) -> String {
    match text {
        "" => String::new(),
        _ => format!("\n{}", html_escape::encode_text(text)),
    }
}

/// The engine, which the server provides to every server function.
pub(crate) fn engine() -> Result<Chat, Problem> {
    provided("the engine is missing")
}

/// The renderer, provided likewise.
pub(crate) fn renderer() -> Result<Renderer, Problem> {
    provided("the renderer is missing")
}

fn provided<T: Clone + 'static>(otherwise: &str) -> Result<T, Problem> {
    use_context().ok_or_else(|| Problem::Connection { detail: otherwise.to_owned() })
}

pub(crate) fn storage_problem(error: StoreError) -> Problem {
    tracing::error!(%error, "the store failed");
    Problem::Storage
}

pub(crate) fn asked(outcome: Result<chat::Asked, AskError>) -> Result<Asked, Problem> {
    match outcome {
        Ok(asked) => Ok(Asked {
            conversation: asked.conversation,
            question: asked.question,
            answer: asked.answer,
            model: asked.model,
        }),
        Err(AskError::Empty) => Err(Problem::Empty),
        Err(AskError::TooLong { limit, .. }) => Err(Problem::TooLong { limit }),
        Err(AskError::Busy { limit }) => Err(Problem::Busy { limit }),
        Err(AskError::NotFound) => Err(Problem::NotFound),
        Err(AskError::Store(error)) => Err(storage_problem(error)),
    }
}

/// Leads a browser that sent a plain form to the conversation. One that runs scripts asked for
/// data, and is left where it is.
pub(crate) fn show_without_scripts(conversation: ConversationId, streams: bool) {
    let wants_html = use_context::<http::request::Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(http::header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    });
    if wants_html {
        let query = if streams { "?stream" } else { "" };
        leptos_axum::redirect(&format!("/c/{conversation}{query}"));
    }
}

pub(crate) async fn conversation_links(chat: &Chat) -> Result<Vec<ConversationLink>, Problem> {
    let conversations = chat.conversations(LISTED).await.map_err(storage_problem)?;
    Ok(conversations
        .into_iter()
        .map(|conversation| ConversationLink {
            id: conversation.id,
            title: conversation.title,
            updated_at: conversation.updated_at,
        })
        .collect())
}

pub(crate) async fn conversation_view(
    chat: &Chat,
    renderer: &Renderer,
    id: ConversationId,
) -> Result<Option<ConversationView>, Problem> {
    let Some(conversation) = chat.conversation(id).await.map_err(storage_problem)? else {
        return Ok(None);
    };
    // No more than can be rendered at once, so that two conversations take turns.
    let messages = stream::iter(conversation.messages)
        .map(|message| message_view(renderer.clone(), message))
        .buffered(Renderer::at_once())
        .collect()
        .await;
    Ok(Some(ConversationView { id, title: conversation.title, messages }))
}

async fn message_view(renderer: Renderer, message: chat::Message) -> MessageView {
    let Some(answer) = message.answer else {
        return MessageView {
            id: message.id,
            role: message.role,
            text: message.content,
            html: Arc::default(),
            answer: None,
        };
    };
    let end = answer.end();
    let content = id_prefix(message.id, "a");
    let reasoning = id_prefix(message.id, "r");
    let (html, reasoning_html, growing) = if end.status == AnswerStatus::Open {
        (
            renderer.open(content, &message.content).await,
            renderer.open(reasoning, &answer.reasoning).await,
            Some(Growing { content: message.content, reasoning: answer.reasoning }),
        )
    } else {
        (
            renderer.ended(content, &message.content).await,
            renderer.ended(reasoning, &answer.reasoning).await,
            None,
        )
    };
    MessageView {
        id: message.id,
        role: Role::Assistant,
        text: String::new(),
        html,
        answer: Some(AnswerView {
            reasoning_html,
            growing,
            end,
            provider: answer.provider,
            sequence: answer.sequence,
        }),
    }
}
