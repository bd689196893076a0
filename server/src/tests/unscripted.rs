//! Answers that are streamed into the page for browsers without scripts.

use app::{CONTINUES_HERE, PageRequest, load_page};
use axum::{body::Body, response::Response};
use scripted_upstream::Script;

use super::{
    actors::{Actor, data, events, form, page, with},
    house::House,
    html::{Document, assert_harmless},
    reply::Opened,
};
use crate::continued::{answer_to_stream, stream_into};

#[tokio::test]
async fn an_answer_comes_before_it_has_ended() {
    let house = House::open().await;
    let user = house.local_user();
    let script = Script::new().delta("A first paragraph.\n\nA *second").pause(50).delta("* one");
    let asked = user.ask("Begin.", script.stall()).await;
    let mut stream = user.open(page(&format!("/c/{}?stream", asked.conversation))).await;
    assert_eq!(stream.status, 200);
    assert_eq!(stream.header("x-accel-buffering"), "no");
    assert_eq!(stream.header("content-length"), "");
    stream.until("A first paragraph.").await;
    stream.until("A <em>second</em> one").await;
    let health: serde_json::Value = user.visit("/health").await.json();
    assert_eq!(health["open_answers"], 1, "the answer is still being written");

    user.send(form("/rpc/stop", &[("answer", &asked.answer.to_string())])).await;
    let reply = stream.whole().await;
    assert!(reply.text.contains("</html>"), "{}", reply.text);
    assert!(!reply.text.contains(CONTINUES_HERE), "{}", reply.text);
    let document = assert_harmless(&reply);
    let on = format!("/c/{}", asked.conversation);
    assert!(document.all("a").any(|link| link.get("href") == on), "a way to the buttons");
}

#[tokio::test]
async fn the_whole_answer_stands_there_at_the_end() {
    let house = House::open().await;
    let user = house.local_user();
    let text = "# A title\n\nSome *words* and a list:\n\n- one\n- two\n\nThe **end**.";
    let asked = user.ask("Tell me.", Script::new().pause(100).words(text, 20).end()).await;
    let address = format!("/c/{}?stream", asked.conversation);
    let streamed = user.visit(&address).await;
    let document = assert_harmless(&streamed);
    assert!(document.text.contains("Tell me."), "{}", document.text);
    // The style sheet hides all but the last of the blocks that were sent while they grew.
    for html in ["A title</h1>", "<em>words</em>", "<strong>end</strong>."] {
        assert!(streamed.text.contains(html), "{html} in {}", streamed.text);
    }
    let stored = user.send(data("/rpc/markdown", &[("answer", &asked.answer.to_string())])).await;
    assert_eq!(stored.json::<String>(), text);
}

/// Takes the steps of the route one by one, because no request can be made to arrive between them.
#[tokio::test]
async fn an_answer_that_ends_while_the_page_is_made_is_whole_too() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.ask("Begin.", Script::new().delta("A *beginning").stall()).await;
    user.open(events(asked.answer, "")).await.until("beginning").await;
    let request = PageRequest {
        conversation: Some(asked.conversation),
        streams: true,
        ..PageRequest::default()
    };
    let seen =
        answer_to_stream(&load_page(&house.chat, &house.renderer, request).await.unwrap()).unwrap();

    let answer = asked.answer.to_string();
    user.send(form("/rpc/stop", &[("answer", &answer)])).await;
    house.upstream.push(Script::new().delta("* and an end.").end());
    user.send(form("/rpc/continue", &[("answer", &answer)])).await;
    user.hear(asked.answer).await;

    let page = Response::new(Body::from(format!("<p>{CONTINUES_HERE}</p>")));
    let reply = Opened::new(stream_into(page, &house.chat, seen).await).whole().await;
    assert!(reply.text.contains("A <em>beginning</em> and an end."), "{}", reply.text);
}

#[tokio::test]
async fn browsers_with_scripts_are_led_to_the_living_page() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.ask("Begin.", Script::new().delta("A beginning").stall()).await;
    let address = format!("/c/{}", asked.conversation);
    let mut stream = user.open(page(&format!("{address}?stream"))).await;
    let before = stream.until("A beginning").await;
    let head = before.split_once("</head>").unwrap().0;
    assert!(head.contains(&format!("location.replace('{address}')")), "{head}");
    assert!(!head.contains("hydrate"), "{head}");
}

#[tokio::test]
async fn a_finished_answer_is_shown_as_on_any_page() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Hello", Script::new().delta("Hi *there*.").end()).await;
    let address = format!("/c/{}?stream", asked.conversation);
    let reply = user.send(with(page(&address), "accept-encoding", "gzip")).await;
    assert_eq!(reply.header("content-encoding"), "gzip", "it is not streamed");
    let reply = user.visit(&address).await;
    assert!(reply.text.contains("Hi <em>there</em>."), "{}", reply.text);
    assert!(!reply.text.contains("location.replace"), "{}", reply.text);
    assert!(!reply.text.contains(CONTINUES_HERE), "{}", reply.text);
    let document = Document::parse(&reply.text);
    assert!(document.all("form").any(|form| form.get("action") == "/rpc/retry"));
}
