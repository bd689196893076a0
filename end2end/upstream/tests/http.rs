//! The upstream as its clients see it, over a plain connection.

use std::time::Duration;

use scripted_upstream::{Ending, Script, Settings, Upstream};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

async fn send(
    upstream: &Upstream,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> TcpStream {
    let base_url = upstream.base_url();
    let address = base_url.trim_start_matches("http://").trim_end_matches("/v1");
    let mut connection = TcpStream::connect(address).await.expect("it listens");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\
         {headers}\r\n{body}"
    );
    connection.write_all(request.as_bytes()).await.expect("it reads");
    connection
}

async fn ask(upstream: &Upstream, headers: &str, body: &Value) -> String {
    let path = "/v1/chat/completions";
    read(send(upstream, "POST", path, headers, &body.to_string()).await).await
}

/// All that comes until the connection is closed or cut.
async fn read(mut connection: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn question(text: &str, stream: bool) -> Value {
    json!({"model": "m", "stream": stream, "messages": [{"role": "user", "content": text}]})
}

#[tokio::test]
async fn pushed_scripts_come_before_chosen_ones() {
    let upstream = Upstream::start().await;
    upstream.push(Script::new().delta("pushed").done());
    assert!(ask(&upstream, "", &question("say hello", true)).await.contains("pushed"));
    assert!(ask(&upstream, "", &question("say hello", true)).await.contains("Hello! "));
    assert!(ask(&upstream, "", &question("Why?", true)).await.contains("**1** "));
}

#[tokio::test]
async fn a_request_for_no_stream_gets_a_document() {
    let upstream = Upstream::start().await;
    let answer = ask(&upstream, "", &question("say hello", false)).await;
    assert!(answer.contains("content-type: application/json"), "{answer}");
    assert!(answer.contains(r#""content":"Hello! How can I help?""#), "{answer}");
}

#[tokio::test]
async fn a_cut_loses_nothing_that_was_sent_before() {
    let upstream = Upstream::start().await;
    upstream.push(Script::new().delta("a").raw("data: {\"cho").cut());
    let answer = ask(&upstream, "", &question("?", true)).await;
    assert!(answer.contains(r#"{"content":"a"}"#) && answer.contains("data: {\"cho"), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "the body has no proper end: {answer}");
}

#[tokio::test]
async fn a_key_is_required_where_it_is_set() {
    let settings = Settings { require_key: Some("sk-1".to_owned()), ..Settings::default() };
    let upstream = Upstream::start_with(settings).await.expect("a port is free");
    let refused = ask(&upstream, "authorization: Bearer sk-2\r\n", &question("?", true)).await;
    assert!(
        refused.starts_with("HTTP/1.1 401") && refused.contains("invalid_api_key"),
        "{refused}"
    );
    let answered = ask(&upstream, "authorization: Bearer sk-1\r\n", &question("?", true)).await;
    assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
}

#[tokio::test]
async fn the_record_tells_what_came_and_how_it_ended() {
    let upstream = Upstream::start().await;
    ask(&upstream, "x-test: 1\r\n", &question("say hello", true)).await;
    let body = question("stall", true).to_string();
    let stalled = send(&upstream, "POST", "/v1/chat/completions", "", &body).await;
    assert_eq!(upstream.wait_request(1).await.ending, Ending::Open);
    drop(stalled);
    timeout(Duration::from_secs(1), upstream.wait_closed(1)).await.expect("it sees the end");

    let answer = read(send(&upstream, "GET", "/record", "", "").await).await;
    let record: Value = serde_json::from_str(answer.split_once("\r\n\r\n").expect("a head").1)
        .expect("the record is JSON");
    assert_eq!(record[0]["headers"]["x-test"], "1");
    assert_eq!(record[0]["body"]["messages"][0]["content"], "say hello");
    assert_eq!((&record[0]["ending"], &record[1]["ending"]), (&json!("played"), &json!("closed")));
}

#[tokio::test]
async fn once_dropped_it_is_gone() {
    let upstream = Upstream::start().await;
    let body = question("stall", true).to_string();
    let stalled = send(&upstream, "POST", "/v1/chat/completions", "", &body).await;
    upstream.wait_request(0).await;
    let base_url = upstream.base_url();
    drop(upstream);
    timeout(Duration::from_secs(1), read(stalled)).await.expect("the connection is cut");
    let address = base_url.trim_start_matches("http://").trim_end_matches("/v1");
    TcpStream::connect(address).await.expect_err("nothing listens");
}

#[tokio::test]
async fn other_dialects_play_the_same_scripts() {
    let upstream = Upstream::start().await;
    let body = question("say hello", true).to_string();
    let answer = read(send(&upstream, "POST", "/v1/messages", "", &body).await).await;
    for event in ["message_start", "content_block_delta", "message_stop"] {
        assert!(answer.contains(&format!("event: {event}\ndata: {{")), "{event}: {answer}");
    }
    let input = json!([{"role": "user", "content": "say hello"}]);
    let body = json!({"model": "m", "stream": true, "background": true, "input": input});
    let path = "/v1/responses";
    let answer = read(send(&upstream, "POST", path, "", &body.to_string()).await).await;
    assert!(
        answer.contains("\"id\":\"resp_scripted_1\"") && answer.contains("Hello! "),
        "{answer}"
    );

    let rest = "/v1/responses/resp_scripted_1?stream=true&starting_after=3";
    let rest = read(send(&upstream, "GET", rest, "", "").await).await;
    assert!(!rest.contains("Hello! ") && rest.contains("\"sequence_number\":4"), "{rest}");
    for expected in ["200", "404"] {
        let path = "/v1/responses/resp_scripted_1/cancel";
        let cancelled = read(send(&upstream, "POST", path, "", "").await).await;
        assert!(cancelled.starts_with(&format!("HTTP/1.1 {expected}")), "{cancelled}");
    }
}
