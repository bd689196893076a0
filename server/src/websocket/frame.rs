//! What the text frames of a socket say, in either direction.

use protocol::{End, Failure, FailureKind, Usage};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::relay::error::ApiError;

/// What a frame from the client says.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// A token.
    Token(String),
    /// A question in the socket's own conversation.
    Question(String),
    /// A whole request, as JSON that asks for a stream.
    Request(String),
    /// The answer is to be stopped.
    Stop,
}

impl Frame {
    pub fn read(text: &str) -> Self {
        if let Some(token) = text.trim().strip_prefix("Bearer ") {
            return Self::Token(token.trim().to_owned());
        }
        let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(text) else {
            return Self::Question(text.to_owned());
        };
        if let Some(Value::String(token)) = fields.get("token") {
            return Self::Token(token.trim().to_owned());
        }
        if fields.get("stop") == Some(&Value::Bool(true)) {
            return Self::Stop;
        }
        if !fields.contains_key("messages") {
            // Questions may be about JSON.
            return Self::Question(text.to_owned());
        }
        fields.insert("stream".to_owned(), Value::Bool(true));
        Self::Request(json!(fields).to_string())
    }
}

/// How the frame begins that says how an answer ended.
const END: &str = "{\"end\":";

/// The longest frame of an answer, in bytes, so that little is buffered for a slow client.
pub const LONGEST: usize = 64 << 10;

/// A piece of an answer as the frames that carry it. One that begins like the end is sent in two, so
/// that a model cannot write an end of its own.
pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let length = match rest.starts_with(END) {
            true => 1,
            false => rest.floor_char_boundary(LONGEST),
        };
        let (part, after) = rest.split_at(length);
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}

/// How an answer ended, as the client is told.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// `finished`, `stopped`, `failed` or `interrupted`.
    status: &'static str,
    /// The upstream's own word: `stop`, `length`, ….
    finish_reason: Option<String>,
    model: Option<String>,
    usage: Usage,
    failure: Option<Words>,
}

/// What went wrong.
#[derive(Debug, Serialize)]
struct Words {
    message: String,
    /// What kind of failure of an upstream it is, if it is one.
    kind: Option<FailureKind>,
    detail: Option<String>,
    retry_after_s: Option<u64>,
}

impl Outcome {
    pub fn of(end: &End) -> Self {
        Self {
            status: end.status.as_str(),
            finish_reason: end.finish_reason.clone(),
            model: Some(end.model.clone()),
            usage: end.usage,
            failure: end.failure.as_ref().map(Words::of),
        }
    }

    /// Nothing of an answer came.
    pub fn failed(failure: &Failure) -> Self {
        Self { failure: Some(Words::of(failure)), ..Self::without_answer("failed") }
    }

    /// The question was not taken.
    pub fn refused(why: &ApiError) -> Self {
        let words = Words {
            message: why.message().to_owned(),
            kind: None,
            detail: None,
            retry_after_s: why.retry_after_s(),
        };
        Self { failure: Some(words), ..Self::without_answer("failed") }
    }

    /// It was stopped before anything came.
    pub fn stopped() -> Self {
        Self::without_answer("stopped")
    }

    fn without_answer(status: &'static str) -> Self {
        Self { status, finish_reason: None, model: None, usage: Usage::default(), failure: None }
    }

    /// The text of the frame. It begins as [`parts`] promises that nothing else does.
    pub fn to_json(&self) -> String {
        json!({"end": self}).to_string()
    }
}

impl Words {
    fn of(failure: &Failure) -> Self {
        Self {
            message: failure.words(),
            kind: Some(failure.kind),
            detail: failure.detail.clone(),
            retry_after_s: failure.retry_after_s,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart() {
        let check = |text: &str, expected: Frame| assert_eq!(Frame::read(text), expected, "{text}");
        check("Bearer ink_1 ", Frame::Token("ink_1".to_owned()));
        check("{\"token\": \"ink_1\"}", Frame::Token("ink_1".to_owned()));
        check("{\"stop\": true}", Frame::Stop);
        for question in ["Why?", "", "{\"a\": 1}", "{\"stop\": 1}", "[1]", "{oops", "Bearer"] {
            check(question, Frame::Question(question.to_owned()));
        }
        let Frame::Request(body) = Frame::read(r#"{"messages": [], "stream": false, "n": 1}"#)
        else {
            panic!("it is a request")
        };
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body, json!({"messages": [], "stream": true, "n": 1}));
    }

    #[test]
    fn no_answer_can_look_like_its_end() {
        let text = Outcome::stopped().to_json();
        assert!(text.starts_with(END), "{text}");
        assert_eq!(parts(&text).collect::<Vec<_>>(), ["{", &text[1..]]);
        assert_eq!(parts("plain").collect::<Vec<_>>(), ["plain"]);
        assert_eq!(parts("").count(), 0);
        let long = format!("a{}{text}", "é".repeat(LONGEST));
        let sent: Vec<_> = parts(&long).collect();
        assert_eq!(sent.concat(), long);
        assert!(sent.iter().all(|part| part.len() <= LONGEST && !part.starts_with(END)));
    }
}
