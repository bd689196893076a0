//! How the steps of a script are written in each of the dialects that upstreams speak.
//!
//! Chat completions have a chunk for each step, so [`Step`] writes those itself. The other two
//! begin and end with events of their own, and number or nest what is between.

use serde_json::{Value, json};

use crate::Step;

/// What a response in the background is called; its number follows.
pub(crate) const RESPONSE: &str = "resp_scripted_";

/// A dialect, by the path that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    ChatCompletions,
    Anthropic,
    Responses,
}

impl Dialect {
    pub(crate) fn of_path(path: &str) -> Self {
        match path.rsplit('/').next() {
            Some("messages") => Self::Anthropic,
            Some("completions") => Self::ChatCompletions,
            _ => Self::Responses,
        }
    }
}

/// Writes the steps of one script, one after the other.
#[derive(Debug)]
pub(crate) struct Writer {
    dialect: Dialect,
    model: String,
    /// What the response is called.
    response: String,
    /// The number of the next event.
    number: u64,
    /// Events up to this number were sent before.
    after: Option<u64>,
    /// The block or part that is open, by its kind, and how many there were before.
    open: Option<(&'static str, u64)>,
    begun: bool,
    finish: String,
    usage: (u64, u64),
}

impl Writer {
    pub(crate) fn new(dialect: Dialect, model: &str, response: String) -> Self {
        Self {
            dialect,
            model: model.to_owned(),
            response,
            number: 0,
            after: None,
            open: None,
            begun: false,
            finish: "stop".to_owned(),
            usage: (0, 0),
        }
    }

    /// Leaves out the events up to a number, which were sent before.
    pub(crate) fn after(self, number: u64) -> Self {
        Self { after: Some(number), ..self }
    }

    /// What is written to the network for a step, if anything.
    pub(crate) fn write(&mut self, step: Step) -> Option<Vec<u8>> {
        if self.dialect == Dialect::ChatCompletions
            || matches!(step, Step::Raw(_) | Step::Bytes(_) | Step::Comment(_))
        {
            return step.written(&self.model);
        }
        if matches!(step, Step::Pause(_) | Step::Stall | Step::Cut) {
            return None;
        }
        let mut written = String::new();
        if !std::mem::replace(&mut self.begun, true) {
            let start = self.start();
            self.event(start, &mut written);
        }
        match step {
            Step::Delta(text) => self.text("text", &text, &mut written),
            Step::Reasoning { text, .. } => {
                self.text("thinking", &text, &mut written);
            }
            Step::Chunk(event) => self.event(event, &mut written),
            Step::Error(error) => {
                let event = self.error(error);
                self.event(event, &mut written);
            }
            Step::Finish(reason) => self.finish = reason,
            Step::Usage { prompt, completion } => self.usage = (prompt, completion),
            Step::Done => {
                for event in self.end() {
                    self.event(event, &mut written);
                }
            }
            // These are written above, or not at all.
            Step::Raw(_) | Step::Bytes(_) | Step::Comment(_) => {}
            Step::Pause(_) | Step::Stall | Step::Cut => {}
        }
        (!written.is_empty()).then(|| written.into_bytes())
    }

    fn event(&mut self, mut event: Value, written: &mut String) {
        if self.dialect == Dialect::Responses {
            event["sequence_number"] = self.number.into();
        }
        if self.after.is_none_or(|after| self.number > after) {
            let name = event["type"].as_str().unwrap_or_default();
            *written += &format!("event: {name}\ndata: {event}\n\n");
        }
        self.number += 1;
    }

    fn start(&self) -> Value {
        let (model, id) = (&self.model, &self.response);
        match self.dialect {
            Dialect::Responses => json!({
                "type": "response.created",
                "response": {"id": id, "status": "in_progress", "model": model, "error": null},
            }),
            _ => json!({
                "type": "message_start",
                "message": {
                    "id": "msg_scripted", "type": "message", "role": "assistant", "model": model,
                    "content": [], "usage": {"input_tokens": 1, "output_tokens": 1},
                },
            }),
        }
    }

    /// A piece of text in a block of its kind, which is opened where another or none is open.
    fn text(&mut self, kind: &'static str, text: &str, written: &mut String) {
        let index = match self.open {
            Some((open, index)) if open == kind => index,
            open => {
                let index = open.map_or(0, |(_, index)| index + 1);
                self.open = Some((kind, index));
                let started = match (self.dialect, kind) {
                    (Dialect::Responses, "text") => json!({
                        "type": "response.content_part.added", "output_index": index,
                        "part": {"type": "output_text", "text": ""},
                    }),
                    (Dialect::Responses, _) => json!({
                        "type": "response.reasoning_summary_part.added", "output_index": index,
                        "part": {"type": "summary_text", "text": ""},
                    }),
                    _ => json!({
                        "type": "content_block_start", "index": index,
                        "content_block": {"type": kind, kind: ""},
                    }),
                };
                self.event(started, written);
                index
            }
        };
        let event = match (self.dialect, kind) {
            (Dialect::Responses, "text") => json!({
                "type": "response.output_text.delta", "output_index": index, "delta": text,
            }),
            (Dialect::Responses, _) => json!({
                "type": "response.reasoning_summary_text.delta", "output_index": index,
                "delta": text,
            }),
            _ => json!({
                "type": "content_block_delta", "index": index,
                "delta": {"type": format!("{kind}_delta"), kind: text},
            }),
        };
        self.event(event, written);
    }

    fn error(&self, error: Value) -> Value {
        match self.dialect {
            Dialect::Responses => json!({
                "type": "response.failed",
                "response": {"id": self.response, "status": "failed", "error": error},
            }),
            _ => json!({"type": "error", "error": error}),
        }
    }

    fn end(&self) -> Vec<Value> {
        let (of_request, of_answer) = self.usage;
        if self.dialect == Dialect::Responses {
            let status = if self.finish == "stop" { "completed" } else { "incomplete" };
            let reason = if self.finish == "length" { "max_output_tokens" } else { &self.finish };
            return vec![json!({
                "type": format!("response.{status}"),
                "response": {
                    "id": self.response, "status": status, "model": self.model, "error": null,
                    "incomplete_details": {"reason": reason},
                    "usage": {
                        "input_tokens": of_request, "output_tokens": of_answer,
                        "total_tokens": of_request + of_answer,
                    },
                },
            })];
        }
        let reason = match self.finish.as_str() {
            "stop" => "end_turn",
            "length" => "max_tokens",
            other => other,
        };
        let usage = json!({"input_tokens": of_request, "output_tokens": of_answer});
        vec![
            json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}),
            json!({"type": "message_stop"}),
        ]
    }
}
