//! What an upstream is asked.

use base64::{Engine, engine::general_purpose::STANDARD};
use protocol::Role;
use serde_json::{Map, Value, json};

/// One message of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Content,
}

/// What a message of a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text alone, sent as a plain string, which every upstream understands.
    Text(String),
    /// Texts and pictures, sent as a list of parts.
    Parts(Vec<Part>),
}

/// A part of what a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A text.
    Text(String),
    /// A picture, sent along as a data URL, since no upstream can reach this server.
    Image {
        /// Its type, such as `image/png`.
        media_type: String,
        /// Its content.
        bytes: Vec<u8>,
    },
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Content {
    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Parts(parts) => parts.iter().map(Part::to_json).collect(),
        }
    }
}

impl Part {
    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!({"type": "text", "text": text}),
            Self::Image { media_type, bytes } => {
                let url = format!("data:{media_type};base64,{}", STANDARD.encode(bytes));
                json!({"type": "image_url", "image_url": {"url": url}})
            }
        }
    }
}

/// A request for one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The model, as the upstream names it.
    pub model: String,
    /// The conversation, oldest first.
    pub messages: Vec<Prompt>,
    /// Further fields of the request, such as `temperature`. They never replace the fields above,
    /// nor `stream` and `stream_options`.
    pub parameters: Map<String, Value>,
}

impl Request {
    /// The request as JSON. `with_usage` asks for a count of tokens at the end of the stream.
    pub(crate) fn body(&self, with_usage: bool) -> Value {
        let mut body = self.parameters.clone();
        let messages = self
            .messages
            .iter()
            .map(
                |prompt| json!({"role": prompt.role.as_str(), "content": prompt.content.to_json()}),
            )
            .collect();
        body.insert("model".to_owned(), Value::from(self.model.as_str()));
        body.insert("messages".to_owned(), Value::Array(messages));
        body.insert("stream".to_owned(), Value::Bool(true));
        body.remove("stream_options");
        if with_usage {
            body.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        Value::Object(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_and_replace_nothing() {
        let Value::Object(parameters) = json!({"temperature": 0.5, "model": "x", "stream": false})
        else {
            unreachable!()
        };
        let request = Request {
            model: "m".to_owned(),
            messages: vec![Prompt { role: Role::User, content: "hi".into() }],
            parameters,
        };
        let mut expected = json!({
            "temperature": 0.5,
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}],
            "stream": true,
        });
        assert_eq!(request.body(false), expected);
        expected["stream_options"] = json!({"include_usage": true});
        assert_eq!(request.body(true), expected);
    }

    #[test]
    fn parts_are_sent_as_a_list() {
        let image = Part::Image { media_type: "image/png".to_owned(), bytes: vec![0xfb, 0xff, 1] };
        let content = Content::Parts(vec![image, Part::Text("What is it?".to_owned())]);
        let expected = json!([
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,+/8B"}},
            {"type": "text", "text": "What is it?"},
        ]);
        assert_eq!(content.to_json(), expected);
    }
}
