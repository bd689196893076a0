//! The Messages API of Anthropic: its requests (<https://platform.claude.com/docs/en/api/messages>)
//! and the events of its answers (<https://platform.claude.com/docs/en/build-with-claude/streaming>).

use protocol::{Role, Usage};
use serde_json::{Map, Value, json};

use super::{
    Content, Part, Piece, Request,
    chat_completions::truthy,
    dialect::{EventError, EventReader, Read, push_content, push_model, push_reasoning, take_text},
    request::{base64, split_instructions, take_max_tokens},
};

/// The version of the API that this file speaks:
/// <https://platform.claude.com/docs/en/api/versioning>.
pub(super) const VERSION: &str = "2023-06-01";

/// The most tokens of an answer where nothing else is set. The API demands a number, and every
/// model that is still offered can write as many.
const MAX_TOKENS: u64 = 8_192;

/// The fewest tokens of thinking that the API takes.
const LEAST_THINKING: u64 = 1_024;

/// Parts of the names of the models that think within a number of tokens and know no effort. Those
/// since Claude 4.6 decide by the effort, so this list does not grow:
/// <https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking>.
const THINK_BY_BUDGET: [&str; 8] = [
    "claude-3-7",
    "claude-opus-4-0",
    "claude-opus-4-1",
    "claude-opus-4-2025",
    "claude-sonnet-4-0",
    "claude-sonnet-4-2025",
    "sonnet-4-5",
    "haiku-4-5",
];

/// A request as JSON. `plainly` asks to go on with an unfinished answer in words: models since
/// Claude 4.6 refuse a last message of the assistant, and all do while they think.
pub(super) fn body(request: &Request, plainly: bool) -> Value {
    let mut body = fields(request);
    let is_prefilled = prefilled(request, plainly, &body).is_some();
    let (instructions, said) = split_instructions(&request.messages);
    if let Some(instructions) = instructions {
        body.insert("system".to_owned(), instructions.into());
    }
    let mut messages = messages(said);
    if is_prefilled {
        if let Some(last) = messages.last_mut().and_then(|last| last.get_mut("content")) {
            // The API refuses white space at the end.
            *last = last.as_str().unwrap_or_default().trim_end().into();
        }
    } else {
        let words = request.words_to_go_on();
        messages.extend(words.map(|words| json!({"role": "user", "content": words})));
    }
    body.insert("model".to_owned(), Value::from(request.model.as_str()));
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), Value::Bool(true));
    Value::Object(body)
}

/// What is sent beside the messages.
fn fields(request: &Request) -> Map<String, Value> {
    let mut fields = request.parameters.clone();
    // The API has no such field.
    fields.remove("seed");
    if let Some(stop) = fields.remove("stop") {
        fields.insert("stop_sequences".to_owned(), stop);
    }
    let most = take_max_tokens(&mut fields).and_then(|most| most.as_u64());
    let effort = fields.remove("reasoning_effort");
    let thought = effort.as_ref().and_then(Value::as_str).map_or(0, thinking_tokens);
    let most = most.unwrap_or(MAX_TOKENS + thought);
    think(&mut fields, &request.model, effort.as_ref(), thought.min(most / 2));
    draw(&mut fields);
    fields.insert("max_tokens".to_owned(), most.into());
    fields
}

/// How many tokens a model may think at most, for an effort in the words of chat completions.
fn thinking_tokens(effort: &str) -> u64 {
    match effort {
        "minimal" => LEAST_THINKING,
        "low" => 2_048,
        "medium" => 8_192,
        "high" => 16_384,
        "xhigh" => 32_000,
        _ => 0,
    }
}

/// Sets how the model thinks, unless the free fields do.
fn think(fields: &mut Map<String, Value>, model: &str, effort: Option<&Value>, budget: u64) {
    let Some(effort) = effort.and_then(Value::as_str) else { return };
    let by_budget = THINK_BY_BUDGET.iter().any(|part| model.contains(part));
    let thinking = match effort {
        "none" => json!({"type": "disabled"}),
        _ if !by_budget => {
            let effort = if effort == "minimal" { "low" } else { effort };
            let config = fields.entry("output_config").or_insert_with(|| json!({}));
            if let Some(config) = config.as_object_mut() {
                config.entry("effort").or_insert_with(|| effort.into());
            }
            // Newer models leave out what they thought unless they are asked for it.
            json!({"type": "adaptive", "display": "summarized"})
        }
        // Too few tokens are left for the answer to think at all.
        _ if budget < LEAST_THINKING => return,
        _ => json!({"type": "enabled", "budget_tokens": budget}),
    };
    fields.entry("thinking").or_insert(thinking);
}

/// Keeps what the API allows of how words are drawn: a temperature of at most 1, and none while the
/// model thinks.
fn draw(fields: &mut Map<String, Value>) {
    if thinks(fields) {
        for name in ["temperature", "top_p", "top_k"] {
            fields.remove(name);
        }
    } else if let Some(temperature) = fields.get_mut("temperature")
        && temperature.as_f64().is_some_and(|temperature| temperature > 1.0)
    {
        *temperature = json!(1.0);
    }
}

fn thinks(fields: &Map<String, Value>) -> bool {
    fields.get("thinking").is_some_and(|thinking| thinking["type"] != "disabled")
}

/// The answer that a request with these fields lets the model go on with by itself, if it does.
fn prefilled<'a>(
    request: &'a Request,
    plainly: bool,
    fields: &Map<String, Value>,
) -> Option<&'a Content> {
    let content = &request.unfinished()?.content;
    (!plainly && !thinks(fields) && !content.is_blank()).then_some(content)
}

/// The messages of the conversation. The API takes none without text, and none of the assistant
/// before the first of the user, as an imported conversation may have them.
fn messages(said: &[super::Prompt]) -> Vec<Value> {
    said.iter()
        .skip_while(|said| said.role == Role::Assistant)
        .filter(|said| !said.content.is_blank())
        .map(|said| {
            // Instructions within a conversation have no role here, and are said by the user.
            let role = if said.role == Role::Assistant { said.role } else { Role::User };
            json!({"role": role.as_str(), "content": said.content.to_json(part)})
        })
        .collect()
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Image { media_type, bytes } => {
            let data = base64(bytes);
            let source = json!({"type": "base64", "media_type": media_type, "data": data});
            json!({"type": "image", "source": source})
        }
    }
}

/// Reads the events of one answer.
#[derive(Debug, Default)]
pub(super) struct MessageReader {
    model: String,
    counted: Counted,
    /// The white space that was cut from the end of the answer it goes on with, as far as the model
    /// has not written it again.
    cut: String,
    has_thought: bool,
    finished: bool,
}

impl MessageReader {
    /// For the answer to a request that was sent like this.
    pub(super) fn new(request: &Request, plainly: bool) -> Self {
        let prefilled = prefilled(request, plainly, &fields(request));
        let text = prefilled.map(Content::text).unwrap_or_default();
        Self { cut: text[text.trim_end().len()..].to_owned(), ..Self::default() }
    }

    fn start_of_block(&mut self, block: &mut Value, pieces: &mut Vec<Piece>) {
        match block["type"].as_str() {
            Some("text") => self.text(take_text(&mut block["text"]), pieces),
            Some("thinking") => {
                if self.has_thought {
                    push_reasoning(pieces, "\n\n".to_owned());
                }
                self.thinking(take_text(&mut block["thinking"]), pieces);
            }
            _ => {}
        }
    }

    fn delta(&mut self, delta: &mut Value, pieces: &mut Vec<Piece>) {
        match delta["type"].as_str() {
            Some("text_delta") => self.text(take_text(&mut delta["text"]), pieces),
            Some("thinking_delta") => self.thinking(take_text(&mut delta["thinking"]), pieces),
            _ => {}
        }
    }

    fn text(&mut self, text: String, pieces: &mut Vec<Piece>) {
        let mut rest = text.as_str();
        while let (Some(expected), Some(found)) = (self.cut.chars().next(), rest.chars().next()) {
            if expected == found {
                self.cut.drain(..expected.len_utf8());
                rest = &rest[found.len_utf8()..];
            } else {
                self.cut.clear();
            }
        }
        push_content(pieces, rest.to_owned());
    }

    fn thinking(&mut self, thinking: String, pieces: &mut Vec<Piece>) {
        self.has_thought |= !thinking.is_empty();
        push_reasoning(pieces, thinking);
    }
}

impl EventReader for MessageReader {
    fn read(&mut self, data: &str, pieces: &mut Vec<Piece>) -> Result<Read, EventError> {
        if data.trim().is_empty() {
            return Ok(Read::On);
        }
        let mut event: Value = serde_json::from_str(data).map_err(|_| EventError::Malformed)?;
        if let Some(error) = event.get_mut("error").filter(|error| truthy(error)) {
            return Err(EventError::Upstream(error.take()));
        }
        match event["type"].as_str() {
            Some("message_start") => {
                push_model(pieces, &mut self.model, &event["message"]["model"]);
                pieces.extend(self.counted.add(&event["message"]["usage"]));
            }
            Some("content_block_start") => {
                self.start_of_block(&mut event["content_block"], pieces);
            }
            Some("content_block_delta") => self.delta(&mut event["delta"], pieces),
            Some("message_delta") => {
                pieces.extend(self.counted.add(&event["usage"]));
                if let Some(reason) = event["delta"]["stop_reason"].as_str() {
                    pieces.push(Piece::Finish(finish_reason(reason).to_owned()));
                    self.finished = true;
                }
            }
            Some("message_stop") => {
                self.finished = true;
                return Ok(Read::Done);
            }
            // `ping`, the end of a block, and whatever is added to the API.
            _ => {}
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

/// The word of chat completions for why an answer ends, where there is one:
/// <https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons>.
fn finish_reason(reason: &str) -> &str {
    match reason {
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" | "model_context_window_exceeded" => "length",
        "refusal" => "content_filter",
        "tool_use" => "tool_calls",
        other => other,
    }
}

/// Tokens as the API counts them: those that were read from a cache or written to one are not among
/// the tokens of the request.
#[derive(Debug, Default)]
struct Counted {
    input: Option<u64>,
    cache_read: Option<u64>,
    cache_written: Option<u64>,
    output: Option<u64>,
    thinking: Option<u64>,
}

impl Counted {
    /// Takes in a count, which replaces the one before where it says something.
    fn add(&mut self, usage: &Value) -> Option<Piece> {
        let output_details = &usage["output_tokens_details"];
        for (known, counted) in [
            (&mut self.input, &usage["input_tokens"]),
            (&mut self.cache_read, &usage["cache_read_input_tokens"]),
            (&mut self.cache_written, &usage["cache_creation_input_tokens"]),
            (&mut self.output, &usage["output_tokens"]),
            (&mut self.thinking, &output_details["thinking_tokens"]),
        ] {
            *known = counted.as_u64().or(*known);
        }
        let of_request = [self.input, self.cache_read, self.cache_written];
        let total = of_request.into_iter().flatten().reduce(u64::saturating_add);
        let counted = Usage {
            prompt_tokens: total,
            completion_tokens: self.output,
            cached_tokens: self.cache_read,
            reasoning_tokens: self.thinking,
        };
        (counted != Usage::default()).then_some(Piece::Usage(counted))
    }
}

#[cfg(test)]
mod tests;
