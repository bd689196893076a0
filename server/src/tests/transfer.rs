//! Conversations in and out, as a browser without scripts does it.

use std::{io::Cursor, time::Duration};

use axum::{body::Body, extract::Request, http::Method};
use scripted_upstream::Script;
use transfer::{Limits, Source};

use super::{
    actors::{Actor, LocalUser, data, form, page, request, with},
    files::{PNG, added},
    house::{House, MAX_IMPORT_BYTES, MAX_REQUEST_BYTES},
    html::{Document, assert_harmless},
    reply::Reply,
};

const BOUNDARY: &str = "----what-no-file-holds";

/// A file, as a browser sends the form with it.
fn upload(name: &str, bytes: &[u8]) -> Request {
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"export\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    multipart(body)
}

fn multipart(body: Vec<u8>) -> Request {
    let request = with(
        request(Method::POST, "/import", Body::from(body)),
        "content-type",
        &format!("multipart/form-data; boundary={BOUNDARY}"),
    );
    with(request, "accept", "text/html,*/*;q=0.8")
}

/// An export of ChatGPT with one conversation and one entry that is none.
fn chatgpt(title: &str, texts: &[&str]) -> Vec<u8> {
    let mut mapping = serde_json::Map::new();
    for (index, text) in texts.iter().enumerate() {
        let role = if index % 2 == 0 { "user" } else { "assistant" };
        let node = serde_json::json!({
            "parent": index.checked_sub(1).map(|parent| parent.to_string()),
            "message": {
                "author": {"role": role},
                "create_time": 1_700_000_000 + index,
                "content": {"content_type": "text", "parts": [text]},
            },
        });
        mapping.insert(index.to_string(), node);
    }
    let conversation =
        serde_json::json!({"id": "c", "title": title, "create_time": 1, "mapping": mapping});
    serde_json::to_vec(&serde_json::json!([conversation, 7])).unwrap()
}

/// How many files wait to be imported.
fn waiting(house: &House) -> usize {
    std::fs::read_dir(house.folder.path().join("imports")).map_or(0, Iterator::count)
}

async fn confirm(user: &LocalUser<'_>, preview: &str) -> Reply {
    user.send(form(preview, &[])).await
}

#[tokio::test]
async fn a_file_is_looked_at_before_anything_is_stored() {
    let house = House::open().await;
    let user = house.local_user();
    let choose = Document::parse(&user.visit("/import").await.text);
    let input = choose.all("input").find(|input| input.get("type") == "file").unwrap();
    assert_eq!((input.get("name"), input.get("id")), ("file", "file"));

    let sent = user.send(upload("file", &chatgpt("On fire", &["Oak?", "**Beech**."]))).await;
    assert_eq!(sent.status, 303);
    let preview = sent.location().to_owned();
    let shown = user.visit(&preview).await;
    assert_eq!(shown.status, 200);
    let document = Document::parse(&shown.text);
    for expected in ["ChatGPT", "1 conversation is new", "On fire", "2 new messages", "#2"] {
        assert!(document.text.contains(expected), "{expected:?}: {}", document.text);
    }
    assert!(house.chat.ids_to_export(None).await.unwrap().is_empty(), "nothing is stored yet");

    let done = confirm(&user, &preview).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let document = Document::parse(&done.text);
    assert!(document.text.contains("1 conversation was added"), "{}", document.text);
    let link = document.all("a").find(|link| link.get("href").starts_with("/c/")).unwrap();
    let conversation = user.visit(link.get("href")).await;
    assert!(conversation.text.contains("<strong>Beech</strong>"), "{}", conversation.text);
    assert_eq!(waiting(&house), 0, "the file is removed");
}

#[tokio::test]
async fn the_same_file_again_adds_nothing_and_a_later_one_what_is_new() {
    let house = House::open().await;
    let user = house.local_user();
    let preview = async |texts: &[&str]| {
        let sent = user.send(upload("file", &chatgpt("On fire", texts))).await;
        let preview = sent.location().to_owned();
        let text = Document::parse(&user.visit(&preview).await.text).text;
        (preview, text)
    };
    let (first, _) = preview(&["Oak?", "Beech."]).await;
    confirm(&user, &first).await;
    let (_, text) = preview(&["Oak?", "Beech."]).await;
    assert!(text.contains("Everything in this file is here already."), "{text}");
    let (later, text) = preview(&["Oak?", "Beech.", "Why?"]).await;
    assert!(text.contains("1 conversation gets new messages"), "{text}");
    let done = confirm(&user, &later).await;
    assert!(
        Document::parse(&done.text).text.contains("1 conversation got new messages"),
        "{}",
        done.text
    );
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused_in_words() {
    let house = House::open().await;
    let user = house.local_user();
    // Sends a file, follows where it leads, and finds the reason there.
    let check = async |request: Request, status: u16, expected: &str| {
        let mut reply = user.send(request).await;
        if reply.status.is_redirection() {
            reply = user.visit(reply.location()).await;
        }
        assert_eq!(reply.status, status, "{expected}");
        let document = Document::parse(&reply.text);
        assert!(document.tags.iter().any(|tag| tag.get("role") == "alert"), "{expected}");
        assert!(document.text.contains(expected), "{expected}: {}", document.text);
        assert_eq!(waiting(&house), 0, "{expected}: nothing is left");
    };
    let too_large = vec![b' '; usize::try_from(MAX_IMPORT_BYTES).unwrap() + 1];
    check(upload("file", &too_large), 413, "at most 64 KiB are allowed").await;
    let announced = with(upload("file", b"[]"), "content-length", "99999999999");
    check(announced, 413, "at most 64 KiB are allowed").await;
    check(upload("file", b""), 400, "Choose one first").await;
    check(upload("other", b"[]"), 400, "Choose one first").await;
    check(form("/import", &[]), 400, "Choose one first").await;
    let mut cut = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n");
    cut.push_str("[{");
    check(multipart(cut.into_bytes()), 400, "did not arrive whole").await;
    check(upload("file", b"{\"a\":1}"), 422, "No conversations of a known program").await;
    check(upload("file", b"PK\x03\x04"), 422, "The ZIP is damaged").await;
    check(page("/import/0123456789abcdef0123456789abcdef"), 404, "no longer there").await;
    check(page("/import/..%2Finglenook.db"), 404, "no longer there").await;
    check(form("/import/0123456789abcdef0123456789abcdef", &[]), 404, "no longer there").await;
}

#[tokio::test]
async fn a_file_may_be_longer_than_any_other_request() {
    let house = House::open().await;
    let user = house.local_user();
    let long = "wood ".repeat(MAX_REQUEST_BYTES / 4);
    let sent = user.send(upload("file", &chatgpt("Long", &[&long]))).await;
    assert_eq!(sent.status, 303);
    // The other routes keep their limit.
    let refused = user.send(form("/rpc/ask", &[("text", &long)])).await;
    assert_eq!(refused.status, 413);
}

#[tokio::test]
async fn a_file_goes_when_it_is_not_wanted_or_forgotten() {
    let house = House::open().await;
    let user = house.local_user();
    let sent = user.send(upload("file", &chatgpt("a", &["b"]))).await;
    let preview = sent.location().to_owned();
    assert_eq!(waiting(&house), 1);
    let left = user.send(form(&preview, &[("cancel", "1")])).await;
    assert_eq!((left.location(), waiting(&house)), ("/import", 0));

    user.send(upload("file", &chatgpt("a", &["b"]))).await;
    assert_eq!(waiting(&house), 1);
    // The timer is set by a task of its own, which has to run before the clock is moved.
    tokio::task::yield_now().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60 * 60 + 1)).await;
    tokio::time::resume();
    for _ in 0..10_000 {
        if waiting(&house) == 0 {
            return;
        }
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    panic!("after an hour the file is still there");
}

#[tokio::test]
async fn strangers_write_no_html() {
    let house = House::open().await;
    let user = house.local_user();
    let attack = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>";
    let sent = user.send(upload("file", &chatgpt(attack, &[attack, attack]))).await;
    let preview = sent.location().to_owned();
    assert_harmless(&user.visit(&preview).await);
    assert_harmless(&confirm(&user, &preview).await);
}

#[tokio::test]
async fn one_conversation_goes_out_in_each_format() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Which 木?", Script::new().delta("**Oak**.").end()).await;
    let address = format!("/export/{}", asked.conversation);
    let check = async |format: &str, media: &str, extension: &str, expected: &str| {
        let reply = user.visit(&format!("{address}?as={format}")).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, media));
        let disposition = reply.header("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\"2"), "{disposition}");
        assert!(disposition.ends_with(&format!("-Which-%E6%9C%A8.{extension}")), "{disposition}");
        assert!(reply.text.contains(expected), "{}", reply.text);
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"));
    };
    check("markdown", "text/markdown; charset=utf-8", "md", "## You\n\nWhich 木?").await;
    check("html", "text/html; charset=utf-8", "html", "<strong>Oak</strong>").await;
    check("json", "application/json", "json", "\"content\": \"**Oak**.\"").await;

    assert_eq!(user.visit(&format!("{address}?as=pdf")).await.status, 400);
    let nobody = user.visit("/export/0193a5c0000070008000000000000001?as=json").await;
    assert_eq!(nobody.status, 404);
    assert_eq!(user.visit("/export/nothing").await.status, 404);
}

#[tokio::test]
async fn all_conversations_go_out_and_come_back() {
    let house = House::open().await;
    let user = house.local_user();
    for text in ["First", "Second", "Second"] {
        user.have_answered(text, Script::new().delta("Yes.").end()).await;
    }
    let reply = user.visit("/export?as=json").await;
    assert_eq!(reply.header("content-type"), "application/zip");
    assert!(reply.header("content-disposition").contains("inglenook-json.zip"));
    assert_eq!(reply.header("content-encoding"), "", "a ZIP is not packed again");
    let imports = transfer::read(Cursor::new(&reply.bytes), Limits::default()).unwrap();
    assert_eq!(imports[0].source, Source::Inglenook);
    assert_eq!(imports[0].conversations.len(), 3);

    let elsewhere = House::open().await;
    let user = elsewhere.local_user();
    let sent = user.send(upload("file", &reply.bytes)).await;
    let done = confirm(&user, sent.location()).await;
    let text = Document::parse(&done.text).text;
    assert!(text.contains("3 conversations were added"), "{text}");
}

#[tokio::test]
async fn files_go_out_with_their_questions_and_come_back() {
    let house = House::open().await;
    let user = house.local_user();
    house.upstream.push(Script::new().delta("A cat.").end());
    let (picture, text) =
        (added(&user, "cat.png", PNG).await, added(&user, "a.md", b"Notes").await);
    let (first, second) = (picture.id.to_string(), text.id.to_string());
    let fields = [("text", "What is it?"), ("files[0]", &first), ("files[1]", &second)];
    let asked: app::rpc::Asked = user.send(data("/rpc/ask", &fields)).await.json();
    user.hear(asked.answer).await;

    let one = user.visit(&format!("/export/{}?as=json", asked.conversation)).await;
    let all = user.visit("/export?as=json").await;
    for reply in [one, all] {
        assert_eq!(reply.header("content-type"), "application/zip");
        let elsewhere = House::open().await;
        let there = elsewhere.local_user();
        let before = there.visit(&format!("/c/{}", asked.conversation)).await;
        assert_eq!(before.status, 404);
        // The second time adds nothing.
        for files in [true, false] {
            let sent = there.send(upload("file", &reply.bytes)).await;
            let preview = Document::parse(&there.visit(sent.location()).await.text).text;
            let done = Document::parse(&confirm(&there, sent.location()).await.text).text;
            for said in [preview, done] {
                assert_eq!(said.contains("· 2 files"), files, "{said}");
                assert!(!said.contains("not in what was uploaded"), "{said}");
            }
        }
        let page = there.visit(&format!("/c/{}", asked.conversation)).await;
        let document = assert_harmless(&page);
        let addresses: Vec<&str> = document
            .all("a")
            .map(|tag| tag.get("href"))
            .filter(|address| address.starts_with("/api/files/"))
            .collect();
        let [picture, text] = addresses[..] else { panic!("{addresses:?}") };
        assert_eq!(there.visit(picture).await.bytes, PNG);
        assert_eq!(there.visit(text).await.text, "Notes");
    }
}

#[tokio::test]
async fn files_that_cannot_come_in_are_named() {
    let house = House::open().await;
    let user = house.local_user();
    house.upstream.push(Script::new().delta("Noted.").end());
    let note = added(&user, "a.md", b"Notes").await.id.to_string();
    let asked: app::rpc::Asked =
        user.send(data("/rpc/ask", &[("text", "Keep it."), ("files[0]", &note)])).await.json();
    user.hear(asked.answer).await;
    let conversation = house.chat.export(asked.conversation).await.unwrap().unwrap();
    let elsewhere = House::open().await;
    let there = elsewhere.local_user();
    // The JSON alone, without the contents that lie beside it in a ZIP.
    let alone = transfer::json(&conversation);
    let sent = there.send(upload("file", alone.as_bytes())).await;
    let preview = there.send(with(page(sent.location()), "accept-language", "zh-CN")).await;
    let preview = Document::parse(&preview.text).text;
    assert!(preview.contains("文件 1 个") && preview.contains("不在上传的文件中"), "{preview}");
    let done = Document::parse(&confirm(&there, sent.location()).await.text).text;
    assert!(done.contains("1 file") && done.contains("not in what was uploaded"), "{done}");
    // With the contents the file follows, though the conversation is here already.
    let whole = user.visit(&format!("/export/{}?as=json", asked.conversation)).await;
    let sent = there.send(upload("file", &whole.bytes)).await;
    let preview = Document::parse(&there.visit(sent.location()).await.text).text;
    assert!(preview.contains("here already · 1 file"), "{preview}");
    let done = Document::parse(&confirm(&there, sent.location()).await.text).text;
    assert!(done.contains("here already · 1 file"), "{done}");
}

#[tokio::test]
async fn the_page_speaks_chinese_too() {
    let house = House::open().await;
    let reply = house.local_user().send(with(page("/import"), "accept-language", "zh-CN")).await;
    assert!(reply.text.contains("<html lang=\"zh-CN\""), "{}", reply.text);
    assert!(reply.text.contains("导入与导出"), "{}", reply.text);
}

#[tokio::test]
async fn other_sites_send_no_files() {
    let house = House::open().await;
    let user = house.local_user();
    let file = chatgpt("a", &["b"]);
    let refused = user.send(with(upload("file", &file), "origin", "https://evil.example")).await;
    assert_eq!((refused.status.as_u16(), waiting(&house)), (403, 0));
    let sent = user.send(upload("file", &file)).await;
    let confirmed = with(form(sent.location(), &[]), "sec-fetch-site", "cross-site");
    assert_eq!(user.send(confirmed).await.status, 403);
    assert!(house.chat.ids_to_export(None).await.unwrap().is_empty());
}
