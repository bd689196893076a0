//! A person's stop: at any moment, at once, and up to the upstream's end of the connection.

use chat::StopOutcome;
use protocol::{AnswerStatus, FailureKind, MessageId};
use scripted_upstream::Ending;

use super::*;

/// Stops an answer once the reader has this content, and looks at everything that remains of it.
async fn check(script: Script, content: &str) {
    let house = House::open().await;
    let asked = house.ask(script).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    house.scripted.wait_request(0).await;
    let mut heard = hear_content(&mut follower, content).await;

    let outcome = within(house.chat.stop(asked.answer)).await.unwrap();
    assert_eq!(outcome, StopOutcome::Stopped);
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(message.content, content, "it is stored when the stop returns");
    assert_eq!(answer.status, AnswerStatus::Stopped);
    within(house.scripted.wait_closed(0)).await;

    let (sequence, end) = within(follower.next()).await.unwrap();
    heard.note(sequence, end);
    assert_eq!(*heard.end(), answer.end());
    assert!(within(follower.next()).await.is_none());
    assert_eq!(house.ledger().await[0].status, "stopped");
    assert_eq!(house.chat.stop(asked.answer).await.unwrap(), StopOutcome::AlreadyEnded);
    assert_eq!(house.chat.open_answers(), 0);
}

#[tokio::test]
async fn before_the_head_of_the_response() {
    check(Script::never(), "").await;
}

#[tokio::test]
async fn before_the_first_token() {
    check(Script::new().comment("working on it").stall(), "").await;
}

#[tokio::test]
async fn in_the_middle() {
    check(Script::new().delta("some ").delta("words").stall(), "some words").await;
}

#[tokio::test]
async fn in_a_flood_that_nobody_reads() {
    let house = House::open().await;
    let flood = (0..100_000).fold(Script::new(), |script, n| script.delta(format!("word{n} ")));
    let asked = house.ask(flood.end()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    let first = within(follower.next()).await.unwrap();
    within(house.chat.stop(asked.answer)).await.unwrap();

    let mut heard = Heard::default();
    heard.note(first.0, first.1);
    let rest = hear(follower).await;
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(message.content, heard.text.content + &rest.text.content);
    assert_eq!(answer.status, AnswerStatus::Stopped);
    assert_eq!(within(house.scripted.wait_ended(0)).await.ending, Ending::Closed);
}

#[tokio::test]
async fn while_the_model_is_looked_for() {
    // The provider accepts connections and never says which models it has.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let scripted = Scripted::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path(), &scripted);
    settings.providers[0].models.clear();
    settings.providers[0].base_url =
        format!("http://{}/v1", silent.local_addr().unwrap()).parse().unwrap();
    let chat = Chat::open(settings).await.unwrap();
    let asked = chat.ask(question("What is it?")).await.unwrap();
    assert_eq!(within(chat.stop(asked.answer)).await.unwrap(), StopOutcome::Stopped);
    let heard = hear(chat.follow(asked.answer, 0).await.unwrap().unwrap()).await;
    assert_eq!(heard.end().status, AnswerStatus::Stopped);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_stopped() {
    let house = House::open().await;
    let asked = house.ask(Script::new().cut()).await;
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.end().failure.as_ref().unwrap().kind, FailureKind::CutOff);
    for (id, expected) in [
        (asked.answer, StopOutcome::AlreadyEnded),
        (asked.question, StopOutcome::NotFound),
        (MessageId(uuid::Uuid::nil()), StopOutcome::NotFound),
    ] {
        assert_eq!(house.chat.stop(id).await.unwrap(), expected, "{id}");
    }
}
