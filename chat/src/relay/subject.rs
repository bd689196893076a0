//! What `auto` is to know of a program's request, whose messages are otherwise none of our business.

use protocol::Role;
use serde::Deserialize;

use crate::{
    auto::Subject,
    upstream::{Content, Part, Prompt},
};

#[derive(Deserialize)]
struct Body {
    messages: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    role: String,
    content: Option<SaidContent>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SaidContent {
    Text(String),
    Parts(Vec<SaidPart>),
}

#[derive(Deserialize)]
struct SaidPart {
    r#type: String,
    text: Option<String>,
}

/// The subject of a request for chat completions. What cannot be read is for the upstream to refuse,
/// and nothing is known of it here.
pub(super) fn of(body: &str) -> Subject {
    let said = serde_json::from_str(body).map_or_else(|_| Vec::new(), |body: Body| body.messages);
    let prompts: Vec<_> = said.into_iter().map(prompt).collect();
    Subject::of(&prompts)
}

fn prompt(said: Said) -> Prompt {
    let content = match said.content {
        Some(SaidContent::Text(text)) => Content::Text(text),
        Some(SaidContent::Parts(parts)) => Content::Parts(parts.into_iter().map(part).collect()),
        None => Content::Text(String::new()),
    };
    // The others, such as developers and tools, are no persons either.
    Prompt { role: Role::from_word(&said.role).unwrap_or(Role::System), content }
}

fn part(said: SaidPart) -> Part {
    match said.r#type.as_str() {
        "image_url" => Part::Image { media_type: String::new(), bytes: Vec::new() },
        _ => Part::Text(said.text.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_choice_goes_by_what_is_asked() {
        let body = json!({"model": "auto", "odd": 1, "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "assistant", "content": null, "tool_calls": []},
            {"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                {"type": "text", "text": "What is this?"},
            ]},
        ]});
        let subject = of(&body.to_string());
        assert_eq!((subject.question.as_str(), subject.has_images), ("What is this?", true));
        assert!(subject.tokens > 0);
        for unread in [json!({}), json!({"messages": 1}), json!({"messages": [{"role": 1}]})] {
            assert_eq!(of(&unread.to_string()), Subject::default(), "{unread}");
        }
    }
}
