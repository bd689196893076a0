//! How much a request of a program asks. Its tokens are counted when limits or the ledger first want
//! to know them: most upstreams count for themselves.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use protocol::tokens;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{body::JsonBody, subject};

/// The longest body, in bytes, that is kept while its call lasts, so that it can still be counted. A
/// thousand calls keep no more than 64 MB. Longer ones are counted at once, in some 5 µs per KB.
const LONGEST_KEPT: usize = 64 << 10;

/// How much is asked, as far as that can be read; nothing by default.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// How many questions there are in it.
    pub(super) turns: u64,
    tokens: OnceLock<u64>,
    /// What is counted, unless it has been.
    body: Arc<str>,
}

/// The fields in which the dialects have what is asked.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    /// Chat completions and Anthropic's messages.
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    /// Responses.
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow, default)]
    role: Cow<'a, str>,
}

/// What is asked beside messages.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Others {
    input: Value,
    instructions: Value,
    prompt: Value,
    system: Value,
}

impl Asked {
    pub(super) fn of(body: &JsonBody) -> Self {
        let text = body.text();
        let asked = Self { turns: turns(text), tokens: OnceLock::new(), body: Arc::clone(text) };
        match text.len() > LONGEST_KEPT {
            true => {
                Self { turns: asked.turns, tokens: asked.tokens().into(), body: Arc::default() }
            }
            false => asked,
        }
    }

    /// About how many tokens it has.
    pub(super) fn tokens(&self) -> u64 {
        *self.tokens.get_or_init(|| {
            let others: Others = serde_json::from_str(&self.body).unwrap_or_default();
            let Others { input, instructions, prompt, system } = others;
            let others = [input, instructions, prompt, system];
            subject::of(&self.body).tokens + others.iter().map(tokens_in).sum::<u64>()
        })
    }
}

fn turns(body: &str) -> u64 {
    let fields: Fields<'_> = serde_json::from_str(body).unwrap_or_default();
    let turns = |said: &RawValue| match serde_json::from_str::<Vec<Said<'_>>>(said.get()) {
        Ok(all) => all.iter().filter(|said| said.role == "user").count() as u64,
        Err(_) => u64::from(said.get().starts_with('"')),
    };
    fields.messages.or(fields.input).map_or(0, turns)
}

/// The tokens of the texts in a value, whatever they lie in. Files that are sent as text are none.
fn tokens_in(said: &Value) -> u64 {
    match said {
        Value::String(text) if text.starts_with("data:") => 0,
        Value::String(text) => tokens::estimate(text),
        Value::Array(all) => all.iter().map(tokens_in).sum(),
        Value::Object(fields) => ["content", "text", "output", "arguments"]
            .iter()
            .filter_map(|name| fields.get(*name))
            .map(tokens_in)
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(body: &Value, turns: u64, tokens: u64) {
        let body = JsonBody::read(&Bytes::from(body.to_string())).unwrap();
        let asked = Asked::of(&body);
        assert_eq!((asked.turns, asked.tokens()), (turns, tokens), "{}", body.text());
    }

    #[test]
    fn questions_and_tokens_are_found_in_every_dialect() {
        let text = "What is it?";
        let count = tokens::estimate(text);
        let said = json!([
            {"role": "user", "content": text},
            {"role": "assistant", "content": null, "tool_calls": []},
            {"role": "user", "content": [{"type": "text", "text": text}]},
        ]);
        check(&json!({"messages": said}), 2, 2 * count + 3 * tokens::PER_MESSAGE);
        check(&json!({"messages": [], "system": text}), 0, count);
        check(&json!({"input": text, "instructions": text}), 1, 2 * count);
        let item = json!({"role": "user", "content": [
            {"type": "input_text", "text": text},
            {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
        ]});
        check(&json!({"input": [item, {"type": "reasoning"}]}), 1, count);
        check(&json!({"prompt": [text, text]}), 0, 2 * count);
        for unread in [json!({}), json!({"messages": 1}), json!({"input": {"role": "user"}})] {
            check(&unread, 0, 0);
        }
    }

    #[test]
    fn a_long_request_is_counted_and_not_kept() {
        let text = "word ".repeat(20_000);
        let body = json!({"messages": [{"role": "user", "content": text}]}).to_string();
        let asked = Asked::of(&JsonBody::read(&Bytes::from(body)).unwrap());
        assert!(asked.body.is_empty());
        assert_eq!(asked.tokens(), tokens::estimate(&text) + tokens::PER_MESSAGE);
    }
}
