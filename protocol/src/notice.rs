//! What a page is told of changes that were made elsewhere: in another tab, on another device, or
//! by the server itself.
//!
//! A notice names what has changed and carries none of it. Whoever gets one reads again what it
//! shows, so a notice that comes twice, or late, does no harm.

use serde::{Deserialize, Serialize};

use crate::ConversationId;

/// Something has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What.
    pub changed: Changed,
    /// Grows with every change. A page that has seen this one has seen everything before it.
    pub version: u64,
}

/// What has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// The list of conversations or its folders.
    List,
    /// The messages of a conversation, its queue or its settings.
    Conversation(ConversationId),
    /// What is written in a conversation and not sent.
    Draft(ConversationId),
    /// What the owner chose for all conversations.
    Preferences,
    /// How pages look, which each browser has in its cookies.
    Look,
    /// Perhaps everything: the page has missed some notices.
    Everything,
}

impl Notice {
    /// The name of the server-sent event.
    pub const NAME: &'static str = "notice";
}
