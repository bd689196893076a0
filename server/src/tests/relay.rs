//! The relay, as programs meet it: bytes as they are, errors in OpenAI's shape.

use axum::{body::Body, extract::Request, http::Method};
use scripted_upstream::{Ending, Script};
use serde_json::{Value, json};

use super::{
    actors::{Actor, json, request, with},
    house::{BRING_YOUR_OWN, House, KEY, MAX_RELAY_BYTES},
    reply::{Reply, within},
};

fn question(more: Value) -> Value {
    let mut body = json!({"model": "small", "messages": [{"role": "user", "content": "Why?"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

pub fn ask(more: Value) -> Request {
    json("/v1/chat/completions", &question(more))
}

/// The latest row of the ledger.
async fn row(house: &House) -> chat::ledger::LedgerEntry {
    house.chat.ledger(1).await.unwrap().remove(0)
}

/// Waits until no call is open.
async fn settled(house: &House) -> chat::ledger::LedgerEntry {
    within(async {
        loop {
            let row = row(house).await;
            if row.status != "open" {
                return row;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[track_caller]
pub fn assert_error(reply: &Reply, status: u16, code: &str) -> String {
    assert_eq!(reply.status, status, "{}", reply.text);
    let body: Value = reply.json();
    assert_eq!(body["error"]["code"], code, "{body}");
    assert!(body["error"]["type"].is_string() && body["error"].get("param").is_some(), "{body}");
    body["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_document_goes_through_as_it_is() {
    let house = House::locked().await;
    let program = house.program(&["relay"]).await;
    let answer = r#"{ "odd" : 1.10e2, "choices":[{"message":{"content":"né"}}],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#;
    let script = Script::document(200, &Value::Null);
    let mut script = Script { steps: Vec::new(), ..script }.raw(answer);
    script = script.header("x-request-id", "req_1").header("set-cookie", "a=b");
    house.upstream.push(script);
    let text = "{ \"model\":\"small\",\n\"x\" : 1.50, \"messages\":[] }";
    let sent = with(json("/v1/chat/completions", &Value::Null), "x-custom", "kept");
    let (parts, _) = with(sent, "cookie", "inglenook_session=secret").into_parts();
    let reply = program.send(Request::from_parts(parts, Body::from(text))).await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, answer));
    assert_eq!((reply.header("x-request-id"), reply.header("set-cookie")), ("req_1", ""));
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    let recorded = &house.upstream.requests()[0];
    assert_eq!(recorded.body, serde_json::from_str::<Value>(text).unwrap());
    assert_eq!(recorded.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(recorded.headers["x-custom"], "kept");
    assert!(!recorded.headers.contains_key("cookie"), "{:?}", recorded.headers);
    let row = settled(&house).await;
    assert_eq!((row.purpose.as_str(), row.status.as_str()), ("relay", "finished"));
    assert_eq!((row.provider.as_str(), row.model.as_str()), ("scripted", "small"));
    assert_eq!((row.usage.prompt_tokens, row.usage.completion_tokens), (Some(7), Some(3)));
}

#[tokio::test]
async fn a_stream_goes_through_without_the_count_that_nobody_asked_for() {
    let house = House::locked().await;
    let program = house.program(&["relay"]).await;
    let script = || Script::new().delta("Be").comment("x").delta("cause").end();
    house.upstream.push(script());
    let reply = program.send(ask(json!({"stream": true}))).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    assert!(reply.text.contains(": x\n\n") && reply.text.ends_with("data: [DONE]\n\n"));
    assert!(!reply.text.contains("usage"), "{}", reply.text);
    assert_eq!(house.upstream.requests()[0].body["stream_options"], json!({"include_usage": true}));
    assert_eq!(settled(&house).await.usage.completion_tokens, Some(20));

    house.upstream.push(script());
    let wish = json!({"stream": true, "stream_options": {"include_usage": true}});
    let reply = program.send(ask(wish)).await;
    assert!(reply.text.contains("\"completion_tokens\":20"), "{}", reply.text);
    assert_eq!(settled(&house).await.usage.completion_tokens, Some(20));
}

#[tokio::test]
async fn an_upstream_that_wants_no_options_is_asked_without() {
    let house = House::open().await;
    let user = house.local_user();
    let refusal = json!({"error": {"message": "stream_options: unknown field"}});
    house.upstream.push(Script::document(400, &refusal));
    house.upstream.push(Script::new().delta("a").finish("stop").done());
    let reply = user.send(ask(json!({"stream": true}))).await;
    assert!(reply.status == 200 && reply.text.contains("\"a\""), "{}", reply.text);
    house.upstream.push(Script::new().delta("b").finish("stop").done());
    user.send(ask(json!({"stream": true}))).await;
    let asked: Vec<_> = house
        .upstream
        .requests()
        .iter()
        .map(|request| request.body.get("stream_options").is_some())
        .collect();
    assert_eq!(asked, [true, false, false]);
}

#[tokio::test]
async fn bytes_come_as_they_are_sent_and_a_hang_up_goes_through() {
    let house = House::open().await;
    let user = house.local_user();
    house.upstream.push(Script::new().delta("one").stall());
    let mut stream = user.open(ask(json!({"stream": true}))).await;
    stream.until("one").await;
    drop(stream);
    within(house.upstream.wait_closed(0)).await;
    assert_eq!(settled(&house).await.status, "stopped");

    // The same before the head of an answer.
    house.upstream.push(Script::never());
    {
        let opening = user.open(ask(json!({"stream": true})));
        tokio::select! {
            _ = opening => panic!("nothing was sent"),
            _ = house.upstream.wait_request(1) => {}
        }
    }
    assert_eq!(within(house.upstream.wait_closed(1)).await.ending, Ending::Closed);
    assert_eq!(settled(&house).await.status, "stopped");
}

#[tokio::test]
async fn errors_of_upstreams_come_through_without_the_key() {
    let house = House::locked().await;
    let program = house.program(&["relay"]).await;
    let words = format!("Incorrect API key provided: {KEY}.");
    let error = json!({"error": {"message": words, "code": "invalid_api_key", "odd": 1}});
    let script = Script::document(401, &error).header("x-request-id", "req_2");
    house.upstream.push(script);
    let reply = program.send(ask(json!({}))).await;
    assert_eq!((reply.status.as_u16(), reply.header("x-request-id")), (401, "req_2"));
    let body: Value = reply.json();
    assert_eq!(body["error"]["odd"], 1);
    assert_eq!(body["error"]["message"], "Incorrect API key provided: [redacted].");
    assert_eq!(settled(&house).await.status, "failed");

    for (question, status, header) in [("429", 429, "7"), ("503", 503, "3"), ("html", 502, "")] {
        // The key was set aside for what was said before.
        assert!(house.chat.use_key_again("scripted", 0));
        let body = json!({"model": "small", "messages": [{"role": "user", "content": question}]});
        let reply = program.send(json("/v1/chat/completions", &body)).await;
        assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (status, header));
        assert_eq!(settled(&house).await.status, "failed");
    }
    let redirect = json!({"model": "small", "messages": [{"role": "user", "content": "redirect"}]});
    let reply = program.send(json("/v1/chat/completions", &redirect)).await;
    assert_error(&reply, 502, "upstream_failed");
    assert_eq!(reply.header("location"), "");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_as_openai_does() {
    let house = House::locked().await;
    let program = house.program(&["relay"]).await;
    let check = async |request: Request, status: u16, code: &str| {
        let reply = program.send(request).await;
        assert_error(&reply, status, code)
    };
    let raw = |text: String| request(Method::POST, "/v1/chat/completions", Body::from(text));
    check(raw("{".to_owned()), 400, "invalid_json").await;
    check(raw("x".repeat(MAX_RELAY_BYTES + 1)), 413, "request_too_large").await;
    check(json("/v1/moderations", &json!({})), 404, "unknown_url").await;
    check(request(Method::GET, "/v1/models/nothing", Body::empty()), 404, "model_not_found").await;
    for (header, code) in [
        ("x-inglenook-provider", "unknown_provider"),
        ("end_point", "unknown_end_point"),
        ("proxy_url", "unknown_proxy"),
        ("x-upstream-key", "upstream_key_refused"),
    ] {
        let words = check(with(ask(json!({})), header, "http://169.254.169.254/"), 400, code).await;
        assert!(words.starts_with(header), "{words}");
    }
    assert!(house.upstream.requests().is_empty());
    assert_eq!(house.chat.ledger(9).await.unwrap(), []);

    let visitor = house.visitor();
    let check = async |token: &str, status: u16, code: &str| {
        let reply = visitor.send(with(ask(json!({})), "authorization", token)).await;
        assert_error(&reply, status, code);
        reply.header("www-authenticate").to_owned()
    };
    assert_eq!(check("", 401, "missing_api_key").await, "Bearer");
    check("Bearer sk-1", 401, "invalid_api_key").await;
    check(&format!("Bearer ink_{}", "a".repeat(43)), 401, "invalid_api_key").await;
    let reader = house.program(&["read"]).await.token;
    check(&format!("Bearer {reader}"), 403, "insufficient_scope").await;
}

#[tokio::test]
async fn a_provider_is_named_by_its_model_or_by_headers() {
    let house = House::locked_for_own_keys().await;
    let program = house.program(&["relay"]).await;
    let base_url = house.upstream.base_url();
    let check = async |model: &str, headers: &[(&str, &str)], expected: &str| {
        let request =
            headers.iter().fold(ask(json!({"model": model})), |request, (name, value)| {
                with(request, name, value)
            });
        house.upstream.push(Script::new().delta("a").end());
        let reply = program.send(request).await;
        assert_eq!(reply.status, 200, "{model}: {}", reply.text);
        let row = settled(&house).await;
        assert_eq!(format!("{}/{}", row.provider, row.model), expected);
        house.upstream.requests().last().unwrap().clone()
    };
    let own_key = ("x-upstream-key", KEY);
    let sent = check("scripted/small", &[], "scripted/small").await;
    assert_eq!(sent.body["model"], "small");
    check("small", &[("end_point", &format!("{base_url}/"))], "scripted/small").await;
    check("large", &[own_key], "own/large").await;
    let named = [("x-inglenook-provider", BRING_YOUR_OWN), own_key];
    let sent = check("scripted/small", &named, "own/scripted/small").await;
    assert_eq!(sent.body["model"], "scripted/small");
    for header in ["x-upstream-key", "x-inglenook-provider", "end_point"] {
        assert!(!sent.headers.contains_key(header), "{header} is no business of the upstream");
    }
    let reply = program.send(ask(json!({"model": "large"}))).await;
    assert_error(&reply, 401, "upstream_key_needed");
    // The client's key, and not ours, is what the other provider gets.
    let other = with(ask(json!({"model": "large"})), "x-upstream-key", "sk-of-the-client");
    let reply = program.send(other).await;
    assert_eq!(reply.status, 401);
    let sent = house.upstream.requests().last().unwrap().headers["authorization"].clone();
    assert_eq!(sent, "Bearer sk-of-the-client");
}

#[tokio::test]
async fn other_addresses_are_passed_on_with_their_counts() {
    let house = House::open().await;
    let user = house.local_user();
    let usage = json!({"prompt_tokens": 8, "total_tokens": 8});
    let answer = json!({"object": "list", "data": [], "usage": usage});
    house.upstream.push(Script::document(200, &answer));
    let body = json!({"model": "scripted/text-embedding-3-small", "input": "a", "stream": true});
    let reply = user.send(json("/v1/embeddings", &body)).await;
    assert_eq!(reply.json::<Value>(), answer);
    let sent = &house.upstream.requests()[0];
    assert_eq!(
        (sent.path.as_str(), &sent.body["model"]),
        ("/v1/embeddings", &json!("text-embedding-3-small"))
    );
    assert!(sent.body.get("stream_options").is_none());
    let row = settled(&house).await;
    assert_eq!((row.usage.prompt_tokens, row.status.as_str()), (Some(8), "finished"));

    let speech = [0xff, 0xfb, 0x90, 0x00];
    let script = Script::new().header("content-type", "audio/mpeg").bytes(speech);
    house.upstream.push(script);
    let speak = || json("/v1/audio/speech", &json!({"model": "tts", "input": "a"}));
    let reply = user.send(speak()).await;
    assert_eq!((reply.header("content-type"), &reply.bytes[..]), ("audio/mpeg", &speech[..]));
    assert_eq!(settled(&house).await.status, "finished");

    // Where the length is known, nobody asks whether there is more.
    let script = Script::new().header("content-type", "audio/mpeg").header("content-length", "4");
    house.upstream.push(script.bytes(speech));
    let mut reply = user.open(speak()).await;
    assert_eq!(reply.header("content-length"), "4");
    reply.bytes(4).await;
    drop(reply);
    assert_eq!(settled(&house).await.status, "finished");
}

#[tokio::test]
async fn forms_go_through_but_for_the_name_of_the_provider() {
    let house = House::locked().await;
    let program = house.program(&["relay"]).await;
    let send = async |model: &str, file: usize, has_length: bool| {
        let form = |model: &str| {
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n--b\r\n\
                 Content-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n{}\r\n--b--\r\n",
                "x".repeat(file)
            )
        };
        house.upstream.push(Script::document(200, &json!({"text": "Hello"})));
        let body = form(model);
        let length = body.len().to_string();
        let request = request(Method::POST, "/v1/audio/transcriptions", Body::from(body));
        let request = with(request, "content-type", "multipart/form-data; boundary=b");
        let request = if has_length { with(request, "content-length", &length) } else { request };
        let reply = program.send(request).await;
        (reply, form(model.trim_start_matches("scripted/")))
    };
    for (model, file, has_length) in [
        ("whisper-1", 10, true),
        ("scripted/whisper-1", 100_000, true),
        ("whisper-1", 100_000, false),
    ] {
        let (reply, expected) = send(model, file, has_length).await;
        assert_eq!(reply.text, "{\"text\":\"Hello\"}");
        let sent = house.upstream.requests().last().unwrap().clone();
        assert!(sent.body == Value::String(expected), "{model} {file}");
        assert_eq!(sent.headers.contains_key("content-length"), has_length);
        assert_eq!(settled(&house).await.model, "whisper-1");
    }
    let (reply, _) = send("whisper-1", MAX_RELAY_BYTES, true).await;
    assert_error(&reply, 413, "request_too_large");
}

#[tokio::test]
async fn models_are_listed_by_name_and_with_their_provider() {
    let house = House::locked_for_own_keys().await;
    let reader = house.program(&["read"]).await;
    let get = async |path: &str| reader.send(request(Method::GET, path, Body::empty())).await;
    let list: Value = get("/v1/models").await.json();
    let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(|m| m["id"].clone()).collect();
    assert_eq!(ids, ["small", "large", "scripted/small", "own/large"]);
    let expected = json!({"id": "own/large", "object": "model", "created": 0, "owned_by": "own"});
    assert_eq!(get("/v1/models/own/large").await.json::<Value>(), expected);
    assert_eq!(get("/v1/models/own%2Flarge").await.json::<Value>(), expected);
}

#[tokio::test]
async fn only_so_many_calls_are_open_at_once() {
    let most = 4;
    let house = House::open_changed(|settings| settings.limits.max_relay_calls = most).await;
    let user = house.local_user();
    let mut streams = Vec::new();
    for _ in 0..most {
        house.upstream.push(Script::new().delta("a").stall());
        streams.push(user.open(ask(json!({"stream": true}))).await);
    }
    let reply = user.send(ask(json!({}))).await;
    assert_error(&reply, 429, "too_many_requests");
    assert_eq!(reply.header("retry-after"), "1");
    drop(streams);
    settled(&house).await;
}

#[tokio::test]
async fn a_limit_is_told_with_when_there_is_room_again() {
    let house = House::open_changed(|settings| {
        let requests_per_minute = Some(1);
        let allowance = chat::Allowance { requests_per_minute, ..chat::Allowance::default() };
        settings.rules = vec![chat::limits::Rule { allowance, ..chat::limits::Rule::default() }];
    })
    .await;
    house.upstream.push(Script::document(200, &json!({"choices": []})));
    assert_eq!(house.local_user().send(ask(json!({}))).await.status, 200);
    let refused = house.local_user().send(ask(json!({}))).await;
    let words = assert_error(&refused, 429, "limit_reached");
    assert!(words.starts_with("at most 1 request a minute"), "{words}");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}
