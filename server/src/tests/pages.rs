//! Pages as they come from the server, which is all that a browser without scripts ever sees.

use scripted_upstream::{Script, Spelling};

use super::{
    actors::{Actor, HERE, form, page, with},
    house::House,
    html::{Document, Tag, assert_harmless, is_local},
};

#[tokio::test]
async fn pages_run_and_load_only_what_is_ours() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Hello", Script::new().delta("Hi.").end()).await;
    let open = user.ask("Begin.", Script::new().delta("A beginning").stall()).await;
    let mut nonces = Vec::new();
    for address in [
        "/".to_owned(),
        format!("/c/{}", asked.conversation),
        format!("/c/{}", open.conversation),
        "/nowhere".to_owned(),
    ] {
        let reply = user.visit(&address).await;
        assert_eq!(reply.header("content-type"), "text/html; charset=utf-8", "{address}");
        let document = assert_harmless(&reply);
        assert!(document.all("script").count() > 0, "{address}");
        let links = document.tags.iter().filter_map(|tag| tag.attributes.get("href"));
        for link in links {
            assert!(is_local(link), "{address}: {link}");
        }
        nonces.push(reply.nonce().to_owned());
    }
    assert!(nonces[0].len() >= 16, "{nonces:?}");
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 4, "each response has a nonce of its own");
}

#[tokio::test]
async fn a_finished_conversation_reads_fully_without_scripts() {
    let house = House::open().await;
    let user = house.local_user();
    let older = user.have_answered("An older question", Script::new().delta("Yes.").end()).await;
    let script = Script::new()
        .reasoning("Six times seven.", Spelling::default())
        .delta("The answer is **42**.\n\n- one\n- two\n\n```rust\nfn main() {}\n```\n")
        .end();
    let asked = user.have_answered("What is six times seven?", script).await;
    let reply = user.visit(&format!("/c/{}", asked.conversation)).await;
    assert_eq!(reply.status, 200);
    assert!(reply.text.contains("The answer is <strong>42</strong>."), "{}", reply.text);
    let document = Document::parse(&reply.text);
    for text in
        ["What is six times seven?", "Six times seven.", "fn main() {}", "An older question"]
    {
        assert!(document.text.contains(text), "{text:?} in {}", document.text);
    }
    assert!(document.text.starts_with("What is six times seven? · Inglenook"));
    let names: Vec<_> = document.all("article").map(|article| article.get("aria-label")).collect();
    assert_eq!(names, ["You", "small"]);
    assert_eq!(document.all("article").nth(1).unwrap().get("aria-busy"), "false");

    let listed = |conversation: String| {
        let address = format!("/c/{conversation}");
        document.all("a").find(|link| link.get("href") == address).unwrap().get("aria-current")
    };
    assert_eq!(listed(asked.conversation.to_string()), "page");
    assert_eq!(listed(older.conversation.to_string()), "");
    let form = document.all("form").find(|form| form.get("action") == "/rpc/ask").unwrap();
    assert_eq!(form.get("method"), "post");
    let named = |tag: &Tag, label| tag.get("aria-label") == label;
    assert!(
        document
            .all("textarea")
            .any(|field| named(field, "Message") && field.get("name") == "text")
    );
    assert!(document.all("button").any(|button| named(button, "Send")));
    assert!(document.all("nav").any(|nav| named(nav, "Conversations")));
}

#[tokio::test]
async fn the_text_of_an_answer_is_sent_once() {
    let house = House::open().await;
    let user = house.local_user();
    let script = Script::new()
        .reasoning("Consider the medlar.", Spelling::default())
        .delta("Quinces keep until spring.")
        .end();
    let asked = user.have_answered("What keeps?", script).await;
    let page = user.visit(&format!("/c/{}", asked.conversation)).await;
    for words in ["Quinces keep until spring.", "Consider the medlar."] {
        assert_eq!(page.text.matches(words).count(), 1, "{words:?} in {}", page.text);
    }
}

/// A long page is sent in many pieces, between which its connection may move to another thread.
#[tokio::test]
async fn a_page_can_be_sent_by_another_thread_than_made_it() {
    let house = House::open().await;
    let page = house.local_user().open(page("/")).await;
    let sending = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(page.whole())
    });
    assert!(sending.join().unwrap().text.contains("</html>"));
}

#[tokio::test]
async fn an_open_answer_shows_what_there_is_of_it() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.ask("Begin.", Script::new().delta("A *beginning*").stall()).await;
    user.open(super::actors::events(asked.answer, "")).await.until("beginning").await;
    let page = user.visit(&format!("/c/{}", asked.conversation)).await;
    assert!(page.text.contains("A <em>beginning</em>"), "{}", page.text);
    let document = Document::parse(&page.text);
    let answer = document.all("article").nth(1).unwrap();
    assert_eq!(answer.get("aria-busy"), "true");
    assert!(document.all("form").any(|form| form.get("action") == "/rpc/stop"));
}

#[tokio::test]
async fn a_failed_answer_says_what_to_do() {
    let house = House::open().await;
    let user = house.local_user();
    let error = serde_json::json!({"error": {"message": "Rate limit reached."}});
    let script = Script::document(429, &error).header("retry-after", "7");
    let asked = user.have_answered("Hello", script).await;
    let text = Document::parse(&user.visit(&format!("/c/{}", asked.conversation)).await.text).text;
    for words in ["Too many requests to scripted just now.", "Retry in 7 s.", "Rate limit reached."]
    {
        assert!(text.contains(words), "{words:?} in {text}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_too() {
    let house = House::open().await;
    let user = house.local_user();
    user.have_answered("Hello", Script::new().delta("Hi.").end()).await;
    for address in [
        "/nowhere",
        "/c/0193a5c0000070008000000000000001",
        "/c/1",
        "/c/%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/c/..%2F..%2Fetc%2Fpasswd",
        "/c/1/2",
        "/settings.php?id=%3Cscript%3E",
    ] {
        let reply = user.visit(address).await;
        assert_eq!(reply.status, 404, "{address}");
        let document = assert_harmless(&reply);
        assert!(document.text.contains("There is no conversation here"), "{address}");
        assert!(document.all("a").any(|link| link.get("href") == "/"), "{address}");
    }
}

#[tokio::test]
async fn the_theme_in_the_cookie_is_there_from_the_first_paint() {
    let house = House::open().await;
    let user = house.local_user();
    let check = async |cookie: &str, expected: Option<&str>| {
        for address in ["/", "/nowhere"] {
            let reply = user.send(with(page(address), "cookie", cookie)).await;
            let document = Document::parse(&reply.text);
            let html = document.all("html").next().unwrap();
            let theme = html.attributes.get("data-theme").map(String::as_str);
            assert_eq!(theme, expected, "{address} {cookie:?}");
        }
    };
    check("inglenook_theme=dark", Some("dark")).await;
    check("a=b; inglenook_theme=light; c=d", Some("light")).await;
    check("inglenook_theme=system", None).await;
    check("inglenook_theme=\"><script>", None).await;
    check("theme=dark", None).await;
}

#[tokio::test]
async fn choosing_a_theme_leads_back() {
    let house = House::open().await;
    let user = house.local_user();
    let check = async |referer: &str, expected: &str| {
        let chosen = form("/theme", &[("theme", "dark")]);
        let reply = user.send(with(chosen, "referer", referer)).await;
        assert_eq!(reply.location(), expected, "{referer:?}");
        let cookie = reply.header("set-cookie");
        assert!(cookie.starts_with("inglenook_theme=dark; Path=/; "), "{cookie}");
    };
    check(&format!("http://{HERE}/c/1"), "/c/1").await;
    check(&format!("http://{HERE}/"), "/").await;
    check("nonsense", "/").await;
    // A path with two slashes is the name of another host to a browser.
    check(&format!("http://{HERE}//evil.example"), "/").await;
    check(&format!("http://{HERE}/\\evil.example"), "/").await;
    let reply = user.send(form("/theme", &[("theme", "plaid")])).await;
    assert!(reply.status.is_client_error(), "{reply:?}");
    assert_eq!(reply.header("set-cookie"), "");
}

#[tokio::test]
async fn languages_and_cookies_of_others_change_nothing() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Hello", Script::new().delta("Hi.").end()).await;
    let address = format!("/c/{}", asked.conversation);
    let plain = tags_without_nonces(&user.visit(&address).await.text);
    let long = format!("a={}", "b".repeat(4_000));
    for (name, value) in [
        ("accept-language", "ar-EG, he;q=0.9, *;q=0.1"),
        ("accept-language", ""),
        ("cookie", ";;;=;==;a;=b; ; inglenook_session"),
        ("cookie", "inglenook_session=<script>; inglenook_theme"),
        ("cookie", &long),
        ("user-agent", "<script>alert(1)</script>"),
        ("x-forwarded-host", "evil.example"),
        ("referer", "https://evil.example/\"><script>"),
    ] {
        let reply = user.send(with(page(&address), name, value)).await;
        assert_eq!(reply.status, 200, "{name}: {value}");
        assert_eq!(tags_without_nonces(&reply.text), plain, "{name}: {value}");
    }
    let mut request = page(&address);
    let no_utf_8 = axum::http::HeaderValue::from_bytes(b"inglenook_theme=\xFF\xFE").unwrap();
    request.headers_mut().insert("cookie", no_utf_8);
    assert_eq!(tags_without_nonces(&user.send(request).await.text), plain);
}

fn tags_without_nonces(html: &str) -> Vec<Tag> {
    let mut tags = Document::parse(html).tags;
    for tag in &mut tags {
        tag.attributes.remove("nonce");
    }
    tags
}
