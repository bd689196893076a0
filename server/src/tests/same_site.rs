//! What other sites may make a browser do here: nothing.

use super::{
    actors::{Actor, data, form, page, with},
    house::{House, PASSWORD},
};

/// Every address that changes something.
const CHANGES: [&str; 9] = [
    "/rpc/ask",
    "/rpc/stop",
    "/rpc/retry",
    "/rpc/continue",
    "/theme",
    "/login",
    "/logout",
    "/tokens",
    "/tokens/1/revoke",
];

#[tokio::test]
async fn posts_from_other_sites_are_refused() {
    let house = House::locked().await;
    let owner = house.owner().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "http://localhost:4000"),
        ("origin", "null"),
    ] {
        for path in CHANGES {
            let fields = [("text", "Hello"), ("theme", "dark"), ("password", PASSWORD)];
            for request in [form(path, &fields), data(path, &fields)] {
                let reply = owner.send(with(request, name, value)).await;
                assert_eq!(reply.status, 403, "{path} {name}: {value}");
            }
        }
    }
    let listed = owner.send(data("/rpc/more", &[])).await;
    assert_eq!(listed.text, "[[],false]", "nothing was asked, and the session was not ended");
    assert!(house.upstream.requests().is_empty());
}

#[tokio::test]
async fn a_browser_on_the_page_itself_may_post() {
    let house = House::open().await;
    let user = house.local_user();
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
        ("origin", "http://localhost:3000"),
    ] {
        let reply = user.send(with(form("/theme", &[("theme", "dark")]), name, value)).await;
        assert_eq!(reply.location(), "/", "{name}: {value}");
    }
}

#[tokio::test]
async fn the_public_address_may_post_though_a_proxy_changes_the_host() {
    let house = House::locked_at("https://chat.example.org").await;
    let sent_from = async |origin: &str| {
        let form = form("/login", &[("password", PASSWORD)]);
        house.visitor().send(with(form, "origin", origin)).await.status.as_u16()
    };
    assert_eq!(sent_from("https://chat.example.org").await, 303);
    assert_eq!(sent_from("https://chat.example.org.evil.example").await, 403);
}

#[tokio::test]
async fn without_a_password_only_names_of_this_machine_are_answered() {
    let open = House::open().await;
    let locked = House::locked().await;
    let check = async |host: &str, expected: u16| {
        let reply = open.local_user().send(with(page("/"), "host", host)).await;
        assert_eq!(reply.status, expected, "{host:?}");
        if expected == 421 {
            assert!(reply.text.contains("localhost only"), "{}", reply.text);
        }
        // Sessions are bound to the name they were begun under, so a password is enough.
        let reply = locked.owner().await.send(with(page("/"), "host", host)).await;
        assert_eq!(reply.status, 200, "{host:?}");
    };
    check("localhost:3000", 200).await;
    check("127.0.0.1:3000", 200).await;
    check("[::1]:3000", 200).await;
    check("evil.example", 421).await;
    check("evil.example:3000", 421).await;
    check("localhost.evil.example", 421).await;
    check("192.168.1.5:3000", 421).await;
    check("", 421).await;
}
