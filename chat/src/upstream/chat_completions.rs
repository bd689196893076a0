//! The chat-completions dialect: its requests, and what the JSON of its chunks means.
//!
//! Upstreams differ in nearly every field, so what is not understood is passed over, and only text
//! that is not JSON at all is malformed.

use protocol::{Delta, Role, Usage};
use serde_json::{Deserializer, Value, json};

use super::{
    Part, Piece, Request,
    dialect::{EventError, EventReader, Read, push_delta, push_model},
    request::data_url,
    thinking::Thinking,
};

/// A request as JSON. `plainly` leaves the count of tokens at the end of the stream out, since some
/// servers refuse to be asked for it.
pub(super) fn body(request: &Request, plainly: bool) -> Value {
    let mut body = request.parameters.clone();
    let mut messages: Vec<Value> = request
        .messages
        .iter()
        .map(|said| message(said.role, said.content.to_json(part)))
        .collect();
    messages.extend(request.words_to_go_on().map(|words| message(Role::User, words.into())));
    body.insert("model".to_owned(), Value::from(request.model.as_str()));
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), Value::Bool(true));
    body.remove("stream_options");
    if !plainly {
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    Value::Object(body)
}

fn message(role: Role, content: Value) -> Value {
    json!({"role": role.as_str(), "content": content})
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Image { media_type, bytes } => {
            json!({"type": "image_url", "image_url": {"url": data_url(media_type, bytes)}})
        }
    }
}

/// Reads the chunks of one answer.
#[derive(Debug, Default)]
pub(super) struct ChunkReader {
    thinking: Thinking,
    model: String,
    finished: bool,
}

impl EventReader for ChunkReader {
    /// Two chunks glued into one event are both read.
    fn read(&mut self, data: &str, pieces: &mut Vec<Piece>) -> Result<Read, EventError> {
        let data = data.trim();
        let (chunks, done) = match data.strip_suffix("[DONE]") {
            Some(chunks) => (chunks, true),
            None => (data, false),
        };
        for chunk in Deserializer::from_str(chunks).into_iter::<Value>() {
            self.chunk(chunk.map_err(|_| EventError::Malformed)?, pieces)?;
        }
        self.finished |= done;
        Ok(if done { Read::Done } else { Read::On })
    }

    fn finished(&self) -> bool {
        self.finished
    }

    /// Its events have no names; those that have are some upstream's own affair.
    fn knows(&self, event_name: &str) -> bool {
        matches!(event_name, "" | "message")
    }

    /// What was held back could have become a tag.
    fn finish(&mut self) -> Delta {
        self.thinking.finish()
    }
}

impl ChunkReader {
    fn chunk(&mut self, mut chunk: Value, pieces: &mut Vec<Piece>) -> Result<(), EventError> {
        if let Some(error) = chunk.get_mut("error").filter(|error| truthy(error)) {
            return Err(EventError::Upstream(error.take()));
        }
        push_model(pieces, &mut self.model, &chunk["model"]);
        if let Some(choice) = first_choice(&mut chunk) {
            self.choice(choice, pieces)?;
        }
        pieces.extend(usage(&chunk["usage"]).map(Piece::Usage));
        Ok(())
    }

    fn choice(&mut self, choice: &mut Value, pieces: &mut Vec<Piece>) -> Result<(), EventError> {
        // An answer that is not streamed has a `message` where a streamed one has deltas.
        for name in ["delta", "message"] {
            if let Some(delta) = choice.get_mut(name) {
                push_delta(pieces, self.delta(delta));
            }
        }
        if let Some(error) = choice.get_mut("error").filter(|error| truthy(error)) {
            return Err(EventError::Upstream(error.take()));
        }
        if let Some(reason) = choice["finish_reason"].as_str().filter(|reason| !reason.is_empty()) {
            pieces.push(Piece::Finish(reason.to_owned()));
            self.finished = true;
        }
        Ok(())
    }

    fn delta(&mut self, delta: &mut Value) -> Delta {
        // Some upstreams send the same reasoning under several names at once.
        let mut reasoning = ["reasoning_content", "reasoning", "thinking", "reasoning_details"]
            .into_iter()
            .filter_map(|name| delta.get_mut(name).map(Value::take))
            .map(text)
            .find(|text| !text.is_empty())
            .unwrap_or_default();
        let content = match delta.get_mut("content").map(Value::take) {
            Some(Value::Array(parts)) => {
                let (thoughts, parts) =
                    parts.into_iter().partition(|part| part["type"] == "thinking");
                reasoning += &text(Value::Array(thoughts));
                text(Value::Array(parts))
            }
            content => content.map(text).unwrap_or_default(),
        };
        let mut whole = self.thinking.push(&content);
        if let Some(refusal) = delta.get_mut("refusal") {
            whole.content += &text(refusal.take());
        }
        if !reasoning.is_empty() {
            whole.reasoning.insert_str(0, &reasoning);
        }
        whole
    }
}

/// The choice that is shown. Only one is asked for, but some upstreams send more.
fn first_choice(chunk: &mut Value) -> Option<&mut Value> {
    let choices = chunk.get_mut("choices")?.as_array_mut()?;
    choices.iter_mut().find(|choice| choice["index"].as_u64().unwrap_or(0) == 0)
}

/// The text of a string, of a part such as `{"type": "text", "text": …}`, or of a list of these.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Array(parts) => parts.into_iter().map(text).collect(),
        Value::Object(mut part) => ["text", "thinking", "summary"]
            .into_iter()
            .find_map(|name| part.remove(name))
            .map(text)
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn usage(usage: &Value) -> Option<Usage> {
    let counted = Usage {
        prompt_tokens: usage["prompt_tokens"].as_u64(),
        completion_tokens: usage["completion_tokens"].as_u64(),
        cached_tokens: usage["prompt_tokens_details"]["cached_tokens"].as_u64(),
        reasoning_tokens: usage["completion_tokens_details"]["reasoning_tokens"].as_u64(),
    };
    (counted != Usage::default()).then_some(counted)
}

/// Whether an `error` field means one: some upstreams send null, false or an empty one along.
pub(super) fn truthy(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(true) | Value::Array(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Content, *};
    use crate::upstream::Prompt;

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
        assert_eq!(body(&request, true), expected);
        expected["stream_options"] = json!({"include_usage": true});
        assert_eq!(body(&request, false), expected);
    }

    #[test]
    fn parts_are_sent_as_a_list() {
        let image = Part::Image { media_type: "image/png".to_owned(), bytes: vec![0xfb, 0xff, 1] };
        let parts = Content::Parts(vec![image, Part::Text("What is it?".to_owned())]);
        let expected = json!([
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,+/8B"}},
            {"type": "text", "text": "What is it?"},
        ]);
        assert_eq!(parts.to_json(super::part), expected);
    }

    #[test]
    fn an_unfinished_answer_is_asked_for_in_words() {
        let said = |role, content: &str| Prompt { role, content: content.into() };
        let request = Request {
            model: "m".to_owned(),
            messages: vec![said(Role::User, "hi"), said(Role::Assistant, "It is ")],
            parameters: serde_json::Map::new(),
        };
        let sent = body(&request, true);
        assert_eq!(sent["messages"][1], json!({"role": "assistant", "content": "It is "}));
        assert_eq!(sent["messages"][2]["role"], "user");
        assert!(sent["messages"][2]["content"].as_str().unwrap().starts_with("Continue"));
    }

    fn delta(content: &str, reasoning: &str) -> Piece {
        Piece::Delta(Delta { content: content.to_owned(), reasoning: reasoning.to_owned() })
    }

    #[track_caller]
    fn check(data: impl ToString, expected: &[Piece]) {
        let mut pieces = Vec::new();
        ChunkReader::default().read(&data.to_string(), &mut pieces).unwrap();
        assert_eq!(pieces, expected);
    }

    fn with_delta(delta: Value) -> Value {
        json!({"id": "x", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]})
    }

    #[test]
    fn content() {
        check(with_delta(json!({"role": "assistant", "content": "hi"})), &[delta("hi", "")]);
        check(with_delta(json!({"role": "assistant", "content": ""})), &[]);
        check(with_delta(json!({"content": null})), &[]);
        check(with_delta(json!({"content": 7, "unknown": {}})), &[]);
        let parts = json!([{"type": "text", "text": "a"}, {"type": "image_url"}, {"text": "b"}]);
        check(with_delta(json!({"content": parts})), &[delta("ab", "")]);
        check(with_delta(json!({"content": null, "refusal": "no"})), &[delta("no", "")]);
        check(with_delta(Value::Null), &[]);
    }

    #[test]
    fn reasoning_in_every_spelling() {
        for name in ["reasoning_content", "reasoning", "thinking"] {
            check(with_delta(json!({name: "why", "content": null})), &[delta("", "why")]);
        }
        let details = json!([
            {"type": "reasoning.text", "text": "why"},
            {"type": "reasoning.summary", "summary": "!"},
            {"type": "reasoning.encrypted", "data": "AAAA"},
        ]);
        check(with_delta(json!({"reasoning_details": details})), &[delta("", "why!")]);
        let twice = json!({"reasoning": "why", "reasoning_content": "why", "content": "so"});
        check(with_delta(twice), &[delta("so", "why")]);
        check(with_delta(json!({"content": "<think>why</think>so"})), &[delta("so", "why")]);
        let parts = json!([{"type": "thinking", "thinking": [{"type": "text", "text": "why"}]}]);
        check(with_delta(json!({"content": parts})), &[delta("", "why")]);
    }

    #[test]
    fn ends_and_usage() {
        let end =
            json!({"model": "m", "choices": [{"delta": {"content": "."}, "finish_reason": "eos"}]});
        check(
            end,
            &[Piece::Model("m".to_owned()), delta(".", ""), Piece::Finish("eos".to_owned())],
        );
        let counted = json!({
            "prompt_tokens": 10, "completion_tokens": 5, "cost": 0.1,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 2},
        });
        let expected = Piece::Usage(Usage {
            prompt_tokens: Some(10),
            completion_tokens: Some(5),
            cached_tokens: Some(4),
            reasoning_tokens: Some(2),
        });
        for choices in [json!([]), Value::Null] {
            check(json!({"choices": choices, "usage": counted}), std::slice::from_ref(&expected));
        }
        check(json!({"choices": [], "usage": null}), &[]);
        let plain = Usage { completion_tokens: Some(1), ..Usage::default() };
        check(
            json!({"usage": {"completion_tokens": 1, "prompt_tokens_details": null}}),
            &[Piece::Usage(plain)],
        );
    }

    #[test]
    fn a_whole_message_is_read_like_deltas() {
        let message = json!({"role": "assistant", "content": "hi", "reasoning_content": "why"});
        check(
            json!({"choices": [{"message": message, "finish_reason": "stop"}]}),
            &[delta("hi", "why"), Piece::Finish("stop".to_owned())],
        );
    }

    #[test]
    fn what_is_not_understood_is_passed_over() {
        for data in ["", "  ", "{}", "[]", "1", "null", "\"x\"", r#"{"choices":[{}]}"#] {
            check(data, &[]);
        }
        check(json!({"type": "ping", "choices": "x", "model": 1, "usage": 1}), &[]);
        check(json!({"choices": [{"index": 1, "delta": {"content": "another"}}]}), &[]);
        check(json!({"error": null, "choices": [{"delta": {"content": "a"}}]}), &[delta("a", "")]);
    }

    #[test]
    fn glued_chunks_are_both_read() {
        let one = with_delta(json!({"content": "a"}));
        let other = with_delta(json!({"content": "b"}));
        check(format!("{one}{other}"), &[delta("a", ""), delta("b", "")]);
        check(format!("{one}\n{other}"), &[delta("a", ""), delta("b", "")]);
        let mut reader = ChunkReader::default();
        let mut pieces = Vec::new();
        assert_eq!(reader.read(&format!("{one}[DONE]"), &mut pieces), Ok(Read::Done));
        assert_eq!(pieces, [delta("a", "")]);
        assert_eq!(reader.read(&format!("{other}{{"), &mut pieces), Err(EventError::Malformed));
        assert_eq!(pieces, [delta("a", ""), delta("b", "")]);
    }

    #[test]
    fn errors() {
        let check = |chunk: Value, expected: Value| {
            let read = ChunkReader::default().read(&chunk.to_string(), &mut Vec::new());
            assert_eq!(read, Err(EventError::Upstream(expected)));
        };
        let error = json!({"message": "m", "code": 502});
        check(json!({"error": error}), error.clone());
        check(json!({"error": "text"}), json!("text"));
        check(json!({"choices": [{"error": error, "delta": {}}]}), error);
        for broken in ["{", "hello", r#"{"choices":[{"del"#] {
            let read = ChunkReader::default().read(broken, &mut Vec::new());
            assert_eq!(read, Err(EventError::Malformed));
        }
    }
}
