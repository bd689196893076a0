//! A conversation as Markdown.

use super::{author, minute};
use crate::Conversation;

/// The path that is shown: a heading for each message, with its text as it is.
pub fn markdown(conversation: &Conversation) -> String {
    let mut out = format!("# {}\n", escaped(&conversation.title));
    if let Some(time) = minute(conversation.created_at) {
        out.push_str(&format!("\n*{time}*\n"));
    }
    if let Some(system) = &conversation.system {
        out.push_str(&format!("\n## Instructions\n\n{}\n", system.trim()));
    }
    for message in conversation.active_path() {
        out.push_str(&format!("\n## {}\n", escaped(author(message))));
        if !message.reasoning.is_empty() {
            out.push_str(&format!("\n> **Reasoning**\n>\n{}\n", quoted(&message.reasoning)));
        }
        if !message.content.is_empty() {
            out.push_str(&format!("\n{}\n", message.content.trim_end()));
        }
    }
    out
}

fn quoted(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { ">".to_owned() } else { format!("> {line}") };
    text.trim().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A line in which nothing is a mark.
fn escaped(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for c in line.chars() {
        if "\\`*_[]<>&#$~|!".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
