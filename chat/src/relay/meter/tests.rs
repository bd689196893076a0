//! What answers of every dialect tell, whole and in pieces.

use std::slice;

use serde_json::json;

use super::*;

fn read<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Told {
    let mut meter = Meter::default();
    for part in parts {
        let mut rest = part;
        while let Some(event) = meter.read(rest) {
            rest = &rest[event.length..];
        }
    }
    meter.finish();
    meter.told().clone()
}

/// What a body tells, which must not depend on how it is split.
#[track_caller]
fn told(body: &str) -> Told {
    let whole = read([body.as_bytes()]);
    assert_eq!(read(body.as_bytes().chunks(1)), whole, "byte by byte: {body}");
    whole
}

fn events(events: &[Value]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

fn usage(prompt: u64, completion: u64, cached: Option<u64>, reasoning: Option<u64>) -> Usage {
    Usage {
        prompt_tokens: Some(prompt),
        completion_tokens: Some(completion),
        cached_tokens: cached,
        reasoning_tokens: reasoning,
    }
}

#[test]
fn chat_completions() {
    let counted = json!({
        "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
    });
    let expected = usage(10, 5, Some(4), Some(2));
    let document = json!({
        "model": "m", "usage": counted,
        "choices": [{"index": 0, "message": {"content": "x".repeat(100_000)}}],
    });
    let whole = told(&document.to_string());
    assert_eq!((whole.usage, whole.model.as_deref()), (expected, Some("m")));
    assert!(whole.ended && whole.begun && whole.error.is_none());
    assert!(!told(&document.to_string()[..50_000]).ended, "it was cut");

    let begin = json!({"model": "m", "choices": [{"delta": {"role": "assistant", "content": ""}}]});
    let text = json!({"choices": [{"delta": {"content": "hi"}}], "usage": null});
    let call = json!({"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]});
    let end = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
    let count = json!({"choices": [], "usage": counted});
    assert!(!told(&events(slice::from_ref(&begin))).begun, "it only says who speaks");
    assert!(told(&events(slice::from_ref(&text))).begun && told(&events(&[call])).begun);
    let streamed = told(&(events(&[begin, text, end, count]) + "data: [DONE]\n\n"));
    assert_eq!((streamed.usage, streamed.finish.as_deref()), (expected, Some("stop")));
    assert!(streamed.ended && streamed.tells_its_end);
    assert!(told("data: [DONE]\r\n\r\n").ended && !told("data: [DONE]s\n\n").ended);
}

#[test]
fn calls_of_tools_are_counted_where_the_upstream_does_not() {
    let arguments = "{\"place\": \"Reykjavík\"}";
    let call = json!({"index": 0, "id": "call_1", "type": "function",
        "function": {"name": "weather", "arguments": arguments}});
    let custom = json!({"type": "custom", "custom": {"name": "shell", "input": "ls -la"}});
    let check = |choice: Value, expected: &[&str]| {
        let mut came = Counter::default();
        expected.iter().for_each(|text| came.push(text));
        let event = json!({"choices": [choice]});
        assert_eq!(told(&events(slice::from_ref(&event))).came, came, "{event}");
    };
    check(json!({"delta": {"tool_calls": [call]}}), &[arguments, "weather"]);
    check(
        json!({"message": {"tool_calls": [call, custom]}}),
        &[arguments, "weather", "ls -la", "shell"],
    );
    check(json!({"delta": {"function_call": {"name": "f", "arguments": "{}"}}}), &["{}", "f"]);
    let detail = json!([{"type": "reasoning.text", "text": "Hm."}]);
    check(json!({"delta": {"reasoning": "Hm.", "reasoning_details": detail}}), &["Hm."]);
}

#[test]
fn responses_and_messages() {
    let counted = json!({
        "input_tokens": 10, "output_tokens": 5,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens_details": {"reasoning_tokens": 2},
    });
    let expected = usage(10, 5, Some(4), Some(2));
    assert_eq!(told(&json!({"object": "response", "usage": counted}).to_string()).usage, expected);
    let delta = json!({"type": "response.output_text.delta", "delta": "hi"});
    let end = json!({
        "type": "response.completed",
        "response": {"model": "m", "output": "x".repeat(50_000), "usage": counted},
    });
    assert!(
        told(&events(slice::from_ref(&delta))).begun
            && !told(&events(slice::from_ref(&delta))).ended
    );
    let whole = told(&events(&[delta, end]));
    assert_eq!((whole.usage, whole.model.as_deref(), whole.ended), (expected, Some("m"), true));

    let begin = json!({"type": "message_start", "message": {"model": "c", "usage": {
        "input_tokens": 10, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 7,
        "output_tokens": 1,
    }}});
    let end = json!({"type": "message_delta", "delta": {"stop_reason": "x"}, "usage": {"output_tokens": 12}});
    let whole = told(&events(&[begin, end, json!({"type": "message_stop"})]));
    assert_eq!(whole.usage, usage(107, 12, Some(90), None));
    assert!(whole.ended && whole.model.as_deref() == Some("c"));
}

#[test]
fn other_answers() {
    let embedding =
        json!({"data": [], "model": "e", "usage": {"prompt_tokens": 8, "total_tokens": 8}});
    let whole = told(&embedding.to_string());
    assert_eq!((whole.usage.prompt_tokens, whole.usage.completion_tokens), (Some(8), None));
    for body in [
        "",
        "ID3\u{3}\0\0binary",
        "plain text\n\nof a transcript\n",
        "data: oops\n\n",
        ": ping\n\n",
    ] {
        let whole = told(body);
        assert_eq!((whole.usage, whole.tells_its_end), (Usage::default(), false), "{body}");
    }
}

#[test]
fn failures_within_an_answer() {
    let error = json!({"message": "m", "code": 502});
    assert_eq!(told(&events(&[json!({"error": error})])).error, Some(error));
    for none in [json!(null), json!(""), json!({}), json!(false)] {
        assert_eq!(told(&events(&[json!({"error": none, "choices": []})])).error, None);
    }
}
