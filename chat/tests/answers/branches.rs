//! Siblings, the branch that is shown, forks, and messages that go.

use chat::{BranchError, Change};

use super::*;

/// The shown texts, each with its place among its siblings.
async fn shown(house: &House, id: ConversationId) -> Vec<String> {
    let page = house.chat.page(id, None, 100).await.unwrap().unwrap();
    page.messages
        .iter()
        .map(|shown| {
            let place = shown.siblings.iter().position(|id| *id == shown.message.id).unwrap();
            match shown.siblings.len() {
                1 => shown.message.content.clone(),
                all => format!("{} {}/{all}", shown.message.content, place + 1),
            }
        })
        .collect()
}

/// Asks and waits for the answer.
async fn ask(house: &House, place: Place, text: &str, answer: &str) -> Asked {
    house.scripted.push(Script::new().delta(answer).end());
    let asked = house.chat.ask(Ask::new(place, text)).await.unwrap();
    house.hear(asked.answer).await;
    asked
}

const NEW: Place = Place::New { temporary: false };

#[tokio::test]
async fn a_question_said_otherwise_stands_beside_the_first() {
    let house = House::open().await;
    let first = ask(&house, NEW, "one", "1").await;
    let second = ask(&house, Place::End(first.conversation), "two", "2").await;
    let other = ask(&house, Place::InsteadOf(first.question), "eins", "I").await;
    assert_eq!(other.conversation, first.conversation);
    assert_eq!(shown(&house, first.conversation).await, ["eins 2/2", "I"]);
    let sent = &house.completions().pop().unwrap().body["messages"];
    assert_eq!(sent.as_array().unwrap().len(), 1, "the other branch is not sent");

    house.chat.show_branch(first.question).await.unwrap();
    assert_eq!(shown(&house, first.conversation).await, ["one 1/2", "1", "two", "2"]);
    house.scripted.push(Script::new().delta("zwei").end());
    let again = house.chat.retry(second.answer, None).await.unwrap();
    house.hear(again.answer).await;
    assert_eq!(shown(&house, first.conversation).await, ["one 1/2", "1", "two", "zwei 2/2"]);
    house.chat.show_branch(second.answer).await.unwrap();
    assert_eq!(shown(&house, first.conversation).await, ["one 1/2", "1", "two", "2 1/2"]);
}

#[tokio::test]
async fn a_fork_is_a_copy_of_its_own() {
    let house = House::open().await;
    let first = ask(&house, NEW, "one", "1").await;
    let second = ask(&house, Place::End(first.conversation), "two", "2").await;
    let fork = house.chat.fork(first.answer).await.unwrap();
    assert_eq!(shown(&house, fork).await, ["one", "1"]);
    ask(&house, Place::End(fork), "three", "3").await;
    assert_eq!(shown(&house, fork).await, ["one", "1", "three", "3"]);
    assert_eq!(shown(&house, second.conversation).await, ["one", "1", "two", "2"]);
    let (_, answer) = house.answer(fork).await;
    assert_eq!(answer.model, "small");
    house.chat.change(second.conversation, Change::Deleted(true)).await.unwrap();
    assert_eq!(shown(&house, fork).await.len(), 4, "the copy needs nothing of the first");
}

#[tokio::test]
async fn what_follows_a_deleted_message_moves_up() {
    let house = House::open().await;
    let first = ask(&house, NEW, "one", "1").await;
    let id = first.conversation;
    let second = ask(&house, Place::End(id), "two", "2").await;
    ask(&house, Place::End(id), "three", "3").await;
    house.chat.delete_message(second.question).await.unwrap();
    assert_eq!(shown(&house, id).await, ["one", "1", "three", "3"]);
    house.chat.delete_message(first.answer).await.unwrap();
    assert_eq!(shown(&house, id).await, ["one", "three", "3"]);
    house.chat.delete_message(first.question).await.unwrap();
    assert_eq!(shown(&house, id).await, ["three", "3"]);
}

#[tokio::test]
async fn another_branch_is_shown_where_the_end_went() {
    let house = House::open().await;
    let first = ask(&house, NEW, "one", "1").await;
    let other = ask(&house, Place::InsteadOf(first.question), "eins", "I").await;
    let id = first.conversation;
    house.chat.delete_message(other.question).await.unwrap();
    assert_eq!(shown(&house, id).await, ["one", "1"]);
    house.chat.delete_message(first.answer).await.unwrap();
    assert_eq!(shown(&house, id).await, ["one"]);
    house.chat.delete_message(first.question).await.unwrap();
    assert!(shown(&house, id).await.is_empty());
    // An empty conversation can be gone on with.
    ask(&house, Place::End(id), "anew", "!").await;
    assert_eq!(shown(&house, id).await, ["anew", "!"]);
}

#[tokio::test]
async fn a_question_whose_answer_was_deleted_is_asked_again() {
    let house = House::open().await;
    let first = ask(&house, NEW, "one", "1").await;
    let id = first.conversation;
    ask(&house, Place::End(id), "two", "2").await;
    house.chat.delete_message(first.answer).await.unwrap();
    house.scripted.push(Script::new().delta("I").end());
    let again = house.chat.retry(first.question, None).await.unwrap();
    house.hear(again.answer).await;
    assert_eq!(again.question, first.question);
    assert_eq!(shown(&house, id).await, ["one", "I 2/2"]);
}

#[tokio::test]
async fn what_is_being_written_is_neither_deleted_nor_copied() {
    let house = House::open().await;
    let asked = house.ask(Script::new().delta("It").stall()).await;
    for message in [asked.question, asked.answer] {
        let refused = house.chat.delete_message(message).await;
        assert!(matches!(refused, Err(BranchError::StillOpen)), "{refused:?}");
    }
    let refused = house.chat.fork(asked.answer).await;
    assert!(matches!(refused, Err(BranchError::StillOpen)), "{refused:?}");
    let nobody = MessageId(uuid::Uuid::nil());
    assert!(matches!(house.chat.fork(nobody).await, Err(BranchError::NotFound)));
    assert!(matches!(house.chat.delete_message(nobody).await, Err(BranchError::NotFound)));
    assert!(matches!(house.chat.show_branch(nobody).await, Err(BranchError::NotFound)));
}

#[tokio::test]
async fn a_long_conversation_is_read_from_its_end() {
    let house = House::open().await;
    let first = ask(&house, NEW, "0", "a0").await;
    let id = first.conversation;
    for n in 1..6 {
        ask(&house, Place::End(id), &n.to_string(), &format!("a{n}")).await;
    }
    let page = house.chat.page(id, None, 4).await.unwrap().unwrap();
    let texts = |page: &chat::Page| -> Vec<String> {
        page.messages.iter().map(|shown| shown.message.content.clone()).collect()
    };
    assert_eq!(texts(&page), ["4", "a4", "5", "a5"]);
    assert!(page.has_older);
    let older = house.chat.page(id, Some(page.messages[0].message.id), 100).await.unwrap().unwrap();
    assert_eq!(texts(&older).len(), 8);
    assert!(!older.has_older);
    let before_all = house.chat.page(id, Some(first.question), 4).await.unwrap().unwrap();
    assert!(before_all.messages.is_empty() && !before_all.has_older);
    let elsewhere = ask(&house, NEW, "else", "where").await;
    assert_eq!(house.chat.page(id, Some(elsewhere.question), 4).await.unwrap(), None);

    let with = house.chat.page_with(id, first.answer, 2).await.unwrap().unwrap();
    assert_eq!(texts(&with)[..2], ["0", "a0"]);
    let other = ask(&house, Place::InsteadOf(first.question), "other", "branch").await;
    let turned = house.chat.page_with(id, first.answer, 2).await.unwrap().unwrap();
    assert_eq!(texts(&turned).len(), 12);
    assert!(house.chat.page_with(id, elsewhere.question, 2).await.unwrap().is_none());
    house.chat.page_with(id, other.answer, 2).await.unwrap().unwrap();
}
