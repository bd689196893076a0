//! The dialects beside chat completions, over real connections.

use protocol::{FailureKind, ModelInfo};
use scripted_upstream::{Script, Settings, Spelling, Upstream as Scripted};
use serde_json::{Value, json};

use super::*;

const ANTHROPIC: Dialect = Dialect::Anthropic;
const RESPONSES: Dialect = Dialect::Responses { background: false };
const BACKGROUND: Dialect = Dialect::Responses { background: true };
const ALL: [Dialect; 3] = [ANTHROPIC, RESPONSES, BACKGROUND];

fn speaking(dialect: Dialect, scripted: &Scripted) -> Upstream {
    let provider = Provider {
        dialect,
        idle_timeout: Duration::from_millis(300),
        ..provider(&scripted.base_url())
    };
    Upstream::new(provider).unwrap()
}

async fn hear_in(dialect: Dialect, script: Script) -> Heard {
    let scripted = Scripted::start().await;
    scripted.push(script);
    hear(&speaking(dialect, &scripted), &request("?")).await
}

#[tokio::test]
async fn an_ordinary_answer() {
    for dialect in ALL {
        let script = Script::new()
            .reasoning("Hm", Spelling::default())
            .reasoning(".", Spelling::default())
            .delta("Hel")
            .delta("lo 漢字")
            .finish("length")
            .usage(10, 20)
            .done();
        let heard = hear_in(dialect, script).await;
        let usage =
            Usage { prompt_tokens: Some(10), completion_tokens: Some(20), ..Usage::default() };
        let point = (dialect == BACKGROUND)
            .then(|| ResumePoint { response: "resp_scripted_0".into(), after: 7 });
        let expected = Heard {
            text: Delta { content: "Hello 漢字".into(), reasoning: "Hm.".into() },
            finish: Some("length".into()),
            usage: Some(usage),
            model: Some("a-model".into()),
            point,
            failure: None,
        };
        assert_eq!(heard, expected, "{dialect:?}");
    }
}

#[tokio::test]
async fn what_the_upstream_is_sent() {
    let scripted = Scripted::start().await;
    for dialect in ALL {
        hear(&speaking(dialect, &scripted), &request("Why?")).await;
    }
    let said = json!([{"role": "user", "content": "Why?"}]);
    let [anthropic, responses, background] = scripted.requests().try_into().unwrap();
    assert_eq!(anthropic.path, "/v1/messages");
    assert_eq!(anthropic.headers["x-api-key"], KEY);
    assert_eq!(anthropic.headers["anthropic-version"], "2023-06-01");
    assert!(!anthropic.headers.contains_key("authorization"));
    let expected =
        json!({"model": "a-model", "messages": said, "stream": true, "max_tokens": 8_192});
    assert_eq!(anthropic.body, expected);
    for (sent, is_kept) in [(responses, false), (background, true)] {
        assert_eq!(sent.path, "/v1/responses");
        assert_eq!(sent.headers["authorization"], format!("Bearer {KEY}"));
        assert!(!sent.headers.contains_key("x-api-key"));
        let mut expected =
            json!({"model": "a-model", "input": said, "stream": true, "store": is_kept});
        if is_kept {
            expected["background"] = json!(true);
        }
        assert_eq!(sent.body, expected);
    }
}

#[tokio::test]
async fn failures_keep_the_text_before_them() {
    let begun = || Script::new().delta("some ").delta("words");
    let overloaded = json!({"type": "overloaded_error", "message": "Overloaded"});
    let limited = json!({"type": "rate_limit_error", "code": "rate_limit_exceeded"});
    let refused = |status, kind: &str| {
        let error = json!({"type": kind, "message": "No."});
        Script::document(status, &json!({"type": "error", "error": error}))
    };
    for dialect in ALL {
        for (script, kind, content) in [
            (begun(), FailureKind::CutOff, "some words"),
            (begun().cut(), FailureKind::CutOff, "some words"),
            (begun().stall(), FailureKind::TimedOut, "some words"),
            (begun().error(overloaded.clone()), FailureKind::UpstreamError, "some words"),
            (begun().error(limited.clone()), FailureKind::RateLimited, "some words"),
            (
                begun().raw("event: content_block_delta\ndata: {\"type\n\n"),
                FailureKind::Malformed,
                "some words",
            ),
            (
                begun().raw("event: response.x\ndata: oops\n\n"),
                FailureKind::Malformed,
                "some words",
            ),
            (refused(401, "authentication_error"), FailureKind::Unauthorised, ""),
            (refused(403, "permission_error"), FailureKind::Forbidden, ""),
            (refused(404, "not_found_error"), FailureKind::Malformed, ""),
            (refused(413, "request_too_large"), FailureKind::Refused, ""),
            (refused(429, "rate_limit_error"), FailureKind::RateLimited, ""),
            (refused(529, "overloaded_error"), FailureKind::UpstreamError, ""),
            (Script::new().raw("{\"status\":\"ok\"}"), FailureKind::Malformed, ""),
        ] {
            let heard = hear_in(dialect, script.clone()).await;
            let failure = heard.failure.unwrap_or_else(|| panic!("no failure of {script:?}"));
            assert_eq!(failure.kind, kind, "{dialect:?} {script:?} {:?}", failure.detail);
            assert_eq!(heard.text.content, content, "{dialect:?} {script:?}");
        }
    }
}

#[tokio::test]
async fn pings_and_unknown_events_are_passed_over() {
    for dialect in ALL {
        let script = Script::new()
            .comment("keep-alive")
            .delta("a")
            .raw("event: ping\ndata: now\n\n")
            .raw("event: brand_new\ndata: {\"type\":\"brand_new\",\"delta\":\"no\"}\n\n")
            .delta("b")
            .end();
        let heard = hear_in(dialect, script).await;
        assert_eq!((heard.text.content.as_str(), heard.failure), ("ab", None), "{dialect:?}");
    }
}

#[tokio::test]
async fn an_answer_to_go_on_with_is_asked_for_in_words_where_it_is_refused() {
    let scripted = Scripted::start().await;
    let message = "This model does not support assistant message prefill.";
    let error = json!({"type": "invalid_request_error", "message": message});
    scripted.push(Script::document(400, &json!({"type": "error", "error": error})));
    let upstream = speaking(ANTHROPIC, &scripted);
    let mut request = request("Why?");
    request.messages.push(Prompt { role: Role::Assistant, content: "Because ".into() });
    for _ in 0..2 {
        assert_eq!(hear(&upstream, &request).await.failure, None);
    }
    let last: Vec<Value> = scripted
        .requests()
        .iter()
        .map(|request| request.body["messages"].as_array().unwrap().last().unwrap().clone())
        .collect();
    assert_eq!(last[0], json!({"role": "assistant", "content": "Because"}));
    for last in &last[1..] {
        assert_eq!(last["role"], "user");
    }
    assert_eq!(last.len(), 3, "the second answer was asked for in words at once");
}

#[tokio::test]
async fn a_response_is_resumed_and_cancelled() {
    let scripted = Scripted::start().await;
    scripted.push(Script::new().delta("It ").delta("is ").cut().delta("this.").end());
    let upstream = speaking(BACKGROUND, &scripted);
    let before = hear(&upstream, &request("?")).await;
    assert_eq!(before.failure.unwrap().kind, FailureKind::CutOff);
    let point = before.point.unwrap();

    let mut rest = String::new();
    let mut completion = upstream.resume(&point, &before.text).await.unwrap();
    while let Some(piece) = completion.next().await.unwrap() {
        if let Piece::Delta(delta) = piece {
            rest += &delta.content;
        }
    }
    assert_eq!((before.text.content.as_str(), rest.as_str()), ("It is ", "this."));
    let asked = &scripted.requests()[1];
    assert_eq!(asked.path, "/v1/responses/resp_scripted_0?stream=true&starting_after=3");
    assert_eq!(asked.headers["authorization"], format!("Bearer {KEY}"));

    upstream.cancel(&point).await.unwrap();
    assert_eq!(scripted.requests()[2].path, "/v1/responses/resp_scripted_0/cancel");
    assert!(upstream.cancel(&point).await.is_err(), "it is cancelled once");
    assert!(upstream.resume(&point, &before.text).await.is_err());
}

#[tokio::test]
async fn models_are_listed() {
    let about_models = json!({
        "max_input_tokens": 200_000, "capabilities": {"image_input": {"supported": true}},
    });
    let settings =
        Settings { about_models, require_key: Some(KEY.to_owned()), ..Settings::default() };
    let scripted = Scripted::start_with(settings).await.unwrap();
    let expected = ModelInfo {
        context_window: Some(200_000),
        sees: Some(true),
        ..ModelInfo::named("scripted")
    };
    for dialect in ALL {
        let listed = speaking(dialect, &scripted).models().await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&expected), "{dialect:?}");
    }
}
