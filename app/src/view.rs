//! What the page is told by the server: the data it is rendered from.

use std::sync::Arc;

use codee::{Decoder, Encoder, string::JsonSerdeCodec};
use protocol::{AnswerStatus, ConversationId, End, MessageId, Role, Sequence};
use serde::{Deserialize, Serialize};

use crate::{Language, Theme, rpc::Problem};

/// Everything a page is rendered from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PageView {
    /// The latest conversations, newest first.
    pub conversations: Vec<ConversationLink>,
    /// The conversation that is shown; `None` on the page for a new one.
    pub conversation: Option<ConversationView>,
    /// The address named a conversation that does not exist.
    pub not_found: bool,
    /// The configured providers in their order.
    pub providers: Vec<ProviderView>,
    /// `provider/model` that answers unless another is picked.
    pub default_model: Option<String>,
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

/// A conversation in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationLink {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// When a message last came, in milliseconds.
    pub updated_at: i64,
}

/// A conversation along its active path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// Its messages in the order they are read.
    pub messages: Vec<MessageView>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// Who wrote it.
    pub role: Role,
    /// A question as it was written.
    pub text: String,
    /// An answer as HTML, shared with the server's other pages.
    pub html: Arc<str>,
    /// What answers have beside that.
    pub answer: Option<AnswerView>,
}

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
    /// Its name.
    pub name: String,
    /// What its owner wants said about it.
    pub note: Option<String>,
    /// Its models, as far as they are known.
    pub models: Vec<String>,
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
        JsonSerdeCodec::encode(&page)
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
        JsonSerdeCodec::decode(json)
    }
}
