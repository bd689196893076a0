//! `GET /health`, and the headers that every response carries.

use scripted_upstream::Script;
use serde_json::Value;

use super::{
    actors::{Actor, data, page},
    house::{House, KEY},
};

#[tokio::test]
async fn health_is_told_to_anyone_as_json() {
    let house = House::locked().await;
    let health = house.visitor().visit("/health").await;
    assert_eq!(health.status, 200);
    assert_eq!(health.header("content-type"), "application/json");
    let said: Value = health.json();
    assert_eq!(said["status"], "ok");
    assert_eq!(said["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(said["open_answers"], 0);

    house.owner().await.ask("Are you there?", Script::never()).await;
    let said: Value = house.visitor().visit("/health").await.json();
    assert_eq!(said["open_answers"], 1);
}

#[tokio::test]
async fn every_response_makes_browsers_careful() {
    let house = House::open().await;
    let user = house.local_user();
    for request in [
        page("/"),
        page("/nowhere"),
        page("/health"),
        page("/pkg/nothing.js"),
        page("/login"),
        data("/rpc/more", &[]),
        data("/rpc/nothing", &[]),
    ] {
        let address = request.uri().clone();
        let reply = user.send(request).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{address}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{address}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{address}");
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{address}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{address}: {policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    }
}

#[tokio::test]
async fn an_upstream_that_repeats_the_key_tells_nobody() {
    let house = House::open().await;
    let user = house.local_user();
    let words = format!("Incorrect API key provided: {KEY}.");
    let error = serde_json::json!({"error": {"message": words, "code": "invalid_api_key"}});
    // Every response is searched for the key as it is read.
    let asked = user.have_answered("Hello", Script::document(401, &error)).await;
    let shown = user.visit(&format!("/c/{}", asked.conversation)).await;
    assert!(shown.text.contains("was not accepted"), "{}", shown.text);
    let sent = &house.upstream.requests()[0].headers["authorization"];
    assert_eq!(sent, &format!("Bearer {KEY}"));
}
