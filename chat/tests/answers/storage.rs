//! A disk that is full, or a database that is broken: nothing is shown that is not stored, answers
//! end in words, and all goes on as before once there is room again.

use chat::{AskError, StopOutcome};
use protocol::{AnswerStatus, FailureKind};
use scripted_upstream::Spelling;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::*;

/// A house whose upstream may be silent for longer than a test takes, so that only the store can
/// end its answers.
async fn patient_house() -> House {
    House::open_with(|settings| settings.providers[0].idle_timeout = 10 * PATIENCE).await
}

/// Ends of answers while the server runs.
const ENDS: &str = "UPDATE ON answers WHEN NEW.status = 'failed' OR NEW.status = 'finished'";

/// The database as someone sees it who has the file.
pub async fn database(house: &House) -> SqliteConnection {
    let file = house.folder.path().join("inglenook.db");
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(PATIENCE);
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// From now on the database refuses this change, as it does on a full disk.
async fn fill_the_disk(house: &House, change: &'static str) {
    let full = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
    let trigger = format!("CREATE TRIGGER full BEFORE {change} {full}");
    let mut database = database(house).await;
    sqlx::query(sqlx::AssertSqlSafe(trigger)).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}

async fn make_room(house: &House) {
    let mut database = database(house).await;
    sqlx::query("DROP TRIGGER full").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}

/// A new answer is written and stored as if nothing had been.
async fn check_that_all_is_well(house: &House) {
    let asked = house.ask(Script::new().delta("All is well.").end()).await;
    let heard = house.hear(asked.answer).await;
    assert_eq!(
        (heard.text.content.as_str(), heard.end().status),
        ("All is well.", AnswerStatus::Finished)
    );
    assert_eq!(house.answer(asked.conversation).await.0.content, "All is well.");
    assert_eq!(house.chat.open_answers(), 0);
}

#[tokio::test]
async fn deltas_that_cannot_be_stored_are_not_shown_and_end_the_answer() {
    let house = patient_house().await;
    fill_the_disk(&house, "INSERT ON journal WHEN (SELECT count(*) FROM journal) >= 3").await;
    let words = "one two three four five six seven eight nine ten ";
    let asked = house.ask(Script::new().words(words, 5).stall()).await;
    let heard = house.hear(asked.answer).await;
    within(house.scripted.wait_closed(0)).await;

    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(heard.text.content, message.content, "what was shown is what is stored");
    assert!(words.starts_with(&message.content) && message.content != words, "{message:?}");
    assert_eq!((heard.cursor, answer.sequence), (3, 3));
    assert_eq!(answer.status, AnswerStatus::Failed);
    assert_eq!(answer.failure.as_ref().unwrap().kind, FailureKind::Storage);
    assert_eq!(*heard.end(), answer.end());
    assert_eq!(house.ledger().await[0].status, "failed");

    make_room(&house).await;
    check_that_all_is_well(&house).await;
    house.scripted.push(Script::new().delta("and more").end());
    let continued = house.chat.continue_answer(asked.answer).await.unwrap();
    let more = house.hear_after(asked.answer, continued.sequence).await;
    assert_eq!(more.end().status, AnswerStatus::Finished);
    let (message, _) = house.answer(asked.conversation).await;
    assert_eq!(message.content, heard.text.content + "and more");
}

#[tokio::test]
async fn an_answer_that_cannot_be_stored_takes_no_other_with_it() {
    let house = patient_house().await;
    fill_the_disk(&house, "INSERT ON journal WHEN NEW.content LIKE '%poison%'").await;
    let mut asked = Vec::new();
    for text in ["good ", "poison ", "good ", "good "] {
        let script = (0..20).fold(Script::new().pause(500), |script, _| script.delta(text));
        asked.push(house.ask(script.end()).await);
    }
    // What is asked is noted first, which is a write as well.
    for place in 0..asked.len() {
        within(house.scripted.wait_request(place)).await;
    }
    // Whatever comes while another writes is committed together.
    let mut database = database(&house).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut database).await.unwrap();
    for place in 0..asked.len() {
        within(house.scripted.wait_ended(place)).await;
    }
    sqlx::query("ROLLBACK").execute(&mut database).await.unwrap();
    for (place, asked) in asked.iter().enumerate() {
        let (heard, failed) = (house.hear(asked.answer).await, place == 1);
        let status = if failed { AnswerStatus::Failed } else { AnswerStatus::Finished };
        assert_eq!(heard.end().status, status, "{place}");
        let expected = if failed { String::new() } else { "good ".repeat(20) };
        assert_eq!(heard.text.content, expected, "{place}");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_stored_fails_at_once_whatever_its_upstream_says() {
    let house = patient_house().await;
    fill_the_disk(&house, "INSERT ON journal").await;
    let begun = || Script::new().delta("It is ");
    for script in [begun().stall(), begun().end(), begun().cut()] {
        let asked = house.ask(script.clone()).await;
        let heard = house.hear(asked.answer).await;
        assert_eq!((heard.text, heard.cursor), (Delta::default(), 0), "{script:?}");
        let (_, answer) = house.answer(asked.conversation).await;
        assert_eq!(answer.status, AnswerStatus::Failed, "{script:?}");
        assert_eq!(answer.failure.unwrap().kind, FailureKind::Storage, "{script:?}");
    }
    within(house.scripted.wait_closed(0)).await;
}

#[tokio::test]
async fn an_answer_whose_end_cannot_be_stored_has_failed_and_keeps_its_text() {
    let house = patient_house().await;
    fill_the_disk(&house, "UPDATE ON answers WHEN NEW.status <> 'open'").await;
    let asked = house.ask(Script::new().delta("It is this.").end()).await;
    let told = house.hear(asked.answer).await;
    assert_eq!(told.end().failure.as_ref().unwrap().kind, FailureKind::Storage);

    // Whoever looks while the disk is full sees the same as whoever looks when there is room.
    for room in [false, true] {
        if room {
            make_room(&house).await;
            check_that_all_is_well(&house).await;
        }
        let heard = house.hear(asked.answer).await;
        assert_eq!(heard.text.content, "It is this.", "{room}");
        assert_eq!(heard.end(), told.end(), "{room}");
        let (message, answer) = house.answer(asked.conversation).await;
        assert_eq!(message.content, "It is this.", "{room}");
        assert_eq!(answer.end(), *told.end(), "{room}");
        assert_eq!(answer.sequence, told.cursor, "{room}");
        let stopped = within(house.chat.stop(asked.answer)).await.unwrap();
        assert_eq!(stopped, StopOutcome::AlreadyEnded, "{room}");
        assert_eq!(house.chat.open_answers(), 0, "{room}");
    }
    assert_eq!(house.ledger().await[0].status, "failed");
    house.scripted.push(Script::new().delta(" And more.").end());
    house.chat.continue_answer(asked.answer).await.unwrap();
    assert_eq!(house.hear(asked.answer).await.text.content, "It is this. And more.");
}

#[tokio::test]
async fn an_answer_whose_end_was_never_stored_is_interrupted_by_the_next_start() {
    let mut house = patient_house().await;
    fill_the_disk(&house, ENDS).await;
    let asked = house.ask(Script::new().delta("It is this.").end()).await;
    let told = house.hear(asked.answer).await;
    assert_eq!(told.end().status, AnswerStatus::Failed);
    house.restart().await;
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(
        (message.content.as_str(), answer.status),
        ("It is this.", AnswerStatus::Interrupted)
    );
    assert_eq!(house.ledger().await[0].status, "interrupted");
}

#[tokio::test]
async fn the_journal_gives_back_every_text_as_it_was() {
    let mut house = patient_house().await;
    fill_the_disk(&house, ENDS).await;
    let mut texts = Vec::new();
    for delta in
        ["un\0seen", "\0", "12", "1e5", "null", "true", "[1]", "{}", "\"'\\", "\u{1}\r\n\u{2028}👩‍👩‍👧"]
    {
        let asked =
            house.ask(Script::new().reasoning(delta, Spelling::default()).delta(delta).end()).await;
        house.hear(asked.answer).await;
        texts.push((asked, delta));
    }
    house.restart().await;
    for (asked, delta) in texts {
        let (message, answer) = house.answer(asked.conversation).await;
        assert_eq!(answer.status, AnswerStatus::Interrupted, "{delta:?}");
        assert_eq!((message.content.as_str(), answer.reasoning.as_str()), (delta, delta));
    }
}

#[tokio::test]
async fn a_question_that_cannot_be_stored_is_refused_and_never_was() {
    let house = patient_house().await;
    for change in ["INSERT ON messages", "INSERT ON answers", "INSERT ON ledger"] {
        fill_the_disk(&house, change).await;
        let refused = house.chat.ask(question("What is it?")).await;
        assert!(matches!(refused, Err(AskError::Store(_))), "{change}: {refused:?}");
        assert_eq!(house.list().await, [], "{change}");
        assert_eq!(house.chat.open_answers(), 0, "{change}");
        make_room(&house).await;
    }
    assert_eq!(house.completions(), [], "the upstream was not asked");
    check_that_all_is_well(&house).await;
}

/// Waits until the journal has this many rows.
async fn wait_for_rows(house: &House, count: i64) {
    let mut database = database(house).await;
    within(async {
        let rows = || sqlx::query_scalar::<_, i64>("SELECT count(*) FROM journal");
        while rows().fetch_one(&mut database).await.unwrap() != count {
            tokio::task::yield_now().await;
        }
    })
    .await;
    database.close().await.unwrap();
}

#[tokio::test]
async fn the_journal_keeps_nothing_of_what_is_folded() {
    let house = patient_house().await;
    let slow = house.ask(Script::new().words("one two ", 4).stall()).await;
    wait_for_rows(&house, 2).await;
    let quick = house.ask(Script::new().delta("All of it.").end()).await;
    assert_eq!(house.hear(quick.answer).await.end().status, AnswerStatus::Finished);
    wait_for_rows(&house, 3).await;

    // The rows of the quick answer stand behind those of the slow one, which is still open.
    fill_the_disk(&house, "DELETE ON journal").await;
    house.chat.stop(slow.answer).await.unwrap();
    assert_eq!(house.hear(slow.answer).await.end().status, AnswerStatus::Stopped);
    wait_for_rows(&house, 3).await;
    make_room(&house).await;
    wait_for_rows(&house, 0).await;
    for (asked, text) in [(slow, "one two "), (quick, "All of it.")] {
        assert_eq!(house.answer(asked.conversation).await.0.content, text);
    }
}

#[tokio::test]
async fn a_start_leaves_alone_what_is_folded_and_still_in_the_journal() {
    let mut house = patient_house().await;
    fill_the_disk(&house, "DELETE ON journal").await;
    let asked = house.ask(Script::new().words("one two ", 4).cut()).await;
    house.hear(asked.answer).await;
    house.scripted.push(Script::new().delta("three").end());
    house.chat.continue_answer(asked.answer).await.unwrap();
    house.hear(asked.answer).await;
    wait_for_rows(&house, 3).await;
    make_room(&house).await;
    house.restart().await;
    assert_eq!(house.answer(asked.conversation).await.0.content, "one two three");
    wait_for_rows(&house, 0).await;
}
