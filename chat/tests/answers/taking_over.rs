//! Where an upstream fails, another key or the fallback takes over: unseen before the answer has
//! begun, with a seam after.

use chat::upstream::{Fallback, KeyState, ProviderKey};
use protocol::{AnswerStatus, FailureKind, Seam};
use scripted_upstream::{Ending, Spelling};
use serde_json::{Value, json};

use super::*;

pub(super) const FIRST: &str = "sk-first-of-the-test-aaaa";
pub(super) const SECOND: &str = "sk-second-of-the-test-bbbb";

pub(super) fn two_keys(settings: &mut Settings) {
    settings.providers[0].keys = [FIRST, SECOND].map(ProviderKey::from).to_vec();
}

/// A provider that cannot be reached, with the one that plays scripts as its fallback.
pub(super) fn with_fallback(settings: &mut Settings) {
    let away = Provider {
        name: "away".to_owned(),
        // Nothing listens on the discard port of loopback.
        base_url: "http://127.0.0.1:9/v1".parse().unwrap(),
        models: vec!["huge".to_owned(), "large".to_owned()],
        fallback: Some(Fallback::read("scripted")),
        ..settings.providers[0].clone()
    };
    settings.providers.insert(0, away);
}

pub(super) fn refused(status: u16, message: &str) -> Script {
    Script::document(status, &json!({"error": {"message": message}}))
}

impl House {
    /// Has the scripts played, one for each request of an answer, and listens to its end.
    async fn have_written(&self, scripts: impl IntoIterator<Item = Script>) -> (Asked, Heard) {
        scripts.into_iter().for_each(|script| self.scripted.push(script));
        let asked = self.chat.ask(question("What is it?")).await.unwrap();
        let heard = self.hear(asked.answer).await;
        (asked, heard)
    }

    /// The keys that were sent, in their order.
    pub(super) fn keys_sent(&self) -> Vec<String> {
        let key = |request: Recorded| request.headers["authorization"].replace("Bearer ", "");
        self.completions().into_iter().map(key).collect()
    }

    /// How each call stands in the ledger: its provider, model and status.
    pub(super) async fn calls(&self) -> Vec<(String, String, String)> {
        let rows = self.ledger().await.into_iter();
        rows.map(|row| (row.provider, row.model, row.status)).collect()
    }

    fn state(&self, index: usize) -> KeyState {
        self.chat.provider_health()[0].keys[index].state
    }
}

pub(super) fn call(provider: &str, model: &str, status: &str) -> (String, String, String) {
    (provider.to_owned(), model.to_owned(), status.to_owned())
}

#[tokio::test]
async fn another_key_answers_unseen_where_one_is_refused() {
    for (script, kind) in [
        (refused(401, "No such key."), Some(FailureKind::Unauthorised)),
        // Another question may be allowed with it.
        (refused(403, "Not this."), None),
        (refused(402, "Pay first."), Some(FailureKind::OutOfQuota)),
        (refused(429, "Slowly."), Some(FailureKind::RateLimited)),
        (refused(503, "Busy.").header("retry-after", "9"), Some(FailureKind::UpstreamError)),
        (refused(500, "Broken."), None),
        (Script::new().cut(), None),
        (
            Script::new().error(json!({"message": "Busy.", "code": 429})),
            Some(FailureKind::RateLimited),
        ),
    ] {
        let house = House::open_with(two_keys).await;
        let answered = Script::new().delta("This.").finish("stop").usage(5, 2).done();
        let (asked, heard) = house.have_written([script.clone(), answered]).await;
        assert_eq!(heard.end().status, AnswerStatus::Finished, "{script:?}");
        assert_eq!(heard.text.content, "This.", "{script:?}");
        assert_eq!(heard.end().seams, [], "{script:?}");
        assert_eq!(house.keys_sent(), [FIRST, SECOND], "{script:?}");
        assert_eq!(
            house.calls().await,
            [call("scripted", "small", "failed"), call("scripted", "small", "finished")],
            "each attempt has its row: {script:?}"
        );
        let rows = house.ledger().await;
        assert!(rows.iter().all(|row| row.answer == Some(asked.answer)));
        assert_eq!((rows[0].usage.prompt_tokens, rows[1].usage.prompt_tokens), (None, Some(5)));
        let aside = match house.state(0) {
            KeyState::Healthy => None,
            KeyState::BackingOff { why, .. } | KeyState::Parked { why, .. } => Some(why),
        };
        assert_eq!((aside, house.state(1)), (kind, KeyState::Healthy), "{script:?}");
        let (message, answer) = house.answer(asked.conversation).await;
        assert_eq!((message.content.as_str(), answer.end()), ("This.", heard.end().clone()));
    }
}

#[tokio::test]
async fn a_mistake_of_the_request_is_told_at_once() {
    for status in [400, 404, 422] {
        let house = House::open_with(two_keys).await;
        let (_, heard) = house.have_written([refused(status, "No model.")]).await;
        assert_eq!(heard.end().status, AnswerStatus::Failed);
        assert_eq!(house.completions().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn each_key_is_tried_once_and_the_last_failure_is_told() {
    let house = House::open_with(two_keys).await;
    let (_, heard) = house.have_written([refused(500, "One."), refused(500, "Two.")]).await;
    let failure = heard.end().failure.clone().unwrap();
    assert_eq!(failure.kind, FailureKind::UpstreamError);
    assert_eq!(failure.detail.as_deref(), Some("Two."));
    assert_eq!(
        house.calls().await,
        [call("scripted", "small", "failed"), call("scripted", "small", "failed")]
    );
}

#[tokio::test]
async fn when_every_key_is_parked_nobody_is_asked_and_the_answer_says_so() {
    let house = House::open_with(two_keys).await;
    house.have_written([refused(402, "Pay first."), refused(402, "Pay first.")]).await;
    let (asked, heard) = house.have_written([]).await;
    let failure = heard.end().failure.clone().unwrap();
    assert_eq!(failure.kind, FailureKind::OutOfQuota);
    assert!(
        failure.retry_after_s.is_some_and(|wait| (21_590..=21_600).contains(&wait)),
        "{failure:?}"
    );
    let detail = failure.detail.unwrap();
    assert_eq!(
        detail,
        "scripted was not asked, since its 2 keys are set aside; it last said: Pay first."
    );
    assert_eq!(house.completions().len(), 2);
    assert_eq!(house.calls().await.len(), 2, "no call was made");
    let (_, answer) = house.answer(asked.conversation).await;
    assert_eq!((answer.provider.as_str(), answer.model.as_str()), ("scripted", "small"));

    assert!(house.chat.use_key_again("scripted", 1));
    assert!(!house.chat.use_key_again("scripted", 2) && !house.chat.use_key_again("nobody", 0));
    house.scripted.push(Script::new().delta("This.").end());
    house.chat.continue_answer(asked.answer).await.unwrap();
    assert_eq!(house.hear(asked.answer).await.end().status, AnswerStatus::Finished);
    assert_eq!(house.keys_sent()[2], SECOND);
}

#[tokio::test]
async fn the_fallback_answers_and_is_shown_as_who_did() {
    let house = House::open_with(with_fallback).await;
    let (asked, heard) = house.have_written([Script::new().delta("This.").end()]).await;
    assert_eq!(heard.end().status, AnswerStatus::Finished);
    assert_eq!(heard.end().model, "small", "it has no `huge`, so its first is asked");
    let (_, answer) = house.answer(asked.conversation).await;
    assert_eq!((answer.provider.as_str(), answer.model.as_str()), ("scripted", "small"));
    assert_eq!(
        house.calls().await,
        [call("away", "huge", "failed"), call("scripted", "small", "finished")]
    );
    let health = house.chat.provider_health();
    assert!(health[0].unreachable_for.is_some() && health[1].unreachable_for.is_none());

    // While that is so, the fallback is asked at once, for the same model where it has it.
    house.scripted.push(Script::new().delta("That.").end());
    let ask = Ask { model: Some("away/large"), ..question("What is it?") };
    let asked = house.chat.ask(ask).await.unwrap();
    assert_eq!(house.hear(asked.answer).await.end().model, "large");
    assert_eq!(house.calls().await[2], call("scripted", "large", "finished"));
}

#[tokio::test]
async fn a_fallback_is_asked_in_its_own_words() {
    let house = House::open_with(|settings| {
        with_fallback(settings);
        settings.providers[0].max_tokens_field =
            Some(chat::upstream::MaxTokensField::MaxCompletionTokens);
        settings.providers[0].fallback = Some(Fallback::read("scripted/tiny"));
    })
    .await;
    let parameters = chat::Parameters { max_tokens: Some(9), ..chat::Parameters::default() };
    let settings = chat::ConversationSettings { parameters, ..Default::default() };
    house.scripted.push(Script::new().delta("This.").end());
    let ask = Ask { settings: Some(&settings), ..question("What is it?") };
    let asked = house.chat.ask(ask).await.unwrap();
    house.hear(asked.answer).await;
    let body = &house.completions()[0].body;
    assert_eq!((&body["model"], &body["max_tokens"]), (&json!("tiny"), &json!(9)));
    assert_eq!(body["max_completion_tokens"], Value::Null);
    assert_eq!(house.chat.sent(asked.answer).await.unwrap().is_exact, Some(true));
}

#[tokio::test]
async fn fallbacks_that_lead_in_a_circle_come_to_an_end() {
    let house = House::open_with(|settings| {
        with_fallback(settings);
        settings.providers[1].fallback = Some(Fallback::read("away"));
    })
    .await;
    let (_, heard) = house.have_written([refused(500, "Broken.")]).await;
    assert_eq!(heard.end().failure.clone().unwrap().detail.as_deref(), Some("Broken."));
    assert_eq!(house.calls().await.len(), 2);
}

#[tokio::test]
async fn a_cut_answer_goes_on_with_a_seam() {
    let mut house = House::open_with(two_keys).await;
    let begun =
        Script::new().reasoning("Hm. ", Spelling::default()).delta("It is ").delta("this, ");
    let rest = Script::new().delta("and that.").finish("stop").usage(9, 4).done();
    let (asked, heard) = house.have_written([begun.cut(), rest]).await;
    let seam = Seam {
        after: "It is this,".to_owned(),
        why: FailureKind::CutOff,
        by: "scripted/small".to_owned(),
    };
    assert_eq!(heard.text.content, "It is this, and that.");
    assert_eq!(heard.snapshots, 0, "a reader notices nothing");
    assert_eq!((heard.end().status, &heard.end().seams), (AnswerStatus::Finished, &vec![seam]));
    assert_eq!(heard.end().usage.completion_tokens, Some(4), "that of the last");
    assert_eq!(house.keys_sent(), [FIRST, SECOND]);
    let messages = house.completions()[1].body["messages"].as_array().unwrap().clone();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[1], json!({"role": "assistant", "content": "It is this, "}));
    assert_eq!(messages[2]["role"], "user");
    let statuses: Vec<_> = house.ledger().await.into_iter().map(|row| row.status).collect();
    assert_eq!(statuses, ["failed", "finished"], "each is a call of its own");

    house.restart().await;
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(message.content, "It is this, and that.");
    assert_eq!(answer.end(), *heard.end(), "the seam is stored");
    let copy = house.chat.fork(asked.answer).await.unwrap();
    assert_eq!(house.answer(copy).await.1.seams, answer.seams, "a copy has it too");
}

#[tokio::test]
async fn a_seam_is_kept_when_the_server_ends_after_it() {
    let mut house = House::open_with(two_keys).await;
    house.scripted.push(Script::new().delta("It is ").cut());
    let asked = house.ask(Script::new().delta("this").stall()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, "It is this").await;
    house.restart().await;
    let (_, answer) = house.answer(asked.conversation).await;
    assert_eq!((answer.status, answer.seams.len()), (AnswerStatus::Interrupted, 1));

    house.scripted.push(Script::new().delta(".").end());
    house.chat.continue_answer(asked.answer).await.unwrap();
    assert_eq!(house.hear(asked.answer).await.end().seams, answer.seams, "it stays where it is");
}

#[tokio::test]
async fn an_answer_goes_on_twice_and_no_more() {
    let house = House::open_with(|settings| {
        let keys = ["a", "b", "c", "d"];
        settings.providers[0].keys = keys.map(ProviderKey::from).to_vec();
    })
    .await;
    let scripts = ["one ", "two ", "three "].map(|word| Script::new().delta(word).cut());
    let (_, heard) = house.have_written(scripts).await;
    assert_eq!(heard.text.content, "one two three ");
    assert_eq!(heard.end().status, AnswerStatus::Failed);
    assert_eq!(heard.end().failure.clone().unwrap().kind, FailureKind::CutOff);
    let seams: Vec<_> = heard.end().seams.iter().map(|seam| seam.after.as_str()).collect();
    assert_eq!(seams, ["one", "one two"]);
    assert_eq!(house.completions().len(), 3);
}

#[tokio::test]
async fn a_seam_is_where_something_came_after_it() {
    let house = House::open_with(|settings| {
        let keys = ["a", "b", "c"];
        settings.providers[0].keys = keys.map(ProviderKey::from).to_vec();
    })
    .await;
    let begun = || Script::new().delta("one ");
    let (_, heard) = house
        .have_written([begun().cut(), refused(500, "No."), Script::new().delta("two").end()])
        .await;
    assert_eq!((heard.text.content.as_str(), heard.end().seams.len()), ("one two", 1));

    let (_, heard) =
        house.have_written([begun().cut(), refused(500, "No."), refused(500, "No.")]).await;
    assert_eq!((heard.text.content.as_str(), heard.end().seams.len()), ("one ", 0));
}

#[tokio::test]
async fn a_cut_answer_ends_where_that_is_wanted_or_nobody_is_left() {
    for change in [
        (|settings| {
            two_keys(settings);
            settings.continue_when_cut = false;
        }) as fn(&mut Settings),
        |_| {},
    ] {
        let house = House::open_with(change).await;
        let (_, heard) = house.have_written([Script::new().delta("It is ").cut()]).await;
        assert_eq!(heard.end().failure.clone().unwrap().kind, FailureKind::CutOff);
        assert_eq!((heard.end().seams.len(), house.completions().len()), (0, 1));
    }
}

#[tokio::test]
async fn a_stop_ends_an_answer_between_its_attempts_as_well() {
    let house = House::open_with(two_keys).await;
    house.scripted.push(Script::new().delta("It is ").cut());
    house.scripted.push(Script::never());
    let asked = house.chat.ask(question("What is it?")).await.unwrap();
    within(house.scripted.wait_request(1)).await;
    within(house.chat.stop(asked.answer)).await.unwrap();
    assert_eq!(within(house.scripted.wait_ended(1)).await.ending, Ending::Closed);
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!((message.content.as_str(), answer.status), ("It is ", AnswerStatus::Stopped));
    assert_eq!(answer.seams, [], "nothing came after it");
    let statuses: Vec<_> = house.ledger().await.into_iter().map(|row| row.status).collect();
    assert_eq!(statuses, ["failed", "stopped"]);
    let open: Vec<_> = house.chat.provider_health()[0].keys.iter().map(|key| key.open).collect();
    assert_eq!(open, [0, 0], "every key was given back");
}

#[tokio::test]
async fn titles_are_made_by_whoever_can() {
    let house = House::open_with(|settings| {
        two_keys(settings);
        settings.title_model = Some("scripted/titles".to_owned());
    })
    .await;
    let scripts = [
        Script::new().delta("This.").end(),
        refused(429, "Slowly."),
        Script::new().delta("A Name").end(),
    ];
    let (asked, _) = house.have_written(scripts).await;
    let rows = titles::wait_for_calls(&house, 3).await;
    let rows: Vec<_> = rows.iter().map(|row| (row.purpose.as_str(), row.status.as_str())).collect();
    assert_eq!(rows, [("chat", "finished"), ("title", "failed"), ("title", "finished")]);
    assert_eq!(house.conversation(asked.conversation).await.summary.title, "A Name");
}
