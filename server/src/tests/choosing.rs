//! The virtual model `auto` on the page.

use chat::auto::{Auto, Likeness, Rule};
use scripted_upstream::Script;

use super::{actors::Actor, house::House};

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
