//! LibreChat: "Export conversation" as JSON, one conversation in a file.
//!
//! `messages` is a list in which each message names its `parentMessageId`. With "recursive" the
//! replies are in each other instead, as `children`, in `messages` or in `messagesTree`; then a
//! conversation is nested as deep as it is long. See `client/src/hooks/Conversations/
//! useExportConversation.ts` and `api/server/utils/import/importers.js` of danny-avila/LibreChat.

use protocol::Role;
use serde_json::{Value, value::RawValue};

use super::{
    Entry, Reason,
    document::Fields,
    nested::{self, Flat},
    text, time,
    tree::{self, Draft, Frame, Node},
};

/// The parent of messages that reply to none.
const NO_PARENT: &str = "00000000-0000-0000-0000-000000000000";

/// Reads a file.
pub fn conversation(raw: &RawValue) -> Result<Entry, Reason> {
    let fields: Fields<'_> = serde_json::from_str(raw.get()).map_err(|_| Reason::WrongForm)?;
    let read = |name: &str| -> Value {
        let value = fields.get(name).and_then(|raw| text::value(raw.get()).ok());
        value.unwrap_or_default()
    };
    let key = read("conversationId");
    let key = key.as_str().filter(|key| !key.is_empty()).ok_or(Reason::NoId)?;
    let messages =
        ["messagesTree", "messages"].into_iter().find_map(|name| fields.get(name).copied());
    let messages = messages.ok_or(Reason::WrongForm)?;
    let nodes = nodes(messages);
    let options = read("options");
    let system = ["promptPrefix", "system"].iter().find_map(|name| options[name].as_str());
    // Without its branches, only the messages that are shown are in the file; with them, nothing
    // says which those are, and the last one written is the best guess.
    let frame = Frame {
        key: key.to_owned(),
        title: read("title").as_str().map(str::to_owned),
        created_at: time::milliseconds(&read("createdAt")),
        updated_at: time::milliseconds(&read("updatedAt")),
        archived: read("isArchived").as_bool().unwrap_or(false),
        system: system.map(str::to_owned),
        active: nodes.iter().rev().find(|node| node.message.is_some()).map(|node| node.key.clone()),
        ..Frame::default()
    };
    tree::conversation(frame, nodes)
}

/// The messages with the parents they name, or have by where they stand.
fn nodes(messages: &RawValue) -> Vec<Node> {
    let mut keys: Vec<String> = Vec::new();
    let mut nodes = Vec::new();
    for Flat { parent, json } in nested::flat(messages.get()) {
        let message = text::value(&json).unwrap_or_default();
        let key = message["messageId"].as_str().filter(|key| !key.is_empty());
        let key = key.map_or_else(|| format!("#{}", keys.len()), str::to_owned);
        let named = message["parentMessageId"].as_str();
        let named = named.filter(|parent| ![NO_PARENT, ""].contains(parent)).map(str::to_owned);
        let parent = parent.and_then(|parent| keys.get(parent).cloned()).or(named);
        keys.push(key.clone());
        nodes.push(Node { key, parent, message: draft(&message) });
    }
    nodes
}

fn draft(message: &Value) -> Option<Draft> {
    let sender = &message["sender"];
    let by_user = message["isCreatedByUser"].as_bool();
    let by_user = by_user.or_else(|| Some(sender.as_str()?.eq_ignore_ascii_case("user")))?;
    let (reasoning, content) = match &message["content"] {
        parts @ Value::Array(_) => of_parts(parts),
        _ => (String::new(), String::new()),
    };
    let content = match &message["text"] {
        Value::String(text) if content.is_empty() => text.clone(),
        _ => content,
    };
    if content.trim().is_empty() && reasoning.trim().is_empty() {
        return None;
    }
    let role = if by_user { Role::User } else { Role::Assistant };
    let model = [&message["model"], sender].into_iter().find_map(Value::as_str);
    Some(Draft {
        role,
        content,
        reasoning,
        model: model.filter(|_| role == Role::Assistant).map(str::to_owned),
        created_at: time::milliseconds(&message["createdAt"]),
    })
}

/// What was thought and what was said, of content in parts. Calls of tools are left out.
fn of_parts(parts: &Value) -> (String, String) {
    let thought = |part: &Value| {
        let thought = [&part["think"], &part["think"]["value"]].into_iter().find_map(Value::as_str);
        thought.map(str::to_owned)
    };
    let thoughts: Vec<String> =
        parts.as_array().into_iter().flatten().filter_map(thought).collect();
    let is_said = |part: &&Value| part["type"] != "think";
    let said = parts.as_array().into_iter().flatten().filter(is_said).cloned().collect();
    (thoughts.join("\n\n"), text::of_parts(&Value::Array(said)))
}
