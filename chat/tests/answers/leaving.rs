//! Whoever leaves, at whatever moment, changes nothing: answers belong to the server.

use std::{future::poll_fn, pin::pin, task::Poll};

use chat::ContinueError;
use protocol::AnswerStatus;

use super::*;

#[tokio::test]
async fn a_dropped_follower_changes_nothing() {
    let house = House::open().await;
    let asked = house.ask(Script::new().words("one two three four", 5).end()).await;
    let mut left_early = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    within(left_early.next()).await.unwrap();
    drop(left_early);
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.text.content, "one two three four");
    assert_eq!(heard.end().status, AnswerStatus::Finished);
}

#[tokio::test]
async fn an_answer_without_any_reader_is_finished() {
    let house = House::open().await;
    let asked = house.ask(Script::new().words("one two three four", 5).end()).await;
    within(house.scripted.wait_ended(0)).await;
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.text.content, "one two three four");
}

/// Polls a future so many times at most. `None` if it was not done by then, and was dropped.
async fn leave_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut polled = 0;
    poll_fn(|context| {
        polled += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if polled > polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// More than the store makes a question or a continuation wait.
const MOMENTS: usize = 40;

/// A browser that leaves while its form is being sent has the server drop its request, wherever
/// that waits just then.
#[tokio::test]
async fn a_person_who_leaves_while_asking_leaves_a_whole_answer_or_nothing() {
    let house = House::open().await;
    let mut polls = 0;
    let asked = loop {
        house.scripted.push(Script::new().delta("This.").end());
        if let Some(asked) = leave_after(polls, house.chat.ask(question("What is it?"))).await {
            break asked.unwrap();
        }
        polls += 1;
        assert!(polls < MOMENTS, "asking ends at some time");
    };
    house.hear(asked.answer).await;
    for conversation in house.list().await {
        let (message, _) = house.answer(conversation.id).await;
        let heard = house.hear(message.id).await;
        assert_eq!(heard.text.content, "This.");
        assert_eq!(heard.end().status, AnswerStatus::Finished);
    }
    assert_eq!(house.chat.open_answers(), 0);
}

#[tokio::test]
async fn a_person_who_leaves_while_continuing_leaves_it_continued_or_as_it_was() {
    let house = House::open().await;
    let asked = house.ask(Script::new().cut()).await;
    house.hear(asked.answer).await;
    for polls in 0..MOMENTS {
        house.scripted.push(Script::new().delta("more ").end());
        let left = leave_after(polls, house.chat.continue_answer(asked.answer)).await;
        assert!(!matches!(left, Some(Err(ContinueError::StillOpen))), "{polls}: it hangs open");
        let heard = house.hear(asked.answer).await;
        assert_ne!(heard.end().status, AnswerStatus::Open, "{polls}");
        assert_eq!(heard.cursor as usize, heard.text.content.matches("more ").count(), "{polls}");
    }
    assert_eq!(house.chat.open_answers(), 0);
    let rows = house.ledger().await;
    assert!(rows.iter().all(|row| row.status != "open"), "{rows:?}");
}
