//! On the server: from the engine's conversations to what the page is rendered from.

mod list;
mod outcome;

use std::sync::Arc;

use chat::Chat;
use futures_util::{StreamExt, stream};
use protocol::{AnswerStatus, ConversationId, MessageId, ModelInfo, PersonaId, PromptId, Role};

pub use list::more;
pub(crate) use list::{arrange, list_view, search};
pub(crate) use outcome::{
    asked, branched, done, engine, language, lead_to, named, renderer, show_without_scripts,
    storage_problem,
};

use crate::{
    Look, conversation_settings, load_library,
    message::id_prefix,
    renderer::Renderer,
    rpc::Problem,
    view::{
        AnswerView, ConversationView, Growing, MessageView, PageView, ProviderView, QueuedView,
        SearchView,
    },
};

/// How many messages of a conversation a page shows at first, and how many more each time. Enough
/// for a screen of short ones.
const MESSAGES: u32 = 40;

/// How much of a conversation is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Extent {
    /// Its end.
    #[default]
    End,
    /// So many messages, but not fewer than a page shows at first.
    Last(u32),
    /// As much as reaches back to a message.
    BackTo(MessageId),
    /// All of it, for browsers that cannot ask for more.
    Whole,
}

/// What a page is asked for with.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// The conversation in the address, where there is one.
    pub conversation: Option<ConversationId>,
    /// The address names something that cannot exist.
    pub not_found: bool,
    /// What the reader chose about looks.
    pub look: Look,
    /// True if there is a password.
    pub can_sign_out: bool,
    /// Why the form that is answered with this page was refused.
    pub problem: Option<Problem>,
    /// What was written in that form.
    pub written: String,
    /// The prompt of the library that is to stand in the field.
    pub prompt: Option<PromptId>,
    /// The persona that is picked for a new conversation.
    pub persona: Option<PersonaId>,
    /// The open answer is to be streamed into the HTML.
    pub streams: bool,
    /// What is looked for, by browsers without scripts.
    pub typed: Option<String>,
    /// How much of the conversation is wanted.
    pub extent: Extent,
    /// The question that is to be asked otherwise, likewise.
    pub editing: Option<MessageId>,
    /// The conversation to be begun is a temporary one.
    pub temporary: bool,
}

/// Reads everything a page is rendered from.
pub async fn load_page(
    chat: &Chat,
    renderer: &Renderer,
    request: PageRequest,
) -> Result<PageView, Problem> {
    // Asked before anything is read, so that what changes meanwhile is told to the page.
    let version = chat.version();
    let conversation = match request.conversation {
        Some(id) => conversation_view(chat, renderer, id, request.extent).await?,
        None => None,
    };
    let shown = conversation.as_ref().map(|shown| shown.link.id);
    let search = match request.typed {
        Some(typed) => Some(SearchView { hits: search(chat, &typed).await?, typed }),
        None => None,
    };
    let editing = request.editing.and_then(|id| {
        let messages = &conversation.as_ref()?.messages;
        messages.iter().find(|message| message.id == id && message.role == Role::User)
    });
    let written = match (request.written, editing, request.prompt) {
        (_, Some(message), _) => message.text.clone(),
        (written, None, Some(prompt)) if written.is_empty() => {
            load_library::text_of(chat, request.look.language, prompt).await
        }
        (written, None, _) => written,
    };
    let editing = editing.map(|message| message.id);
    let not_found = request.not_found || (request.conversation.is_some() && conversation.is_none());
    let has_open_answer = conversation
        .iter()
        .flat_map(|shown| &shown.messages)
        .any(|message| message.answer.as_ref().is_some_and(AnswerView::is_open));
    let library = load_library::library(chat, request.look.language, request.persona).await?;
    Ok(PageView {
        library,
        list: list_view(chat).await?,
        version,
        search,
        draft: match shown {
            Some(_) => chat.draft(shown).await.map_err(storage_problem)?,
            None => String::new(),
        },
        new_draft: chat.draft(None).await.map_err(storage_problem)?,
        editing,
        temporary: request.temporary,
        conversation,
        not_found,
        providers: providers(chat),
        default_model: chat.default_model(),
        files: (chat.limits().max_file_bytes as u64, chat.limits().max_files_per_message),
        theme: request.look.theme,
        language: request.look.language,
        can_sign_out: request.can_sign_out,
        problem: request.problem,
        written_html: field_html(&written),
        now: chat::now_ms(),
        streams: request.streams && has_open_answer,
    })
}

/// The models that can be picked, by their providers. What chooses among all of them comes first.
fn providers(chat: &Chat) -> Vec<ProviderView> {
    let auto = chat.has_auto().then(|| ProviderView {
        name: String::new(),
        note: None,
        models: vec![ModelInfo::named(chat::auto::AUTO)],
    });
    let configured = chat.models().into_iter().map(|provider| ProviderView {
        name: provider.provider,
        note: provider.note,
        models: provider.models,
    });
    auto.into_iter().chain(configured).collect()
}

/// A text as what stands in a `<textarea>`, of which browsers leave out a first line break.
pub(crate) fn field_html(text: &str) -> String {
    match text {
        "" => String::new(),
        _ => format!("\n{}", html_escape::encode_text(text)),
    }
}

/// A conversation, as much of it as is wanted.
pub(crate) async fn conversation_view(
    chat: &Chat,
    renderer: &Renderer,
    id: ConversationId,
    extent: Extent,
) -> Result<Option<ConversationView>, Problem> {
    let page = match extent {
        Extent::BackTo(message) => chat.page_with(id, message, MESSAGES).await,
        Extent::End => chat.page(id, None, MESSAGES).await,
        Extent::Last(count) => chat.page(id, None, count.max(MESSAGES)).await,
        Extent::Whole => chat.page(id, None, u32::MAX).await,
    };
    let Some(page) = page.map_err(storage_problem)? else {
        // The message may be gone; the conversation is still worth showing.
        return match extent {
            Extent::BackTo(_) => Box::pin(conversation_view(chat, renderer, id, Extent::End)).await,
            Extent::End | Extent::Last(_) | Extent::Whole => Ok(None),
        };
    };
    let settings = chat.conversation_settings(id).await.map_err(storage_problem)?;
    let queued = chat.queued(id).await.map_err(storage_problem)?;
    Ok(Some(ConversationView {
        link: list::link(page.summary),
        settings: conversation_settings::view_of(&settings.unwrap_or_default()),
        has_older: page.has_older,
        messages: message_views(renderer, page.messages).await,
        queued: queued.into_iter().map(queued_view).collect(),
    }))
}

/// A question that waits.
pub(crate) fn queued_view(queued: chat::Queued) -> QueuedView {
    QueuedView { id: queued.id, text: queued.content, files: queued.files }
}

/// The messages before one, and whether there are more.
pub(crate) async fn older(
    chat: &Chat,
    renderer: &Renderer,
    id: ConversationId,
    before: MessageId,
) -> Result<Option<(Vec<MessageView>, bool)>, Problem> {
    let page = chat.page(id, Some(before), MESSAGES).await.map_err(storage_problem)?;
    let Some(page) = page else { return Ok(None) };
    Ok(Some((message_views(renderer, page.messages).await, page.has_older)))
}

async fn message_views(renderer: &Renderer, messages: Vec<chat::Shown>) -> Vec<MessageView> {
    // No more than can be rendered at once, so that two conversations take turns.
    stream::iter(messages)
        .map(|shown| async {
            let siblings = if shown.siblings.len() > 1 { shown.siblings } else { Vec::new() };
            MessageView { siblings, ..message_view(renderer.clone(), shown.message).await }
        })
        .buffered(Renderer::at_once())
        .collect()
        .await
}

async fn message_view(renderer: Renderer, message: chat::Message) -> MessageView {
    let Some(answer) = message.answer else {
        return MessageView {
            id: message.id,
            role: message.role,
            siblings: Vec::new(),
            text: message.content,
            html: Arc::default(),
            answer: None,
            files: message.files,
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
        siblings: Vec::new(),
        text: String::new(),
        html,
        answer: Some(AnswerView {
            reasoning_html,
            growing,
            end,
            provider: answer.provider,
            sequence: answer.sequence,
        }),
        files: Vec::new(),
    }
}
