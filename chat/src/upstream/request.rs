//! What an upstream is asked.

use protocol::Role;
use serde_json::{Map, Value, json};

/// One message of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
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
    pub(super) fn body(&self, with_usage: bool) -> Value {
        let mut body = self.parameters.clone();
        let messages = self
            .messages
            .iter()
            .map(|prompt| json!({"role": prompt.role.as_str(), "content": prompt.content}))
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
            messages: vec![Prompt { role: Role::User, content: "hi".to_owned() }],
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
}
