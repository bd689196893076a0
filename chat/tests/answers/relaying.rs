//! Answers on their way to programs, from upstreams of all sorts. However one ends, its row in the
//! ledger is closed, with what the upstream had sent by then.

use chat::{Caller, RelayBody, RelayError, RelayRequest, RelayedBody, Wish};
use proptest::prelude::*;
use scripted_upstream::{Ending, Step};
use serde_json::json;

use super::*;

/// A program's request for a stream.
pub(super) fn request() -> RelayRequest {
    let body = json!({"model": "small", "stream": true, "messages": []});
    RelayRequest {
        caller: Caller::OWNER,
        path: "chat/completions".to_owned(),
        headers: Default::default(),
        wish: Wish::default(),
        body: RelayBody::Json(body.to_string().into()),
    }
}

impl House {
    pub(super) async fn relay(&self, script: Script) -> RelayedBody {
        self.scripted.push(script);
        within(self.chat.relay(request())).await.unwrap().body
    }

    /// The latest row, once no call is open.
    pub(super) async fn settled(&self) -> LedgerEntry {
        within(async {
            loop {
                let row = self.chat.ledger(1).await.unwrap().remove(0);
                if row.status != "open" {
                    return row;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }
}

/// Reads up to a text, or to the end. False if it broke off.
async fn read(body: &mut RelayedBody, text: &str) -> (Vec<u8>, bool) {
    let mut read = Vec::new();
    loop {
        match within(body.next()).await {
            Some(Ok(bytes)) => read.extend_from_slice(&bytes),
            Some(Err(_)) => return (read, false),
            None => return (read, true),
        }
        // Only the end is searched: some answers are long.
        let end = &read[read.len().saturating_sub(1 << 12)..];
        if !text.is_empty() && String::from_utf8_lossy(end).contains(text) {
            return (read, true);
        }
    }
}

pub(super) async fn read_all(body: &mut RelayedBody) -> (Vec<u8>, bool) {
    read(body, "").await
}

#[tokio::test]
async fn whatever_is_sent_goes_through_byte_for_byte() {
    let house = House::open().await;
    let long = format!("data: {{\"x\":\"{}\"}}\n\n", "y".repeat(10 << 20));
    for odd in [
        b"event: x\r\nid: 1\r\nretry: 5\r\ndata: {\"choices\":[]}\r\n\r\n".to_vec(),
        b"data: a\xff\xfe\xe6\n\n".to_vec(),
        b"data: oops\n\ndata\n\n:\n\n\n\n\r\r".to_vec(),
        b"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}{\"choices\":[]}\n\n".to_vec(),
        b"\0\0\x01binary\x1b[31m".to_vec(),
        "data: ".repeat(10_000).into_bytes(),
        long.into_bytes(),
    ] {
        let end = b"\n\ndata: [DONE]\n\n";
        let script = Script::new().bytes(odd.clone()).pause(1).bytes(end.to_vec());
        let mut body = house.relay(script).await;
        let (passed, whole) = read_all(&mut body).await;
        assert!(whole && passed == [&odd[..], end].concat(), "{:?}", &odd[..20.min(odd.len())]);
        assert_eq!(house.settled().await.status, "finished");
    }
}

#[tokio::test]
async fn every_way_to_fail_is_told_and_stands_in_the_ledger() {
    fn impatient(settings: &mut Settings) {
        settings.providers[0].idle_timeout = Duration::from_millis(200);
    }
    let house = House::open_with(impatient).await;
    let begun = || Script::new().delta("Be").usage(3, 1);
    for (script, breaks_off, status) in [
        (begun().error(json!({"message": "crashed", "code": 500})), false, "failed"),
        (begun().raw("data: {\"choi").cut(), true, "failed"),
        (begun().stall(), true, "failed"),
        (begun(), false, "failed"),
        (begun().finish("stop").cut(), true, "finished"),
        (begun().finish("stop").done(), false, "finished"),
    ] {
        let shown = format!("{script:?}");
        let mut body = house.relay(script).await;
        let (passed, whole) = read_all(&mut body).await;
        assert_eq!(whole, !breaks_off, "{shown}");
        assert!(String::from_utf8_lossy(&passed).contains("Be"), "{shown}");
        let row = house.settled().await;
        assert_eq!(
            (row.status.as_str(), row.usage.completion_tokens),
            (status, Some(1)),
            "{shown}"
        );
    }
    house.scripted.push(Script::never());
    let silent = within(house.chat.relay(request())).await;
    assert!(matches!(silent, Err(RelayError::Upstream(_))), "{silent:?}");
    assert_eq!(house.settled().await.status, "failed");
}

#[tokio::test]
async fn a_program_that_stops_reading_stops_its_upstream() {
    let house = House::open().await;
    // Far more than all the buffers of sockets on the way together.
    let piece = "x".repeat(1 << 20);
    let endless = (0..100).fold(Script::new(), |script, _| script.delta(piece.as_str()));
    let mut body = house.relay(endless).await;
    within(body.next()).await.unwrap().unwrap();
    let quiet = Duration::from_millis(300);
    let ended = tokio::time::timeout(quiet, house.scripted.wait_ended(0)).await;
    assert!(ended.is_err(), "all of it was taken in, though nobody reads");
    drop(body);
    assert_eq!(within(house.scripted.wait_closed(0)).await.ending, Ending::Closed);
    assert_eq!(house.settled().await.status, "stopped");
}

#[tokio::test]
async fn a_program_that_leaves_while_its_call_is_closed_has_taken_what_it_took() {
    let house = House::open().await;
    let script = Script::new().delta("Hello.").finish("stop").usage(11, 7).done();
    let mut body = house.relay(script).await;
    read(&mut body, "[DONE]").await;
    let mut database = storage::database(&house).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut database).await.unwrap();
    // The call is being closed, and waits for whoever else writes.
    let waits = tokio::time::timeout(Duration::from_millis(300), body.next()).await;
    assert!(waits.is_err(), "{waits:?}");
    drop(body);
    sqlx::query("ROLLBACK").execute(&mut database).await.unwrap();
    let row = house.settled().await;
    assert_eq!((row.status.as_str(), row.usage.completion_tokens), ("finished", Some(7)));
}

#[tokio::test]
async fn the_end_of_the_server_ends_its_calls() {
    let mut house = House::open().await;
    let mut body = house.relay(Script::new().delta("a").stall()).await;
    within(body.next()).await.unwrap().unwrap();
    let (_, (_, whole)) = tokio::join!(house.chat.shut_down(), read_all(&mut body));
    assert!(!whole);
    drop(body);
    house.restart().await;
    assert_eq!(house.settled().await.status, "interrupted");
}

/// How an answer ends.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    /// As it should.
    Done,
    /// The upstream cuts the connection.
    UpstreamCuts,
    /// The program hangs up.
    ProgramCuts,
}

/// The steps of one answer, with a last piece that tells when all of it has come.
fn answer() -> impl Strategy<Value = (Vec<Step>, Outcome)> {
    let step = prop_oneof![
        3 => "[a-z]{1,5}".prop_map(Step::Delta),
        1 => (0..1_000_u64, 0..1_000_u64)
            .prop_map(|(prompt, completion)| Step::Usage { prompt, completion }),
        1 => Just(Step::Comment("x".to_owned())),
    ];
    let outcomes = [Outcome::Done, Outcome::UpstreamCuts, Outcome::ProgramCuts];
    (prop::collection::vec(step, 0..6), prop::sample::select(outcomes.to_vec()))
}

const LAST: &str = "LAST";

async fn play(house: &House, steps: &[Step], outcome: Outcome) {
    let script = Script { steps: steps.to_vec(), ..Script::new() }.delta(LAST);
    let script = match outcome {
        Outcome::Done => script.finish("stop").done(),
        Outcome::UpstreamCuts => script.pause(5).cut(),
        Outcome::ProgramCuts => script.stall(),
    };
    let mut body = house.relay(script).await;
    match outcome {
        Outcome::ProgramCuts => assert!(read(&mut body, LAST).await.1),
        Outcome::Done => assert!(read_all(&mut body).await.1),
        Outcome::UpstreamCuts => assert!(!read_all(&mut body).await.1),
    }
}

/// What an upstream has counted last.
fn counted(steps: &[Step]) -> (u64, u64) {
    let counts = steps.iter().rev().find_map(|step| match step {
        Step::Usage { prompt, completion } => Some((*prompt, *completion)),
        _ => None,
    });
    counts.unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_has_what_the_upstreams_sent(answers in prop::collection::vec(answer(), 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut house = House::open().await;
            for (steps, outcome) in &answers {
                play(&house, steps, *outcome).await;
                house.settled().await;
            }
            for _ in 0..2 {
                let rows = house.ledger().await;
                assert_eq!(rows.len(), answers.len());
                for (row, (steps, outcome)) in rows.iter().zip(&answers) {
                    let (prompt, completion) = counted(steps);
                    let usage = row.usage;
                    assert_eq!(usage.prompt_tokens.unwrap_or_default(), prompt, "{row:?}");
                    let in_ledger = usage.completion_tokens.unwrap_or_default();
                    match row.estimated {
                        // More came than had been counted by then.
                        true => assert!(in_ledger > completion, "{row:?}"),
                        false => assert_eq!(in_ledger, completion, "{row:?} {outcome:?}"),
                    }
                }
                // They survive a restart.
                house.restart().await;
            }
        });
    }
}

#[tokio::test]
async fn what_a_program_takes_is_estimated_where_nobody_counts_and_has_a_price() {
    let house = House::open_with(super::money::priced).await;
    let mut body =
        house.relay(Script::new().delta("one two three four").finish("stop").done()).await;
    assert!(read_all(&mut body).await.1);
    let row = house.settled().await;
    assert!(row.estimated && row.usage.completion_tokens == Some(4), "{row:?}");
    assert!(row.cost.unwrap() > 0, "{row:?}");
    let counts = Script::new().delta("one two").finish("stop").usage(9, 2).done();
    let mut body = house.relay(counts).await;
    assert!(read_all(&mut body).await.1);
    let row = house.settled().await;
    assert!(!row.estimated && row.usage.completion_tokens == Some(2), "{row:?}");
}

#[tokio::test]
async fn a_limit_refuses_a_program_and_cuts_what_it_was_being_told() {
    fn limited(settings: &mut Settings) {
        let tokens_per_day = Some(100);
        let allowance = chat::Allowance { tokens_per_day, ..chat::Allowance::default() };
        settings.rules = vec![chat::limits::Rule { allowance, ..chat::limits::Rule::default() }];
    }
    let house = House::open_with(limited).await;
    let mut body = house.relay(Script::new().words(&"word ".repeat(400), 2).stall()).await;
    let (_, whole) = read_all(&mut body).await;
    assert!(!whole, "the program must not take a part for the whole");
    within(house.scripted.wait_closed(0)).await;
    let row = house.settled().await;
    assert_eq!(row.status, "failed");
    assert!((90..=110).contains(&row.usage.completion_tokens.unwrap()), "{row:?}");
    let refused = within(house.chat.relay(request())).await;
    assert!(matches!(&refused, Err(RelayError::Limit(reached)) if reached.retry_after_s.is_some()));
    assert_eq!(house.completions().len(), 1, "nobody was asked");
}
