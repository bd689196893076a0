//! Texts that would like to be more than text, in every place that a text can come from.

use protocol::MessageId;
use scripted_upstream::{Script, Spelling};
use serde_json::json;

use super::{
    actors::{Actor, form, page},
    house::{House, MAX_MESSAGE_BYTES},
    html::{Document, assert_harmless},
    reply::Reply,
};

const TEXTS: [&str; 8] = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "'><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "</title></textarea></style><base href=//evil.example>",
    "<!--<script>",
    "--></div></article><form action=//evil.example><button>",
    app::CONTINUES_HERE,
];

/// Checks that a page is harmless and that the text stands in it as text.
fn assert_is_text(reply: &Reply, text: &str, place: &str) -> Document {
    let document = assert_harmless(reply);
    assert!(!reply.text.contains(text), "{text:?} from {place} stands there raw");
    assert!(document.text.contains(text), "{text:?} from {place} in {}", document.text);
    document
}

#[tokio::test]
async fn whatever_a_text_says_it_stays_text() {
    let house = House::open().await;
    let user = house.local_user();
    let check = async |place: &str, question: &str, text: &str, script: Script| {
        let asked = user.have_answered(question, script).await;
        let reply = user.visit(&format!("/c/{}", asked.conversation)).await;
        let document = assert_is_text(&reply, text, place);
        assert_eq!(document.all("article").count(), 2, "{text:?} from {place}");
        assert_eq!(document.all("title").count(), 1, "{text:?} from {place}");
    };
    for text in TEXTS {
        let fine = || Script::new().delta("Fine.");
        check("the question", text, text, fine().end()).await;
        check("the answer", "Say it.", text, Script::new().delta(text).end()).await;
        let code = format!("```\n{text}\n```\n\n    {text}\n\n`{text}`");
        check("code", "Say it.", text, Script::new().delta(code).end()).await;
        let language = format!("```{text}\ncode\n```\n\n{text}");
        check("the language of code", "Say it.", text, Script::new().delta(language).end()).await;
        let reasoning = Script::new().reasoning(text, Spelling::default()).delta("Fine.").end();
        check("the reasoning", "Say it.", text, reasoning).await;
        let chunk =
            json!({"model": text, "choices": [{"index": 0, "delta": {"content": "Fine."}}]});
        let model = Script::new().raw(format!("data: {chunk}\n\n")).end();
        check("the model's name", text, text, model).await;
        check("the reason to finish", text, text, fine().finish(text).done()).await;
        let failure = Script::document(400, &json!({"error": {"message": text}}));
        check("the upstream's error", text, text, failure).await;
    }
}

#[tokio::test]
async fn an_open_answer_is_text_within_the_data_of_the_page() {
    let house = House::open().await;
    let user = house.local_user();
    for text in TEXTS {
        let asked = user.ask("Say it.", Script::new().delta(text).stall()).await;
        user.open(super::actors::events(asked.answer, "")).await.until("event: delta").await;
        let reply = user.visit(&format!("/c/{}", asked.conversation)).await;
        assert_is_text(&reply, text, "an open answer");
        stop(&user, asked.answer).await;
    }
}

#[tokio::test]
async fn a_streamed_answer_is_text_too() {
    let house = House::open().await;
    let user = house.local_user();
    for text in TEXTS {
        let asked = user.ask(text, Script::new().delta(format!("{text}\n\nBegun")).stall()).await;
        let mut stream = user.open(page(&format!("/c/{}?stream", asked.conversation))).await;
        stream.until("Begun").await;
        stop(&user, asked.answer).await;
        let reply = stream.whole().await;
        let document = assert_is_text(&reply, text, "a streamed answer");
        // The text goes on within the answer, not where a question names the place for it.
        let answer = reply.text.rsplit_once("<article").unwrap().1;
        assert!(answer.contains("Begun"), "{text:?}: {}", reply.text);
        assert_eq!(document.all("article").count(), 2, "{text:?}");
    }
}

#[tokio::test]
async fn a_streamed_failure_is_text_too() {
    let house = House::open().await;
    let user = house.local_user();
    for text in TEXTS {
        let script = Script::new().delta("Begun").pause(200).error(json!({"message": text}));
        let asked = user.ask("Say it.", script).await;
        let reply = user.visit(&format!("/c/{}?stream", asked.conversation)).await;
        let document = assert_harmless(&reply);
        assert!(document.text.contains("An error happened at scripted."), "{}", document.text);
    }
}

#[tokio::test]
async fn what_an_address_or_a_refused_form_says_stays_text() {
    let house = House::open().await;
    let user = house.local_user();
    for text in TEXTS {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("__path", "/rpc/ask"), ("__err", text), ("stream", text)])
            .finish();
        let reply = user.visit(&format!("/?{query}")).await;
        assert_eq!(reply.status, 200, "{text:?}");
        let document = assert_harmless(&reply);
        assert!(!document.text.contains(text), "{text:?}");

        let long = format!("{text}{}", "x".repeat(MAX_MESSAGE_BYTES));
        let fields = [("text", long.as_str()), ("conversation", text), ("answer", text)];
        let reply = user.send(form("/rpc/ask", &fields)).await;
        assert!(!reply.status.is_success(), "{text:?}");
        if reply.header("content-type").starts_with("text/html") {
            assert_harmless(&reply);
        }
        let reply = user.send(form("/rpc/ask", &fields[..1])).await;
        assert_is_text(&reply, text, "a refused form");
    }
}

async fn stop(user: &impl Actor, answer: MessageId) {
    let reply =
        user.send(super::actors::data("/rpc/stop", &[("answer", &answer.to_string())])).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}
