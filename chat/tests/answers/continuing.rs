//! Answers that were interrupted, stopped or cut go on, and others are tried again.

use chat::{AskError, ContinueError};
use futures_util::future::join_all;
use protocol::{AnswerStatus, FailureKind};

use super::*;

#[tokio::test]
async fn the_end_of_the_server_interrupts_and_continue_goes_on() {
    let mut house = House::open().await;
    let asked = house.ask(Script::new().delta("It is ").stall()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    let before = hear_content(&mut follower, "It is ").await;

    house.restart().await;
    within(house.scripted.wait_closed(0)).await;
    let told = hear(follower).await;
    assert_eq!(told.end().status, AnswerStatus::Interrupted, "readers are told before the end");
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!((message.content.as_str(), answer.status), ("It is ", AnswerStatus::Interrupted));
    assert_eq!(house.ledger().await[0].status, "interrupted");

    house.scripted.push(Script::new().delta("this.").stall());
    let continued = house.chat.continue_answer(asked.answer).await.unwrap();
    assert_eq!(continued.conversation, asked.conversation);
    assert_eq!(continued.sequence, before.cursor, "it counts on");
    // The first reader has what came before, the second nothing, the third a cursor from nowhere.
    for (after, content, snapshots) in
        [(before.cursor, "this.", 0), (0, "It is this.", 1), (77, "It is this.", 1)]
    {
        let mut follower = house.chat.follow(asked.answer, after).await.unwrap().unwrap();
        let heard = hear_content(&mut follower, content).await;
        assert_eq!(heard.snapshots, snapshots, "after {after}");
        assert!(heard.cursor > before.cursor, "the sequence grows on");
    }
    house.chat.stop(asked.answer).await.unwrap();
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(message.id, asked.answer, "it is the same message");
    assert_eq!((message.content.as_str(), answer.status), ("It is this.", AnswerStatus::Stopped));
    let statuses: Vec<_> = house.ledger().await.into_iter().map(|row| row.status).collect();
    assert_eq!(statuses, ["interrupted", "stopped"], "each call has its row");
}

#[tokio::test]
async fn a_reader_of_an_ended_answer_gets_what_it_lacks() {
    let house = House::open().await;
    let asked = house.ask(Script::new().delta("It is this.").end()).await;
    let last = house.hear(asked.answer).await.cursor;
    for (after, content, snapshots) in
        [(0, "It is this.", 1), (last, "", 0), (77, "It is this.", 1)]
    {
        let heard = house.hear_after(asked.answer, after).await;
        assert_eq!((heard.text.content.as_str(), heard.snapshots), (content, snapshots), "{after}");
        assert_eq!((heard.cursor, heard.end().status), (last, AnswerStatus::Finished));
    }
}

#[tokio::test]
async fn the_model_is_told_to_go_on_only_where_something_was_said() {
    let house = House::open().await;
    for (script, roles) in [
        (Script::new().delta("It is ").cut(), vec!["user", "assistant", "user"]),
        (Script::new().cut(), vec!["user"]),
    ] {
        let asked = house.ask(script).await;
        house.hear(asked.answer).await;
        house.scripted.push(Script::new().delta("this.").end());
        house.chat.continue_answer(asked.answer).await.unwrap();
        house.hear(asked.answer).await;
        let request = house.completions().pop().unwrap();
        let sent = request.body["messages"].as_array().unwrap();
        let sent: Vec<_> = sent.iter().map(|message| message["role"].as_str().unwrap()).collect();
        assert_eq!(sent, roles);
        let (_, answer) = house.answer(asked.conversation).await;
        assert_eq!((answer.status, answer.failure), (AnswerStatus::Finished, None));
    }
}

#[tokio::test]
async fn an_answer_is_continued_by_one_at_a_time() {
    let house = House::open().await;
    let asked = house.ask(Script::new().stall()).await;
    house.scripted.wait_request(0).await;
    let open = house.chat.continue_answer(asked.answer).await;
    assert!(matches!(open, Err(ContinueError::StillOpen)), "{open:?}");
    house.chat.stop(asked.answer).await.unwrap();

    // Some of these come while another is being written, others after one has ended.
    const TRIES: usize = 60;
    (0..TRIES).for_each(|n| house.scripted.push(Script::new().delta(format!("{n} ")).end()));
    let outcomes = join_all((0..TRIES).map(|_| async {
        let continued = house.chat.continue_answer(asked.answer).await;
        match continued {
            Ok(continued) => {
                house.hear_after(asked.answer, continued.sequence).await;
                Some(continued.sequence)
            }
            Err(ContinueError::StillOpen) => None,
            Err(error) => panic!("{error}"),
        }
    }))
    .await;
    let mut sequences: Vec<_> = outcomes.into_iter().flatten().collect();
    sequences.sort_unstable();
    let counted: Vec<_> = (0..sequences.len() as Sequence).collect();
    assert_eq!(sequences, counted, "each goes on from the one before");
    let (message, answer) = house.answer(asked.conversation).await;
    let expected: String = (0..sequences.len()).map(|n| format!("{n} ")).collect();
    assert_eq!(message.content, expected);
    assert_eq!(answer.sequence, sequences.len() as Sequence);
}

#[tokio::test]
async fn an_answer_from_before_there_was_a_provider_is_continued_by_the_default() {
    let mut house = House::open_with(|settings| settings.providers.clear()).await;
    let asked = house.chat.ask(question("What is it?")).await.unwrap();
    house.hear(asked.answer).await;
    house.change = |_| {};
    house.restart().await;
    house.scripted.push(Script::new().delta("This.").end());
    house.chat.continue_answer(asked.answer).await.unwrap();
    house.hear(asked.answer).await;
    assert_eq!(house.completions()[0].body["model"], "small");
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!((message.content.as_str(), answer.status), ("This.", AnswerStatus::Finished));
    assert_eq!((answer.provider.as_str(), answer.model.as_str()), ("scripted", "small"));
}

#[tokio::test]
async fn a_retry_makes_a_sibling_that_is_shown() {
    let house = House::open().await;
    let asked = house.ask(Script::new().delta("This.").end()).await;
    house.hear(asked.answer).await;
    house.scripted.push(Script::new().delta("That.").end());
    let again = house.chat.retry(asked.answer, Some("large")).await.unwrap();
    assert_eq!((again.conversation, again.question), (asked.conversation, asked.question));
    assert_ne!(again.answer, asked.answer);
    house.hear(again.answer).await;

    let messages = house.conversation(asked.conversation).await.messages;
    let shown: Vec<_> = messages.iter().map(|message| message.id).collect();
    assert_eq!(shown, [asked.question, again.answer]);
    assert_eq!(messages[1].content, "That.");
    let request = &house.completions()[1];
    assert_eq!(request.body["model"], "large");
    assert_eq!(request.body["messages"].as_array().unwrap().len(), 1, "the question alone");
    let first = house.chat.answer_text(asked.answer).await.unwrap();
    assert_eq!(first.as_deref(), Some("This."), "the first one is kept");
}

#[tokio::test]
async fn only_answers_are_continued_and_only_what_is_there_is_tried_again() {
    let house = House::open().await;
    let asked = house.ask(Script::new().cut()).await;
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.end().failure.as_ref().unwrap().kind, FailureKind::CutOff);
    for id in [asked.question, MessageId(uuid::Uuid::nil())] {
        let continued = house.chat.continue_answer(id).await;
        assert!(matches!(continued, Err(ContinueError::NotFound)), "{continued:?}");
    }
    let again = house.chat.retry(MessageId(uuid::Uuid::nil()), None).await;
    assert!(matches!(again, Err(AskError::NotFound)), "{again:?}");
}
