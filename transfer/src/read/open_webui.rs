//! Open WebUI: "Export chats", a list of chats as the server keeps them.
//!
//! A `chat` has a `history` of `messages` by id, each with `parentId`, and `currentId`, which ends
//! the path that is shown; chats of old versions have only `messages`, one after the other. What a
//! model thought stands in the text, in a `<details type="reasoning">` block of quoted lines.
//! See <https://docs.openwebui.com> and `src/lib/apis/chats` of open-webui/open-webui.

use protocol::Role;
use serde_json::Value;

use super::{
    Entry, Reason, text, time,
    tree::{self, Draft, Frame, Node},
};

/// Reads an entry of the list, or a chat on its own.
pub fn conversation(value: &Value) -> Result<Entry, Reason> {
    let chat = if value["chat"].is_object() { &value["chat"] } else { value };
    let created_at = [&value["created_at"], &chat["timestamp"]];
    let created_at = created_at.into_iter().find_map(time::milliseconds);
    let title = [&chat["title"], &value["title"]].into_iter().find_map(Value::as_str);
    let key = [&value["id"], &chat["id"]]
        .into_iter()
        .filter_map(Value::as_str)
        .find(|key| !key.is_empty())
        .map(str::to_owned)
        // A chat that was exported on its own may have no id. Its title and time stay the same.
        .or_else(|| Some(format!("{} {}", created_at?, title?)))
        .ok_or(Reason::NoId)?;
    let history = &chat["history"];
    let (nodes, active) = match (history["messages"].as_object(), chat["messages"].as_array()) {
        (Some(messages), _) => {
            let mut nodes: Vec<Node> =
                messages.iter().map(|(key, message)| node(key, message)).collect();
            // The map is in no order.
            nodes.sort_by_key(|node| {
                node.message.as_ref().map_or(i64::MAX, |draft| draft.created_at.unwrap_or(i64::MAX))
            });
            (nodes, history["currentId"].as_str().map(str::to_owned))
        }
        (None, Some(messages)) => (one_after_the_other(messages), None),
        (None, None) => return Err(Reason::WrongForm),
    };
    let system = [&chat["params"]["system"], &chat["system"]].into_iter().find_map(Value::as_str);
    let frame = Frame {
        key,
        title: title.map(str::to_owned),
        created_at,
        updated_at: time::milliseconds(&value["updated_at"]),
        pinned: value["pinned"].as_bool().unwrap_or(false),
        archived: value["archived"].as_bool().unwrap_or(false),
        folder: folder(value),
        system: system.map(str::to_owned),
        active,
    };
    tree::conversation(frame, nodes)
}

/// The folder's name, where a tool added it. The export itself has only an id, which names nothing.
fn folder(value: &Value) -> Option<String> {
    let name = [&value["folder"]["name"], &value["folder"]].into_iter().find_map(Value::as_str)?;
    Some(name.to_owned())
}

fn node(key: &str, message: &Value) -> Node {
    Node {
        key: key.to_owned(),
        parent: message["parentId"].as_str().map(str::to_owned),
        message: draft(message),
    }
}

fn one_after_the_other(messages: &[Value]) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let key = message["id"].as_str().map_or_else(|| format!("#{index}"), str::to_owned);
        let parent = nodes.last().map(|last| last.key.clone());
        nodes.push(Node { key, parent, message: draft(message) });
    }
    nodes
}

fn draft(message: &Value) -> Option<Draft> {
    let role = Role::from_word(message["role"].as_str()?)?;
    let content = match &message["content"] {
        Value::String(content) => content.clone(),
        parts => text::of_parts(parts),
    };
    let (reasoning, content) = match role {
        Role::Assistant => without_reasoning(&content),
        Role::System | Role::User => (String::new(), content),
    };
    let files = message["files"].as_array().into_iter().flatten().map(|file| match &file["type"] {
        kind if kind == "image" => "[image]",
        _ => "[attachment]",
    });
    let content = files.fold(content, |mut content, file| {
        if !content.is_empty() {
            content.push_str("\n\n");
        }
        content.push_str(file);
        content
    });
    let model = [&message["model"], &message["modelName"]].into_iter().find_map(Value::as_str);
    let draft = Draft {
        role,
        content,
        reasoning,
        model: model.map(str::to_owned),
        created_at: time::milliseconds(&message["timestamp"]),
    };
    // An answer that was stopped before its first word.
    (!draft.content.is_empty() || !draft.reasoning.is_empty()).then_some(draft)
}

/// Takes the blocks of reasoning out of a text: what was thought, and what was answered.
fn without_reasoning(content: &str) -> (String, String) {
    const START: &str = "<details type=\"reasoning\"";
    const END: &str = "</details>";
    let mut reasoning = Vec::new();
    let mut answer = String::new();
    let mut rest = content;
    while let Some(start) = rest.find(START) {
        let Some(opened) = rest[start..].find('>') else { break };
        answer.push_str(&rest[..start]);
        let inside = &rest[start + opened + 1..];
        let (inside, after) = inside.split_once(END).unwrap_or((inside, ""));
        reasoning.push(unquoted(inside));
        rest = after.trim_start_matches('\n');
    }
    answer.push_str(rest);
    let answer = if reasoning.is_empty() { answer } else { answer.trim().to_owned() };
    (reasoning.join("\n\n"), answer)
}

/// The lines of a block without its summary and its quote marks.
fn unquoted(inside: &str) -> String {
    let body = match inside.split_once("</summary>") {
        Some((_, body)) => body,
        None => inside,
    };
    // It is stored as HTML, where the marks and what was thought are encoded.
    let body = html_escape::decode_html_entities(body.trim());
    let lines = body.lines().map(|line| {
        let line = line.strip_prefix('>').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasoning_is_taken_out_of_the_text() {
        let check = |content: &str, reasoning: &str, answer: &str| {
            let (thought, answered) = without_reasoning(content);
            assert_eq!((thought.as_str(), answered.as_str()), (reasoning, answer), "{content:?}");
        };
        let block = "<details type=\"reasoning\" done=\"true\" duration=\"5\">\n<summary>Thought for 5 seconds</summary>\n&gt; Oak is\n&gt; &lt;hard&gt;.\n</details>\nUse oak.";
        check(block, "Oak is\n<hard>.", "Use oak.");
        check("<details type=\"reasoning\">\n> never closed", "never closed", "");
        check("<details type=\"reasoning\"", "", "<details type=\"reasoning\"");
        check(
            "<details><summary>a</summary></details> ",
            "",
            "<details><summary>a</summary></details> ",
        );
        check(
            "A\n<details type=\"reasoning\">x</details>\nB\n<details type=\"reasoning\">y</details>",
            "x\n\ny",
            "A\nB",
        );
    }
}
