//! What a page is told of changes that were made elsewhere: in another tab, on another device, or
//! by the server itself.
//!
//! A notice names what has changed and carries none of it. Whoever gets one reads again what it
//! shows, so a notice that comes twice, or late, does no harm.

use serde::{Deserialize, Serialize};

use crate::ConversationId;

/// Something has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Notice {
    /// The list of conversations or its folders.
    List,
    /// The messages of a conversation, its queue or its settings.
    Conversation {
        /// Which.
        id: ConversationId,
    },
    /// What changed is not known, because too much did or the connection was new. Everything may have.
    Everything,
}

impl Notice {
    /// The name of the server-sent event.
    pub const NAME: &'static str = "notice";
}
