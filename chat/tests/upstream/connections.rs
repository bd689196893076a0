//! Connections: what comes is given on at once, and what is not wanted any more is closed.

use std::time::Instant;

use scripted_upstream::{Ending, Script, Upstream as Scripted};
use tokio::time::timeout;

use super::*;

/// Far above what closing takes, far below what the scripts would.
const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn each_delta_is_given_on_at_once() {
    let scripted = Scripted::start().await;
    scripted.push((0..5).fold(Script::new(), |script, _| script.delta("a").pause(100)).end());
    let mut completion = stream(&upstream(&scripted), &request("?")).await.unwrap();
    let begun = Instant::now();
    let mut times = Vec::new();
    while let Some(piece) = completion.next().await.unwrap() {
        if matches!(piece, Piece::Delta(_)) {
            times.push(begun.elapsed());
        }
    }
    assert_eq!(times.len(), 5);
    let gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // Anything that collects deltas would bring two at once. A busy machine only brings all later.
    assert!(gaps.iter().all(|gap| *gap > Duration::from_millis(30)), "{gaps:?}");
}

#[tokio::test]
async fn a_dropped_answer_closes_the_connection() {
    let scripted = Scripted::start().await;
    scripted.push(Script::new().delta("a").stall());
    let mut completion = stream(&upstream(&scripted), &request("?")).await.unwrap();
    while !matches!(completion.next().await.unwrap(), Some(Piece::Delta(_))) {}
    let waiting = timeout(Duration::from_millis(20), completion.next()).await;
    assert!(waiting.is_err(), "a dropped future does not end the answer");
    assert_eq!(scripted.requests()[0].ending, Ending::Open);
    drop(completion);
    timeout(AT_ONCE, scripted.wait_closed(0)).await.unwrap();
}

#[tokio::test]
async fn a_request_dropped_before_its_answer_closes_the_connection() {
    let scripted = Scripted::start().await;
    scripted.push(Script::never());
    let (upstream, request) = (upstream(&scripted), request("?"));
    tokio::select! {
        _ = stream(&upstream, &request) => unreachable!("it never answers"),
        _ = scripted.wait_request(0) => {}
    }
    timeout(AT_ONCE, scripted.wait_closed(0)).await.unwrap();
}

#[tokio::test]
async fn a_timeout_closes_the_connection() {
    let scripted = Scripted::start().await;
    scripted.push(Script::new().delta("a").stall());
    let idle_timeout = Duration::from_millis(100);
    let provider = Provider { idle_timeout, ..provider(&scripted.base_url()) };
    let mut completion = stream(&Upstream::new(provider).unwrap(), &request("?")).await.unwrap();
    while completion.next().await.is_ok() {}
    // The failed answer is still held, as a caller may while it stores what came.
    timeout(AT_ONCE, scripted.wait_closed(0)).await.unwrap();
}

#[tokio::test]
async fn many_answers_at_once() {
    let scripted = Scripted::start().await;
    let upstream = upstream(&scripted);
    let mut answers = tokio::task::JoinSet::new();
    for n in 0..100 {
        let upstream = upstream.clone();
        answers.spawn(async move {
            let heard = hear(&upstream, &request(&format!("number {n}"))).await;
            assert!(heard.text.content.contains(&format!("> number {n}\n")), "{heard:?}");
            assert_eq!(heard.failure, None);
        });
    }
    answers.join_all().await;
    assert!(scripted.requests().iter().all(|request| request.ending == Ending::Played));
}
