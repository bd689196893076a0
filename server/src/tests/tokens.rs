//! The page where tokens are made and revoked.

use scripted_upstream::Script;
use serde_json::json;

use super::{
    actors::{Actor, form, with},
    house::House,
    html::assert_harmless,
    relay,
};

const HOSTILE: &str = "\"><script>alert(1)</script>";

#[tokio::test]
async fn a_token_is_shown_once_and_only_its_end_after_that() {
    let house = House::locked().await;
    let owner = house.owner().await;
    assert!(owner.visit("/tokens").await.text.contains("There are none yet."));
    assert!(owner.visit("/settings").await.text.contains("href=\"/tokens\""));
    let fields = [("name", HOSTILE), ("scope", "relay"), ("scope", "read"), ("days", "30")];
    let made = owner.send(form("/tokens", &fields)).await;
    assert_eq!((made.status.as_u16(), made.header("cache-control")), (201, "no-store"));
    let document = assert_harmless(&made);
    let field = document.all("input").find(|input| input.get("id") == "token").unwrap();
    let token = field.get("value").to_owned();
    assert!(token.starts_with("ink_") && token.len() == 47, "{token}");
    assert!(document.text.contains(&format!("Bearer {token}")), "{}", document.text);
    assert!(document.text.contains("curl http://localhost:3000/v1/chat/completions"));

    let later = owner.visit("/tokens").await;
    let document = assert_harmless(&later);
    assert!(!later.text.contains(&token), "it is shown once");
    let ending = &token[token.len() - 4..];
    for words in [HOSTILE, &format!("ink_…{ending}"), "Ask models, Read", "Expires", "Never used"]
    {
        assert!(document.text.contains(words), "{words} in {}", document.text);
    }
}

#[tokio::test]
async fn a_refused_form_says_why_and_keeps_what_was_written() {
    let house = House::open().await;
    let user = house.local_user();
    for (fields, words) in [
        (vec![("name", " "), ("scope", "read")], "Something is missing: the name."),
        (vec![("name", HOSTILE)], "Something is missing: what the token may do."),
        (
            vec![("name", HOSTILE), ("scope", "relay"), ("money_per_day", "a lot")],
            "“a lot” is no number above 0: the US dollars a day.",
        ),
        (
            vec![("name", HOSTILE), ("scope", "relay"), ("tokens_per_day", "0")],
            "“0” is no number above 0: the tokens a day.",
        ),
        (vec![("name", HOSTILE), ("scope", "all")], "Something is missing: what the token may do."),
    ] {
        let refused = user.send(form("/tokens", &fields)).await;
        assert_eq!(refused.status, 422);
        let document = assert_harmless(&refused);
        assert!(document.text.contains(words), "{words} in {}", document.text);
        let name = document.all("input").find(|input| input.get("name") == "name").unwrap();
        assert_eq!(name.get("value"), fields[0].1);
    }
    assert_eq!(house.chat.tokens().await.unwrap(), []);
    let chinese = with(form("/tokens", &[("name", "")]), "cookie", "inglenook_language=zh-CN");
    assert!(user.send(chinese).await.text.contains("缺少名称。"));
    for gone in ["/tokens/7/revoke", "/tokens/nothing/revoke"] {
        assert_eq!(user.send(form(gone, &[])).await.location(), "/tokens");
    }
}

#[tokio::test]
async fn a_token_has_limits_of_its_own() {
    let house = House::open().await;
    let user = house.local_user();
    let limits = [("money_per_day", "2.50"), ("tokens_per_day", ""), ("requests_per_minute", "1")];
    let fields = [&[("name", "one"), ("scope", "relay")], &limits[..]].concat();
    let made = user.send(form("/tokens", &fields)).await;
    let document = assert_harmless(&made);
    assert!(document.text.contains("$2.50 a day, 1 request a minute"), "{}", document.text);
    let field = document.all("input").find(|input| input.get("id") == "token").unwrap();
    let bearer = format!("Bearer {}", field.get("value"));
    for expected in [200, 429] {
        house.upstream.push(Script::document(200, &json!({"choices": []})));
        let asked = with(relay::ask(json!({})), "authorization", &bearer);
        assert_eq!(user.send(asked).await.status, expected);
    }
    // Whoever shows no token is not held by its limits.
    assert_eq!(user.send(relay::ask(json!({}))).await.status, 200);
}
