//! Limits: what they refuse, and what they end.

use chat::{
    Admission, AskError, Caller, ContinueError,
    ledger::Purpose,
    limits::{Allowance, Rule},
};
use protocol::{AnswerStatus, FailureKind, LimitKind, LimitReached};

use super::{money::priced, titles::wait_for_calls, *};

fn rule(allowance: Allowance) -> Vec<Rule> {
    vec![Rule { allowance, ..Rule::default() }]
}

/// About a hundred tokens of an answer.
fn two_hundred_dollars_a_million(settings: &mut Settings) {
    priced(settings);
    let money_per_day = Some(100 * 2_000_000);
    settings.rules = rule(Allowance { money_per_day, ..Allowance::default() });
}

fn limit<T: std::fmt::Debug>(outcome: Result<T, AskError>) -> LimitReached {
    match outcome {
        Err(AskError::Limit(reached)) => reached,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_is_ended_where_the_money_is() {
    let mut house = House::open_with(two_hundred_dollars_a_million).await;
    let words = "word ".repeat(400);
    let asked = house.ask(Script::new().words(&words, 2).stall()).await;
    let heard = house.hear(asked.answer).await;
    within(house.scripted.wait_closed(0)).await;

    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(message.content, heard.text.content, "what came is kept");
    let count = message.content.split_whitespace().count();
    assert!((90..=101).contains(&count), "{count}");
    assert_eq!(answer.status, AnswerStatus::Failed);
    let failure = answer.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::LimitReached);
    let reached = failure.limit.unwrap();
    assert_eq!((reached.kind, reached.allowed), (LimitKind::MoneyPerDay, 100 * 2_000_000));
    assert!(reached.retry_after_s.unwrap() <= 24 * 60 * 60);
    assert!(answer.cost.unwrap() >= 100 * 2_000_000, "{:?}", answer.cost);

    // The next start counts the same.
    for _ in 0..2 {
        let reached = limit(house.chat.ask(question("And now?")).await);
        assert_eq!(reached.kind, LimitKind::MoneyPerDay);
        let continued = house.chat.continue_answer(asked.answer).await;
        assert!(matches!(continued, Err(ContinueError::Limit(_))), "{continued:?}");
        let again = house.chat.retry(asked.answer, None).await;
        assert_eq!(limit(again).kind, LimitKind::MoneyPerDay);
        house.restart().await;
    }
    assert_eq!(house.completions().len(), 1, "nothing was asked for beyond it");
    assert_eq!(house.list().await.len(), 1, "a refused question is not stored");
}

#[tokio::test]
async fn answers_at_once_share_what_is_allowed() {
    let house = House::open_with(two_hundred_dollars_a_million).await;
    let words = "word ".repeat(400);
    let one = house.ask(Script::new().words(&words, 2).stall()).await;
    let other = house.ask(Script::new().words(&words, 2).stall()).await;
    let mut count = 0;
    for asked in [one, other] {
        let heard = house.hear(asked.answer).await;
        assert_eq!(heard.end().failure.as_ref().unwrap().kind, FailureKind::LimitReached);
        count += heard.text.content.split_whitespace().count();
    }
    assert!((85..=110).contains(&count), "{count}");
}

#[tokio::test]
async fn what_the_request_alone_goes_beyond_is_not_sent() {
    let house = House::open_with(|settings| {
        let tokens_per_day = Some(3);
        settings.rules = rule(Allowance { tokens_per_day, ..Allowance::default() });
    })
    .await;
    let asked = house.chat.ask(question("What is it, in so many words?")).await.unwrap();
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.end().failure.as_ref().unwrap().kind, FailureKind::LimitReached);
    assert_eq!(house.completions(), []);
    assert_eq!(house.ledger().await[0].cost, Some(0));
}

#[tokio::test]
async fn a_conversation_has_so_many_turns() {
    let house = House::open_with(|settings| {
        let turns_per_conversation = Some(1);
        settings.rules = rule(Allowance { turns_per_conversation, ..Allowance::default() });
    })
    .await;
    let asked = house.ask(Script::new().delta("This.").end()).await;
    house.hear(asked.answer).await;
    let next = house.chat.ask(Ask::new(Place::End(asked.conversation), "And then?")).await;
    assert_eq!(limit(next).kind, LimitKind::TurnsPerConversation);
    // What is asked in another way, or answered again, is no further turn.
    house.scripted.push(Script::new().delta("That.").end());
    let again = house.chat.retry(asked.answer, None).await.unwrap();
    house.hear(again.answer).await;
    house.scripted.push(Script::new().delta("Those.").end());
    let anew = house.chat.ask(Ask::new(Place::InsteadOf(asked.question), "What are they?")).await;
    house.hear(anew.unwrap().answer).await;
}

#[tokio::test]
async fn a_question_that_waits_goes_on_waiting_at_a_limit() {
    let house = House::open_with(|settings| {
        let requests_per_minute = Some(1);
        settings.rules = rule(Allowance { requests_per_minute, ..Allowance::default() });
        settings.title_model = Some("large".to_owned());
    })
    .await;
    let asked = house.ask(Script::new().delta("1").pause(50).end()).await;
    house.chat.queue(asked.conversation, "two", None, &[]).await.unwrap();
    house.hear(asked.answer).await;
    wait_for_calls(&house, 1).await;
    assert_eq!(house.chat.queued(asked.conversation).await.unwrap().len(), 1);
    let reached = limit(house.chat.ask(question("And now?")).await);
    assert_eq!(reached.kind, LimitKind::RequestsPerMinute);
    assert!((1..=60).contains(&reached.retry_after_s.unwrap()), "{reached:?}");
}

#[tokio::test]
async fn programs_are_admitted_by_the_same_limits() {
    let house = House::open_with(|settings| {
        let concurrent_answers = Some(1);
        settings.rules = vec![Rule {
            provider: Some("scripted".to_owned()),
            allowance: Allowance { concurrent_answers, ..Allowance::default() },
            ..Rule::default()
        }];
    })
    .await;
    let admission = |provider| Admission {
        purpose: Purpose::Relay,
        caller: Caller::OWNER,
        provider,
        model: "small",
        turns: None,
    };
    let permit = house.chat.admit(admission("scripted")).await.unwrap();
    let reached = limit(house.chat.ask(question("And now?")).await);
    assert_eq!(reached.kind, LimitKind::ConcurrentAnswers);
    assert_eq!(reached.holds_for, "scripted");
    house.chat.admit(admission("another")).await.unwrap();
    drop(permit);
    let asked = house.ask(Script::new().delta("This.").end()).await;
    assert_eq!(house.hear(asked.answer).await.end().status, AnswerStatus::Finished);
}
