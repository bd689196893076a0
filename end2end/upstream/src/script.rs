//! Scripts: what the upstream sends, step by step.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longer than any test waits, in milliseconds.
const FOR_EVER: u64 = 24 * 60 * 60 * 1000;

/// What one request is answered with. Serialises as the browser tests write it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Script {
    /// How long nothing comes at all, not even the head of the response, in milliseconds.
    pub head_after_ms: u64,
    /// The HTTP status.
    pub status: u16,
    /// Headers besides, or in place of, `content-type: text/event-stream`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub steps: Vec<Step>,
}

/// One step of a script. Each is written to the network by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A chunk with content.
    Delta(String),
    /// A chunk with reasoning, in one of the spellings that upstreams use.
    Reasoning {
        /// The reasoning.
        text: String,
        /// How it is written.
        #[serde(default)]
        spelling: Spelling,
    },
    /// A chunk with any `delta`.
    Chunk(Value),
    /// Text as it is.
    Raw(String),
    /// Bytes as they are, such as half a character.
    Bytes(Vec<u8>),
    /// Milliseconds in which nothing comes.
    Pause(u64),
    /// Nothing more comes, and the connection stays open.
    Stall,
    /// The connection is cut, without the end that HTTP prescribes.
    Cut,
    /// An error in the middle of the answer: the content of its `error` field.
    Error(Value),
    /// A comment, as upstreams send to keep the connection alive.
    Comment(String),
    /// A chunk with a count of tokens.
    Usage {
        /// Tokens of the request.
        prompt: u64,
        /// Tokens of the answer.
        completion: u64,
    },
    /// A chunk with a reason to finish.
    Finish(String),
    /// The `[DONE]` that ends a stream.
    Done,
}

/// How reasoning is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// `reasoning_content`, as DeepSeek and llama.cpp do.
    #[default]
    ReasoningContent,
    /// `reasoning`, as OpenRouter, vLLM and Ollama do.
    Reasoning,
    /// `reasoning_details`, a list.
    ReasoningDetails,
    /// `thinking`.
    Thinking,
}

impl Default for Script {
    fn default() -> Self {
        Self { head_after_ms: 0, status: 200, headers: Vec::new(), steps: Vec::new() }
    }
}

impl Script {
    /// An empty answer, to which steps are added.
    pub fn new() -> Self {
        Self::default()
    }

    /// A JSON body with an HTTP status, such as an error.
    pub fn document(status: u16, body: &Value) -> Self {
        Self { status, ..Self::new() }
            .header("content-type", "application/json")
            .raw(body.to_string())
    }

    /// A request that never gets an answer.
    pub fn never() -> Self {
        Self { head_after_ms: FOR_EVER, ..Self::new() }
    }

    /// Adds or replaces a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a step.
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds content.
    pub fn delta(self, content: impl Into<String>) -> Self {
        self.step(Step::Delta(content.into()))
    }

    /// Adds one chunk for each word of a text, with a pause after each, in milliseconds.
    pub fn words(mut self, text: &str, pause_ms: u64) -> Self {
        for word in text.split_inclusive(' ') {
            self.steps.push(Step::Delta(word.to_owned()));
            if pause_ms > 0 {
                self.steps.push(Step::Pause(pause_ms));
            }
        }
        self
    }

    /// Adds reasoning.
    pub fn reasoning(self, text: impl Into<String>, spelling: Spelling) -> Self {
        self.step(Step::Reasoning { text: text.into(), spelling })
    }

    /// Adds text as it is.
    pub fn raw(self, text: impl Into<String>) -> Self {
        self.step(Step::Raw(text.into()))
    }

    /// Adds bytes as they are.
    pub fn bytes(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Bytes(bytes.into()))
    }

    /// Adds a pause, in milliseconds.
    pub fn pause(self, ms: u64) -> Self {
        self.step(Step::Pause(ms))
    }

    /// Sends nothing more, and keeps the connection open.
    pub fn stall(self) -> Self {
        self.step(Step::Stall)
    }

    /// Cuts the connection.
    pub fn cut(self) -> Self {
        self.step(Step::Cut)
    }

    /// Adds an error in the middle of the answer.
    pub fn error(self, error: Value) -> Self {
        self.step(Step::Error(error))
    }

    /// Adds a comment.
    pub fn comment(self, text: impl Into<String>) -> Self {
        self.step(Step::Comment(text.into()))
    }

    /// Adds a count of tokens.
    pub fn usage(self, prompt: u64, completion: u64) -> Self {
        self.step(Step::Usage { prompt, completion })
    }

    /// Adds a reason to finish.
    pub fn finish(self, reason: impl Into<String>) -> Self {
        self.step(Step::Finish(reason.into()))
    }

    /// Ends the stream with `[DONE]`.
    pub fn done(self) -> Self {
        self.step(Step::Done)
    }

    /// Ends the answer as a well-behaved upstream does.
    pub fn end(self) -> Self {
        self.finish("stop").usage(10, 20).done()
    }

    /// True if it says itself that it is no stream.
    pub(crate) fn is_document(&self) -> bool {
        self.headers
            .iter()
            .any(|(name, value)| name == "content-type" && value != "text/event-stream")
    }

    /// The same answer as one JSON document, for a request that does not ask for a stream.
    pub(crate) fn unstreamed(self, model: &str) -> Self {
        let mut message = json!({"role": "assistant", "content": ""});
        let mut finish = Value::Null;
        let mut usage = Value::Null;
        let mut steps = Vec::new();
        for step in self.steps {
            match step {
                Step::Delta(text) => append(&mut message["content"], &text),
                Step::Reasoning { text, .. } => append(&mut message["reasoning_content"], &text),
                Step::Finish(reason) => finish = reason.into(),
                Step::Usage { prompt, completion } => usage = counted(prompt, completion),
                Step::Pause(_) | Step::Stall | Step::Cut => steps.push(step),
                Step::Error(error) => {
                    return Self { steps, ..Self::document(500, &json!({"error": error})) };
                }
                Step::Chunk(_) | Step::Raw(_) | Step::Bytes(_) | Step::Comment(_) | Step::Done => {}
            }
        }
        let document = json!({
            "id": "chatcmpl-scripted", "object": "chat.completion", "created": 0, "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": usage,
        });
        steps.push(Step::Raw(document.to_string()));
        Self { steps, headers: self.headers, ..self }.header("content-type", "application/json")
    }
}

impl Step {
    /// What is written to the network, if anything.
    pub(crate) fn written(self, model: &str) -> Option<Vec<u8>> {
        Some(match self {
            Self::Delta(content) => chunk(model, &json!({"content": content}), None),
            Self::Reasoning { text, spelling } => chunk(model, &spelling.delta(&text), None),
            Self::Chunk(delta) => chunk(model, &delta, None),
            Self::Raw(text) => text.into_bytes(),
            Self::Bytes(bytes) => bytes,
            Self::Error(error) => event(&json!({"error": error})),
            Self::Comment(text) => format!(": {text}\n\n").into_bytes(),
            Self::Usage { prompt, completion } => event(&json!({
                "id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 0,
                "model": model, "choices": [], "usage": counted(prompt, completion),
            })),
            Self::Finish(reason) => chunk(model, &json!({}), Some(&reason)),
            Self::Done => b"data: [DONE]\n\n".to_vec(),
            Self::Pause(_) | Self::Stall | Self::Cut => return None,
        })
    }
}

impl Spelling {
    fn delta(self, text: &str) -> Value {
        match self {
            Self::ReasoningContent => json!({"reasoning_content": text}),
            Self::Reasoning => json!({"reasoning": text}),
            Self::ReasoningDetails => {
                json!({"reasoning_details": [{"type": "reasoning.text", "text": text}]})
            }
            Self::Thinking => json!({"thinking": text}),
        }
    }
}

fn chunk(model: &str, delta: &Value, finish: Option<&str>) -> Vec<u8> {
    event(&json!({
        "id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 0, "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }))
}

fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

fn counted(prompt: u64, completion: u64) -> Value {
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    })
}

fn append(field: &mut Value, text: &str) {
    *field = Value::from(field.as_str().unwrap_or_default().to_owned() + text);
}
