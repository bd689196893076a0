//! Signing in and out.

use super::{
    actors::{Actor, form, page, with},
    house::{House, PASSWORD},
    html::{Document, assert_harmless},
};

#[tokio::test]
async fn the_sign_in_page_is_a_form_that_needs_no_scripts() {
    let house = House::locked().await;
    let reply = house.visitor().visit("/login?next=/c/1%22%3E%3Cscript%3E").await;
    assert_eq!(reply.status, 200);
    let document = assert_harmless(&reply);
    assert!(!reply.text.contains("hydrate"), "{}", reply.text);
    let form = document.all("form").next().unwrap();
    assert_eq!((form.get("method"), form.get("action")), ("post", "/login"));
    // Quotes and brackets are no part of addresses, so this one is dropped.
    let next = document.all("input").find(|input| input.get("name") == "next").unwrap();
    assert_eq!(next.get("value"), "/");
}

#[tokio::test]
async fn a_wrong_password_is_refused_in_words() {
    let house = House::locked().await;
    let fields = [("password", "guess"), ("next", "/c/1?stream")];
    let reply = house.visitor().send(form("/login", &fields)).await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header("set-cookie"), "");
    let document = assert_harmless(&reply);
    assert!(document.text.contains("That is not the password."), "{}", document.text);
    assert!(document.tags.iter().any(|tag| tag.get("role") == "alert"));
    let next = document.all("input").find(|input| input.get("name") == "next").unwrap();
    assert_eq!(next.get("value"), "/c/1?stream", "the way on is kept");
    assert!(!reply.text.contains("guess"), "what was typed is not repeated");
}

#[tokio::test]
async fn who_has_shown_no_password_sends_little() {
    let house = House::locked().await;
    let long = "x".repeat(5 << 10);
    let reply = house.visitor().send(form("/login", &[("password", &long)])).await;
    assert_eq!(reply.status, 413);
}

#[tokio::test]
async fn who_guesses_is_slowed_down() {
    let house = House::locked().await;
    let visitor = house.visitor();
    for _ in 0..5 {
        let reply = visitor.send(form("/login", &[("password", "guess")])).await;
        assert_eq!(reply.status, 401);
    }
    let reply = visitor.send(form("/login", &[("password", PASSWORD)])).await;
    assert_eq!(reply.status, 429);
    assert!(Document::parse(&reply.text).text.contains("Try again in"), "{}", reply.text);
    assert_eq!(reply.header("set-cookie"), "");
}

#[tokio::test]
async fn the_right_password_opens_and_leads_on_within_this_server() {
    let house = House::locked().await;
    let check = async |next: &str, expected: &str| {
        let fields = [("password", PASSWORD), ("next", next)];
        let reply = house.visitor().send(form("/login", &fields)).await;
        assert_eq!(reply.location(), expected, "{next:?}");
        let cookie = reply.header("set-cookie");
        assert!(cookie.contains("; HttpOnly; SameSite=Lax; Path=/;"), "{cookie}");
        assert!(!cookie.contains("Secure"), "the cookie would not come back over plain http");
    };
    check("/c/1?stream", "/c/1?stream").await;
    check("", "/").await;
    check("https://evil.example", "/").await;
    check("//evil.example", "/").await;
    check("/\\evil.example", "/").await;
    check("/\t/evil.example", "/").await;
    check("evil.example", "/").await;
    check("javascript:alert(1)", "/").await;
}

#[tokio::test]
async fn behind_https_the_cookie_stays_there() {
    let house = House::locked_at("https://chat.example.org").await;
    let reply = house.visitor().send(form("/login", &[("password", PASSWORD)])).await;
    assert!(reply.header("set-cookie").ends_with("; Secure"), "{reply:?}");
}

#[tokio::test]
async fn signing_out_forgets_the_session() {
    let house = House::locked().await;
    let owner = house.owner().await;
    let other_device = house.owner().await;
    assert_eq!(owner.visit("/").await.status, 200);
    assert_eq!(owner.visit("/login").await.location(), "/", "there is no need to sign in twice");

    let reply = owner.send(form("/logout", &[])).await;
    assert_eq!(reply.location(), "/login");
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("inglenook_session=;") && cookie.contains("Max-Age=0"), "{cookie}");
    // The browser would drop its cookie; a thief's copy is worth nothing either.
    assert_eq!(owner.visit("/").await.location(), "/login?next=%2F");
    assert_eq!(other_device.visit("/").await.status, 200);
}

#[tokio::test]
async fn only_cookies_that_were_given_and_have_not_expired_open() {
    let house = House::locked().await;
    let signed_in = house.owner().await.cookie;
    let check = async |cookie: &str, expected: u16| {
        let reply = house.owner_with(cookie).visit("/").await;
        assert_eq!(reply.status, expected, "{cookie}");
    };
    check(&signed_in, 200).await;
    check(&house.expired_cookie().await, 303).await;
    check(&format!("inglenook_session={}", "0".repeat(64)), 303).await;
    check(&format!("inglenook_session={}", "' OR 1=1 --"), 303).await;
    check("inglenook_session=", 303).await;
    check(&signed_in.to_uppercase(), 303).await;
    check(&signed_in.replace("inglenook_session", "session"), 303).await;
}

#[tokio::test]
async fn without_a_password_there_is_nothing_to_sign_in_to() {
    let house = House::open().await;
    let user = house.local_user();
    assert_eq!(user.visit("/login").await.location(), "/");
    assert_eq!(user.send(form("/login", &[("password", "x")])).await.location(), "/");
    let page = user.send(with(page("/"), "cookie", "inglenook_session=x")).await;
    assert!(!page.text.contains("/logout"), "{}", page.text);
}
