//! What the page is told by the server: the data it is rendered from.

use std::sync::Arc;

use codee::{Decoder, Encoder};
use protocol::{
    AnswerStatus, ConversationId, End, FileInfo, FolderId, MessageId, ModelInfo, QueuedId, Role,
    Sequence,
};
use serde::{Deserialize, Serialize};

use crate::{
    Language, Theme,
    library_view::{LibraryView, SettingsView},
    rpc::Problem,
};

/// Everything a page is rendered from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PageView {
    /// The list of conversations, as far as it is shown at first.
    pub list: ListView,
    /// The version of everything on the page, see [`protocol::Notice`].
    pub version: u64,
    /// What is found, on the page that answers a search without scripts.
    pub search: Option<SearchView>,
    /// What was written and not sent in the conversation.
    pub draft: String,
    /// The same on the page for a new one.
    pub new_draft: String,
    /// The question that is to be asked otherwise, in a page for that.
    pub editing: Option<MessageId>,
    /// The conversation to be begun is a temporary one.
    pub temporary: bool,
    /// The conversation that is shown; `None` on the page for a new one.
    pub conversation: Option<ConversationView>,
    /// The address named a conversation that does not exist.
    pub not_found: bool,
    /// Prompts and personas to begin with.
    pub library: LibraryView,
    /// The configured providers in their order.
    pub providers: Vec<ProviderView>,
    /// `provider/model` that answers unless another is picked.
    pub default_model: Option<String>,
    /// What is refused before it is sent.
    pub files: FileLimits,
    /// What the person chose to see.
    pub theme: Theme,
    /// The language of the page.
    pub language: Language,
    /// True if there is a password, and so a way to sign out.
    pub can_sign_out: bool,
    /// Why the form that this page answers was refused. Only forms sent without scripts are
    /// answered with a page.
    pub problem: Option<Problem>,
    /// What was written in that form, as HTML for the field.
    pub written_html: String,
    /// The time on the server in milliseconds, for grouping the list by day.
    pub now: i64,
    /// The open answer is streamed into the HTML of this response.
    pub streams: bool,
}

/// The list of conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListView {
    /// Those above the others.
    pub pinned: Vec<ConversationLink>,
    /// Folders with what is in them.
    pub folders: Vec<FolderView>,
    /// The others, newest first.
    pub loose: Vec<ConversationLink>,
    /// There are more of the others.
    pub has_more: bool,
}

/// A folder with what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderView {
    /// Its id.
    pub id: FolderId,
    /// Its name.
    pub name: String,
    /// The conversations in it, newest first.
    pub conversations: Vec<ConversationLink>,
}

/// Where a conversation is found, or the page for a new one.
pub fn path_of(conversation: Option<ConversationId>) -> String {
    conversation.map_or_else(|| "/".to_owned(), |id| format!("/c/{id}"))
}

/// A conversation in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConversationLink {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// When a message last came, in milliseconds.
    pub updated_at: i64,
    /// It stands above the others.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pinned: bool,
    /// It is out of the way.
    #[serde(default, skip_serializing_if = "is_false")]
    pub archived: bool,
    /// It is in no list and goes when its page is closed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub temporary: bool,
    /// The folder it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<FolderId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchView {
    /// What was looked for.
    pub typed: String,
    /// What was found, the best first.
    pub hits: Vec<HitView>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HitView {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its title; every second piece, from the second on, is what was looked for.
    pub title: Vec<String>,
    /// The message; `None` if the title was found.
    pub message: Option<MessageId>,
    /// The place in the message, in pieces like the title.
    pub snippet: Vec<String>,
}

/// A conversation along its active path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConversationView {
    /// How the list shows it.
    pub link: ConversationLink,
    /// The last of its messages in the order they are read.
    pub messages: Vec<MessageView>,
    /// There are messages before these.
    pub has_older: bool,
    /// How it is answered.
    pub settings: SettingsView,
    /// Questions that wait, the next one first.
    pub queued: Vec<QueuedView>,
}

/// A question that waits for the answer before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedView {
    /// Its id.
    pub id: QueuedId,
    /// Its text.
    pub text: String,
    /// The files that will be sent with it.
    pub files: Vec<FileInfo>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// Who wrote it.
    pub role: Role,
    /// The messages that stand beside it, itself included, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<MessageId>,
    /// A question as it was written.
    pub text: String,
    /// An answer as HTML, shared with the server's other pages.
    pub html: Arc<str>,
    /// What answers have beside that.
    pub answer: Option<AnswerView>,
    /// The files that a question was sent with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileInfo>,
}

/// What of files is refused before it is sent: the longest, in bytes, and the most of a question.
pub type FileLimits = (u64, usize);

/// What an answer has beside its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerView {
    /// How it ended, or its state while it is open.
    pub end: End,
    /// The provider that was asked.
    pub provider: String,
    /// The reasoning as HTML.
    pub reasoning_html: Arc<str>,
    /// Everything up to here is in the HTML.
    pub sequence: Sequence,
    /// The Markdown behind the HTML while it is open, for the browser to go on from.
    pub growing: Option<Growing>,
}

/// The Markdown of an open answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growing {
    /// The answer.
    pub content: String,
    /// The reasoning.
    pub reasoning: String,
}

impl AnswerView {
    /// True while it is being written.
    pub fn is_open(&self) -> bool {
        self.end.status == AnswerStatus::Open
    }
}

/// A provider and its models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderView {
    /// Its name. Empty for the one that stands for none: its model is `auto`.
    pub name: String,
    /// What its owner wants said about it.
    pub note: Option<String>,
    /// Its models, as far as they are known.
    pub models: Vec<ModelInfo>,
}

impl ProviderView {
    /// The names by which its models are asked for.
    pub fn full_names(&self) -> impl Iterator<Item = String> {
        self.models.iter().map(|model| match self.name.as_str() {
            "" => model.name.clone(),
            provider => format!("{provider}/{}", model.name),
        })
    }
}

/// Writes a page's data into the page, without the HTML that stands there already: hydration
/// leaves it alone, so sending it twice would only cost.
pub struct WithoutBodies;

impl Encoder<PageView> for WithoutBodies {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(page: &PageView) -> Result<String, serde_json::Error> {
        let mut page = page.clone();
        for message in page.conversation.iter_mut().flat_map(|shown| &mut shown.messages) {
            message.html = trace(&message.html);
            if let Some(answer) = &mut message.answer {
                answer.reasoning_html = trace(&answer.reasoning_html);
            }
        }
        page.written_html.clear();
        serde_json::to_string(&page)
    }
}

/// Whether there is any HTML decides what is rendered, so a trace stays: the first `<`.
fn trace(html: &str) -> Arc<str> {
    html.get(..1).unwrap_or_default().into()
}

impl Decoder<PageView> for WithoutBodies {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(json: &str) -> Result<PageView, serde_json::Error> {
        // Everything is read from bytes: reading from text too would be a second copy of all the code.
        serde_json::from_slice(json.as_bytes())
    }
}
