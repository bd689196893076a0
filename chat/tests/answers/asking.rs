//! What is taken as a question, what is refused, and who is asked.

use chat::AskError;
use futures_util::future::join_all;
use protocol::FailureKind;

use super::*;

#[tokio::test]
async fn what_is_no_question_is_refused_and_leaves_nothing() {
    let house = House::open().await;
    let long = "x".repeat(1_001);
    let nowhere = Place::End(ConversationId(uuid::Uuid::nil()));
    let new = Place::New { temporary: false };
    for (place, text, expected) in [
        (new, "", "there is nothing to send"),
        (new, " \n\t", "there is nothing to send"),
        (new, long.as_str(), "the message has 1001 bytes, and 1000 are allowed"),
        (nowhere, "What?", "there is no such conversation"),
    ] {
        let refused = house.chat.ask(Ask::new(place, text)).await.unwrap_err();
        assert!(refused.to_string().starts_with(expected), "{refused}");
    }
    assert_eq!(house.list().await, []);
    assert_eq!(house.ledger().await, []);
}

#[tokio::test]
async fn texts_come_back_as_they_were() {
    let house = House::open().await;
    for (asked, stored) in [
        ("  indented\n", "  indented"),
        ("a\0b", "a\u{FFFD}b"),
        (
            "\u{FEFF}👩‍👩‍👧 'quoted' \"twice\"; DROP TABLE messages",
            "\u{FEFF}👩‍👩‍👧 'quoted' \"twice\"; DROP TABLE messages",
        ),
    ] {
        house.scripted.push(Script::new().delta("un\0seen").delta(" \0").end());
        let id = house.chat.ask(question(asked)).await.unwrap();
        let heard = house.hear(id.answer).await;
        let conversation = house.conversation(id.conversation).await;
        assert_eq!(conversation.messages[0].content, stored);
        let sent = &house.completions().pop().unwrap().body["messages"][0]["content"];
        assert_eq!(sent, stored);
        assert_eq!(conversation.messages[1].content, "un\0seen \0");
        assert_eq!(heard.text.content, conversation.messages[1].content);
    }
}

#[tokio::test]
async fn no_more_answers_than_allowed_are_written_at_once() {
    let house = House::open_with(|settings| settings.limits.max_open_answers = 3).await;
    (0..20).for_each(|_| house.scripted.push(Script::new().stall()));
    let tries = join_all((0..20).map(|_| house.chat.ask(question("What is it?")))).await;
    let (taken, refused): (Vec<_>, Vec<_>) = tries.into_iter().partition(Result::is_ok);
    assert_eq!(taken.len(), 3);
    for refused in refused {
        assert!(matches!(refused, Err(AskError::Busy { limit: 3 })), "{refused:?}");
    }
    assert_eq!(house.list().await.len(), 3, "nothing else is stored");

    let first = taken[0].as_ref().unwrap();
    let again = house.chat.retry(first.answer, None).await;
    assert!(matches!(again, Err(AskError::Busy { limit: 3 })), "{again:?}");
    house.chat.stop(first.answer).await.unwrap();
    house.chat.retry(first.answer, None).await.unwrap();
}

#[tokio::test]
async fn a_model_is_asked_for_by_name_or_by_provider() {
    let house = House::open().await;
    for (wanted, asked_for) in [
        (None, "small"),
        (Some(""), "small"),
        (Some("large"), "large"),
        (Some("scripted/large"), "large"),
        (Some("scripted/vendor/unlisted"), "vendor/unlisted"),
        (Some("vendor/unlisted"), "vendor/unlisted"),
    ] {
        house.scripted.push(Script::new().delta("This.").end());
        let ask = Ask { model: wanted, ..question("What is it?") };
        let asked = house.chat.ask(ask).await.unwrap();
        house.hear(asked.answer).await;
        assert_eq!(house.completions().pop().unwrap().body["model"], asked_for, "{wanted:?}");
        assert_eq!(house.ledger().await.pop().unwrap().model, asked_for, "{wanted:?}");
    }
}

#[tokio::test]
async fn where_no_model_is_configured_the_provider_is_asked_for_its_list() {
    let scripted = Scripted::start_with(scripted_upstream::Settings {
        models: ["text-embedding-3", "first", "second"].map(str::to_owned).to_vec(),
        ..scripted_upstream::Settings::default()
    });
    let scripted = scripted.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let chat = open_chat(folder.path(), &scripted, |all| all.providers[0].models.clear()).await;
    scripted.push(Script::new().delta("This.").end());
    // At once, so that the list may not have come.
    let asked = chat.ask(question("What is it?")).await.unwrap();
    let heard = hear(chat.follow(asked.answer, 0).await.unwrap().unwrap()).await;
    assert_eq!(heard.end().model, "first");
    let row = chat.ledger(1).await.unwrap().pop().unwrap();
    assert_eq!((row.model.as_str(), row.answer), ("first", Some(asked.answer)));
    assert_eq!(chat.default_model().as_deref(), Some("scripted/first"));
    assert_eq!(chat.models()[0].names().collect::<Vec<_>>(), ["first", "second"]);
}

#[tokio::test]
async fn a_provider_without_a_model_for_chat_fails_in_words() {
    let scripted = Scripted::start_with(scripted_upstream::Settings {
        models: vec!["text-embedding-3".to_owned()],
        ..scripted_upstream::Settings::default()
    });
    let scripted = scripted.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let chat = open_chat(folder.path(), &scripted, |all| all.providers[0].models.clear()).await;
    let asked = chat.ask(question("What is it?")).await.unwrap();
    let heard = hear(chat.follow(asked.answer, 0).await.unwrap().unwrap()).await;
    assert_eq!(heard.end().failure.as_ref().unwrap().kind, FailureKind::ModelNotFound);
}
