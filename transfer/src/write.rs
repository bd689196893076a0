//! From conversations to files, each of which can be read without this program.

mod markdown;
mod json;
mod html;
mod name;
mod archive;

pub use self::{archive::Archive, html::html, json::json, markdown::markdown};
use crate::Conversation;
pub(crate) use archive::content_name;

/// What a conversation is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text for any editor: the path that is shown.
    Markdown,
    /// Everything, with all branches, for [`read`](crate::read()).
    Json,
    /// A page for any browser: the path that is shown.
    Html,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Markdown, Self::Json, Self::Html];

    /// The word for it in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// The format of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// What such a file's name ends with.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// The media type of such a file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// Writes a conversation.
    pub fn write(self, conversation: &Conversation) -> String {
        match self {
            Self::Markdown => markdown(conversation),
            Self::Json => json(conversation),
            Self::Html => html(conversation),
        }
    }

    /// A name for the file that every file system takes: the day and the title.
    pub fn file_name(self, conversation: &Conversation) -> String {
        format!("{}.{}", name::stem(conversation), self.extension())
    }
}

/// Who wrote a message, for a heading.
fn author(message: &crate::Message) -> &str {
    match (message.role, &message.model) {
        (protocol::Role::User, _) => "You",
        (protocol::Role::System, _) => "System",
        (protocol::Role::Assistant, Some(model)) => model,
        (protocol::Role::Assistant, None) => "Assistant",
    }
}

/// A time for a person, to the minute, or nothing where it is not known.
fn minute(milliseconds: i64) -> Option<String> {
    let known =
        jiff::Timestamp::from_millisecond(milliseconds).ok().filter(|_| milliseconds > 0)?;
    Some(known.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
