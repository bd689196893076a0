//! The server functions: what the page asks of the server beside the events of answers.
//!
//! Each is also the target of a plain `<form>`, so the page works without scripts and before they
//! have loaded. Who may call them is decided in front of all routes, not here.

#![expect(clippy::too_many_arguments, reason = "a form has as many fields as it has")]
#![expect(
    missing_docs,
    reason = "the server macro makes structs of the arguments, whose fields cannot be documented"
)]

mod library;

use leptos::{prelude::*, server_fn::codec::JsonEncoding};
use protocol::{
    ConversationId, FileId, FolderId, LimitReached, MessageId, PersonaId, QueuedId, Sequence,
};
use serde::{Deserialize, Serialize};

pub use library::*;

use crate::view::{ConversationLink, ConversationView, HitView, ListView, MessageView, QueuedView};

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
    /// It would go beyond a limit that the owner has set.
    Limit {
        /// Which one.
        reached: LimitReached,
    },
    /// Too many questions wait already.
    QueueFull {
        /// The most allowed.
        limit: usize,
    },
    /// There are too many files.
    TooManyFiles {
        /// The most allowed.
        limit: usize,
    },
    /// A file is not there any more.
    NoSuchFile,
    /// There are pictures, and the model does not read any.
    CannotSee {
        /// The model.
        model: String,
    },
    /// The question alone is more than the model can read.
    LargerThanWindow {
        /// About how many tokens it takes.
        tokens: u64,
        /// How many the model can read.
        window: u64,
        /// The model.
        model: String,
    },
    /// What was named does not exist.
    NotFound,
    /// The answer is still being written.
    StillOpen,
    /// A title or the name of a folder is empty or too long.
    Name {
        /// The most characters allowed.
        limit: usize,
    },
    /// The settings of the conversation cannot be used.
    Settings,
    /// The server could not store it.
    Storage,
    /// The session has ended.
    SignedOut,
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
    #[server(default)] instead_of: Option<MessageId>,
    #[server(default)] temporary: bool,
    #[server(default)] files: Vec<FileId>,
    #[server(default)] persona: Option<PersonaId>,
    #[server(default)] settings: String,
) -> Result<Asked, Problem> {
    use crate::{conversation_settings::beginning, load};
    let place = match (instead_of, conversation) {
        (Some(question), _) => chat::Place::InsteadOf(question),
        (None, Some(id)) => chat::Place::End(id),
        (None, None) => chat::Place::New { temporary },
    };
    let chat = load::engine()?;
    let settings = beginning(&chat, load::language(), persona, &settings).await?;
    let ask = chat::Ask {
        model: model.as_deref(),
        files: &files,
        settings: Some(&settings),
        ..chat::Ask::new(place, &text)
    };
    let asked = load::asked(chat.ask(ask).await)?;
    if instead_of.is_none() {
        // What was written is sent, so it is no draft any more.
        load::done(chat.set_draft(conversation, "").await)?;
    }
    load::show_without_scripts(asked.conversation, true);
    Ok(asked)
}

/// Lets a question wait for the answer that is being written.
#[server(prefix = "/rpc", endpoint = "queue")]
pub async fn queue(
    conversation: ConversationId,
    text: String,
    #[server(default)] model: Option<String>,
    #[server(default)] files: Vec<FileId>,
) -> Result<QueuedId, Problem> {
    use crate::load;
    let chat = load::engine()?;
    let queued = load::done(chat.queue(conversation, &text, model.as_deref(), &files).await)?;
    // What waits to be asked is no draft any more.
    load::done(chat.set_draft(Some(conversation), "").await)?;
    Ok(queued)
}

/// Takes a waiting question out of the queue. It comes back.
#[server(prefix = "/rpc", endpoint = "unqueue")]
pub async fn unqueue(queued: QueuedId) -> Result<QueuedView, Problem> {
    use crate::load;
    let taken = load::engine()?.unqueue(queued).await.map_err(load::storage_problem)?;
    taken.map(load::queued_view).ok_or(Problem::NotFound)
}

/// Asks a waiting question now.
#[server(prefix = "/rpc", endpoint = "ask_queued")]
pub async fn ask_queued(queued: QueuedId) -> Result<Asked, Problem> {
    use crate::load;
    load::asked(load::engine()?.ask_queued(queued).await)
}

/// Keeps what is written and not sent.
#[server(prefix = "/rpc", endpoint = "draft")]
pub async fn keep_draft(
    #[server(default)] conversation: Option<ConversationId>,
    #[server(default)] text: String,
) -> Result<(), Problem> {
    use crate::load;
    load::done(load::engine()?.set_draft(conversation, &text).await)
}

/// What is written in a conversation and not sent.
#[server(prefix = "/rpc", endpoint = "kept_draft")]
pub async fn kept_draft(conversation: ConversationId) -> Result<String, Problem> {
    use crate::load;
    load::engine()?.draft(Some(conversation)).await.map_err(load::storage_problem)
}

/// Tells other tabs of this browser that the cookies, which they share, have another look.
#[server(prefix = "/rpc", endpoint = "look")]
pub async fn look_chosen() -> Result<(), Problem> {
    crate::load::engine()?.notice_look();
    Ok(())
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

/// Answers a question again. It is named by its answer, or by itself where that was deleted.
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
        chat::ContinueError::Limit(reached) => Problem::Limit { reached },
        chat::ContinueError::Store(error) => load::storage_problem(error),
    })?;
    load::show_without_scripts(continued.conversation, true);
    Ok(continued.sequence)
}

/// The end of a conversation along its active path, rendered: as much of it as reaches back to a
/// message, or so many messages, or as many as a page shows at first. With what was written there
/// and not sent. `None` if it is gone, which is nothing that went wrong.
#[server(prefix = "/rpc", endpoint = "conversation")]
pub async fn conversation(
    id: ConversationId,
    #[server(default)] back_to: Option<MessageId>,
    #[server(default)] last: Option<u32>,
) -> Result<Option<(ConversationView, String)>, Problem> {
    use crate::load;
    let chat = load::engine()?;
    let extent = match (back_to, last) {
        (Some(message), _) => load::Extent::BackTo(message),
        (None, Some(count)) => load::Extent::Last(count),
        (None, None) => load::Extent::End,
    };
    let view = load::conversation_view(&chat, &load::renderer()?, id, extent).await?;
    let draft = chat.draft(Some(id)).await.map_err(load::storage_problem)?;
    Ok(view.map(|view| (view, draft)))
}

/// The messages before one, rendered, and whether there are more.
#[server(prefix = "/rpc", endpoint = "older")]
pub async fn older(
    id: ConversationId,
    before: MessageId,
) -> Result<(Vec<MessageView>, bool), Problem> {
    use crate::load;
    load::older(&load::engine()?, &load::renderer()?, id, before).await?.ok_or(Problem::NotFound)
}

/// The list of conversations, as far as it is shown at first.
#[server(prefix = "/rpc", endpoint = "list")]
pub async fn list() -> Result<ListView, Problem> {
    use crate::load;
    load::list_view(&load::engine()?).await
}

/// The list after a conversation, and whether there is more. `archived` is for that list.
#[server(prefix = "/rpc", endpoint = "more")]
pub async fn more(
    #[server(default)] after: Option<ConversationId>,
    #[server(default)] updated_at: i64,
    #[server(default)] archived: bool,
) -> Result<(Vec<ConversationLink>, bool), Problem> {
    use crate::load;
    load::more(&load::engine()?, after.map(|id| (updated_at, id)), archived).await
}

/// What is found in titles and messages.
#[server(prefix = "/rpc", endpoint = "search")]
pub async fn search(typed: String) -> Result<Vec<HitView>, Problem> {
    use crate::load;
    load::search(&load::engine()?, &typed).await
}

/// What is to become of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrange {
    /// It gets another title.
    Rename,
    /// It goes above the others.
    Pin,
    /// It goes back among them.
    Unpin,
    /// It goes out of the way.
    Archive,
    /// It comes back.
    Unarchive,
    /// It goes to the bin.
    Delete,
    /// It comes back from there.
    Undelete,
    /// It goes into a folder, a new one if there is a name, or into none.
    Move,
    /// A temporary one ends.
    End,
    /// The page of a temporary one goes, and it ends unless it is shown again soon.
    Leave,
}

impl Arrange {
    const ALL: [Self; 10] = [
        Self::Rename,
        Self::Pin,
        Self::Unpin,
        Self::Archive,
        Self::Unarchive,
        Self::Delete,
        Self::Undelete,
        Self::Move,
        Self::End,
        Self::Leave,
    ];

    /// The word for it in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rename => "rename",
            Self::Pin => "pin",
            Self::Unpin => "unpin",
            Self::Archive => "archive",
            Self::Unarchive => "unarchive",
            Self::Delete => "delete",
            Self::Undelete => "undelete",
            Self::Move => "move",
            Self::End => "end",
            Self::Leave => "leave",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == word)
    }
}

/// Changes where a conversation stands, or what it is called.
#[server(prefix = "/rpc", endpoint = "arrange")]
pub async fn arrange_conversation(
    conversation: ConversationId,
    what: Arrange,
    #[server(default)] title: String,
    #[server(default)] folder: Option<FolderId>,
    #[server(default)] new_folder: String,
) -> Result<(), Problem> {
    use crate::load;
    load::arrange(&load::engine()?, conversation, what, &title, folder, &new_folder).await
}

/// Gives a folder another name, or removes it; what is in it stays.
#[server(prefix = "/rpc", endpoint = "folder")]
pub async fn change_folder(
    folder: FolderId,
    #[server(default)] name: String,
    #[server(default)] remove: bool,
) -> Result<(), Problem> {
    use crate::load;
    let chat = load::engine()?;
    if remove {
        chat.remove_folder(folder).await.map_err(load::storage_problem)?;
    } else {
        load::named(chat.rename_folder(folder, &name).await)?;
    }
    load::lead_to("/");
    Ok(())
}

/// What is to become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Branch {
    /// Its branch is shown.
    Show,
    /// It goes, and with a question its answers.
    Delete,
    /// A new conversation begins with everything up to it.
    Fork,
}

/// Changes the branches of a conversation. Returns the conversation to be shown.
#[server(prefix = "/rpc", endpoint = "branch")]
pub async fn change_branches(message: MessageId, what: Branch) -> Result<ConversationId, Problem> {
    use crate::load;
    let chat = load::engine()?;
    let outcome = match what {
        Branch::Show => chat.show_branch(message).await,
        Branch::Delete => chat.delete_message(message).await,
        Branch::Fork => chat.fork(message).await,
    };
    let conversation = load::branched(outcome)?;
    load::show_without_scripts(conversation, false);
    Ok(conversation)
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
