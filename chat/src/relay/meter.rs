//! Reads, beside the bytes that go on to a program, what the ledger wants to know of them.
//!
//! It understands the counts of chat completions, responses, messages, embeddings and whatever else
//! has a `usage`, in a stream of events or in one document. It holds no more than a few kilobytes,
//! however long an answer, an event or a line is.

use std::{borrow::Cow, collections::BTreeMap};

use memchr::memchr2;
use protocol::Usage;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::skim::{Field, FieldPath, Skimmer};
use crate::ledger::Counter;

/// The fields that are looked for, each with its place in [`FIELDS`].
const FIELDS: &[FieldPath] = &[
    &["usage"],
    &["response", "usage"],
    &["message", "usage"],
    &["model"],
    &["response", "model"],
    &["message", "model"],
    &["choices"],
    &["error"],
    &["type"],
    &["delta"],
];
const USAGES: [usize; 3] = [0, 1, 2];
const MODELS: [usize; 3] = [3, 4, 5];
const CHOICES: usize = 6;
const ERROR: usize = 7;
const TYPE: usize = 8;
const DELTA: usize = 9;

/// The types of events that end a stream of responses or of messages.
const LAST_EVENTS: [&str; 4] =
    ["response.completed", "response.incomplete", "response.failed", "message_stop"];

/// What an answer has told so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Told {
    /// Tokens. Each count replaces the one before.
    pub(crate) usage: Usage,
    /// The model that answers.
    pub(crate) model: Option<String>,
    /// Why it ends.
    pub(crate) finish: Option<String>,
    /// What it says of a failure within itself.
    pub(crate) error: Option<Value>,
    /// The text that came, counted, for where the upstream does not count.
    pub(crate) came: Counter,
    /// Something of the answer itself has come.
    pub(crate) begun: bool,
    /// It has said that it is complete.
    pub(crate) ended: bool,
    /// It is an answer of a kind that says when it is complete.
    pub(crate) tells_its_end: bool,
}

/// Reads an answer as it passes.
#[derive(Debug)]
pub(crate) struct Meter {
    told: Told,
    form: Form,
    skimmer: Skimmer,
}

/// What the body is. Its first byte tells: the headers are often wrong.
#[derive(Debug)]
enum Form {
    Unknown,
    Events(Events),
    /// One JSON document.
    Document,
}

/// Where in a stream of events the meter is.
#[derive(Debug, Default)]
struct Events {
    line: Line,
    /// The first bytes of the line, while they may become the name of its field.
    name: Vec<u8>,
    /// The last byte was a CR, so an LF that follows belongs to the same line end.
    after_cr: bool,
    /// The first bytes of the data of the event, by which `[DONE]` is known.
    data: Vec<u8>,
}

/// Where in a line it is.
#[derive(Debug, Default)]
enum Line {
    /// Nothing of it has come.
    #[default]
    Empty,
    /// In what may become the name of the field.
    Name,
    /// In the data.
    Data,
    /// In a line that says nothing.
    Other,
}

const DATA: &[u8] = b"data:";
const DONE: &[u8] = b"[DONE]";

impl Default for Meter {
    fn default() -> Self {
        Self { told: Told::default(), form: Form::Unknown, skimmer: Skimmer::new(FIELDS) }
    }
}

impl Meter {
    /// What has been told so far.
    pub(crate) fn told(&self) -> &Told {
        &self.told
    }

    /// Reads up to the end of the next event, and gives how many bytes that were; `None` if the
    /// event goes on beyond these bytes. A document is one event that ends with the body.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Option<Event> {
        if matches!(self.form, Form::Unknown) {
            self.form = match bytes.trim_ascii_start().first()? {
                b'{' | b'[' => Form::Document,
                _ => Form::Events(Events::default()),
            };
        }
        match &mut self.form {
            Form::Unknown => None,
            Form::Document => {
                self.skimmer.push(bytes);
                if self.skimmer.is_whole() && !self.told.ended {
                    self.take_fields();
                    (self.told.ended, self.told.begun) = (true, true);
                }
                self.told.tells_its_end = true;
                None
            }
            Form::Events(events) => {
                let length = events.read(bytes, &mut self.skimmer)?;
                let done = events.data.trim_ascii() == DONE;
                events.data.clear();
                let is_count_alone = self.take_fields() && !done;
                self.told.ended |= done;
                self.skimmer.reset();
                Some(Event { length, is_count_alone })
            }
        }
    }

    /// Reads what is left when the body has ended. Some upstreams forget the last blank line.
    pub(super) fn finish(&mut self) -> Option<Event> {
        matches!(self.form, Form::Events(_)).then(|| self.read(b"\n\n"))?
    }

    /// Takes over what the fields say. True if they are a count of tokens and nothing else.
    fn take_fields(&mut self) -> bool {
        let Self { told, skimmer, .. } = self;
        let mut counted = false;
        for field in USAGES {
            if let Some(usage) = parse(skimmer.field(field)).and_then(|usage| counts(&usage)) {
                counted = true;
                let all = &mut told.usage;
                all.prompt_tokens = usage.prompt_tokens.or(all.prompt_tokens);
                all.completion_tokens = usage.completion_tokens.or(all.completion_tokens);
                all.cached_tokens = usage.cached_tokens.or(all.cached_tokens);
                all.reasoning_tokens = usage.reasoning_tokens.or(all.reasoning_tokens);
            }
        }
        for field in MODELS {
            if let Some(Text(model)) = parse(skimmer.field(field))
                && !model.is_empty()
            {
                replace(&mut told.model, &model);
            }
        }
        let kind = parse(skimmer.field(TYPE)).map(|Text(kind)| kind).unwrap_or_default();
        told.ended |= LAST_EVENTS.contains(&kind.as_ref());
        let failed = match skimmer.field(ERROR) {
            Field::Missing => None,
            Field::Value(error) => serde_json::from_slice(error).ok().filter(is_error),
            Field::TooLong => Some(Value::Null),
        };
        let has_failed = failed.is_some();
        told.error = failed.or(told.error.take());
        told.begun |= skimmer.field(DELTA) != Field::Missing;
        if let Some(delta) = parse(skimmer.field(DELTA)) {
            count_said(delta, &mut told.came);
        }
        let mut has_choices = false;
        match skimmer.field(CHOICES) {
            Field::Missing => {}
            Field::TooLong => (has_choices, told.begun) = (true, true),
            choices @ Field::Value(written) => {
                has_choices = !matches!(written, b"[]" | b"null");
                let choices: Option<Vec<Choice<'_>>> = parse(choices);
                for choice in choices.into_iter().flatten() {
                    told.begun = told.begun || choice.says_something();
                    choice.count(&mut told.came);
                    if let Some(Text(reason)) = choice.finish_reason
                        && !reason.is_empty()
                    {
                        replace(&mut told.finish, &reason);
                        told.ended = true;
                    }
                }
            }
        }
        told.tells_its_end |= skimmer.field(CHOICES) != Field::Missing || !kind.is_empty();
        counted && !has_choices && !has_failed && kind.is_empty()
    }
}

/// An event that has been read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    /// How many of the bytes that were given belong to it.
    pub(super) length: usize,
    /// It counts tokens and says nothing else, as the chunk does that `include_usage` adds.
    pub(super) is_count_alone: bool,
}

impl Events {
    fn read(&mut self, bytes: &[u8], skimmer: &mut Skimmer) -> Option<usize> {
        let mut at = 0;
        if self.after_cr && bytes.first() == Some(&b'\n') {
            at = 1;
        }
        self.after_cr &= bytes.is_empty();
        while at < bytes.len() {
            let rest = &bytes[at..];
            let end = memchr2(b'\n', b'\r', rest);
            let part = &rest[..end.unwrap_or(rest.len())];
            self.read_part(part, skimmer);
            at += end? + 1;
            if bytes[at - 1] == b'\r' {
                match bytes.get(at) {
                    Some(b'\n') => at += 1,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            if let Line::Empty = std::mem::take(&mut self.line) {
                return Some(at);
            }
        }
        None
    }

    /// Reads a part of a line.
    fn read_part(&mut self, part: &[u8], skimmer: &mut Skimmer) {
        let mut rest = part;
        while !rest.is_empty() {
            match &mut self.line {
                Line::Empty => {
                    self.line = Line::Name;
                    self.name.clear();
                }
                Line::Name => {
                    self.name.push(rest[0]);
                    rest = &rest[1..];
                    // A byte order mark may stand before the first line of all.
                    let text = self.name.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.name);
                    if text == DATA {
                        self.line = Line::Data;
                    } else if !DATA.starts_with(text) && !b"\xEF\xBB\xBF".starts_with(text) {
                        self.line = Line::Other;
                    }
                }
                Line::Data => {
                    let room = (DONE.len() + 2).saturating_sub(self.data.len());
                    self.data.extend_from_slice(&rest[..rest.len().min(room)]);
                    skimmer.push(rest);
                    return;
                }
                Line::Other => return,
            }
        }
    }
}

/// A choice of a chunk or of a document, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Choice<'a> {
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    /// In place of deltas, in a document.
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(borrow, default)]
    finish_reason: Option<Text<'a>>,
}

/// A call of a tool, as far as it matters here.
#[derive(Debug, Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow, default)]
    function: Option<&'a RawValue>,
    #[serde(borrow, default)]
    custom: Option<&'a RawValue>,
}

/// A string, which is copied only where it has escapes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fields of an object, each as it was written.
type Fields<'a> = BTreeMap<Text<'a>, &'a RawValue>;

impl Choice<'_> {
    /// Counts the text that it brings.
    fn count(&self, came: &mut Counter) {
        for said in [self.delta, self.message].into_iter().flatten() {
            count_said(said, came);
        }
        came.push(self.text.as_ref().map_or("", |text| &text.0));
    }

    /// True unless it only says who speaks.
    fn says_something(&self) -> bool {
        let says = |(name, value): (&Text<'_>, &&RawValue)| {
            // An object or a list with space in it is rare, and not worth a look.
            let says_nothing = matches!(value.get(), "\"\"" | "{}" | "[]");
            let is_said = value.get().starts_with(['"', '{', '[']) && !says_nothing;
            is_said && name.0 != "role"
        };
        let delta = self.delta.and_then(parse_raw::<Fields<'_>>);
        self.text.as_ref().is_some_and(|text| !text.0.is_empty())
            || delta.is_some_and(|delta| delta.iter().any(says))
    }
}

/// Counts what a delta or a message says: its texts, and of calls of tools the name and the arguments.
fn count_said(said: &RawValue, came: &mut Counter) {
    let fields = count_texts(said, came);
    let field = |name| fields.get(&Text(Cow::Borrowed(name))).copied();
    let calls: Vec<ToolCall<'_>> = field("tool_calls").and_then(parse_raw).unwrap_or_default();
    let called = calls.iter().flat_map(|call| [call.function, call.custom]);
    for called in called.chain([field("function_call")]).flatten() {
        count_texts(called, came);
    }
}

/// Counts a text, or those of an object, whatever they are called: content, reasoning, a refusal. Gives the
/// object's fields. What lies deeper only repeats what stands here.
fn count_texts<'a>(said: &'a RawValue, came: &mut Counter) -> Fields<'a> {
    let mut count = |said: &RawValue| {
        let text = parse_raw(said).map(|Text(text)| text);
        came.push(&text.unwrap_or_default());
    };
    let is_text = |said: &RawValue| said.get().starts_with('"');
    if is_text(said) {
        count(said);
        return Fields::new();
    }
    let fields: Fields<'_> = parse_raw(said).unwrap_or_default();
    for (Text(name), value) in &fields {
        if is_text(value) && !matches!(name.as_ref(), "role" | "type") {
            count(value);
        }
    }
    fields
}

fn parse<'a, T: Deserialize<'a>>(field: Field<'a>) -> Option<T> {
    match field {
        Field::Value(value) => serde_json::from_slice(value).ok(),
        Field::Missing | Field::TooLong => None,
    }
}

fn parse_raw<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Option<T> {
    serde_json::from_str(value.get()).ok()
}

/// Writes another text in the place of one, which it mostly equals: every chunk names the model.
fn replace(place: &mut Option<String>, text: &str) {
    if place.as_deref() != Some(text) {
        *place = Some(text.to_owned());
    }
}

/// Some upstreams send null, false or an empty error along with every chunk.
fn is_error(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Array(_) => true,
    }
}

/// Reads a `usage` of any dialect: OpenAI calls tokens of a request `prompt_tokens` with chat
/// completions and `input_tokens` elsewhere; Anthropic, too, but counts cached ones apart.
fn counts(usage: &Value) -> Option<Usage> {
    let number = |name: &str| usage[name].as_u64();
    let detail = |names: [&str; 2], field: &str| {
        names.into_iter().find_map(|name| usage[name][field].as_u64())
    };
    let apart = number("cache_read_input_tokens");
    let written = number("cache_creation_input_tokens");
    let request = number("prompt_tokens").or_else(|| {
        let rest = apart.unwrap_or_default() + written.unwrap_or_default();
        Some(number("input_tokens")? + rest)
    });
    let counted = Usage {
        prompt_tokens: request,
        completion_tokens: number("completion_tokens").or_else(|| number("output_tokens")),
        cached_tokens: detail(["prompt_tokens_details", "input_tokens_details"], "cached_tokens")
            .or(apart),
        reasoning_tokens: detail(
            ["completion_tokens_details", "output_tokens_details"],
            "reasoning_tokens",
        ),
    };
    (counted != Usage::default()).then_some(counted)
}

#[cfg(test)]
mod tests;
