//! Requests of programs whose upstream fails: until the head of an answer has come, another key or
//! the fallback answers unseen, as long as that can do with the same bytes.

use chat::{
    RelayBody, RelayError, RelayRequest, RelayedBody, Wish, WishError,
    upstream::{Fallback, KeyState},
};
use protocol::FailureKind;
use serde_json::{Value, json};

use super::{
    choosing::{CODE, by_default, with_rules},
    relaying::{read_all, request},
    taking_over::{FIRST, SECOND, call, refused, two_keys, with_fallback},
    *,
};

fn to_model(model: &str, said: &str) -> RelayRequest {
    let body = json!({"model": model, "messages": [{"role": "user", "content": said}]});
    RelayRequest { body: RelayBody::Json(body.to_string().into()), ..request() }
}

fn for_model(model: &str) -> RelayRequest {
    to_model(model, "What is it?")
}

fn with_key_of_program(request: RelayRequest) -> RelayRequest {
    let key = Some("sk-of-the-program-cccc".into());
    RelayRequest { wish: Wish { key, ..Wish::default() }, ..request }
}

/// Two keys, and programs may send their own.
fn two_keys_or_ones_own(settings: &mut Settings) {
    two_keys(settings);
    settings.providers[0].client_key = true;
}

fn answered() -> Script {
    Script::new().delta("This.").end()
}

impl House {
    /// The status and the text that come of a request.
    async fn pass(&self, request: RelayRequest) -> Result<(u16, String), RelayError> {
        let mut relayed = within(self.chat.relay(request)).await?;
        let status = relayed.status.as_u16();
        let text = text(&mut relayed.body).await;
        self.settled().await;
        Ok((status, text))
    }

    fn open_requests(&self) -> Vec<u32> {
        self.chat.provider_health()[0].keys.iter().map(|key| key.open).collect()
    }
}

async fn text(body: &mut RelayedBody) -> String {
    let (bytes, whole) = read_all(body).await;
    assert!(whole, "it broke off");
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn another_key_answers_where_one_is_refused() {
    for failed in [
        refused(401, "No such key."),
        refused(403, "Not you."),
        refused(402, "Pay first."),
        refused(429, "Slowly.").header("retry-after", "9"),
        refused(500, "Broken."),
    ] {
        let house = House::open_with(two_keys).await;
        house.scripted.push(failed.clone());
        let mut body = house.relay(answered()).await;
        let passed = text(&mut body).await;
        assert!(passed.contains("This.") && !passed.contains("error"), "{failed:?}: {passed}");
        house.settled().await;
        assert_eq!(house.keys_sent(), [FIRST, SECOND], "{failed:?}");
        let calls = [call("scripted", "small", "failed"), call("scripted", "small", "finished")];
        assert_eq!(house.calls().await, calls, "{failed:?}");
        let sent = house.completions();
        assert_eq!(sent[0].body, sent[1].body, "{failed:?}");
    }
}

#[tokio::test]
async fn what_the_last_key_brings_is_told_as_it_is() {
    let house = House::open_with(two_keys).await;
    house.scripted.push(refused(500, "One."));
    house.scripted.push(refused(429, "Two.").header("retry-after", "9"));
    let mut relayed = within(house.chat.relay(request())).await.unwrap();
    assert_eq!(
        (relayed.status.as_u16(), &relayed.headers["retry-after"]),
        (429, &"9".parse().unwrap())
    );
    assert!(text(&mut relayed.body).await.contains("Two."));
    assert_eq!(house.keys_sent(), [FIRST, SECOND]);
    assert_eq!(house.calls().await, vec![call("scripted", "small", "failed"); 2]);

    for mistake in [400, 404, 422] {
        let house = House::open_with(two_keys).await;
        house.scripted.push(refused(mistake, "No."));
        assert_eq!(house.pass(request()).await.unwrap().0, mistake);
        assert_eq!(house.completions().len(), 1, "another key would say the same");
    }
}

#[tokio::test]
async fn keys_that_are_set_aside_are_not_asked() {
    let house = House::open_with(two_keys).await;
    house.scripted.push(refused(402, "Pay first."));
    house.scripted.push(refused(402, "Pay first."));
    assert_eq!(house.pass(request()).await.unwrap().0, 402);
    match house.pass(request()).await {
        Err(RelayError::Upstream(failure)) => assert_eq!(failure.kind, FailureKind::OutOfQuota),
        other => panic!("{other:?}"),
    }
    assert_eq!((house.completions().len(), house.calls().await.len()), (2, 2));
}

#[tokio::test]
async fn a_key_is_held_until_the_body_is_dropped() {
    let house = House::open_with(two_keys).await;
    let first = house.relay(Script::new().delta("a").stall()).await;
    let second = house.relay(Script::new().delta("b").stall()).await;
    assert_eq!(
        (house.open_requests(), house.keys_sent()),
        (vec![1, 1], vec![FIRST.into(), SECOND.into()])
    );
    drop(second);
    assert_eq!(house.open_requests(), [1, 0]);
    drop(first);
    assert_eq!(house.open_requests(), [0, 0]);
    // A failure in the middle of an answer is the key's, too.
    let error = json!({"message": "Busy.", "code": 429});
    let mut body = house.relay(Script::new().delta("a").error(error)).await;
    text(&mut body).await;
    let states =
        house.chat.provider_health()[0].keys.iter().map(|key| key.state).collect::<Vec<_>>();
    assert!(matches!(states[..], [KeyState::BackingOff { .. }, KeyState::Healthy]), "{states:?}");
}

#[tokio::test]
async fn an_answer_that_has_begun_is_never_gone_on_with() {
    let house = House::open_with(two_keys).await;
    let mut body = house.relay(Script::new().delta("a").cut()).await;
    assert!(!read_all(&mut body).await.1);
    assert_eq!(house.completions().len(), 1);
}

#[tokio::test]
async fn a_key_of_the_program_stands_alone() {
    let house = House::open_with(two_keys_or_ones_own).await;
    house.scripted.push(refused(401, "No such key: sk-of-the-program-cccc."));
    let (status, _) = house.pass(with_key_of_program(for_model("small"))).await.unwrap();
    assert_eq!((status, house.keys_sent()), (401, vec!["sk-of-the-program-cccc".to_owned()]));
    let health = &house.chat.provider_health()[0];
    assert!(health.keys.iter().all(|key| key.state == KeyState::Healthy), "{health:?}");
    house.scripted.push(answered());
    assert_eq!(house.pass(for_model("small")).await.unwrap().0, 200);
    assert_eq!(house.keys_sent()[1], FIRST);
}

#[tokio::test]
async fn a_fallback_answers_if_it_knows_the_model() {
    let house = House::open_with(with_fallback).await;
    house.scripted.push(answered());
    let (status, text) = house.pass(for_model("away/large")).await.unwrap();
    assert!(status == 200 && text.contains("This."), "{status} {text}");
    let calls = [call("away", "large", "failed"), call("scripted", "large", "finished")];
    assert_eq!(house.calls().await, calls);

    let unreachable = |outcome: Result<(u16, String), RelayError>| match outcome {
        Err(RelayError::Upstream(failure)) => failure.kind == FailureKind::Unreachable,
        _ => false,
    };
    let house = House::open_with(with_fallback).await;
    assert!(unreachable(house.pass(for_model("away/huge")).await), "it has another model");
    let wish = Wish { provider: Some("away".to_owned()), ..Wish::default() };
    let named = RelayRequest { wish, ..for_model("large") };
    assert!(unreachable(house.pass(named).await), "another provider is not meant");
    assert_eq!(house.completions().len(), 0);

    let house = House::open_with(|settings| {
        with_fallback(settings);
        settings.providers[0].fallback = Some(Fallback::read("scripted/small"));
    });
    let house = house.await;
    house.scripted.push(answered());
    assert_eq!(house.pass(for_model("away/huge")).await.unwrap().0, 200);
    assert_eq!(house.completions()[0].body["model"], "small", "the owner says so");

    let house = House::open_with(|settings| {
        with_fallback(settings);
        settings.providers[1].dialect = Dialect::Anthropic;
    });
    assert!(unreachable(house.await.pass(for_model("away/large")).await), "it reads other bytes");
}

#[tokio::test]
async fn providers_get_what_is_written_in_their_dialect() {
    let house = House::open_with(|settings| {
        settings.providers[0].dialect = Dialect::Anthropic;
        two_keys(settings);
    });
    let house = house.await;
    for (path, understood) in [("chat/completions", "messages"), ("responses", "messages")] {
        let request = RelayRequest { path: path.to_owned(), ..for_model("small") };
        let expected = WishError::OtherDialect {
            provider: "scripted".to_owned(),
            path: path.to_owned(),
            understood,
        };
        match house.pass(request).await {
            Err(RelayError::Wish(wish)) => assert_eq!(wish, expected),
            other => panic!("{other:?}"),
        }
    }
    let request = || RelayRequest { path: "messages".to_owned(), ..for_model("small") };
    house.scripted.push(refused(401, "No such key."));
    house.scripted.push(answered());
    assert_eq!(house.pass(request()).await.unwrap().0, 200);
    let sent = house.scripted.requests();
    let headers: Vec<_> = sent.iter().map(|sent| &sent.headers).collect();
    assert_eq!([&headers[0]["x-api-key"], &headers[1]["x-api-key"]], [FIRST, SECOND]);
    assert_eq!(headers[1]["anthropic-version"], "2023-06-01");
    assert!(!headers[1].contains_key("authorization"));
    let rows = house.ledger().await;
    assert_eq!((rows[1].status.as_str(), rows[1].usage.completion_tokens), ("finished", Some(20)));

    // What the program says of the version counts.
    let mut newer = request();
    newer.headers.insert("anthropic-version", "2030-01-01".parse().unwrap());
    house.scripted.push(answered());
    house.pass(newer).await.unwrap();
    assert_eq!(house.scripted.requests()[2].headers["anthropic-version"], "2030-01-01");
}

#[tokio::test]
async fn the_model_is_chosen_for_programs_that_ask_auto() {
    let house = House::open_with(with_rules).await;
    for (said, chosen) in [("What is it?", "small"), (CODE, "large")] {
        house.scripted.push(answered());
        assert_eq!(house.pass(to_model("auto", said)).await.unwrap().0, 200);
        assert_eq!(house.models_asked().last().unwrap(), chosen);
    }
    let wish = Wish { provider: Some("scripted".to_owned()), ..Wish::default() };
    let outcome = house.pass(RelayRequest { wish, ..to_model("auto", CODE) }).await;
    assert!(matches!(outcome, Err(RelayError::Wish(WishError::AutoChooses))), "{outcome:?}");
    // Elsewhere it is a name like any other.
    house.scripted.push(Script::document(200, &Value::Null));
    let embed = RelayRequest { path: "embeddings".to_owned(), ..to_model("auto", CODE) };
    house.pass(embed).await.unwrap();
    assert_eq!(house.scripted.requests().last().unwrap().body["model"], "auto");

    let house = House::open_with(by_default).await;
    house.scripted.push(answered());
    house.pass(to_model("", CODE)).await.unwrap();
    assert_eq!(house.models_asked().last().unwrap(), "large", "a rule, without a name");
}
