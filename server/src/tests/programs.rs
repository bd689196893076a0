//! Which programs are let in, and which pages of other sites.

use axum::{body::Body, http::Method};
use chat::{NewToken, Scope};
use scripted_upstream::Script;
use serde_json::json;

use super::{
    actors::{Actor, Program, form, page, request, with},
    house::{House, OTHER_SITE},
    relay::{ask, assert_error},
};

#[tokio::test]
async fn tokens_end_when_they_are_revoked() {
    let house = House::locked().await;
    let program = house.program(&["relay", "read"]).await;
    let list = || request(Method::GET, "/v1/models", Body::empty());
    assert_eq!(program.send(list()).await.status, 200);
    let anthropic = with(list(), "x-api-key", &program.token);
    assert_eq!(
        house.visitor().send(anthropic).await.status,
        200,
        "where Anthropic's clients put it"
    );
    let [kept] = &house.chat.tokens().await.unwrap()[..] else { panic!("there is one") };
    assert!(kept.last_used_at.is_some() && program.token.ends_with(&kept.ending));
    let id = kept.id.number();
    let revoke = form(&format!("/tokens/{id}/revoke"), &[]);
    assert_eq!(house.owner().await.send(revoke).await.location(), "/tokens");
    assert_error(&program.send(list()).await, 401, "invalid_api_key");
    let page = house.owner().await.visit("/tokens").await;
    assert!(page.text.contains("Revoked") && !page.text.contains(&program.token));
}

#[tokio::test]
async fn tokens_end_when_their_time_is_over() {
    let house = House::locked().await;
    let token = |days| NewToken {
        name: "script".to_owned(),
        scopes: vec![Scope::Relay, Scope::Read],
        days,
        ..NewToken::default()
    };
    for (days, is_open) in [(Some(1), true), (None, true), (Some(0), false)] {
        let token = house.chat.add_token(&token(days)).await.unwrap().expose().to_owned();
        let program = Program { house: &house, token };
        for path in ["/v1/models", "/metrics"] {
            let reply = program.send(request(Method::GET, path, Body::empty())).await;
            assert_eq!(reply.status, if is_open { 200 } else { 401 }, "{days:?} {path}");
        }
    }
}

#[tokio::test]
async fn only_the_named_site_may_read_in_a_browser() {
    let house = House::locked().await;
    let program = house.program(&["relay"]).await;
    let preflight = async |origin: &str| {
        let request = request(Method::OPTIONS, "/v1/chat/completions", Body::empty());
        let request = with(request, "origin", origin);
        let request = with(request, "access-control-request-method", "POST");
        let headers = "authorization,content-type,x-stainless-os";
        let reply =
            house.visitor().send(with(request, "access-control-request-headers", headers)).await;
        assert_eq!(reply.header("access-control-allow-credentials"), "");
        (reply.status.as_u16(), reply.header("access-control-allow-origin").to_owned())
    };
    assert_eq!(preflight(OTHER_SITE).await, (200, OTHER_SITE.to_owned()));
    assert_eq!(preflight("https://evil.example").await.1, "");
    house.upstream.push(Script::new().delta("a").end());
    let asked = with(with(ask(json!({})), "origin", OTHER_SITE), "sec-fetch-site", "cross-site");
    let reply = program.send(asked).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("access-control-allow-origin")),
        (200, OTHER_SITE)
    );
    let page = with(page("/login"), "origin", OTHER_SITE);
    let reply = house.visitor().send(page).await;
    assert_eq!(reply.header("access-control-allow-origin"), "", "only below /v1");
}

#[tokio::test]
async fn without_a_password_other_sites_still_need_a_token() {
    let house = House::open().await;
    let user = house.local_user();
    let program = house.program(&["relay"]).await;
    for (name, value, cross) in [
        ("origin", "https://evil.example", true),
        ("origin", OTHER_SITE, true),
        ("origin", "null", true),
        ("sec-fetch-site", "cross-site", true),
        ("sec-fetch-site", "same-site", true),
        ("origin", "http://localhost:3000", false),
        ("sec-fetch-site", "same-origin", false),
        ("authorization", "Bearer sk-anything", false),
    ] {
        house.upstream.push(Script::new().delta("a").end());
        let reply = user.send(with(ask(json!({})), name, value)).await;
        match cross {
            true => drop(assert_error(&reply, 403, "cross_site")),
            false => assert_eq!(reply.status, 200, "{name}: {value} {}", reply.text),
        }
        if name != "authorization" {
            let reply = program.send(with(ask(json!({})), name, value)).await;
            assert_eq!(reply.status, 200, "{name}: {value}");
        }
    }
    let forged = with(ask(json!({})), "authorization", &format!("Bearer ink_{}", "a".repeat(43)));
    assert_error(&user.send(forged).await, 401, "invalid_api_key");
}
