//! A conversation as Inglenook's own JSON, which [`read`](crate::read()) gives back exactly.

use serde::Serialize;

use crate::Conversation;

#[derive(Serialize)]
struct File<'a> {
    /// Marks the file as ours, and is the version of the form.
    inglenook: u64,
    conversation: &'a Conversation,
}

/// Everything of a conversation, with all branches.
pub fn json(conversation: &Conversation) -> String {
    let file = File { inglenook: crate::read::VERSION, conversation };
    // It fails for maps with keys that are no strings, and there are none.
    serde_json::to_string_pretty(&file).unwrap_or_default()
}
