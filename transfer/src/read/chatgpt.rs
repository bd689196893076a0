//! ChatGPT: the ZIP of "Export data" with `conversations.json`, or `conversations-000.json` and on.
//!
//! A conversation is a `mapping` of nodes by id, each with its `parent` and a `message` or null;
//! `current_node` ends the path that is shown. Much in the tree is not meant to be seen: roots
//! without a message, system messages, calls of tools and what came back, parts of one answer in
//! nodes of their own. The format is not documented by its maker; what it holds is described, for
//! one, at <https://github.com/mitkury/chatgpt-export-parser>.

use std::collections::HashSet;

use protocol::Role;
use serde_json::{Map, Value};

use super::{
    Entry, Reason, text, time,
    tree::{self, Draft, Frame, Node},
};

/// How many hidden nodes above an answer are searched for what the model thought. More occur in
/// long chains of tool calls only, and a bound keeps the work in proportion to the file.
const THOUGHTS_ABOVE: usize = 64;

/// Reads an entry of the list.
pub fn conversation(value: &Value) -> Result<Entry, Reason> {
    let mapping = value["mapping"].as_object().ok_or(Reason::WrongForm)?;
    let key = ["conversation_id", "id"]
        .iter()
        .find_map(|name| value.get(name)?.as_str())
        .filter(|key| !key.is_empty())
        .ok_or(Reason::NoId)?;
    let mut told = HashSet::new();
    let mut nodes: Vec<Node> =
        mapping.iter().map(|(key, node)| read_node(key, node, mapping, &mut told)).collect();
    // The mapping is in no order. Nodes without a time are found through their children.
    nodes.sort_by_key(|node| {
        node.message.as_ref().map_or(i64::MAX, |draft| draft.created_at.unwrap_or(i64::MAX))
    });
    let frame = Frame {
        key: key.to_owned(),
        title: value["title"].as_str().map(str::to_owned),
        created_at: time::milliseconds(&value["create_time"]),
        updated_at: time::milliseconds(&value["update_time"]),
        pinned: value["is_starred"].as_bool().unwrap_or(false),
        archived: value["is_archived"].as_bool().unwrap_or(false),
        folder: None,
        system: mapping.values().find_map(instructions),
        active: value["current_node"].as_str().map(str::to_owned),
    };
    tree::conversation(frame, nodes)
}

/// Reads a node. `told` are the nodes whose thoughts stand at an answer already: where more answers follow on
/// one of them, it stands at one, since a small file could otherwise fill any memory.
fn read_node<'a>(
    key: &str,
    node: &'a Value,
    mapping: &'a Map<String, Value>,
    told: &mut HashSet<&'a str>,
) -> Node {
    let parent = node["parent"].as_str();
    let message = &node["message"];
    let draft = shown(message).map(|mut draft| {
        if draft.role == Role::Assistant {
            draft.reasoning = thoughts_above(parent, mapping, told);
        }
        draft
    });
    Node { key: key.to_owned(), parent: parent.map(str::to_owned), message: draft }
}

/// What a person sees of a message.
fn shown(message: &Value) -> Option<Draft> {
    let role = match message["author"]["role"].as_str()? {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        // A picture that was made for an answer comes from the tool that made it.
        "tool" if has_picture(&message["content"]) => Role::Assistant,
        _ => return None,
    };
    let metadata = &message["metadata"];
    let is_hidden = message["weight"].as_f64() == Some(0.0)
        || metadata["is_visually_hidden_from_conversation"] == true
        || metadata["is_user_system_message"] == true;
    let recipient = message["recipient"].as_str().unwrap_or("all");
    let content = content(&message["content"], recipient)?;
    if is_hidden || content.trim().is_empty() {
        return None;
    }
    Some(Draft {
        role,
        content,
        reasoning: String::new(),
        model: metadata["model_slug"]
            .as_str()
            .filter(|_| role == Role::Assistant)
            .map(str::to_owned),
        created_at: time::milliseconds(&message["create_time"]),
    })
}

fn has_picture(content: &Value) -> bool {
    let is_picture = |part: &Value| part["content_type"] == "image_asset_pointer";
    content["content_type"] == "multimodal_text"
        && content["parts"].as_array().is_some_and(|parts| parts.iter().any(is_picture))
}

fn content(content: &Value, recipient: &str) -> Option<String> {
    let kind = content["content_type"].as_str().unwrap_or("text");
    match (kind, recipient) {
        ("text" | "multimodal_text", "all") => Some(parts(&content["parts"])),
        // What was run for an answer belongs to it; searches and other calls do not.
        ("code" | "text", "python") | ("code", "all") => {
            let code = content["text"].as_str().map(str::to_owned);
            let code = code.unwrap_or_else(|| parts(&content["parts"]));
            let language = match content["language"].as_str() {
                None | Some("unknown") if recipient == "python" => "python",
                None | Some("unknown") => "",
                Some(language) => language,
            };
            (!code.trim().is_empty()).then(|| text::fenced(language, &code))
        }
        _ => None,
    }
}

/// Texts and things that stand between them, one paragraph each.
fn parts(parts: &Value) -> String {
    let part = |part: &Value| match part {
        Value::String(text) => without_markers(text),
        Value::Object(_) => match part["content_type"].as_str() {
            Some("image_asset_pointer") => "[image]".to_owned(),
            Some("audio_transcription") => part["text"].as_str().unwrap_or("[audio]").to_owned(),
            Some(kind) if kind.contains("audio") => "[audio]".to_owned(),
            Some(kind) if kind.contains("video") => "[video]".to_owned(),
            _ => part["text"].as_str().unwrap_or("[attachment]").to_owned(),
        },
        _ => String::new(),
    };
    let parts: Vec<String> = parts.as_array().into_iter().flatten().map(part).collect();
    let parts: Vec<&str> =
        parts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    parts.join("\n\n")
}

/// A text without the marks of its citations, which stand between characters of private use.
fn without_markers(text: &str) -> String {
    let mut rest = text;
    let mut clean = String::with_capacity(text.len());
    while let Some(start) = rest.find('\u{E200}') {
        clean.push_str(&rest[..start]);
        let mark = &rest[start..];
        match mark.find('\u{E201}') {
            Some(end) => rest = &mark[end + '\u{E201}'.len_utf8()..],
            // Nothing that follows ends either.
            None => return clean + &mark.replace('\u{E200}', ""),
        }
    }
    clean + rest
}

/// What a model thought before an answer: in hidden nodes between the answer and what is shown above.
fn thoughts_above<'a>(
    parent: Option<&'a str>,
    mapping: &'a Map<String, Value>,
    told: &mut HashSet<&'a str>,
) -> String {
    let mut thoughts = Vec::new();
    let mut next = parent;
    for _ in 0..THOUGHTS_ABOVE {
        let Some((key, node)) = next.and_then(|key| Some((key, mapping.get(key)?))) else { break };
        if shown(&node["message"]).is_some() {
            break;
        }
        let content = &node["message"]["content"];
        if content["content_type"] == "thoughts" && told.insert(key) {
            thoughts.push(read_thoughts(&content["thoughts"]));
        }
        next = node["parent"].as_str();
    }
    thoughts.reverse();
    thoughts.join("\n\n")
}

fn read_thoughts(thoughts: &Value) -> String {
    let thought = |thought: &Value| {
        let summary =
            thought["summary"].as_str().map(text::line).filter(|summary| !summary.is_empty());
        let content = thought["content"].as_str().filter(|content| !content.trim().is_empty());
        match (summary, content) {
            (Some(summary), Some(content)) => format!("**{summary}**\n\n{content}"),
            (Some(summary), None) => format!("**{summary}**"),
            (None, content) => content.unwrap_or_default().to_owned(),
        }
    };
    thoughts.as_array().into_iter().flatten().map(thought).collect::<Vec<_>>().join("\n\n")
}

/// The person's custom instructions, which a hidden message carries in one of two forms.
fn instructions(node: &Value) -> Option<String> {
    let message = &node["message"];
    let content = &message["content"];
    let texts = if content["content_type"] == "user_editable_context" {
        [&content["user_profile"], &content["user_instructions"]]
    } else {
        let data = &message["metadata"]["user_context_message_data"];
        [&data["about_user_message"], &data["about_model_message"]]
    };
    let texts: Vec<&str> = texts.into_iter().filter_map(Value::as_str).map(str::trim).collect();
    let texts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_citations_are_left_out() {
        let check = |text: &str, expected: &str| assert_eq!(without_markers(text), expected);
        check("Warm. \u{E200}cite\u{E202}turn0search1\u{E201}Dry.", "Warm. Dry.");
        check("\u{E200}cite", "cite");
        check("a\u{E200}b\u{E200}c", "abc");
        // This ends only if none of them is looked for to the end of the text.
        check(&"\u{E200}a".repeat(1 << 20), &"a".repeat(1 << 20));
        check("plain", "plain");
    }
}
