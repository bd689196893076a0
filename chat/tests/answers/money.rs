//! What answers cost, and that none of it is lost, whatever becomes of them.

use chat::{ledger::LedgerEntry, usage::Range};
use protocol::{AnswerStatus, Price, Usage, tokens};
use sqlx::Connection;

use super::{storage::database, titles::wait_for_calls, *};

/// In millionths of a dollar for a million tokens, so in picodollars for one.
const PRICE: Price = Price { input: 250_000, output: 2_000_000, cached_input: Some(25_000) };

/// The price of everything that the scripted provider answers.
pub fn priced(settings: &mut Settings) {
    settings.providers[0].facts.price.all = Some(PRICE);
}

const TEXT: &str = "It is this, and nothing else.";

fn cost(prompt: u64, completion: u64) -> u64 {
    prompt * PRICE.input + completion * PRICE.output
}

/// What the request for "What is it?" takes, about.
fn prompt_tokens() -> u64 {
    tokens::PER_MESSAGE + tokens::estimate("What is it?")
}

#[tokio::test]
async fn what_the_upstream_counts_is_priced_exactly() {
    let mut house = House::open_with(priced).await;
    let counted = r#"{"prompt_tokens":1000,"completion_tokens":30,
        "prompt_tokens_details":{"cached_tokens":600},"completion_tokens_details":{"reasoning_tokens":10}}"#;
    let counted = counted.replace('\n', "");
    let chunk = format!("data: {{\"choices\":[],\"usage\":{counted}}}\n\n");
    let asked = house.ask(Script::new().delta(TEXT).finish("stop").raw(chunk).done()).await;
    let heard = house.hear(asked.answer).await;
    let expected = 400 * 250_000 + 600 * 25_000 + 30 * 2_000_000;
    assert_eq!((heard.end().cost, heard.end().estimated), (Some(expected), false));
    let row = house.ledger().await.remove(0);
    assert_eq!((row.cost, row.estimated), (Some(expected), false));
    house.restart().await;
    let (_, answer) = house.answer(asked.conversation).await;
    assert_eq!(answer.end(), *heard.end(), "it is read back as it was told");
}

#[tokio::test]
async fn what_the_upstream_does_not_count_is_estimated() {
    let house = House::open_with(priced).await;
    let (prompt, completion) = (prompt_tokens(), tokens::estimate(TEXT));
    let begun = || Script::new().delta(TEXT);
    for script in [
        begun().finish("stop").done(),
        begun().cut(),
        begun().stall(),
        // A count before the end is not what will be charged.
        begun().usage(prompt, 1).cut(),
    ] {
        let asked = house.ask(script.clone()).await;
        if script == begun().stall() {
            let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
            hear_content(&mut follower, TEXT).await;
            house.chat.stop(asked.answer).await.unwrap();
        }
        let heard = house.hear(asked.answer).await;
        let end = heard.end();
        let expected = Usage {
            prompt_tokens: Some(prompt),
            completion_tokens: Some(completion),
            ..Usage::default()
        };
        assert_eq!((end.usage, end.estimated), (expected, true), "{script:?}");
        assert_eq!(end.cost, Some(cost(prompt, completion)), "{script:?}");
    }
}

#[tokio::test]
async fn a_call_that_nothing_came_of_costs_nothing() {
    let house = House::open_with(priced).await;
    let asked = house.ask(Script::new().cut()).await;
    let heard = house.hear(asked.answer).await;
    let end = heard.end();
    assert_eq!((end.usage, end.cost, end.estimated), (Usage::default(), Some(0), false));
}

#[tokio::test]
async fn absurd_counts_are_not_believed_and_break_nothing() {
    let mut house = House::open_with(|settings| {
        let dear = Price { input: 1_000_000_000_000, output: 1_000_000_000_000, ..PRICE };
        settings.providers[0].facts.price.all = Some(dear);
    })
    .await;
    let counted = || Script::new().delta(TEXT).finish("stop").usage(1 << 62, 1 << 62).done();
    let asked = house.ask(counted()).await;
    house.hear(asked.answer).await;
    house.scripted.push(counted());
    house.chat.continue_answer(asked.answer).await.unwrap();
    assert_eq!(house.hear(asked.answer).await.end().status, AnswerStatus::Finished);
    house.restart().await;
    let (_, answer) = house.answer(asked.conversation).await;
    assert_eq!(answer.usage.prompt_tokens, Some(1_000_000_000));
    let report = house.chat.usage(Range::Month).await.unwrap();
    assert_eq!((report.sums[0].calls, report.sums[0].cost), (2, i64::MAX as u64));
    let sums = house.chat.call_sums().await.unwrap();
    assert_eq!((sums[0].1.calls, sums[0].1.cost), (2, i64::MAX as u64));
}

#[tokio::test]
async fn a_continued_answer_costs_what_all_its_calls_do() {
    let house = House::open_with(priced).await;
    let asked = house.ask(Script::new().delta(TEXT).finish("length").usage(100, 10).done()).await;
    house.hear(asked.answer).await;
    house.scripted.push(Script::new().delta(" Or that.").finish("stop").usage(200, 20).done());
    house.chat.continue_answer(asked.answer).await.unwrap();
    let heard = house.hear(asked.answer).await;
    assert_eq!(heard.end().cost, Some(cost(300, 30)));
    assert_eq!(heard.end().usage.prompt_tokens, Some(200), "the tokens are those of the last");
    let costs: Vec<_> = house.ledger().await.into_iter().map(|row| row.cost).collect();
    assert_eq!(costs, [Some(cost(100, 10)), Some(cost(200, 20))]);
}

#[tokio::test]
async fn what_a_crash_cut_is_estimated_by_the_next_start() {
    let mut house = House::open_with(priced).await;
    let mut database = database(&house).await;
    // No end is stored, as if the power had gone, so the next start finds the answer open.
    let lost = "CREATE TRIGGER lost BEFORE UPDATE ON ledger WHEN NEW.status <> 'open'
                BEGIN SELECT RAISE(ABORT, 'the power is gone'); END";
    sqlx::query(lost).execute(&mut database).await.unwrap();
    let asked = house.ask(Script::new().delta(TEXT).stall()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, TEXT).await;
    house.chat.shut_down().await;
    sqlx::query("DROP TRIGGER lost").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    house.restart().await;

    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!((message.content.as_str(), answer.status), (TEXT, AnswerStatus::Interrupted));
    let expected = Some(cost(prompt_tokens(), tokens::estimate(TEXT)));
    assert_eq!((answer.cost, answer.estimated), (expected, true));
    let row = house.ledger().await.remove(0);
    assert_eq!((row.status.as_str(), row.cost, row.estimated), ("interrupted", expected, true));
}

#[tokio::test]
async fn what_a_crash_cut_is_not_charged_to_whoever_took_over() {
    let mut house = House::open_with(|settings| {
        priced(settings);
        taking_over::two_keys(settings);
    })
    .await;
    let mut database = database(&house).await;
    let lost = "CREATE TRIGGER lost BEFORE UPDATE ON ledger
                WHEN NEW.status <> 'open' AND OLD.id > 1
                BEGIN SELECT RAISE(ABORT, 'the power is gone'); END";
    sqlx::query(lost).execute(&mut database).await.unwrap();
    house.scripted.push(Script::new().delta(TEXT).cut());
    let asked = house.ask(Script::new().delta(" Or that.").stall()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, &format!("{TEXT} Or that.")).await;
    house.chat.shut_down().await;
    sqlx::query("DROP TRIGGER lost").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    house.restart().await;

    let (message, answer) = house.answer(asked.conversation).await;
    assert_eq!(message.content, format!("{TEXT} Or that."));
    assert_eq!(answer.status, AnswerStatus::Interrupted);
    let written = house.ledger().await.into_iter().map(|row| row.usage.completion_tokens);
    let expected = [TEXT, " Or that."].map(|text| Some(tokens::estimate(text)));
    assert_eq!(written.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn titles_cost_too() {
    let house = House::open_with(|settings| {
        priced(settings);
        settings.title_model = Some("large".to_owned());
    })
    .await;
    house.scripted.push(Script::new().delta("This.").finish("stop").usage(1, 2).done());
    house.scripted.push(Script::new().delta("Name").finish("stop").usage(30, 4).done());
    let asked = house.chat.ask(question("What is it?")).await.unwrap();
    house.hear(asked.answer).await;
    let rows = wait_for_calls(&house, 2).await;
    assert_eq!(rows[1].cost, Some(cost(30, 4)));
    let report = house.chat.usage(Range::Today).await.unwrap();
    let of = |purpose| report.sums.iter().find(|sums| sums.purpose == purpose).unwrap().cost;
    assert_eq!((of("chat"), of("title")), (cost(1, 2), cost(30, 4)));
}

mod whatever_happens {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// What becomes of a question.
    #[derive(Debug, Clone)]
    enum Fate {
        /// The upstream counts so many tokens, and ends.
        Counted(u64, u64),
        /// It does not count.
        Uncounted,
        /// The connection is cut, before or after something came.
        Cut(bool),
        /// A person stops it once something came.
        Stopped,
        /// The upstream refuses.
        Refused,
        /// The server ends while it is being written.
        Restart,
        /// It is cut, and continued to an end that is counted.
        Continued(u64, u64),
        /// It ends, and is answered again.
        Again(u64, u64),
    }

    fn fate() -> impl Strategy<Value = Fate> {
        let count = || (0..100_000_u64, 0..10_000_u64);
        prop_oneof![
            count().prop_map(|(prompt, completion)| Fate::Counted(prompt, completion)),
            Just(Fate::Uncounted),
            any::<bool>().prop_map(Fate::Cut),
            Just(Fate::Stopped),
            Just(Fate::Refused),
            Just(Fate::Restart),
            count().prop_map(|(prompt, completion)| Fate::Continued(prompt, completion)),
            count().prop_map(|(prompt, completion)| Fate::Again(prompt, completion)),
        ]
    }

    fn counted(prompt: u64, completion: u64) -> Script {
        Script::new().delta(TEXT).finish("stop").usage(prompt, completion).done()
    }

    /// Lives through it. Returns what the upstream counted, and how many calls had text that it did
    /// not count.
    async fn live(house: &mut House, fate: &Fate) -> (Vec<(u64, u64)>, usize) {
        let begun = || Script::new().delta(TEXT);
        let script = match fate {
            Fate::Counted(prompt, completion) => counted(*prompt, *completion),
            Fate::Uncounted => begun().finish("stop").done(),
            Fate::Cut(false) => Script::new().cut(),
            Fate::Cut(true) | Fate::Continued(..) | Fate::Again(..) => begun().cut(),
            Fate::Stopped | Fate::Restart => begun().stall(),
            Fate::Refused => Script::document(500, &serde_json::json!({"error": "no"})),
        };
        let asked = house.ask(script).await;
        if matches!(fate, Fate::Stopped | Fate::Restart) {
            let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
            hear_content(&mut follower, TEXT).await;
            match fate {
                Fate::Restart => house.restart().await,
                _ => drop(house.chat.stop(asked.answer).await.unwrap()),
            }
        }
        house.hear(asked.answer).await;
        match fate {
            Fate::Counted(prompt, completion) => (vec![(*prompt, *completion)], 0),
            Fate::Cut(false) | Fate::Refused => (Vec::new(), 0),
            Fate::Uncounted | Fate::Cut(true) | Fate::Stopped | Fate::Restart => (Vec::new(), 1),
            Fate::Continued(prompt, completion) | Fate::Again(prompt, completion) => {
                house.scripted.push(counted(*prompt, *completion));
                let next = match fate {
                    Fate::Again(..) => house.chat.retry(asked.answer, None).await.unwrap().answer,
                    _ => {
                        house.chat.continue_answer(asked.answer).await.unwrap();
                        asked.answer
                    }
                };
                house.hear(next).await;
                (vec![(*prompt, *completion)], 1)
            }
        }
    }

    /// The sums are those of the ledger, by everything that they are kept by.
    async fn check_the_sums(house: &House) {
        let mut database = database(house).await;
        for span in ["month", "day", "hour"] {
            let kept = "SELECT purpose, person_id, token_id, provider, model, status, sum(calls),
                     sum(estimated), sum(unpriced), sum(prompt_tokens), sum(completion_tokens),
                     sum(cached_tokens), sum(reasoning_tokens), sum(cost)
                 FROM usage_sums WHERE span = ?1 GROUP BY 1, 2, 3, 4, 5, 6";
            let scanned =
                "SELECT purpose, person_id, coalesce(token_id, 0), provider, model, status,
                     count(*), sum(estimated), sum(cost IS NULL), sum(coalesce(prompt_tokens, 0)),
                     sum(coalesce(completion_tokens, 0)), sum(coalesce(cached_tokens, 0)),
                     sum(coalesce(reasoning_tokens, 0)), sum(coalesce(cost, 0))
                 FROM ledger WHERE status <> 'open' GROUP BY 1, 2, 3, 4, 5, 6";
            for (one, other) in [(kept, scanned), (scanned, kept)] {
                let differ = format!("SELECT count(*) FROM ({one} EXCEPT {other})");
                let differ: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(differ))
                    .bind(span)
                    .fetch_one(&mut database)
                    .await
                    .unwrap();
                assert_eq!(differ, 0, "{span}");
            }
        }
        let first_tokens: (i64, i64) = sqlx::query_as(
            "SELECT (SELECT coalesce(sum(calls), 0) FROM first_token_counts WHERE span = 'day'),
                 (SELECT count(*) FROM ledger WHERE first_token_ms IS NOT NULL)",
        )
        .fetch_one(&mut database)
        .await
        .unwrap();
        assert_eq!(first_tokens.0, first_tokens.1);
        database.close().await.unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 24,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn the_ledger_holds_what_the_upstreams_sent(fates in vec(fate(), 1..8)) {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let mut house = House::open_with(priced).await;
                let (mut sent, mut uncounted) = (Vec::new(), 0);
                for fate in &fates {
                    let (counted, without) = live(&mut house, fate).await;
                    sent.extend(counted);
                    uncounted += without;
                }
                let rows = house.ledger().await;
                assert_eq!(rows.len(), house.completions().len(), "each call has its row");
                let (estimated, exact): (Vec<LedgerEntry>, Vec<LedgerEntry>) =
                    rows.into_iter().partition(|row| row.estimated);
                assert_eq!(estimated.len(), uncounted);
                let tokens = |row: &LedgerEntry| {
                    Some((row.usage.prompt_tokens?, row.usage.completion_tokens?))
                };
                let exact: Vec<_> = exact.iter().filter_map(tokens).collect();
                assert_eq!(exact, sent, "what was sent is what stands there, in its order");
                for row in &estimated {
                    assert_eq!(tokens(row).unwrap().1, tokens::estimate(TEXT), "{row:?}");
                }
                let totals = estimated.iter().filter_map(tokens).chain(sent);
                let money: u64 = totals.map(|(prompt, completion)| cost(prompt, completion)).sum();
                let report = house.chat.usage(Range::Today).await.unwrap();
                assert_eq!(report.sums.iter().map(|sums| sums.cost).sum::<u64>(), money);
                check_the_sums(&house).await;
            });
        }
    }
}
