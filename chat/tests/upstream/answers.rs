//! Answers in every form that upstreams give them.

use protocol::{ModelInfo, Usage};
use scripted_upstream::{Script, Spelling, Step, Upstream as Scripted};
use serde_json::{Map, json};

use super::*;

/// An answer that ends well with this content and reasoning.
#[track_caller]
fn check(heard: &Heard, content: &str, reasoning: &str) {
    assert_eq!(heard.failure, None);
    assert_eq!((heard.text.content.as_str(), heard.text.reasoning.as_str()), (content, reasoning));
}

#[tokio::test]
async fn an_ordinary_answer() {
    let heard = hear_script(Script::new().delta("Hel").delta("lo").end()).await;
    check(&heard, "Hello", "");
    assert_eq!(heard.finish.as_deref(), Some("stop"));
    assert_eq!(heard.model.as_deref(), Some("a-model"));
    let usage = Usage { prompt_tokens: Some(10), completion_tokens: Some(20), ..Usage::default() };
    assert_eq!(heard.usage, Some(usage));
}

#[tokio::test]
async fn what_the_upstream_is_sent() {
    let scripted = Scripted::start().await;
    let mut parameters = Map::new();
    parameters.insert("temperature".to_owned(), json!(0.5));
    let request = Request { parameters, ..request("Why?") };
    hear(&upstream(&scripted), &request).await;
    let sent = &scripted.requests()[0];
    assert_eq!(sent.path, "/v1/chat/completions");
    assert_eq!(sent.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(sent.headers["accept"], "text/event-stream");
    let expected = json!({
        "model": "a-model",
        "messages": [{"role": "user", "content": "Why?"}],
        "stream": true,
        "stream_options": {"include_usage": true},
        "temperature": 0.5,
    });
    assert_eq!(sent.body, expected);
}

#[tokio::test]
async fn without_a_key_no_header_is_sent() {
    let scripted = Scripted::start().await;
    let provider = Provider { keys: Vec::new(), ..provider(&scripted.base_url()) };
    hear(&Upstream::new(provider).unwrap(), &request("Why?")).await;
    assert!(!scripted.requests()[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn reasoning_in_every_spelling() {
    for spelling in [
        Spelling::ReasoningContent,
        Spelling::Reasoning,
        Spelling::ReasoningDetails,
        Spelling::Thinking,
    ] {
        let script = Script::new().reasoning("Hm", spelling).reasoning(".", spelling);
        check(&hear_script(script.delta("So.").end()).await, "So.", "Hm.");
    }
    let script = "<think>Hm.</think>\n\nSo.".chars().fold(Script::new(), Script::delta);
    check(&hear_script(script.end()).await, "So.", "Hm.");
}

#[tokio::test]
async fn ends_in_every_form() {
    let answer = || Script::new().delta("a");
    check(&hear_script(answer().finish("stop")).await, "a", "");
    check(&hear_script(answer().done()).await, "a", "");
    check(&hear_script(answer().finish("stop").cut()).await, "a", "");
    // What an upstream says after its end is not waited for.
    check(&hear_script(answer().finish("stop").done().stall()).await, "a", "");
    let last = r#"data: {"choices":[{"delta":{"content":"b"},"finish_reason":"odd"}]}"#;
    for missing in ["", "\n", "\r\n"] {
        let heard = hear_script(answer().raw(format!("{last}{missing}"))).await;
        check(&heard, "ab", "");
        assert_eq!(heard.finish.as_deref(), Some("odd"));
    }
    check(&hear_script(answer().raw("data: [DONE]")).await, "a", "");
}

#[tokio::test]
async fn oddities_that_are_passed_over() {
    let script = Script::new()
        .bytes("\u{feff}: OPENROUTER PROCESSING\n\n")
        .comment("keep-alive")
        .raw("event: ping\ndata: now\n\n")
        .raw("event: x\r\nid: 1\r\nretry: 5\r\ndata: {\"type\":\"ping\"}\r\n\r\n")
        .raw("data: {}\n\ndata:\n\n\n\n")
        .raw(
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\",\"tool_calls\":[{}]}}],\"x\":1}\r\r",
        )
        .raw("data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"b\"}}]}\n\n")
        .raw("data:{\"choices\":[{\"delta\":{\"content\":\"c\"}}]}{\"choices\":null}\n\n")
        .step(Step::Chunk(json!({"content": [{"type": "text", "text": "d"}]})))
        .end();
    check(&hear_script(script).await, "abcd", "");
}

#[tokio::test]
async fn a_refusal_is_shown() {
    let script = Script::new().step(Step::Chunk(json!({"content": null, "refusal": "No."}))).end();
    check(&hear_script(script).await, "No.", "");
}

#[tokio::test]
async fn characters_that_are_split_anywhere() {
    let text = "né 漢字 👩‍👩‍👧";
    let data = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    let script = data.bytes().fold(Script::new(), |script, byte| script.bytes([byte]));
    check(&hear_script(script.end()).await, text, "");
    let broken =
        Script::new().bytes(b"data: {\"choices\":[{\"delta\":{\"content\":\"\xFF\"}}]}\n\n");
    check(&hear_script(broken.end()).await, "\u{fffd}", "");
}

#[tokio::test]
async fn bytes_that_are_no_text_harm_nothing() {
    let delta = b"data: {\"choices\":[{\"delta\":{\"content\":\"a\xff\xe6b\"}}]}\n\n";
    let heard = hear_script(Script::new().bytes(delta.to_vec()).finish("stop").done()).await;
    assert_eq!((heard.text.content.as_str(), heard.failure), ("a\u{FFFD}\u{FFFD}b", None));
}

#[tokio::test]
async fn an_event_of_two_megabytes() {
    let text = "0123456789abcdef".repeat(2 << 16);
    check(&hear_script(Script::new().delta(text.clone()).end()).await, &text, "");
}

#[tokio::test]
async fn an_answer_that_is_not_streamed() {
    let document = json!({
        "model": "m",
        "choices": [{"message": {"content": "a", "reasoning": "b"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    });
    for kind in ["application/json", "text/event-stream"] {
        let script = Script::new().header("content-type", kind).raw(" \n").pause(5);
        let document = document.to_string();
        let (start, end) = document.split_at(30);
        let heard = hear_script(script.raw(start).pause(5).raw(end)).await;
        check(&heard, "a", "b");
        assert_eq!(heard.model.as_deref(), Some("m"));
        assert_eq!(heard.usage.unwrap().completion_tokens, Some(2));
    }
}

#[tokio::test]
async fn stream_options_are_left_out_where_they_are_refused() {
    let scripted = Scripted::start().await;
    let error = json!({"error": {"message": "Unrecognized request argument: stream_options"}});
    scripted.push(Script::document(400, &error));
    let upstream = upstream(&scripted);
    for _ in 0..2 {
        // A clone is the same upstream, and remembers too.
        assert_eq!(hear(&upstream.clone(), &request("Why?")).await.failure, None);
    }
    let sent: Vec<_> = scripted
        .requests()
        .iter()
        .map(|request| request.body.get("stream_options").is_some())
        .collect();
    assert_eq!(sent, [true, false, false]);
}

#[tokio::test]
async fn models_are_listed() {
    let scripted = Scripted::start().await;
    assert_eq!(upstream(&scripted).models().await.unwrap(), [ModelInfo::named("scripted")]);
    let asked = &scripted.requests_for_models()[0];
    assert_eq!(asked.path, "/v1/models");
    assert_eq!(asked.headers["authorization"], format!("Bearer {KEY}"));
}
