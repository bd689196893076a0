//! The virtual model `auto`, on the page and for programs.

use axum::{body::Body, http::Method};
use chat::auto::{Auto, Likeness, Rule};
use chat::upstream::Dialect;
use scripted_upstream::Script;
use serde_json::{Value, json};

use super::{
    actors::{Actor, request},
    house::House,
    relay::{ask, assert_error},
};

async fn house() -> House {
    House::open_changed(|settings| {
        let rule = Rule {
            model: "scripted/small".to_owned(),
            has_images: None,
            min_tokens: None,
            language: None,
            looks_like: Some(Likeness::Code),
            pattern: None,
        };
        let default = "scripted/small".to_owned();
        settings.auto = Some(Auto { rules: vec![rule], default, classifier: None });
    })
    .await
}

#[tokio::test]
async fn it_is_the_first_choice_wherever_a_model_is_picked() {
    let house = house().await;
    let user = house.local_user();
    for address in ["/", "/personas"] {
        let text = user.visit(address).await.text;
        let auto = text.find("value=\"auto\"").unwrap_or_else(|| panic!("{address}: {text}"));
        let other = text.find("value=\"scripted/small\"").unwrap();
        assert!(auto < other, "{address}");
    }
    let plain = House::open().await;
    let reply = plain.local_user().visit("/").await;
    assert!(!reply.text.contains("value=\"auto\""));
}

#[tokio::test]
async fn the_page_of_what_was_sent_says_how_the_model_was_chosen() {
    let house = house().await;
    let user = house.local_user();
    let question = chat::Ask {
        model: Some("auto"),
        ..chat::Ask::new(chat::Place::New { temporary: false }, "```\nx\n```")
    };
    house.upstream.push(Script::new().delta("Hi.").end());
    let asked = house.chat.ask(question).await.unwrap();
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    while follower.next().await.is_some() {}
    let text = user.visit(&format!("/inspect/{}", asked.answer)).await.text;
    assert!(text.contains("authorization: Bearer ••••••"), "{text}");
    assert!(text.contains("looks_like = "), "{text}");
}

#[tokio::test]
async fn programs_find_it_before_all_models_and_may_ask_it() {
    let house = house().await;
    let user = house.local_user();
    let list: Value = user.send(request(Method::GET, "/v1/models", Body::empty())).await.json();
    assert_eq!(list["data"][0]["id"], "auto", "{list}");
    house.upstream.push(Script::new().delta("Hi.").end());
    let reply = user.send(ask(json!({"model": "auto"}))).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(house.upstream.requests()[0].body["model"], "small");
}

#[tokio::test]
async fn a_provider_that_reads_another_dialect_is_not_asked() {
    let house = House::open_changed(|settings| {
        settings.providers[0].dialect = Dialect::Anthropic;
    });
    let house = house.await;
    let reply = house.local_user().send(ask(json!({}))).await;
    let words = assert_error(&reply, 400, "other_dialect");
    assert!(words.contains("/v1/messages"), "{words}");
    assert!(house.upstream.requests().is_empty());
}
