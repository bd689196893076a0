//! Search over titles and messages.

use chat::{Change, Part};

use super::*;

fn text(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| if part.found { format!("[{}]", part.text) } else { part.text.clone() })
        .collect()
}

async fn found(house: &House, typed: &str) -> Vec<String> {
    let hits = house.chat.search(typed).await.unwrap();
    hits.iter()
        .map(|hit| if hit.message.is_some() { text(&hit.snippet) } else { text(&hit.title) })
        .collect()
}

#[tokio::test]
async fn words_are_found_in_titles_questions_and_answers() {
    let house = House::open().await;
    house.scripted.push(Script::new().delta("A **hash map** stores pairs.").end());
    let first = house.chat.ask(question("Explain hashing")).await.unwrap();
    house.hear(first.answer).await;
    house.scripted.push(Script::new().delta("哈希表用来存放键值对。").end());
    let second = house.chat.ask(question("什么是哈希表？")).await.unwrap();
    house.hear(second.answer).await;

    for (typed, expected) in [
        ("hash", &["Explain [hash]ing", "Explain [hash]ing", "A [hash] map stores pairs."][..]),
        ("hash pairs", &["A [hash] map stores [pairs]."]),
        ("\"hash map\"", &["A [hash map] stores pairs."]),
        ("哈希", &["什么是[哈希]表？", "什么是[哈希]表？", "[哈希]表用来存放键值对。"]),
        ("值", &["哈希表用来存放键[值]对。"]),
        ("absent", &[]),
        ("\" OR *", &[]),
        ("", &[]),
    ] {
        let mut found = found(&house, typed).await;
        let mut expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
        // Equally good ones come in either order.
        found[..].sort();
        expected.sort();
        assert_eq!(found, expected, "{typed}");
    }
    let hit = house.chat.search("hash pairs").await.unwrap().remove(0);
    assert_eq!((hit.conversation, hit.message), (first.conversation, Some(first.answer)));
}

#[tokio::test]
async fn what_is_deleted_renamed_or_continued_is_found_as_it_is() {
    let mut house = House::open().await;
    let first = house.ask(Script::new().delta("alpha").finish("length").done()).await;
    house.hear(first.answer).await;
    house.chat.rename(first.conversation, "omega").await.unwrap();
    assert_eq!(found(&house, "omega").await, ["[omega]"]);
    house.scripted.push(Script::new().delta(" beta").end());
    house.chat.continue_answer(first.answer).await.unwrap();
    house.hear(first.answer).await;
    assert_eq!(found(&house, "beta").await, ["alpha [beta]"]);
    assert_eq!(found(&house, "alpha").await.len(), 1, "it is indexed once");
    house.chat.change(first.conversation, Change::Deleted(true)).await.unwrap();
    assert!(found(&house, "beta").await.is_empty());
    house.chat.purge(chat::now_ms() + 60 * 60 * 1000).await.unwrap();
    house.restart().await;
    assert!(found(&house, "beta").await.is_empty());
}
