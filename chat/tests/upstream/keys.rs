//! Which key is sent with a request, and what its answer does to the key.

use chat::upstream::{KeyState, ProviderKey};
use protocol::FailureKind;
use serde_json::json;

use super::*;

const KEYS: [&str; 2] = ["sk-first-of-the-test-aaaa", "sk-second-of-the-test-bbbb"];

fn two_keys(scripted: &Scripted) -> Upstream {
    let keys = KEYS.into_iter().map(ProviderKey::from).collect();
    Upstream::new(Provider { keys, ..provider(&scripted.base_url()) }).unwrap()
}

/// The keys that the requests so far came with.
fn sent(scripted: &Scripted) -> Vec<String> {
    let key = |request: &scripted_upstream::Recorded| {
        request.headers["authorization"].strip_prefix("Bearer ").unwrap().to_owned()
    };
    scripted.requests().iter().map(key).collect()
}

fn states(upstream: &Upstream) -> Vec<KeyState> {
    upstream.health().keys.into_iter().map(|key| key.state).collect()
}

#[tokio::test]
async fn keys_take_turns_and_are_given_back_with_the_answer() {
    let scripted = Scripted::start().await;
    let upstream = two_keys(&scripted);
    let open = |upstream: &Upstream| -> Vec<u32> {
        upstream.health().keys.iter().map(|key| key.open).collect()
    };
    scripted.push(Script::new().delta("a").stall());
    let held = stream(&upstream, &request("?")).await.unwrap();
    assert_eq!(open(&upstream), [1, 0], "an answer that comes holds its key");
    for _ in 0..2 {
        assert_eq!(hear(&upstream, &request("?")).await.failure, None);
    }
    assert_eq!(sent(&scripted), [KEYS[0], KEYS[1], KEYS[1]]);
    drop(held);
    assert_eq!(open(&upstream)[0], 0);

    scripted.push(Script::new().delta("a").finish("stop").done().stall());
    let mut held = stream(&upstream, &request("?")).await.unwrap();
    while held.next().await.unwrap().is_some() {}
    assert_eq!(open(&upstream), [0, 0], "an answer that has ended holds none");
}

#[tokio::test]
async fn what_an_upstream_says_in_the_middle_counts_as_well() {
    for (error, kind) in [
        (json!({"message": "busy", "code": 429}), FailureKind::RateLimited),
        (json!({"message": "x", "code": "insufficient_quota"}), FailureKind::OutOfQuota),
    ] {
        let scripted = Scripted::start().await;
        let upstream = two_keys(&scripted);
        scripted.push(Script::new().delta("a").error(error));
        assert_eq!(hear(&upstream, &request("?")).await.failure.unwrap().kind, kind);
        let aside = match states(&upstream)[0] {
            KeyState::Healthy => None,
            KeyState::BackingOff { why, .. } | KeyState::Parked { why, .. } => Some(why),
        };
        assert_eq!(aside, Some(kind));
        assert_eq!(states(&upstream)[1], KeyState::Healthy);
    }
}

#[tokio::test]
async fn a_cut_or_a_mistake_of_the_request_is_not_the_keys_fault() {
    let scripted = Scripted::start().await;
    let upstream = two_keys(&scripted);
    for script in [
        Script::new().delta("a").cut(),
        Script::document(400, &json!({"error": {"message": "No."}})),
        Script::document(500, &json!({"error": {"message": "No."}})),
    ] {
        scripted.push(script);
        hear(&upstream, &request("?")).await.failure.unwrap();
        assert_eq!(states(&upstream), [KeyState::Healthy; 2]);
    }
}

#[tokio::test]
async fn a_key_that_may_not_list_models_is_not_parked() {
    let settings = scripted_upstream::Settings {
        require_key: Some("another".to_owned()),
        ..scripted_upstream::Settings::default()
    };
    let scripted = Scripted::start_with(settings).await.unwrap();
    let upstream = two_keys(&scripted);
    assert_eq!(upstream.models().await.unwrap_err().kind, FailureKind::Unauthorised);
    assert_eq!(states(&upstream), [KeyState::Healthy; 2]);
}
