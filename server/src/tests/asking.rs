//! Asking, and what follows from it, by plain forms and by the page's scripts.

use app::rpc::{Asked, Problem};
use axum::{
    body::Body,
    extract::Request,
    http::{Method, Uri},
};
use scripted_upstream::Script;

use super::{
    actors::{Actor, HERE, data, form, request, with},
    house::{House, MAX_MESSAGE_BYTES, MAX_OPEN_ANSWERS, MAX_REQUEST_BYTES},
    html::{Document, assert_harmless},
    reply::Reply,
};

const UNKNOWN: &str = "0193a5c0000070008000000000000001";

/// A form on a page of ours, which the browser names.
fn form_on(page: &str, path: &str, fields: &[(&str, &str)]) -> Request {
    with(form(path, fields), "referer", &format!("http://{HERE}{page}"))
}

/// The path and the query of where a reply leads, on this server.
fn leads_to(reply: &Reply) -> String {
    let location: Uri = reply.location().parse().unwrap();
    assert!(location.host().is_none_or(|host| host == "localhost"), "{location}");
    location.path_and_query().unwrap().as_str().to_owned()
}

#[tokio::test]
async fn a_plain_form_leads_to_the_answer_as_it_comes() {
    let house = House::open().await;
    let user = house.local_user();
    house.upstream.push(Script::new().delta("An answer.").end());
    let reply = user.send(form_on("/", "/rpc/ask", &[("text", "A question")])).await;
    let place = leads_to(&reply);
    let conversation = place.strip_prefix("/c/").and_then(|rest| rest.strip_suffix("?stream"));
    let conversation = conversation.unwrap_or_else(|| panic!("{place}"));

    // Asking on where one is stays there.
    house.upstream.push(Script::new().delta("Another.").end());
    let fields = [("conversation", conversation), ("text", "And then?")];
    let reply = user.send(form_on(&place, "/rpc/ask", &fields)).await;
    assert_eq!(leads_to(&reply), place);
    let shown = user.visit(&place).await;
    assert!(shown.text.contains("A question") && shown.text.contains("And then?"));
}

#[tokio::test]
async fn scripts_get_data_and_stay_where_they_are() {
    let house = House::open().await;
    let user = house.local_user();
    let reply = user.send(data("/rpc/ask", &[("text", "A question")])).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("location"), "");
    let asked: Asked = reply.json();
    assert_eq!(asked.model, "small");
    let shown = user.visit(&format!("/c/{}", asked.conversation)).await;
    assert_eq!(shown.status, 200);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_in_words() {
    let house = House::open().await;
    let user = house.local_user();
    let too_long = "x".repeat(MAX_MESSAGE_BYTES + 1);
    let check = async |path: &str, fields: &[(&str, &str)], expected: Problem| {
        let reply = user.send(data(path, fields)).await;
        assert!(!reply.status.is_success(), "{reply:?}");
        assert_eq!(reply.json::<Problem>(), expected);

        // Without scripts, the answer is a page that says the same.
        let shown = user.send(form_on("/", path, fields)).await;
        assert!(shown.status.is_client_error(), "{expected:?}: {}", shown.status);
        let document = assert_harmless(&shown);
        assert!(
            document.text.contains(&(app::words::ENGLISH.problem)(&expected)),
            "{expected:?}: {}",
            document.text
        );
        assert!(document.tags.iter().any(|tag| tag.get("role") == "alert"), "{expected:?}");
    };
    check("/rpc/ask", &[("text", "")], Problem::Empty).await;
    check("/rpc/ask", &[("text", " \n\t ")], Problem::Empty).await;
    let too_much = Problem::TooLong { limit: MAX_MESSAGE_BYTES };
    check("/rpc/ask", &[("text", &too_long)], too_much).await;
    let elsewhere = [("text", "Hello"), ("conversation", UNKNOWN)];
    check("/rpc/ask", &elsewhere, Problem::NotFound).await;
    for path in ["/rpc/stop", "/rpc/retry", "/rpc/continue"] {
        check(path, &[("answer", UNKNOWN)], Problem::NotFound).await;
    }
    assert_eq!(user.send(data("/rpc/more", &[])).await.text, "[[],false]", "nothing was stored");
}

#[tokio::test]
async fn a_refused_form_gives_back_what_was_written() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Hello", Script::new().delta("Hi.").end()).await;
    let conversation = asked.conversation.to_string();
    let check = async |conversation: Option<&str>, text: &str| {
        let text = format!("{text}{}", "x".repeat(MAX_MESSAGE_BYTES));
        let mut fields = vec![("text", text.as_str())];
        fields.extend(conversation.map(|id| ("conversation", id)));
        let reply = user.send(form("/rpc/ask", &fields)).await;
        assert_eq!(reply.status, 422);
        let document = assert_harmless(&reply);
        let (before, field) = reply.text.split_once("<textarea").unwrap();
        let field = field.split_once('>').unwrap().1.split_once("</textarea>").unwrap().0;
        // Browsers leave out the first line break.
        let written = Document::parse(field.strip_prefix('\n').unwrap());
        assert_eq!((written.tags, written.text), (vec![], text));
        assert_eq!(before.contains("<p>Hi.</p>"), conversation.is_some(), "{before}");
        // Where it is sent to again, and what is read again where scripts run.
        let shown = document.all("input").find(|field| field.get("name") == "conversation");
        assert_eq!(shown.map(|field| field.get("value")), conversation);
        let place = conversation.map_or_else(|| "/".to_owned(), |id| format!("/c/{id}"));
        assert!(document.text.contains(&format!("history.replaceState(null,'','{place}')")));
    };
    for text in [
        "A long text.",
        "\n\n  Lines\n and spaces ",
        "</textarea><script>alert(1)</script>",
        "&lt;b&gt; & <b>",
    ] {
        check(None, text).await;
        check(Some(&conversation), text).await;
    }
    let page = user.visit("/").await.text;
    assert!(page.contains("</textarea>") && !page.contains("replaceState"), "{page}");
}

#[tokio::test]
async fn a_form_that_is_refused_twice_says_so_twice() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Hello", Script::new().delta("Hi.").end()).await;
    for _ in 0..MAX_OPEN_ANSWERS {
        user.ask("Are you there?", Script::never()).await;
    }
    let busy = (app::words::ENGLISH.problem)(&Problem::Busy { limit: MAX_OPEN_ANSWERS });
    let answer = asked.answer.to_string();
    for _ in 0..2 {
        // The page that says so is where the next form is sent from.
        let reply = user.send(form_on("/rpc/retry", "/rpc/retry", &[("answer", &answer)])).await;
        assert_eq!(reply.status, 422);
        let document = assert_harmless(&reply);
        assert!(document.text.contains(&busy), "{}", document.text);
        assert!(document.text.contains("Hi."), "the conversation is shown: {}", document.text);
    }
}

#[tokio::test]
async fn there_is_room_for_so_many_answers_at_once() {
    let house = House::open().await;
    let user = house.local_user();
    for _ in 0..MAX_OPEN_ANSWERS {
        user.ask("Are you there?", Script::never()).await;
    }
    let reply = user.send(data("/rpc/ask", &[("text", "And you?")])).await;
    assert_eq!(reply.json::<Problem>(), Problem::Busy { limit: MAX_OPEN_ANSWERS });
}

#[tokio::test]
async fn what_is_no_form_is_refused_too() {
    let house = House::open().await;
    let user = house.local_user();
    for fields in [&[][..], &[("words", "Hello")], &[("text", "Hello"), ("conversation", "1")]] {
        let reply = user.send(data("/rpc/ask", fields)).await;
        assert!(!reply.status.is_success(), "{fields:?}: {reply:?}");
    }
    let unknown = user.send(data("/rpc/unknown", &[])).await;
    assert!(unknown.status.is_client_error(), "{unknown:?}");
    assert_eq!(leads_to(&user.visit("/rpc/ask?text=Hello").await), "/", "links ask nothing");
    assert!(house.upstream.requests().is_empty());
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_not_read() {
    let house = House::open().await;
    let user = house.local_user();
    let body = format!("text={}", "x".repeat(MAX_REQUEST_BYTES));
    let kind = "application/x-www-form-urlencoded";
    for path in ["/rpc/ask", "/theme", "/login"] {
        let announced = with(
            with(request(Method::POST, path, Body::from(body.clone())), "content-type", kind),
            "content-length",
            &body.len().to_string(),
        );
        assert_eq!(user.send(announced).await.status, 413, "{path}");
    }
    // A body that comes in chunks does not say how long it will be.
    let chunks = body
        .into_bytes()
        .chunks(1_000)
        .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
        .collect::<Vec<_>>();
    let chunked = Body::from_stream(futures_util::stream::iter(chunks));
    let reply =
        user.send(with(request(Method::POST, "/rpc/ask", chunked), "content-type", kind)).await;
    assert_eq!(reply.status, 413, "{reply:?}");
}

#[tokio::test]
async fn the_longest_message_allowed_fits_into_a_request() {
    let house = House::open().await;
    // Each of these takes three bytes in the form for one in the message.
    let text = "&".repeat(MAX_MESSAGE_BYTES);
    let asked = house.local_user().ask(&text, Script::new().delta("Yes.").end()).await;
    let sent = house.upstream.wait_request(0).await;
    assert_eq!(sent.body["messages"][0]["content"], text.as_str());
    house.local_user().hear(asked.answer).await;
}

#[tokio::test]
async fn stopping_and_going_on_work_by_plain_forms() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.ask("Begin.", Script::new().delta("A beginning").stall()).await;
    let place = format!("/c/{}", asked.conversation);
    let streamed = format!("{place}?stream");
    let answer = asked.answer.to_string();
    let mut stream = user.open(super::actors::events(asked.answer, "")).await;
    stream.until("A beginning").await;

    let answer = [("answer", answer.as_str())];
    let reply = user.send(form_on(&place, "/rpc/stop", &answer)).await;
    assert_eq!(leads_to(&reply), place);
    house.upstream.wait_closed(0).await;
    assert!(user.visit(&place).await.text.contains("You stopped this answer."));

    house.upstream.push(Script::new().delta(", and an end.").end());
    let reply = user.send(form_on(&place, "/rpc/continue", &answer)).await;
    assert_eq!(leads_to(&reply), streamed);
    assert_eq!(user.hear(asked.answer).await.content, "A beginning, and an end.");

    house.upstream.push(Script::new().delta("Something else.").end());
    let reply = user.send(form_on(&place, "/rpc/retry", &answer)).await;
    assert_eq!(leads_to(&reply), streamed);
}
