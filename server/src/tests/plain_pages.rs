//! Settings, the archive, and what was sent: pages without scripts.

use protocol::Changed;
use scripted_upstream::Script;

use super::{
    actors::{Actor, data, form, page, with},
    house::{House, KEY},
};

#[tokio::test]
async fn settings_are_kept_in_cookies_and_shape_every_page() {
    let house = House::open().await;
    let user = house.local_user();
    let chosen = [
        ("theme", "dark"),
        ("language", "zh-CN"),
        ("size", "large"),
        ("density", "compact"),
        ("width", "wide"),
        ("code", "plain"),
    ];
    let saved = user.send(form("/settings", &chosen)).await;
    assert_eq!(saved.location(), "/settings?saved");
    let cookies: Vec<_> = saved
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
        .collect();
    assert_eq!(cookies.len(), 6);
    let shown = user.send(with(page("/"), "cookie", &cookies.join("; "))).await.text;
    for attribute in [
        "lang=\"zh-CN\"",
        "data-theme=\"dark\"",
        "data-size=\"large\"",
        "data-density=\"compact\"",
        "data-width=\"wide\"",
        "data-code=\"plain\"",
    ] {
        assert!(shown.contains(attribute), "{attribute}");
    }
    let unknown = user.send(form("/settings", &[("theme", "loud")])).await;
    assert_eq!(unknown.status, 422);
}

#[tokio::test]
async fn other_tabs_are_told_of_cookies_that_the_browser_has() {
    let house = House::open().await;
    let user = house.local_user();
    let before = house.chat.version();
    let mut notices = house.chat.notices(before);
    let saved = user.send(form("/settings", &[("theme", "dark")])).await;
    assert_eq!(house.chat.version(), before, "the response is still on its way");
    user.send(page(saved.location())).await;
    assert_eq!(notices.next().await.unwrap().changed, Changed::Look);
}

#[tokio::test]
async fn a_page_speaks_the_language_that_is_asked_for() {
    let house = House::open().await;
    let user = house.local_user();
    for (accepted, expected) in [("zh-CN,en;q=0.5", "设置"), ("fr", "Settings"), ("en", "Settings")]
    {
        let shown = user.send(with(page("/settings"), "accept-language", accepted)).await.text;
        assert!(shown.contains(&format!("<h1>{expected}</h1>")), "{accepted}");
    }
}

#[tokio::test]
async fn there_is_no_space_between_sentences_in_chinese() {
    let house = House::open().await;
    let user = house.local_user();
    for path in
        ["/", "/settings", "/usage", "/tokens", "/prompts", "/personas", "/archive", "/import"]
    {
        let shown = user.send(with(page(path), "accept-language", "zh-CN")).await;
        assert_eq!(shown.status, 200, "{path}");
        // Comments stand between the pieces that a text was put together of.
        let text = shown.text.replace("<!>", "");
        let found = text.find("。 ").map(|at| &text[at..]);
        assert_eq!(found.and_then(|rest| rest.get(..60)), None, "{path}");
    }
}

#[tokio::test]
async fn archived_conversations_are_on_a_page_of_their_own() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("An old matter", Script::new().delta("Yes.").end()).await;
    let id = asked.conversation.to_string();
    let archive = data("/rpc/arrange", &[("conversation", &id), ("what", "archive")]);
    assert_eq!(user.send(archive).await.status, 200);
    assert!(!user.visit("/").await.text.contains("An old matter"));
    assert!(user.visit("/archive").await.text.contains("An old matter"));
    let back = form("/rpc/arrange", &[("conversation", &id), ("what", "unarchive")]);
    user.send(with(back, "accept", "text/html")).await;
    assert!(user.visit("/").await.text.contains("An old matter"));
}

#[tokio::test]
async fn what_was_sent_is_shown_without_the_key() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("What <b>is</b> it?", Script::new().delta("It.").end()).await;
    let shown = user.visit(&format!("/inspect/{}", asked.answer)).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("exactly what was sent"), "{}", shown.text);
    assert!(shown.text.contains("What &lt;b&gt;is&lt;/b&gt; it?"));
    assert!(!shown.text.contains(KEY));
    let nowhere = user.visit("/inspect/0193a5c0000070008000000000000001").await;
    assert_eq!(nowhere.status, 404);
}
