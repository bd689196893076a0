//! Answers that the upstream writes in the background go on over an end of this server.

use protocol::{AnswerStatus, FailureKind, Usage};
use scripted_upstream::{Spelling, Step};
use serde_json::json;

use super::*;

async fn house() -> House {
    House::open_with(|settings| {
        settings.providers[0].dialect = Dialect::Responses { background: true };
    })
    .await
}

impl House {
    /// The paths that were asked, without what all of them begin with.
    fn asked_for(&self) -> Vec<String> {
        let requests = self.scripted.requests().into_iter();
        requests.map(|request| request.path.replace("/v1/responses", "")).collect()
    }
}

#[tokio::test]
async fn an_answer_goes_on_with_nothing_lost_and_nothing_twice() {
    let words = ["It ", "is ", "né ", "漢字 ", "🔥"];
    for cut in 1..=words.len() {
        let mut house = house().await;
        let script = Script::new().reasoning("Hm. ", Spelling::default());
        let script = words[..cut].iter().fold(script, |script, word| script.delta(*word)).stall();
        let script = words[cut..].iter().fold(script, |script, word| script.delta(*word));
        let asked = house.ask(script.finish("stop").usage(11, 7).done()).await;
        let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
        let before = hear_content(&mut follower, &words[..cut].concat()).await;

        house.restart().await;
        let rest = house.hear_after(asked.answer, before.cursor).await;
        assert_eq!(rest.text.content, words[cut..].concat(), "the reader goes on as well");
        assert_eq!(rest.snapshots, 0);
        let (message, answer) = house.answer(asked.conversation).await;
        assert_eq!(message.content, words.concat());
        assert_eq!(answer.reasoning, "Hm. ");
        assert_eq!(
            (answer.status, answer.finish_reason.as_deref()),
            (AnswerStatus::Finished, Some("stop"))
        );
        let usage =
            Usage { prompt_tokens: Some(11), completion_tokens: Some(7), ..Usage::default() };
        assert_eq!(answer.usage, usage);
        let rows = house.ledger().await;
        assert_eq!(rows.len(), 1, "it is one call");
        assert_eq!((rows[0].status.as_str(), rows[0].usage), ("finished", usage));
        let after = 3 + cut;
        let resumed = format!("/resp_scripted_0?stream=true&starting_after={after}");
        assert_eq!(house.asked_for(), ["", &resumed]);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_again_as_long_as_it_brings_something() {
    let house = house().await;
    let asked = house.ask(Script::new().delta("It ").cut().delta("is ").delta("this.").end()).await;
    let heard = house.hear(asked.answer).await;
    assert_eq!((heard.text.content.as_str(), heard.snapshots), ("It is this.", 0));
    assert_eq!(heard.end().status, AnswerStatus::Finished);
    assert_eq!(house.asked_for(), ["", "/resp_scripted_0?stream=true&starting_after=2"]);

    let asked = house.ask(Script::new().delta("It ").cut()).await;
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.end().failure.as_ref().unwrap().kind, FailureKind::CutOff);
    assert_eq!(house.answer(asked.conversation).await.0.content, "It ");
    let statuses: Vec<_> = house.ledger().await.into_iter().map(|row| row.status).collect();
    assert_eq!(statuses, ["finished", "failed"]);
    within(house.scripted.wait_ended(4)).await;
    let paths = house.asked_for();
    let again = "/resp_scripted_2?stream=true&starting_after=2";
    assert_eq!(paths[2..], ["", again, "/resp_scripted_2/cancel"]);
}

#[tokio::test]
async fn an_answer_without_any_text_yet_goes_on() {
    let mut house = house().await;
    let thinks = Step::Chunk(json!({"type": "response.in_progress"}));
    let asked = house.ask(Script::new().step(thinks).stall().delta("This.").end()).await;
    // The name of the response is stored before anything else of it can be seen.
    let stored = async {
        let mut database = storage::database(&house).await;
        loop {
            let query = sqlx::query_scalar("SELECT response FROM answers");
            let response: Option<String> = query.fetch_one(&mut database).await.unwrap();
            if response.is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    within(stored).await;
    house.restart().await;
    assert_eq!(house.hear(asked.answer).await.end().status, AnswerStatus::Finished);
    assert_eq!(house.answer(asked.conversation).await.0.content, "This.");
}

#[tokio::test]
async fn an_answer_that_was_continued_goes_on_in_the_middle_of_its_sentence() {
    let mut house = house().await;
    let asked = house.ask(Script::new().delta("It is ").cut()).await;
    house.hear(asked.answer).await;
    let cancel = within(house.scripted.wait_request(2)).await;
    assert!(cancel.path.ends_with("/cancel"), "nobody waits for it any more");
    house.scripted.push(Script::new().delta("th").stall().delta("is.").end());
    let continued = house.chat.continue_answer(asked.answer).await.unwrap();
    let follower = house.chat.follow(asked.answer, continued.sequence).await.unwrap();
    hear_content(&mut follower.unwrap(), "th").await;
    // Twice, because the second start knows of the first response only what the first one kept.
    house.scripted.push(Script::new().stall());
    house.restart().await;
    within(house.scripted.wait_request(4)).await;
    house.restart().await;
    house.hear(asked.answer).await;
    assert_eq!(house.answer(asked.conversation).await.0.content, "It is this.");
    let statuses: Vec<_> = house.ledger().await.into_iter().map(|row| row.status).collect();
    assert_eq!(statuses, ["failed", "finished"]);
}

#[tokio::test]
async fn an_answer_that_was_continued_is_resumed_by_the_events_of_its_own_response() {
    let house = house().await;
    // While an older answer is open, what is folded stays in the log.
    let older = house.ask(Script::new().delta("Wait").stall()).await;
    let mut follower = house.chat.follow(older.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, "Wait").await;
    let words = ["It ", "is ", "so ", "long "];
    let long = words.iter().fold(Script::new(), |script, word| script.delta(*word));
    let asked = house.ask(long.stall()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, &words.concat()).await;
    house.chat.stop(asked.answer).await.unwrap();
    house.hear(asked.answer).await;

    house.scripted.push(Script::new().delta("that ").cut().delta("it ").delta("ends.").end());
    let continued = house.chat.continue_answer(asked.answer).await.unwrap();
    let heard = house.hear_after(asked.answer, continued.sequence).await;
    assert_eq!(heard.end().status, AnswerStatus::Finished);
    assert_eq!(house.answer(asked.conversation).await.0.content, "It is so long that it ends.");
    let resumed = house.asked_for().pop().unwrap();
    assert!(resumed.ends_with("&starting_after=2"), "{resumed}");
}

#[tokio::test]
async fn an_answer_whose_temporary_conversation_is_gone_leaves_nothing_open() {
    let mut house = house().await;
    house.scripted.push(Script::new().delta("It ").stall());
    let temporary = Ask::new(Place::New { temporary: true }, "What is it?");
    let asked = house.chat.ask(temporary).await.unwrap();
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, "It ").await;
    house.chat.shut_down().await;
    let mut database = storage::database(&house).await;
    let long_ago = "UPDATE conversations SET updated_at = 0";
    sqlx::query(long_ago).execute(&mut database).await.unwrap();
    house.restart().await;
    assert!(house.chat.conversation(asked.conversation).await.unwrap().is_none());
    assert_eq!(house.ledger().await[0].status, "interrupted");
    // Nothing of it is waited for, so what comes next does not stay in the log.
    let next = house.ask(Script::new().delta("This.").end()).await;
    house.hear(next.answer).await;
    let trimmed = async {
        let count = "SELECT count(*) FROM journal";
        while sqlx::query_scalar::<_, i64>(count).fetch_one(&mut database).await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
    };
    within(trimmed).await;
}

#[tokio::test]
async fn what_waited_for_the_answer_is_asked_after_it() {
    let mut house = house().await;
    let asked = house.ask(Script::new().delta("It is ").stall().delta("this.").end()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, "It is ").await;
    house.chat.queue(asked.conversation, "say hello", None, &[]).await.unwrap();
    house.restart().await;
    house.hear(asked.answer).await;
    within(house.scripted.wait_ended(2)).await;
    let next = house.conversation(asked.conversation).await.messages.pop().unwrap();
    assert_eq!(house.hear(next.id).await.end().status, AnswerStatus::Finished);
}

#[tokio::test]
async fn an_answer_that_the_upstream_has_lost_is_interrupted_with_its_text() {
    let mut house = house().await;
    let asked = house.ask(Script::new().delta("It is ").stall()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, "It is ").await;
    house.scripted.forget();
    house.restart().await;
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.end().status, AnswerStatus::Interrupted);
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!((message.content.as_str(), answer.failure), ("It is ", None));
    assert_eq!(house.ledger().await[0].status, "interrupted");

    house.scripted.push(Script::new().delta("this.").end());
    house.chat.continue_answer(asked.answer).await.unwrap();
    house.hear(asked.answer).await;
    assert_eq!(house.answer(asked.conversation).await.0.content, "It is this.");
}

#[tokio::test]
async fn an_upstream_that_is_out_of_order_is_asked_for_the_rest_again() {
    let out_of_order = || taking_over::refused(503, "Come back later.");
    let mut house = house().await;
    let asked = house.ask(Script::new().delta("It ").stall().delta("is ").end()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, "It ").await;
    house.scripted.push(out_of_order());
    house.restart().await;
    assert_eq!(house.hear(asked.answer).await.end().status, AnswerStatus::Finished);
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(message.content, "It is ");
    let (sent, written) = (answer.usage.prompt_tokens, answer.usage.completion_tokens);
    assert!(sent > Some(0) && written > Some(0), "what the upstream did not count is estimated");

    let broken = Script::new().delta("It ").cut().delta("is ").delta("this.").end();
    house.scripted.push(broken);
    house.scripted.push(out_of_order());
    let asked = house.chat.ask(question("What is it?")).await.unwrap();
    assert_eq!(house.hear(asked.answer).await.text.content, "It is this.");
    let statuses: Vec<_> = house.ledger().await.into_iter().map(|row| row.status).collect();
    assert_eq!(statuses, ["finished", "finished"]);
}

#[tokio::test]
async fn an_answer_of_a_provider_that_is_gone_is_interrupted() {
    let mut house = house().await;
    let asked = house.ask(Script::new().delta("It is ").stall()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, "It is ").await;
    house.change = |settings| settings.providers[0].name = "another".to_owned();
    house.restart().await;
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!((message.content.as_str(), answer.status), ("It is ", AnswerStatus::Interrupted));
    assert_eq!(house.asked_for(), [""]);
}

#[tokio::test]
async fn a_stop_ends_the_response_upstream_too() {
    for resumed in [false, true] {
        let mut house = house().await;
        let asked = house.ask(Script::new().delta("It is ").stall()).await;
        let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
        hear_content(&mut follower, "It is ").await;
        if resumed {
            house.scripted.push(Script::new().stall());
            house.restart().await;
            within(house.scripted.wait_request(1)).await;
        }
        house.chat.stop(asked.answer).await.unwrap();
        let (message, answer) = house.answer(asked.conversation).await;
        assert_eq!((message.content.as_str(), answer.status), ("It is ", AnswerStatus::Stopped));
        let cancel = within(house.scripted.wait_ended(1 + usize::from(resumed))).await;
        assert_eq!(cancel.path, "/v1/responses/resp_scripted_0/cancel");
    }
}

#[tokio::test]
async fn a_stop_before_the_response_has_a_name_ends_it_as_soon_as_it_has() {
    let house = house().await;
    let late = Script { head_after_ms: 200, ..Script::new().delta("It is ").stall() };
    let asked = house.ask(late).await;
    house.scripted.wait_request(0).await;
    house.chat.stop(asked.answer).await.unwrap();
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!((message.content.as_str(), answer.status), ("", AnswerStatus::Stopped));
    let cancel = within(house.scripted.wait_ended(1)).await;
    assert_eq!(cancel.path, "/v1/responses/resp_scripted_0/cancel");
}
