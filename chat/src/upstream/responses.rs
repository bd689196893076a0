//! The Responses API of OpenAI: its requests
//! (<https://platform.openai.com/docs/api-reference/responses/create>) and the events of its answers
//! (<https://platform.openai.com/docs/api-reference/responses-streaming>).

use std::sync::Arc;

use protocol::{Delta, Role, Usage};
use serde_json::{Value, json};

use super::{
    Part, Piece, Request, ResumePoint,
    dialect::{EventError, EventReader, Read, push_content, push_model, push_reasoning, take_text},
    request::{data_url, split_instructions, take_max_tokens},
};

/// A request as JSON. `plainly` leaves out the summary of the reasoning, which only organisations
/// that OpenAI has verified may ask for.
pub(super) fn body(request: &Request, plainly: bool, background: bool) -> Value {
    let mut body = request.parameters.clone();
    // The API has no such fields.
    body.remove("seed");
    body.remove("stop");
    if let Some(most) = take_max_tokens(&mut body) {
        body.insert("max_output_tokens".to_owned(), most);
    }
    if let Some(effort) = body.remove("reasoning_effort") {
        let summary = (!plainly && effort != "none").then_some("auto");
        let reasoning = body.entry("reasoning").or_insert_with(|| json!({}));
        if let Some(reasoning) = reasoning.as_object_mut() {
            reasoning.entry("effort").or_insert(effort);
            if let Some(summary) = summary {
                reasoning.entry("summary").or_insert_with(|| summary.into());
            }
        }
    }
    let (instructions, said) = split_instructions(&request.messages);
    if let Some(instructions) = instructions {
        body.insert("instructions".to_owned(), instructions.into());
    }
    let mut input: Vec<Value> = said
        .iter()
        .map(|said| json!({"role": said.role.as_str(), "content": said.content.to_json(part)}))
        .collect();
    let words = request.words_to_go_on();
    input.extend(words.map(|words| json!({"role": Role::User.as_str(), "content": words})));
    body.insert("model".to_owned(), Value::from(request.model.as_str()));
    body.insert("input".to_owned(), Value::Array(input));
    body.insert("stream".to_owned(), Value::Bool(true));
    // Conversations are kept here, so that the upstream need not, unless it writes on alone.
    body.insert("store".to_owned(), Value::Bool(background));
    if background {
        body.insert("background".to_owned(), Value::Bool(true));
    }
    Value::Object(body)
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "input_text", "text": text}),
        Part::Image { media_type, bytes } => {
            json!({"type": "input_image", "image_url": data_url(media_type, bytes)})
        }
    }
}

/// Reads the events of one answer.
#[derive(Debug, Default)]
pub(super) struct ResponseReader {
    background: bool,
    /// The name of the response, if it can be resumed by it.
    response: Option<Arc<str>>,
    model: String,
    has_content: bool,
    has_reasoning: bool,
    finished: bool,
}

impl ResponseReader {
    /// For the answer to a request.
    pub(super) fn new(background: bool) -> Self {
        Self { background, ..Self::default() }
    }

    /// For the rest of an answer of which `so_far` has been read.
    pub(super) fn resuming(point: &ResumePoint, so_far: &Delta) -> Self {
        Self {
            background: true,
            response: Some(Arc::clone(&point.response)),
            has_content: !so_far.content.is_empty(),
            has_reasoning: !so_far.reasoning.is_empty(),
            ..Self::default()
        }
    }

    /// Says where the answer can be resumed once the pieces of an event are stored, before them.
    fn note_place(&mut self, event: &Value, pieces: &mut Vec<Piece>) {
        if !self.background {
            return;
        }
        if let Some(id) = event["response"]["id"].as_str() {
            self.response = ResumePoint::named(id);
        }
        if let (Some(response), Some(after)) = (&self.response, event["sequence_number"].as_u64()) {
            let response = Arc::clone(response);
            pieces.push(Piece::Resumable(ResumePoint { response, after }));
        }
    }

    /// Parts of an answer come one after the other, and are paragraphs of it.
    fn part(&mut self, event: &Value, pieces: &mut Vec<Piece>) {
        let is_reasoning = event["type"] == "response.reasoning_summary_part.added"
            || event["part"]["type"] == "reasoning_text";
        let apart = || "\n\n".to_owned();
        if is_reasoning && self.has_reasoning {
            push_reasoning(pieces, apart());
        } else if !is_reasoning && self.has_content {
            push_content(pieces, apart());
        }
    }

    /// The end of a response that is worth reading.
    fn end(&mut self, reason: &str, event: &Value, pieces: &mut Vec<Piece>) -> Read {
        pieces.extend(usage(&event["response"]["usage"]).map(Piece::Usage));
        pieces.push(Piece::Finish(reason.to_owned()));
        self.finished = true;
        Read::Done
    }
}

impl EventReader for ResponseReader {
    fn read(&mut self, data: &str, pieces: &mut Vec<Piece>) -> Result<Read, EventError> {
        let data = data.trim();
        // The API itself does not send the mark, and servers that imitate it do.
        if data.is_empty() || data == "[DONE]" {
            return Ok(Read::On);
        }
        let mut event: Value = serde_json::from_str(data).map_err(|_| EventError::Malformed)?;
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        self.note_place(&event, pieces);
        push_model(pieces, &mut self.model, &event["response"]["model"]);
        match kind.as_str() {
            "response.output_text.delta" | "response.refusal.delta" => {
                let text = take_text(&mut event["delta"]);
                self.has_content |= !text.is_empty();
                push_content(pieces, text);
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                let text = take_text(&mut event["delta"]);
                self.has_reasoning |= !text.is_empty();
                push_reasoning(pieces, text);
            }
            "response.content_part.added" | "response.reasoning_summary_part.added" => {
                self.part(&event, pieces);
            }
            "response.completed" => return Ok(self.end("stop", &event, pieces)),
            "response.incomplete" => {
                let reason = event["response"]["incomplete_details"]["reason"].as_str();
                let reason = match reason {
                    Some("max_output_tokens") | None => "length",
                    Some(other) => other,
                };
                return Ok(self.end(reason, &event, pieces));
            }
            "response.failed" => {
                pieces.extend(usage(&event["response"]["usage"]).map(Piece::Usage));
                let error = event["response"].get_mut("error").map(Value::take);
                return Err(EventError::Upstream(error.unwrap_or_default()));
            }
            "response.cancelled" => {
                return Err(EventError::Upstream("the response was cancelled".into()));
            }
            "error" => return Err(EventError::Upstream(error(event))),
            _ => {
                if let Some(error) = event.get_mut("error").filter(|error| !error.is_null()) {
                    return Err(EventError::Upstream(error.take()));
                }
            }
        }
        Ok(Read::On)
    }

    fn finished(&self) -> bool {
        self.finished
    }

    fn knows(&self, event_name: &str) -> bool {
        event_name != "ping"
    }
}

/// The error of an event, which is the event itself or a field of it.
fn error(mut event: Value) -> Value {
    match event.get_mut("error") {
        Some(error) if error.is_object() => error.take(),
        _ => event,
    }
}

fn usage(usage: &Value) -> Option<Usage> {
    let counted = Usage {
        prompt_tokens: usage["input_tokens"].as_u64(),
        completion_tokens: usage["output_tokens"].as_u64(),
        cached_tokens: usage["input_tokens_details"]["cached_tokens"].as_u64(),
        reasoning_tokens: usage["output_tokens_details"]["reasoning_tokens"].as_u64(),
    };
    (counted != Usage::default()).then_some(counted)
}

#[cfg(test)]
mod tests;
