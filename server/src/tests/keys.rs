//! How the providers' keys are shown, and what becomes of an answer that one of them cut.

use scripted_upstream::Script;
use serde_json::json;

use super::{
    actors::{Actor, events, form, page, with},
    house::{House, KEY},
};

/// The key without the end that is shown.
fn hidden() -> &'static str {
    &KEY[..KEY.len() - 4]
}

fn refused(status: u16) -> Script {
    Script::document(status, &json!({"error": {"message": "No."}}))
}

#[tokio::test]
async fn a_key_is_shown_by_its_end_and_used_again_by_a_button() {
    let house = House::open().await;
    let user = house.local_user();
    let shown = user.visit("/settings").await.text;
    assert!(shown.contains("Key …lone") && shown.contains("Ready."), "{shown}");
    assert!(!shown.contains("Use again"));

    user.have_answered("Hello", refused(401)).await;
    let shown = user.visit("/settings").await.text;
    assert!(shown.contains("Set aside until you use it again: the provider did not accept it."));
    assert!(shown.contains("Use again: Key …lone") && !shown.contains(hidden()));
    let chinese = user.send(with(page("/settings"), "accept-language", "zh-CN")).await.text;
    assert!(chinese.contains("停用，直到你重新启用：服务商不接受它。"), "{chinese}");

    for (provider, key) in [("nobody", "0"), ("scripted", "1")] {
        let wrong = form("/settings/keys", &[("provider", provider), ("key", key)]);
        assert_eq!(user.send(wrong).await.status, 404);
    }
    let again = form("/settings/keys", &[("provider", "scripted"), ("key", "0")]);
    assert_eq!(user.send(again).await.location(), "/settings?saved#keys");
    assert!(user.visit("/settings").await.text.contains("Ready."));
    assert!(!user.visit("/settings?q=theme").await.text.contains("Key …lone"), "it is searched");
}

#[tokio::test]
async fn metrics_tell_of_calls_and_keys_and_never_of_a_key() {
    let house = House::open().await;
    let user = house.local_user();
    let answered = Script::new().delta("This.").finish("stop").usage(11, 7).done();
    let line = |text: &str, name: &str| {
        let found = text.lines().find(|line| line.starts_with(name));
        found.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
    };
    let mut commits = 0;
    for times in 1..=2 {
        user.have_answered("Hello", answered.clone()).await;
        let metrics = user.visit("/metrics").await;
        let counted = line(&metrics.text, "inglenook_store_commits_total ");
        let counted = counted.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap();
        // A question and the end of its answer are on the disk before anybody is told.
        assert!(counted >= commits + 2, "{counted} after {commits}");
        commits = counted;
        let calls = r#"inglenook_calls_total{provider="scripted",model="small",purpose="chat",status="finished"}"#;
        assert_eq!(line(&metrics.text, calls), format!("{calls} {times}"), "counted once each");
        let tokens = calls.replace("calls", "completion_tokens");
        assert_eq!(line(&metrics.text, &tokens), format!("{tokens} {}", 7 * times));
    }
    let asked = user.ask("Hello", Script::new().delta("a").stall()).await;
    house.upstream.wait_request(2).await;
    let listening = user.open(events(asked.answer, "")).await;
    let metrics = user.visit("/metrics").await;
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    let key = r#"provider="scripted",index="0",key="lone""#;
    for expected in [
        "inglenook_open_answers 1".to_owned(),
        "inglenook_open_event_streams 1".to_owned(),
        r#"inglenook_provider_reachable{provider="scripted"} 1"#.to_owned(),
        format!("inglenook_key_open_requests{{{key}}} 1"),
        format!(r#"inglenook_key_state{{{key},state="healthy"}} 1"#),
        format!(r#"inglenook_key_state{{{key},state="parked"}} 0"#),
    ] {
        assert_eq!(line(&metrics.text, &expected), expected);
    }
    assert!(!metrics.text.contains(hidden()));
    drop(listening);
    user.send(form("/rpc/stop", &[("answer", &asked.answer.to_string())])).await;
    user.have_answered("Hello", refused(402)).await;
    let metrics = user.visit("/metrics").await.text;
    assert_eq!(line(&metrics, "inglenook_open_event_streams"), "inglenook_open_event_streams 0");
    let parked = format!(r#"inglenook_key_state{{{key},state="parked"}} 1"#);
    assert_eq!(line(&metrics, &parked), parked);
    for status in ["stopped", "failed"] {
        assert!(metrics.contains(&format!(r#"status="{status}"}} 1"#)), "{status}: {metrics}");
    }
}

#[tokio::test]
async fn where_an_answer_was_cut_is_said_below_it() {
    let house = House::with_two_keys().await;
    let user = house.local_user();
    house.upstream.push(Script::new().delta("It is ").cut());
    let asked = user.have_answered("What?", Script::new().delta("this.").end()).await;
    let address = format!("/c/{}", asked.conversation);
    let shown = user.visit(&address).await.text;
    assert!(shown.contains("It is this."), "{shown}");
    let words = "The connection was cut after “…It is”; scripted/small went on from there.";
    assert!(shown.contains(words), "{shown}");
    let chinese = user.send(with(page(&address), "accept-language", "zh-CN")).await.text;
    assert!(chinese.contains("在“…It is”之后连接中断，由 scripted/small 接着写完。"), "{chinese}");
}
