//! What Inglenook itself exported: one conversation as [`json`](crate::json()) writes it.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    Entry, Reason, time,
    tree::{self, Draft, Frame, Node},
};
use crate::Conversation;

/// The field that marks a file as ours. Its value is the version of the form.
pub const MARK: &str = "inglenook";

/// The form that is written, and the last that is read.
pub const VERSION: u64 = 1;

/// Reads a file.
pub fn conversation(value: &Value) -> Result<Entry, Reason> {
    if value[MARK].as_u64().is_none_or(|version| version > VERSION) {
        return Err(Reason::NewerVersion);
    }
    let read = serde::Deserialize::deserialize(&value["conversation"]);
    let conversation: Conversation = read.map_err(|_| Reason::WrongForm)?;
    if conversation.key.is_empty() {
        return Err(Reason::NoId);
    }
    let key_of = |index: usize| conversation.messages.get(index).map(|message| message.key.clone());
    let active = conversation.active.and_then(key_of);
    // Also 0 is kept as it is, so that what was written is read back.
    let time = |milliseconds: i64| Some(milliseconds.clamp(0, time::LAST));
    let nodes = conversation
        .messages
        .iter()
        .map(|message| Node {
            key: message.key.clone(),
            // An index without a message becomes a name that no message has.
            parent: message.parent.map(|parent| key_of(parent).unwrap_or_default()),
            message: Some(Draft {
                role: message.role,
                content: message.content.clone(),
                reasoning: message.reasoning.clone(),
                model: message.model.clone(),
                created_at: time(message.created_at),
            }),
        })
        .collect();
    let frame = Frame {
        title: Some(conversation.title),
        created_at: time(conversation.created_at),
        updated_at: time(conversation.updated_at),
        pinned: conversation.pinned,
        archived: conversation.archived,
        folder: conversation.folder,
        system: conversation.system,
        active,
        key: conversation.key,
    };
    let mut entry = tree::conversation(frame, nodes)?;
    let sent = conversation.messages.into_iter().filter(|message| !message.files.is_empty());
    let mut files: HashMap<_, _> = sent.map(|message| (message.key, message.files)).collect();
    for message in &mut entry.conversation.messages {
        message.files = files.remove(&message.key).unwrap_or_default();
    }
    Ok(entry)
}
