//! From a file to conversations: which program wrote it is found out by what is in it.

mod container;
mod contents;
mod document;
mod chatgpt;
mod open_webui;
mod librechat;
mod nested;
mod nextchat;
mod inglenook;
mod tree;
mod text;
mod time;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Seek},
};

use crate::{Conversation, Source};
pub use contents::Contents;
pub(crate) use inglenook::VERSION;

/// How much is unpacked of a file at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes, of all files in a ZIP together.
    pub unpacked_bytes: u64,
    /// Files in a ZIP, those included that are not looked at.
    pub files: usize,
}

impl Default for Limits {
    /// More than the largest exports known have, and little enough for the memory of a server.
    fn default() -> Self {
        Self { unpacked_bytes: 1 << 30, files: 200_000 }
    }
}

/// What one program's part of a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The program.
    pub source: Source,
    /// Its conversations, in the order of the file. No two have the same key.
    pub conversations: Vec<Conversation>,
    /// What could not be taken in.
    pub skipped: Vec<Skipped>,
}

/// Something that could not be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The title, or the place in the file.
    pub what: String,
    /// The reason.
    pub why: Reason,
}

/// Why something could not be taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A file of the ZIP could not be unpacked.
    #[error("it cannot be unpacked: {0}")]
    Packed(String),
    /// It is no JSON, or nested too deep for any.
    #[error("it is not JSON that can be read: {0}")]
    NotJson(String),
    /// It stands among conversations and is none.
    #[error("it is not a conversation of a known program")]
    NotAConversation,
    /// A field that every conversation has is missing, or something else.
    #[error("it does not have the form that is known")]
    WrongForm,
    /// Nothing names it, so that it could not be told apart in a later import.
    #[error("it has no id")]
    NoId,
    /// Another conversation in the file has the same id.
    #[error("another conversation in the file has the same id")]
    SameId,
    /// There is nothing in it.
    #[error("it holds no messages")]
    NoMessages,
    /// It was exported by a later version of Inglenook.
    #[error("it was written by a newer Inglenook: update this one first")]
    NewerVersion,
    /// Some messages reply to one that is not there. They were taken in as beginnings.
    #[error("some messages reply to one that is not in the file")]
    MissingParent,
    /// Some messages reply to each other in a circle, which was cut.
    #[error("some messages reply to each other in a circle")]
    Circle,
    /// Some messages have the same id as another and were left out.
    #[error("some messages have the same id as another and were left out")]
    SameMessageId,
}

/// Why nothing of a file can be taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file could not be read from the disk.
    #[error("the file could not be read: {0}")]
    Io(#[from] std::io::Error),
    /// It begins like a ZIP and is none.
    #[error("the ZIP file is damaged: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// It unpacks to more than is allowed.
    #[error("the file unpacks to more than {limit} bytes")]
    TooLarge {
        /// The most allowed.
        limit: u64,
    },
    /// It holds more files than are allowed.
    #[error("the ZIP file holds {files} files, and {limit} are allowed")]
    TooManyFiles {
        /// How many it holds.
        files: usize,
        /// The most allowed.
        limit: usize,
    },
    /// It is neither a ZIP nor JSON.
    #[error("the file is neither a ZIP nor JSON: {0}. {READ}")]
    NotJson(serde_json::Error),
    /// It is of no program that is known.
    #[error("no conversations of a known program were found in the file. {READ}")]
    Unknown,
}

const READ: &str = "What can be read: the export of ChatGPT (the ZIP, or conversations.json), the \
                    exported chats of Open WebUI, a conversation exported from LibreChat as JSON, the \
                    backup of NextChat, and what Inglenook exported as JSON";

/// Reads a file of any known program, or a ZIP of such files. There is one [`Import`] for each
/// program of which something was found.
///
/// # Errors
/// If the file as a whole cannot be read, is too large or is of no known program. What is wrong with
/// single conversations is in [`Import::skipped`].
pub fn read(file: impl Read + Seek, limits: Limits) -> Result<Vec<Import>, ImportError> {
    let mut found = Found::default();
    container::read(file, limits, &mut found)?;
    if found.imports.is_empty() {
        return Err(ImportError::Unknown);
    }
    Ok(found.imports.into_values().map(|(_, import)| import).collect())
}

/// A conversation that was read, and what of it was left out.
#[derive(Debug)]
struct Entry {
    conversation: Conversation,
    losses: Vec<Reason>,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Found {
    imports: BTreeMap<Source, (BTreeSet<String>, Import)>,
}

impl Found {
    /// Takes what was read of one conversation.
    fn take(&mut self, source: Source, entry: Result<Entry, Skipped>) {
        let (keys, import) = self.imports.entry(source).or_insert_with(|| {
            (BTreeSet::new(), Import { source, conversations: Vec::new(), skipped: Vec::new() })
        });
        match entry {
            Err(skipped) => import.skipped.push(skipped),
            Ok(Entry { conversation, losses }) => {
                let skipped = |why| Skipped { what: conversation.title.clone(), why };
                import.skipped.extend(losses.into_iter().map(skipped));
                if keys.insert(conversation.key.clone()) {
                    import.conversations.push(conversation);
                } else {
                    import.skipped.push(skipped(Reason::SameId));
                }
            }
        }
    }

    /// Takes files of the ZIP that could not be read. They are counted to the program of which most
    /// was found.
    fn report(&mut self, unreadable: Vec<Skipped>) {
        let most = self.imports.values_mut().max_by_key(|(keys, _)| keys.len());
        if let Some((_, import)) = most {
            import.skipped.extend(unreadable);
        }
    }
}
