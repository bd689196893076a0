//! Streams as the documentation of each API shows them, cut at every byte, and what was made of them.

use protocol::{Role, Usage};
use serde_json::{Map, json};

use super::*;
use crate::upstream::{Prompt, ResumePoint, sse::Decoder};

/// All that was read of a stream.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    model: String,
    text: Delta,
    finish: Option<String>,
    usage: Usage,
    /// The last place from which it can be resumed.
    point: Option<ResumePoint>,
    error: Option<EventError>,
    done: bool,
}

impl Heard {
    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Model(model) => self.model = model,
            Piece::Resumable(point) => self.point = Some(point),
            Piece::Delta(delta) => {
                assert!(!delta.is_empty());
                self.text.content += &delta.content;
                self.text.reasoning += &delta.reasoning;
            }
            Piece::Finish(reason) => self.finish = Some(reason),
            Piece::Usage(usage) => self.usage = usage,
        }
    }
}

fn read<'a>(mut reader: Box<dyn EventReader>, parts: impl IntoIterator<Item = &'a [u8]>) -> Heard {
    let mut heard = Heard::default();
    let mut decoder = Decoder::default();
    for part in parts {
        let mut events = Vec::new();
        decoder.push(part, &mut events).unwrap();
        for event in events {
            let mut pieces = Vec::new();
            let read = reader.read(&event.data, &mut pieces);
            pieces.into_iter().for_each(|piece| heard.take(piece));
            match read {
                Ok(read) => heard.done |= read == Read::Done,
                Err(error) => heard.error = Some(error),
            }
        }
    }
    let held = reader.finish();
    heard.text.content += &held.content;
    assert_eq!(reader.finished(), heard.finish.is_some());
    heard
}

fn request(last: Prompt) -> Request {
    let question = Prompt { role: Role::User, content: "What is it?".into() };
    Request { model: "m".to_owned(), messages: vec![question, last], parameters: Map::new() }
}

fn question() -> Prompt {
    Prompt { role: Role::User, content: "Well?".into() }
}

/// Reads a stream whole and cut in two at every byte.
#[track_caller]
fn check(dialect: Dialect, stream: &str, expected: &Heard) {
    let request = request(question());
    let stream = stream.as_bytes();
    let reader = || dialect.reader(&request, false);
    assert_eq!(read(reader(), [stream]), *expected);
    for cut in 0..stream.len() {
        let (start, end) = stream.split_at(cut);
        assert_eq!(read(reader(), [start, end]), *expected, "cut at {cut}");
    }
}

fn text(content: &str, reasoning: &str) -> Delta {
    Delta { content: content.to_owned(), reasoning: reasoning.to_owned() }
}

fn usage(of_request: u64, of_answer: u64) -> Usage {
    Usage {
        prompt_tokens: Some(of_request),
        completion_tokens: Some(of_answer),
        ..Usage::default()
    }
}

fn point(response: &str, after: u64) -> Option<ResumePoint> {
    Some(ResumePoint { response: response.into(), after })
}

#[test]
fn messages_of_anthropic() {
    check(
        Dialect::Anthropic,
        include_str!("../streams/anthropic_text.txt"),
        &Heard {
            model: "claude-sonnet-4-5-20250929".to_owned(),
            text: text("né 漢字🔥", ""),
            finish: Some("stop".to_owned()),
            usage: Usage { cached_tokens: Some(1_000), ..usage(1_125, 15) },
            done: true,
            ..Heard::default()
        },
    );
    check(
        Dialect::Anthropic,
        include_str!("../streams/anthropic_thinking.txt"),
        &Heard {
            model: "claude-opus-4-8".to_owned(),
            text: text("The answer is 27.", "27 is 3 × 9.\n\nSo it is."),
            finish: Some("length".to_owned()),
            usage: Usage { reasoning_tokens: Some(70), ..usage(41, 90) },
            done: true,
            ..Heard::default()
        },
    );
    let error = json!({"type": "overloaded_error", "message": "Overloaded"});
    check(
        Dialect::Anthropic,
        include_str!("../streams/anthropic_overloaded.txt"),
        &Heard {
            model: "claude-haiku-4-5".to_owned(),
            text: text("Half an ", ""),
            usage: usage(5, 1),
            error: Some(EventError::Upstream(error)),
            ..Heard::default()
        },
    );
}

#[test]
fn responses_of_openai() {
    let stream = include_str!("../streams/responses_reasoning.txt");
    let whole = Heard {
        model: "gpt-5-2025-08-07".to_owned(),
        text: text("Il y en a três 🔥\n\nVoilà.", "**Counting**\n\nThree."),
        finish: Some("stop".to_owned()),
        usage: Usage { cached_tokens: Some(30), reasoning_tokens: Some(6), ..usage(37, 11) },
        done: true,
        ..Heard::default()
    };
    check(Dialect::Responses { background: false }, stream, &whole);
    let kept = Heard { point: point("resp_01", 15), ..whole };
    check(Dialect::Responses { background: true }, stream, &kept);
    check(
        Dialect::Responses { background: false },
        include_str!("../streams/responses_incomplete.txt"),
        &Heard {
            model: "gpt-5".to_owned(),
            text: text("I cannot", ""),
            finish: Some("length".to_owned()),
            usage: usage(1, 2),
            done: true,
            ..Heard::default()
        },
    );
    let error = json!({"code": "rate_limit_exceeded", "message": "Rate limit reached."});
    check(
        Dialect::Responses { background: true },
        include_str!("../streams/responses_failed.txt"),
        &Heard {
            model: "gpt-5".to_owned(),
            text: text("Half an ", ""),
            point: point("resp_03", 2),
            error: Some(EventError::Upstream(error)),
            ..Heard::default()
        },
    );
}

/// Whatever was stored when the server ended, the rest that is resumed makes the answer whole.
#[test]
fn a_response_resumed_anywhere_is_the_same() {
    let stream = include_str!("../streams/responses_reasoning.txt");
    let events: Vec<&str> = stream.split_inclusive("\n\n").collect();
    let request = request(question());
    let dialect = Dialect::Responses { background: true };
    let whole = read(dialect.reader(&request, false), [stream.as_bytes()]);
    for stored in 1..events.len() {
        let before = events[..stored].concat();
        let before = read(dialect.reader(&request, false), [before.as_bytes()]);
        let point = before.point.unwrap();
        assert_eq!(point.after as usize, stored - 1, "each event has a number");
        let reader = Box::new(responses::ResponseReader::resuming(&point, &before.text));
        let rest = read(reader, [events[stored..].concat().as_bytes()]);
        assert_eq!(before.text.content + &rest.text.content, whole.text.content, "{stored}");
        assert_eq!(before.text.reasoning + &rest.text.reasoning, whole.text.reasoning, "{stored}");
        assert_eq!((rest.point, rest.usage), (whole.point.clone(), whole.usage), "{stored}");
    }
}

#[test]
fn errors_and_oddities() {
    let anthropic = Dialect::Anthropic;
    let responses = Dialect::Responses { background: true };
    let check = |dialect: Dialect, data: &str, expected: Result<Read, EventError>| {
        let mut pieces = Vec::new();
        let found = dialect.reader(&request(question()), false).read(data, &mut pieces);
        assert_eq!(found, expected, "{data}");
        assert_eq!(pieces, [], "{data}");
    };
    for dialect in [anthropic, responses] {
        for data in ["{", "oops", "{\"type\":\"resp"] {
            check(dialect, data, Err(EventError::Malformed));
        }
        for data in ["", "{}", "[]", "1", "null", r#"{"type":1,"delta":[],"response":"x"}"#] {
            check(dialect, data, Ok(Read::On));
        }
        let error = r#"{"error":{"message":"m","type":"t"}}"#;
        check(dialect, error, Err(EventError::Upstream(json!({"message": "m", "type": "t"}))));
    }
    check(responses, "[DONE]", Ok(Read::On));
    let plain = json!({"type": "error", "code": "server_error", "message": "m", "param": null});
    check(responses, &plain.to_string(), Err(EventError::Upstream(plain)));
    let within = r#"{"type":"error","error":{"code":"server_error"}}"#;
    check(responses, within, Err(EventError::Upstream(json!({"code": "server_error"}))));
    let cancelled = r#"{"type":"response.cancelled","response":{"status":"cancelled"}}"#;
    let words = EventError::Upstream("the response was cancelled".into());
    check(responses, cancelled, Err(words));
    // A name that is no name cannot be resumed by.
    let hostile = r#"{"type":"response.created","sequence_number":0,"response":{"id":"a/../b"}}"#;
    check(responses, hostile, Ok(Read::On));
}

/// Whatever stands where something else is expected, it is read or refused, and nothing panics.
#[test]
fn no_shape_of_an_event_is_too_odd() {
    let kinds = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "message_delta",
        "message_stop",
        "error",
        "response.created",
        "response.output_text.delta",
        "response.reasoning_summary_text.delta",
        "response.content_part.added",
        "response.completed",
        "response.incomplete",
        "response.failed",
        "response.cancelled",
    ];
    let fields = [
        "message",
        "content_block",
        "delta",
        "usage",
        "error",
        "response",
        "part",
        "sequence_number",
    ];
    let odd = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!("x"),
        json!([]),
        json!([{}]),
        json!({}),
        json!({"type": "text", "text": []}),
        json!({"type": "thinking_delta"}),
        json!({"usage": "x", "error": [], "id": 7, "incomplete_details": "y"}),
    ];
    for dialect in [Dialect::Anthropic, Dialect::Responses { background: true }] {
        for kind in kinds {
            for field in fields {
                for odd in &odd {
                    let event = json!({"type": kind, field: odd});
                    let mut reader = dialect.reader(&request(question()), false);
                    reader.read(&event.to_string(), &mut Vec::new()).ok();
                    reader.read(&odd.to_string(), &mut Vec::new()).ok();
                }
            }
        }
    }
}

#[test]
fn an_answer_goes_on_where_its_white_space_was_cut() {
    let check = |unfinished: &str, plainly: bool, continued: &str, expected: &str| {
        let last = Prompt { role: Role::Assistant, content: unfinished.into() };
        let mut reader = Dialect::Anthropic.reader(&request(last), plainly);
        let mut heard = Heard::default();
        for character in continued.chars() {
            let data = json!({
                "type": "content_block_delta", "delta": {"type": "text_delta", "text": character},
            });
            let mut pieces = Vec::new();
            reader.read(&data.to_string(), &mut pieces).unwrap();
            pieces.into_iter().for_each(|piece| heard.take(piece));
        }
        assert_eq!(heard.text.content, expected, "{unfinished:?} and {continued:?}");
    };
    check("It is", false, " this.", " this.");
    check("It is ", false, " this.", "this.");
    check("It is ", false, "this.", "this.");
    check("It is \n\n", false, " \n\n this.", " this.");
    check("It is\n", false, "\n\nthis.", "\nthis.");
    check("It is \n", false, "\nthis.", "\nthis.");
    check("It is ", true, " this.", " this.");
}
