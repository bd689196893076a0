//! Titles: the first words of the question, until a title model has found better ones.

use super::*;

async fn title(house: &House, id: ConversationId) -> String {
    house.conversation(id).await.summary.title
}

/// Waits until every call has its outcome in the ledger. Titles are asked for when readers have
/// been told of the end already, so there is no event to wait for.
pub async fn wait_for_calls(house: &House, count: usize) -> Vec<LedgerEntry> {
    within(async {
        loop {
            let rows = house.ledger().await;
            if rows.len() == count && rows.iter().all(|row| row.status != "open") {
                break rows;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// The title that comes of what the title model does, and how the ledger has its call.
async fn check(script: Script, expected: &str, status: &str) {
    let house = House::open_with(|settings| {
        settings.title_model = Some("scripted/titles".to_owned());
    })
    .await;
    house.scripted.push(Script::new().delta("This.").end());
    house.scripted.push(script.clone());
    let asked = house.chat.ask(question("# What is it?")).await.unwrap();
    assert_eq!(title(&house, asked.conversation).await, "What is it?");
    house.hear(asked.answer).await;
    let rows = wait_for_calls(&house, 2).await;
    assert_eq!(title(&house, asked.conversation).await, expected, "{script:?}");
    let row = &rows[1];
    assert_eq!((row.purpose.as_str(), row.model.as_str()), ("title", "titles"), "{script:?}");
    assert_eq!((row.status.as_str(), row.answer), (status, None), "{script:?}");

    let request = &house.completions()[1].body;
    assert_eq!(request["model"], "titles");
    let read = request["messages"][0]["content"].as_str().unwrap();
    assert!(read.contains("What is it?") && read.contains("This."), "{read}");
}

#[tokio::test]
async fn a_title_model_names_the_conversation() {
    check(Script::new().delta("A Good ").delta("Name").end(), "A Good Name", "finished").await;
    check(Script::new().delta("\"Quoted\"\nand more").end(), "Quoted", "finished").await;
}

#[tokio::test]
async fn a_title_model_that_fails_leaves_the_first_words() {
    check(Script::new().cut(), "What is it?", "failed").await;
    check(Script::new().end(), "What is it?", "finished").await;
    let endless = Script::new().delta("word ".repeat(1_000)).stall();
    check(endless, "What is it?", "failed").await;
}

#[tokio::test]
async fn what_waits_for_an_answer_does_not_wait_for_its_title() {
    let house = House::open_with(|settings| settings.title_model = Some("large".to_owned())).await;
    let first = house.ask(Script::new().delta("1").pause(100).end()).await;
    house.chat.queue(first.conversation, "two", None, &[]).await.unwrap();
    // One for the title and one for what waits, whichever is asked first.
    for _ in 0..2 {
        house.scripted.push(Script::new().delta("2").stall());
    }
    within(house.scripted.wait_request(2)).await;
    assert_eq!(house.conversation(first.conversation).await.messages.len(), 4);
}

#[tokio::test]
async fn the_tokens_of_a_title_are_counted() {
    let house = House::open_with(|settings| settings.title_model = Some("large".to_owned())).await;
    house.scripted.push(Script::new().delta("This.").finish("stop").usage(1, 2).done());
    house.scripted.push(Script::new().delta("Name").finish("stop").usage(30, 4).done());
    let asked = house.chat.ask(question("What is it?")).await.unwrap();
    house.hear(asked.answer).await;
    let rows = wait_for_calls(&house, 2).await;
    assert_eq!(rows[1].usage.prompt_tokens, Some(30));
    assert_eq!(house.chat.ledger_totals().await.unwrap().completion_tokens, 6);
}

#[tokio::test]
async fn a_conversation_is_named_once() {
    let mut house =
        House::open_with(|settings| settings.title_model = Some("large".to_owned())).await;
    house.scripted.push(Script::new().delta("This.").end());
    house.scripted.push(Script::new().delta("Name").end());
    let asked = house.chat.ask(question("What is it?")).await.unwrap();
    house.hear(asked.answer).await;
    wait_for_calls(&house, 2).await;
    let ask = Ask::new(Place::End(asked.conversation), "And then?");
    let asked = house.chat.ask(ask).await.unwrap();
    house.hear(asked.answer).await;
    // The end of the engine waits for everything that still talks to an upstream, so that a second
    // title would be in the ledger by now.
    house.restart().await;
    assert_eq!(house.ledger().await.len(), 3);
}
