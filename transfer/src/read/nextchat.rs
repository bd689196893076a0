//! NextChat, once ChatGPT-Next-Web: its backup, the stores of the browser by name.
//!
//! Of these only `chat-next-web-store` is looked at; others hold keys. A session is a list of
//! messages without branches. See `app/store/chat.ts` of ChatGPTNextWeb/NextChat.

use protocol::Role;
use serde_json::{Value, value::RawValue};

use super::{
    Entry, Reason,
    document::Fields,
    text, time,
    tree::{self, Draft, Frame, Node},
};

/// The sessions of a backup, or `None` if it is none. The store may stand in it as an object, or as
/// text with JSON, as the browser keeps it.
pub fn sessions(document: &RawValue) -> Option<Vec<Box<RawValue>>> {
    let stores: Fields<'_> = serde_json::from_str(document.get()).ok()?;
    let store = stores.get("chat-next-web-store")?;
    let text: Option<String> = serde_json::from_str(store.get()).ok();
    let mut store: Fields<'_> =
        serde_json::from_str(text.as_deref().unwrap_or(store.get())).ok()?;
    // In the browser the store's content lies in its `state`, beside a version.
    if let Some(state) = store.get("state") {
        store = serde_json::from_str(state.get()).ok()?;
    }
    serde_json::from_str(store.get("sessions")?.get()).ok()
}

/// Reads a session.
pub fn conversation(session: &Value) -> Result<Entry, Reason> {
    let messages = session["messages"].as_array().ok_or(Reason::WrongForm)?;
    let mut nodes: Vec<Node> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let key = id(&message["id"]).unwrap_or_else(|| format!("#{index}"));
        let parent = nodes.last().map(|last| last.key.clone());
        nodes.push(Node { key, parent, message: draft(message) });
    }
    // Sessions of early versions have no id, or a small number that changed with their place. The
    // time of the first message stays.
    let key = session["id"]
        .as_str()
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .or_else(|| Some(format!("{} {}", messages.first()?["date"], session["topic"])))
        .ok_or(Reason::NoMessages)?;
    let context = session["mask"]["context"].as_array();
    let context: Vec<&str> = context
        .into_iter()
        .flatten()
        .filter(|message| message["role"] == "system")
        .filter_map(|message| message["content"].as_str())
        .collect();
    let frame = Frame {
        key,
        title: session["topic"].as_str().map(str::to_owned),
        updated_at: time::milliseconds(&session["lastUpdate"]),
        system: (!context.is_empty()).then(|| context.join("\n\n")),
        ..Frame::default()
    };
    tree::conversation(frame, nodes)
}

fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

fn draft(message: &Value) -> Option<Draft> {
    let role = Role::from_word(message["role"].as_str()?)?;
    let content = match &message["content"] {
        Value::String(content) => content.clone(),
        parts => text::of_parts(parts),
    };
    if content.trim().is_empty() {
        return None;
    }
    Some(Draft {
        model: message["model"].as_str().map(str::to_owned),
        created_at: time::milliseconds(&message["date"]),
        ..Draft::new(role, content)
    })
}
