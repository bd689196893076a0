//! However an answer ends, its text and all that is known of it are stored, and its call has a row
//! in the ledger.

use protocol::{AnswerStatus, FailureKind, Role, Usage};
use scripted_upstream::Spelling;
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_finished_answer_is_stored_with_all_that_is_known_of_it() {
    let house = House::open().await;
    let script =
        Script::new().reasoning("Hm. ", Spelling::default()).delta("It is ").delta("this.");
    let asked = house.ask(script.finish("length").usage(11, 7).done()).await;
    assert_eq!(asked.model, "small");

    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.text, Delta { content: "It is this.".into(), reasoning: "Hm. ".into() });
    assert_eq!(heard.snapshots, 0, "a reader from the beginning needs none");

    let usage = Usage { prompt_tokens: Some(11), completion_tokens: Some(7), ..Usage::default() };
    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(message.content, "It is this.");
    assert_eq!(answer.reasoning, "Hm. ");
    assert_eq!(answer.status, AnswerStatus::Finished);
    assert_eq!(answer.finish_reason.as_deref(), Some("length"));
    assert_eq!((answer.provider.as_str(), answer.model.as_str()), ("scripted", "small"));
    assert_eq!(answer.usage, usage);
    assert_eq!(answer.sequence, heard.cursor);
    let times = answer.timings;
    assert!(times.first_token_ms <= times.reasoning_ms && times.reasoning_ms <= times.total_ms);
    assert!(times.first_token_ms.is_some(), "{times:?}");
    assert_eq!(*heard.end(), answer.end(), "readers are told what is stored");

    let row = LedgerEntry {
        purpose: "chat".into(),
        status: "finished".into(),
        provider: "scripted".into(),
        model: "small".into(),
        answer: Some(asked.answer),
        usage,
        estimated: false,
        // The upstream runs on this machine.
        cost: Some(0),
    };
    assert_eq!(house.ledger().await, [row]);
    let totals = house.chat.ledger_totals().await.unwrap();
    assert_eq!((totals.calls, totals.prompt_tokens, totals.completion_tokens), (1, 11, 7));
}

#[tokio::test]
async fn a_conversation_is_sent_from_its_beginning() {
    let house = House::open().await;
    let first = house.ask(Script::new().delta("This.").end()).await;
    house.hear(first.answer).await;
    house.scripted.push(Script::new().delta("That.").end());
    let ask = Ask::new(Place::End(first.conversation), "And then?\n");
    let second = house.chat.ask(ask).await.unwrap();
    house.hear(second.answer).await;

    let sent = &house.completions()[1].body["messages"];
    let expected = json!([
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": "This."},
        {"role": "user", "content": "And then?"},
    ]);
    assert_eq!(*sent, expected);
    let conversation = house.conversation(first.conversation).await;
    let said: Vec<_> =
        conversation.messages.iter().map(|said| (said.role, said.content.as_str())).collect();
    let (user, assistant) = (Role::User, Role::Assistant);
    let expected =
        [(user, "What is it?"), (assistant, "This."), (user, "And then?"), (assistant, "That.")];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn every_failure_keeps_the_text_that_came() {
    let house = House::open_with(|settings| {
        let provider = &mut settings.providers[0];
        provider.idle_timeout = Duration::from_millis(200);
        provider.connect_timeout = Duration::from_millis(200);
    })
    .await;
    let begun = || Script::new().delta("some ").delta("words");
    let error = json!({"message": "The model crashed.", "code": 502});
    let refused = |status| Script::document(status, &json!({"error": {"message": "No."}}));
    let cases = [
        (begun(), FailureKind::CutOff, "some words"),
        (begun().cut(), FailureKind::CutOff, "some words"),
        (begun().error(error), FailureKind::UpstreamError, "some words"),
        (begun().raw("data: oops\n\n"), FailureKind::Malformed, "some words"),
        (begun().stall(), FailureKind::TimedOut, "some words"),
        (Script::never(), FailureKind::TimedOut, ""),
        (refused(400), FailureKind::Refused, ""),
        (refused(401), FailureKind::Unauthorised, ""),
        (refused(402), FailureKind::OutOfQuota, ""),
        (refused(429), FailureKind::RateLimited, ""),
        (refused(500), FailureKind::UpstreamError, ""),
    ];
    let count = cases.len();
    for (script, kind, content) in cases {
        // Whatever the case before has done to the key.
        assert!(house.chat.use_key_again("scripted", 0));
        let asked = house.ask(script.clone()).await;
        let heard = house.hear(asked.answer).await;
        let (message, answer) = house.answer(asked.conversation).await;
        assert_eq!(heard.text.content, content, "{script:?}");
        assert_eq!(message.content, content, "{script:?}");
        assert_eq!(answer.status, AnswerStatus::Failed, "{script:?}");
        assert_eq!(*heard.end(), answer.end(), "{script:?}");
        let failure = answer.failure.unwrap();
        assert_eq!((failure.kind, failure.provider.as_str()), (kind, "scripted"), "{script:?}");
    }
    let rows = house.ledger().await;
    assert_eq!(rows.len(), count, "failed calls are counted too");
    assert!(rows.iter().all(|row| row.status == "failed"), "{rows:?}");
}

#[tokio::test]
async fn an_unreachable_provider_fails_the_answer_and_keeps_the_question() {
    let house = House::open_with(|settings| {
        // Nothing listens on the discard port of loopback.
        settings.providers[0].base_url = "http://127.0.0.1:9/v1".parse().unwrap();
    })
    .await;
    let asked = house.chat.ask(question("What is it?")).await.unwrap();
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.end().failure.as_ref().unwrap().kind, FailureKind::Unreachable);
    assert_eq!(house.conversation(asked.conversation).await.messages[0].content, "What is it?");
    assert_eq!(house.ledger().await[0].status, "failed");
}

#[tokio::test]
async fn without_a_provider_the_question_is_kept_and_the_answer_says_why() {
    let house = House::open_with(|settings| settings.providers.clear()).await;
    assert_eq!(house.chat.default_model(), None);
    let asked = house.chat.ask(question("What is it?")).await.unwrap();
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.end().status, AnswerStatus::Failed);
    assert_eq!(heard.end().failure.as_ref().unwrap().kind, FailureKind::NoProvider);
    let conversation = house.conversation(asked.conversation).await;
    assert_eq!(conversation.messages[0].content, "What is it?");
    assert_eq!(conversation.messages[1].answer.as_ref().unwrap().end(), *heard.end());
    assert_eq!(house.ledger().await, [], "no call was made");
}
