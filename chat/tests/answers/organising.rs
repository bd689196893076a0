//! Titles, pins, folders, the archive, the bin, and conversations that are not kept.

use chat::{Change, ListCursor, NameError, now_ms};
use protocol::{Changed, FolderId};

use super::*;

/// The titles of a list.
async fn titles(house: &House, listed: Listed) -> Vec<String> {
    let list = house.chat.list(listed, None, 100).await.unwrap();
    list.into_iter().map(|summary| summary.title).collect()
}

/// A conversation that is finished.
async fn begin(house: &House, text: &str, temporary: bool) -> ConversationId {
    house.scripted.push(Script::new().delta("Yes.").end());
    let asked = house.chat.ask(Ask::new(Place::New { temporary }, text)).await.unwrap();
    house.hear(asked.answer).await;
    asked.conversation
}

#[tokio::test]
async fn conversations_stand_where_they_were_put() {
    let house = House::open().await;
    let [a, b, c, d] = [
        begin(&house, "a", false).await,
        begin(&house, "b", false).await,
        begin(&house, "c", false).await,
        begin(&house, "d", false).await,
    ];
    assert_eq!(titles(&house, Listed::Loose).await, ["d", "c", "b", "a"]);
    let folder = house.chat.add_folder(" Work \n").await.unwrap();
    house.chat.change(a, Change::Pinned(true)).await.unwrap();
    house.chat.change(b, Change::Folder(Some(folder))).await.unwrap();
    house.chat.change(c, Change::Archived(true)).await.unwrap();
    assert_eq!(titles(&house, Listed::Pinned).await, ["a"]);
    assert_eq!(titles(&house, Listed::In(folder)).await, ["b"]);
    assert_eq!(titles(&house, Listed::Archived).await, ["c"]);
    assert_eq!(titles(&house, Listed::Loose).await, ["d"]);
    assert_eq!(house.chat.folders().await.unwrap()[0].name, "Work");

    house.chat.change(a, Change::Pinned(false)).await.unwrap();
    house.chat.change(c, Change::Archived(false)).await.unwrap();
    house.chat.remove_folder(folder).await.unwrap();
    assert_eq!(titles(&house, Listed::Loose).await, ["d", "c", "b", "a"]);
    assert!(house.chat.conversation(d).await.unwrap().is_some());
}

#[tokio::test]
async fn a_list_goes_on_after_a_cursor() {
    let house = House::open().await;
    for n in 0..5 {
        begin(&house, &n.to_string(), false).await;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let part = house.chat.list(Listed::Loose, after, 2).await.unwrap();
        let Some(last) = part.last() else { break };
        after = Some(ListCursor { updated_at: last.updated_at, id: last.id });
        seen.extend(part.into_iter().map(|summary| summary.title));
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn names_are_one_line_and_stay() {
    let house = House::open_with(|settings| settings.title_model = Some("large".to_owned())).await;
    house.scripted.push(Script::new().delta("Yes.").pause(50).end());
    let asked = house.chat.ask(question("What is it?")).await.unwrap();
    let id = asked.conversation;
    house.chat.rename(id, "  my\n own \u{7} title ").await.unwrap();
    house.scripted.push(Script::new().delta("The model's title").end());
    house.hear(asked.answer).await;
    let mut house = house;
    house.restart().await;
    assert_eq!(house.conversation(id).await.summary.title, "my own  title");
    for (title, expected) in [(" \n", "a name needs"), (&*"x".repeat(201), "a name has at most")] {
        let refused = house.chat.rename(id, title).await.unwrap_err();
        assert!(refused.to_string().starts_with(expected), "{refused}");
    }
    let nowhere = ConversationId(uuid::Uuid::nil());
    assert!(matches!(house.chat.rename(nowhere, "x").await, Err(NameError::NotFound)));
    let no_folder = FolderId(uuid::Uuid::nil());
    assert!(matches!(house.chat.rename_folder(no_folder, "x").await, Err(NameError::NotFound)));
}

#[tokio::test]
async fn a_deletion_can_be_undone_until_it_is_purged() {
    let house = House::open().await;
    let id = begin(&house, "a", false).await;
    house.chat.change(id, Change::Deleted(true)).await.unwrap();
    assert!(house.chat.conversation(id).await.unwrap().is_none());
    assert!(house.list().await.is_empty());
    house.chat.purge(now_ms()).await.unwrap();
    house.chat.change(id, Change::Deleted(false)).await.unwrap();
    assert_eq!(house.conversation(id).await.messages.len(), 2);

    house.chat.change(id, Change::Deleted(true)).await.unwrap();
    house.chat.purge(now_ms() + 11 * 60 * 1000).await.unwrap();
    assert!(!house.chat.change(id, Change::Deleted(false)).await.unwrap(), "it is gone for good");
    assert_eq!(house.ledger().await.len(), 1, "what was spent stays spent");
}

#[tokio::test]
async fn a_conversation_of_any_depth_is_removed() {
    let mut house = House::open().await;
    let id = begin(&house, "a", false).await;
    let chain = "INSERT INTO messages (id, conversation_id, parent_id, role, content, created_at)
                 WITH RECURSIVE chain (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM chain WHERE n < 5000)
                 SELECT CAST(printf('%016d', n) AS BLOB), ?,
                     iif(n > 1, CAST(printf('%016d', n - 1) AS BLOB), NULL), 'user', 'x', 0
                 FROM chain";
    let mut database = storage::database(&house).await;
    sqlx::query(chain).bind(id.0).execute(&mut database).await.unwrap();
    house.chat.change(id, Change::Deleted(true)).await.unwrap();
    house.chat.purge(now_ms() + 11 * 60 * 1000).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM messages").fetch_one(&mut database);
    let left: i64 = count.await.unwrap();
    assert_eq!(left, 0);
    house.restart().await;
    assert!(house.list().await.is_empty());
}

#[tokio::test]
async fn deleting_stops_what_is_being_written() {
    let house = House::open().await;
    let asked = house.ask(Script::new().delta("It").stall()).await;
    house.chat.change(asked.conversation, Change::Deleted(true)).await.unwrap();
    assert_eq!(house.chat.open_answers(), 0);
}

#[tokio::test]
async fn a_temporary_conversation_is_nowhere_once_it_is_closed() {
    let house = House::open().await;
    let id = begin(&house, "secret", true).await;
    assert!(house.list().await.is_empty());
    assert!(house.chat.search("secret").await.unwrap().is_empty());
    let watching = house.chat.watch(id);
    let later = now_ms() + 60 * 60 * 1000;
    house.chat.purge(later).await.unwrap();
    assert!(house.chat.conversation(id).await.unwrap().is_some(), "a page shows it");
    drop(watching);
    house.chat.purge(later).await.unwrap();
    assert!(house.chat.conversation(id).await.unwrap().is_none());

    let id = begin(&house, "secret", true).await;
    house.chat.end_temporary(id).await.unwrap();
    assert!(house.chat.conversation(id).await.unwrap().is_none());
    let kept = begin(&house, "kept", false).await;
    house.chat.end_temporary(kept).await.unwrap();
    assert!(house.chat.conversation(kept).await.unwrap().is_some(), "only temporary ones end so");
    house.chat.shut_down().await;
    let file = std::fs::read(house.folder.path().join("inglenook.db")).unwrap();
    assert!(!file.windows(6).any(|bytes| bytes == b"secret"), "what was deleted is overwritten");
}

#[tokio::test]
async fn an_answer_that_begins_while_its_conversation_is_removed_is_stopped_first() {
    let house = House::open().await;
    let id = begin(&house, "private", true).await;
    let mut database = storage::database(&house).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut database).await.unwrap();
    house.scripted.push(Script::new().delta("It ").stall());
    let (asking, ending) = (house.chat.clone(), house.chat.clone());
    let asking =
        tokio::spawn(async move { asking.ask(Ask::new(Place::End(id), "More?")).await.is_ok() });
    // The question has the turn to write, and waits for whoever else writes.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let ending = tokio::spawn(async move { ending.end_temporary(id).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    sqlx::query("ROLLBACK").execute(&mut database).await.unwrap();
    assert!(within(asking).await.unwrap());
    within(ending).await.unwrap().unwrap();
    assert!(house.chat.conversation(id).await.unwrap().is_none());
    assert_eq!(house.ledger().await.pop().unwrap().status, "stopped");
}

#[tokio::test]
async fn a_temporary_conversation_ends_soon_after_its_page_goes_for_good() {
    let house = House::open().await;
    let id = begin(&house, "secret", true).await;
    let kept = begin(&house, "kept", false).await;
    let soon = now_ms() + 2 * 60 * 1000;
    let is_there = async |id| house.chat.conversation(id).await.unwrap().is_some();

    house.chat.leave_temporary(id).await.unwrap();
    house.chat.purge(now_ms()).await.unwrap();
    assert!(is_there(id).await, "the page may be loaded again");
    let again = house.chat.watch(id);
    drop(again);
    house.chat.purge(soon).await.unwrap();
    assert!(is_there(id).await, "it was");

    let another_page = house.chat.watch(id);
    house.chat.leave_temporary(id).await.unwrap();
    house.chat.purge(soon).await.unwrap();
    assert!(is_there(id).await, "another page shows it");
    drop(another_page);
    house.chat.purge(soon).await.unwrap();
    assert!(is_there(id).await, "that page has not said that it goes");

    house.chat.leave_temporary(id).await.unwrap();
    house.chat.leave_temporary(kept).await.unwrap();
    house.chat.purge(soon).await.unwrap();
    assert!(!is_there(id).await);
    assert!(is_there(kept).await, "only temporary ones end so");
}

#[tokio::test]
async fn other_pages_are_told() {
    let house = House::open().await;
    let seen = house.chat.version();
    let mut notices = house.chat.notices(seen);
    let id = begin(&house, "a", false).await;
    let first = notices.next().await.unwrap();
    assert_eq!(first.changed, Changed::List);
    assert_eq!(notices.next().await.unwrap().changed, Changed::Conversation(id));
    let mut since = house.chat.notices(house.chat.version());
    house.chat.set_draft(Some(id), "half a").await.unwrap();
    assert_eq!(since.next().await.unwrap().changed, Changed::Draft(id));
    house.chat.set_favourite("scripted/large", true).await.unwrap();
    assert_eq!(since.next().await.unwrap().changed, Changed::Preferences);
    house.chat.notice_look();
    assert_eq!(since.next().await.unwrap().changed, Changed::Look);
    let late = house.chat.notices(seen).next().await.unwrap();
    assert_eq!(late.changed, Changed::Everything, "a page that was away is told so");
    assert!(late.version > first.version);
    for _ in 0..100 {
        house.chat.rename(id, "b").await.unwrap();
    }
    let mut told = Vec::new();
    for _ in 0..10 {
        told.extend(notices.next().await.map(|notice| notice.changed));
    }
    assert!(
        told.contains(&Changed::Everything),
        "a slow page is told that it missed some: {told:?}"
    );
}
