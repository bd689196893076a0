//! Who speaks, and in what state an answer is.

use serde::{Deserialize, Serialize};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Instructions that stand before the conversation.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The word for it on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }

    /// Reads the word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::System, Self::User, Self::Assistant].into_iter().find(|role| role.as_str() == word)
    }
}

/// In what state an answer is. Only `Open` answers change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerStatus {
    /// It is being written: waiting for its first token, or streaming.
    Open,
    /// The upstream said it was done.
    Finished,
    /// The person stopped it.
    Stopped,
    /// The upstream or the store failed; the answer carries a [`Failure`](crate::Failure).
    Failed,
    /// The server ended while it was being written.
    Interrupted,
}

impl AnswerStatus {
    /// Every status, for tables that must be complete.
    pub const ALL: [Self; 5] =
        [Self::Open, Self::Finished, Self::Stopped, Self::Failed, Self::Interrupted];

    /// The word for it on the wire and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}
