//! A conversation as it travels: every message of its tree, and nothing that belongs to one program only.

use std::fmt;

use protocol::Role;
use serde::{Deserialize, Serialize};

/// The program that a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// ChatGPT: the ZIP of "Export data", or the JSON in it.
    ChatGpt,
    /// Open WebUI: "Export chats".
    OpenWebUi,
    /// LibreChat: "Export conversation" as JSON.
    LibreChat,
    /// NextChat, once ChatGPT-Next-Web: its backup.
    NextChat,
    /// This program: [`json`](crate::json()).
    Inglenook,
}

impl Source {
    /// Every program whose files can be read.
    pub const ALL: [Self; 5] =
        [Self::ChatGpt, Self::OpenWebUi, Self::LibreChat, Self::NextChat, Self::Inglenook];

    /// What the program calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChatGpt => "ChatGPT",
            Self::OpenWebUi => "Open WebUI",
            Self::LibreChat => "LibreChat",
            Self::NextChat => "NextChat",
            Self::Inglenook => "Inglenook",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A conversation with all branches of its tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Names it at its source, the same in every later export.
    pub key: String,
    /// Its title. Never empty, and on one line.
    #[serde(default)]
    pub title: String,
    /// When it began, in milliseconds since 1970; 0 where the source does not say.
    #[serde(default)]
    pub created_at: i64,
    /// When a message last came, in milliseconds since 1970; 0 where the source does not say.
    #[serde(default)]
    pub updated_at: i64,
    /// Kept at the top of the list.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pinned: bool,
    /// Taken out of the list.
    #[serde(default, skip_serializing_if = "is_false")]
    pub archived: bool,
    /// The folder it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Instructions that stand before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Where the path that is shown ends: an index into `messages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<usize>,
    /// The messages. Each stands behind its parent.
    #[serde(default)]
    pub messages: Vec<Message>,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Names it within its conversation, the same in every later export.
    pub key: String,
    /// The message it replies to: an index into the conversation's `messages`, lower than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<usize>,
    /// Who wrote it.
    pub role: Role,
    /// Its text, as Markdown.
    #[serde(default)]
    pub content: String,
    /// What the model thought before it answered. Empty where nothing is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
    /// The model that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// When it was written, in milliseconds since 1970; 0 where the source does not say.
    #[serde(default)]
    pub created_at: i64,
    /// The files that were sent with it. Only what Inglenook itself exported has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SentFile>,
}

/// A file that was sent with a message. Its content lies beside the conversation, in the same ZIP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFile {
    /// What it is called.
    pub name: String,
    /// SHA-256 of its content, in hexadecimal digits, under which the content is found.
    pub sha256: String,
}

impl Conversation {
    /// The files of all messages.
    pub fn files(&self) -> impl Iterator<Item = &SentFile> {
        self.messages.iter().flat_map(|message| &message.files)
    }

    /// The messages of the path that is shown, in the order they are read.
    pub fn active_path(&self) -> Vec<&Message> {
        let mut path = Vec::new();
        let mut next = self.active;
        while let Some(message) = next.and_then(|index| self.messages.get(index)) {
            path.push(message);
            // Going down only, the walk ends whatever the indices are.
            next = message.parent.filter(|parent| next.is_some_and(|index| *parent < index));
        }
        path.reverse();
        path
    }
}

// `skip_serializing_if` hands over a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
