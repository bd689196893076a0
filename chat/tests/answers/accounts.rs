//! The ledger against what upstreams sent: whatever they do, and whenever the server ends, there is
//! a row for each request and no token is missing or counted twice.

use chat::upstream::ProviderKey;
use proptest::{collection::vec, prelude::*};
use scripted_upstream::Step;
use serde_json::json;

use super::*;

const KEYS: [&str; 3] = ["sk-a", "sk-b", "sk-c"];

/// What an upstream does with a request.
fn script() -> impl Strategy<Value = Script> {
    let refused = prop_oneof![Just(401), Just(402), Just(429), Just(500), Just(400)];
    let refused =
        refused.prop_map(|status| Script::document(status, &json!({"error": {"message": "No."}})));
    let begun = || {
        vec(1..3_u64, 0..3).prop_map(|deltas| {
            deltas.iter().fold(Script::new(), |script, n| script.delta("word ".repeat(*n as usize)))
        })
    };
    let counts = || (0..1_000_u64, 0..1_000_u64);
    prop_oneof![
        2 => refused,
        2 => begun().prop_map(Script::cut),
        1 => (begun(), counts()).prop_map(|(script, (prompt, completion))| {
            // The pause lets the count arrive before the cut.
            script.usage(prompt, completion).pause(1).cut()
        }),
        4 => (begun(), counts()).prop_map(|(script, (prompt, completion))| {
            script.finish("stop").usage(prompt, completion).done()
        }),
    ]
}

/// What a script sends as counts of tokens.
fn counted(script: &Script) -> (u64, u64) {
    let counts = script.steps.iter().filter_map(|step| match step {
        Step::Usage { prompt, completion } => Some((*prompt, *completion)),
        _ => None,
    });
    counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
}

/// Asks questions until every script is played, and ends the server in the middle of a last answer.
async fn check(mut scripts: Vec<Script>) {
    let mut house = House::open_with(|settings| {
        settings.providers[0].keys = KEYS.map(ProviderKey::from).to_vec();
    })
    .await;
    // However many keys the last question tries, it finds a script.
    let enough = || Script::new().delta("word ").finish("stop").usage(1, 1).done();
    scripts.extend((1..KEYS.len()).map(|_| enough()));
    scripts.iter().for_each(|script| house.scripted.push(script.clone()));
    while house.completions().len() < scripts.len() {
        (0..KEYS.len()).for_each(|index| assert!(house.chat.use_key_again("scripted", index)));
        let asked = house.chat.ask(question("What is it?")).await.unwrap();
        house.hear(asked.answer).await;
    }
    let asked = house.ask(Script::new().delta("word ").stall()).await;
    let mut follower = house.chat.follow(asked.answer, 0).await.unwrap().unwrap();
    hear_content(&mut follower, "word ").await;
    house.restart().await;

    let rows = house.ledger().await;
    assert_eq!(rows.len(), scripts.len() + 1);
    for (row, script) in rows.iter().zip(&scripts) {
        let usage = row.usage;
        let in_ledger =
            [usage.prompt_tokens, usage.completion_tokens].map(Option::unwrap_or_default);
        let (prompt, completion) = counted(script);
        match row.estimated {
            true => assert!(in_ledger[0] >= prompt && in_ledger[1] >= completion, "{row:?}"),
            false => assert_eq!(in_ledger, [prompt, completion], "{row:?}"),
        }
    }
    let totals = house.chat.ledger_totals().await.unwrap();
    let completion = rows.iter().filter_map(|row| row.usage.completion_tokens).sum::<u64>();
    assert_eq!((totals.calls, totals.completion_tokens), (rows.len() as u64, completion));
    assert!(rows.iter().all(|row| row.status != "open"));
    let sums = house.chat.call_sums().await.unwrap();
    assert_eq!(sums.iter().map(|(_, sum)| sum.calls).sum::<u64>(), totals.calls);
    assert_eq!(sums.iter().map(|(_, sum)| sum.completion_tokens).sum::<u64>(), completion);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_ledger_has_what_the_upstreams_sent(scripts in vec(script(), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(scripts));
    }
}
