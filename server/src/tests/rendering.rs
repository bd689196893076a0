//! Answers are rendered once, and whoever may read them sees what was rendered.

use app::{Renderer, view::ConversationView};
use protocol::ConversationId;
use scripted_upstream::{Script, Spelling};

use super::{
    actors::{Actor, data, events, form},
    house::House,
};

const CODE: &str = "So:\n\n```rust\nfn main() {}\n```\n";

async fn conversation(user: &impl Actor, id: ConversationId) -> ConversationView {
    let reply = user.send(data("/rpc/conversation", &[("id", &id.to_string())])).await;
    let (view, _draft) = reply.json::<Option<(ConversationView, String)>>().unwrap();
    view
}

#[tokio::test]
async fn opening_a_conversation_again_renders_nothing() {
    let house = House::open().await;
    let user = house.local_user();
    let script =
        || Script::new().reasoning("Some *thoughts*.", Spelling::default()).delta(CODE).end();
    let asked = user.have_answered("How does it begin?", script()).await;
    for text in ["And then?", "And in the end?"] {
        house.upstream.push(script());
        let id = asked.conversation.to_string();
        let reply = user.send(data("/rpc/ask", &[("conversation", &id), ("text", text)])).await;
        user.hear(reply.json::<app::rpc::Asked>().answer).await;
    }
    assert_eq!(house.renderer.renderings(), 0, "nothing is rendered before it is opened");
    let address = format!("/c/{}", asked.conversation);
    let first = user.visit(&address).await.text;
    assert_eq!(first.matches("<em>thoughts</em>").count(), 3, "{first}");
    assert_eq!(first.matches("<span class=\"hl-function\">main</span>").count(), 3, "{first}");
    assert_eq!(house.renderer.renderings(), 6, "three answers, each with its reasoning");

    let again = user.visit(&address).await.text;
    assert_eq!(again.matches("<span class=\"hl-function\">main</span>").count(), 3, "{again}");
    let view = conversation(&user, asked.conversation).await;
    for answer in view.messages.iter().filter(|message| message.answer.is_some()) {
        assert!(first.contains(&*answer.html) && again.contains(&*answer.html), "{answer:?}");
    }
    assert_eq!(house.renderer.renderings(), 6, "nothing is rendered twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tabs_that_open_at_once_render_once() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("How?", Script::new().delta(CODE).end()).await;
    let address = format!("/c/{}", asked.conversation);
    let tabs = futures_util::future::join_all((0..8).map(|_| user.visit(&address))).await;
    for tab in tabs {
        assert!(tab.text.contains("<span class=\"hl-function\">main</span>"), "{}", tab.text);
    }
    assert_eq!(house.renderer.renderings(), 1);
}

#[tokio::test]
async fn a_continued_answer_shows_its_new_text() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.ask("Begin.", Script::new().delta("A *beginning").stall()).await;
    user.open(events(asked.answer, "")).await.until("beginning").await;
    let address = format!("/c/{}", asked.conversation);
    let check = async |expected: &str| {
        let page = user.visit(&address).await.text;
        assert!(page.contains(expected), "{expected:?} in {page}");
        let view = conversation(&user, asked.conversation).await;
        assert_eq!(&*view.messages[1].html, expected);
    };
    check("<p>A *beginning</p>").await;
    let answer = asked.answer.to_string();
    user.send(form("/rpc/stop", &[("answer", &answer)])).await;
    check("<p>A *beginning</p>").await;

    house.upstream.push(Script::new().delta("*, a middle").stall());
    user.send(form("/rpc/continue", &[("answer", &answer)])).await;
    user.open(events(asked.answer, "")).await.until("middle").await;
    check("<p>A <em>beginning</em>, a middle</p>").await;
    user.send(form("/rpc/stop", &[("answer", &answer)])).await;

    house.upstream.push(Script::new().delta(" and an end.").end());
    user.send(form("/rpc/continue", &[("answer", &answer)])).await;
    user.hear(asked.answer).await;
    check("<p>A <em>beginning</em>, a middle and an end.</p>").await;
    check("<p>A <em>beginning</em>, a middle and an end.</p>").await;
}

#[tokio::test]
async fn what_is_kept_comes_out_for_the_owner_only() {
    let house = House::locked().await;
    let owner = house.owner().await;
    let asked =
        owner.have_answered("Where?", Script::new().delta("Under the doormat.").end()).await;
    let address = format!("/c/{}", asked.conversation);
    assert!(owner.visit(&address).await.text.contains("doormat"));
    let expired = house.owner_with(&house.expired_cookie().await).visit(&address).await;
    assert!(!expired.text.contains("doormat"), "{}", expired.text);
    let visitor = house.visitor();
    let id = asked.conversation.to_string();
    for reply in [
        visitor.visit(&address).await,
        visitor.visit(&format!("{address}?stream")).await,
        visitor.send(data("/rpc/conversation", &[("id", &id)])).await,
        visitor.send(form("/rpc/conversation", &[("id", &id)])).await,
    ] {
        assert!(!reply.status.is_success(), "{reply:?}");
        assert!(!reply.text.contains("doormat"), "{}", reply.text);
    }
}

/// The renderer outlives the conversation, as if that had been deleted.
#[tokio::test]
async fn what_is_kept_of_a_conversation_that_is_gone_does_not_come_out() {
    let renderer = Renderer::new();
    let before = House::open_with(renderer.clone()).await;
    let user = before.local_user();
    let asked = user.have_answered("Where?", Script::new().delta("Under the doormat.").end()).await;
    let address = format!("/c/{}", asked.conversation);
    assert!(user.visit(&address).await.text.contains("doormat"));
    assert_eq!(renderer.renderings(), 1);

    let after = House::open_with(renderer).await;
    let user = after.local_user();
    let page = user.visit(&address).await;
    assert_eq!(page.status, 404);
    assert!(!page.text.contains("doormat"), "{}", page.text);
    let id = asked.conversation.to_string();
    let reply = user.send(data("/rpc/conversation", &[("id", &id)])).await;
    assert_eq!(reply.text, "null");
}
