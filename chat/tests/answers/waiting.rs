//! Questions that wait, and drafts.

use chat::AskError;

use super::*;

#[tokio::test]
async fn queued_questions_are_asked_one_after_the_other() {
    let mut house = House::open().await;
    let first = house.ask(Script::new().delta("1").pause(100).end()).await;
    let id = first.conversation;
    for text in ["two", "three"] {
        house.scripted.push(Script::new().delta("yes").end());
        house.chat.queue(id, text, Some("scripted/large"), &[]).await.unwrap();
    }
    assert_eq!(house.chat.queued(id).await.unwrap().len(), 2);
    let mut notices = house.chat.notices(house.chat.version());
    while house.conversation(id).await.messages.len() < 6 || house.chat.open_answers() > 0 {
        within(notices.next()).await.unwrap();
    }
    house.restart().await;
    let texts: Vec<_> =
        house.conversation(id).await.messages.into_iter().map(|message| message.content).collect();
    assert_eq!(texts, ["What is it?", "1", "two", "yes", "three", "yes"]);
    assert!(house.chat.queued(id).await.unwrap().is_empty());
    assert_eq!(house.completions()[1].body["model"], "large");
}

#[tokio::test]
async fn a_question_waits_on_after_an_answer_that_did_not_finish() {
    let house = House::open().await;
    let first = house.ask(Script::new().delta("1").stall()).await;
    let id = first.conversation;
    let queued = house.chat.queue(id, "two", None, &[]).await.unwrap();
    house.chat.stop(first.answer).await.unwrap();
    assert_eq!(house.chat.queued(id).await.unwrap().len(), 1);
    house.scripted.push(Script::new().delta("2").end());
    let asked = house.chat.ask_queued(queued).await.unwrap();
    house.hear(asked.answer).await;
    assert_eq!(house.conversation(id).await.messages.len(), 4);
    let twice = house.chat.ask_queued(queued).await;
    assert!(matches!(twice, Err(AskError::NotFound)), "{twice:?}");
}

#[tokio::test]
async fn a_question_that_was_to_be_next_when_the_server_ended_is_asked_by_the_next_start() {
    let mut house = House::open().await;
    let finished = house.ask(Script::new().delta("1").end()).await;
    house.hear(finished.answer).await;
    let stopped = house.ask(Script::new().delta("1").stall()).await;
    let mut follower = house.chat.follow(stopped.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, "1").await;
    house.chat.stop(stopped.answer).await.unwrap();
    house.chat.shut_down().await;
    let mut database = storage::database(&house).await;
    let queue = "INSERT INTO queued (id, conversation_id, content, created_at)
                 SELECT id, id, 'two', 0 FROM conversations";
    sqlx::query(queue).execute(&mut database).await.unwrap();
    house.scripted.push(Script::new().delta("2").end());
    house.restart().await;
    within(house.scripted.wait_ended(2)).await;
    let next = house.conversation(finished.conversation).await.messages.pop().unwrap();
    assert_eq!(house.hear(next.id).await.text.content, "2");
    assert_eq!(house.conversation(stopped.conversation).await.messages.len(), 2);
    assert_eq!(house.chat.queued(stopped.conversation).await.unwrap().len(), 1, "it waits on");
}

#[tokio::test]
async fn a_queued_question_can_be_taken_back() {
    let house = House::open().await;
    let first = house.ask(Script::new().delta("1").stall()).await;
    let queued = house.chat.queue(first.conversation, "two", None, &[]).await.unwrap();
    assert_eq!(
        house.chat.unqueue(queued).await.unwrap().map(|taken| taken.content).as_deref(),
        Some("two")
    );
    assert_eq!(house.chat.unqueue(queued).await.unwrap(), None);
    let empty = house.chat.queue(first.conversation, " ", None, &[]).await;
    assert!(matches!(empty, Err(AskError::Empty)), "{empty:?}");
}

#[tokio::test]
async fn a_question_queued_too_late_is_asked_at_once() {
    let house = House::open().await;
    let first = house.ask(Script::new().delta("1").end()).await;
    house.hear(first.answer).await;
    house.scripted.push(Script::new().delta("2").end());
    house.chat.queue(first.conversation, "two", None, &[]).await.unwrap();
    assert_eq!(house.conversation(first.conversation).await.messages.len(), 4);
}

#[tokio::test]
async fn drafts_outlive_a_restart() {
    let mut house = House::open().await;
    let first = house.ask(Script::new().delta("1").end()).await;
    house.hear(first.answer).await;
    for (conversation, text) in [(None, "for a new one"), (Some(first.conversation), "more")] {
        house.chat.set_draft(conversation, text).await.unwrap();
    }
    house.restart().await;
    assert_eq!(house.chat.draft(None).await.unwrap(), "for a new one");
    assert_eq!(house.chat.draft(Some(first.conversation)).await.unwrap(), "more");
    house.chat.set_draft(None, "").await.unwrap();
    assert_eq!(house.chat.draft(None).await.unwrap(), "");
    let long = house.chat.set_draft(None, &"x".repeat(2_000)).await;
    assert!(matches!(long, Err(AskError::TooLong { .. })), "{long:?}");
}
