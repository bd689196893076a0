//! Files are taken in and given back, to those who may see them, and in a way that harms nobody.

use app::rpc::Problem;
use axum::{
    body::Body,
    http::{Method, Request},
};
use protocol::{FileInfo, FileKind, FileProblem};
use scripted_upstream::Script;

use super::{
    actors::{Actor, data, request, with},
    house::{House, MAX_FILE_BYTES, MAX_FILES},
    html::assert_harmless,
    reply::Reply,
};

/// The beginning of a PNG of 3 by 2 pixels, which is all that is looked at.
pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0";

fn upload(name: &str, bytes: impl Into<Body>) -> Request<Body> {
    with(request(Method::POST, "/api/files", bytes.into()), "x-file-name", name)
}

pub(super) async fn added(actor: &impl Actor, name: &str, bytes: &'static [u8]) -> FileInfo {
    let reply = actor.send(upload(name, bytes)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

async fn file(actor: &impl Actor, info: &FileInfo) -> Reply {
    actor.visit(&format!("/api/files/{}", info.id)).await
}

#[tokio::test]
async fn a_picture_is_shown_and_anything_else_is_saved() {
    let house = House::open().await;
    let user = house.local_user();
    let check = async |name: &str, bytes: &'static [u8], media_type: &str, disposition: &str| {
        let info = added(&user, name, bytes).await;
        let reply = file(&user, &info).await;
        assert_eq!(reply.status, 200);
        assert_eq!(&*reply.bytes, bytes);
        assert_eq!(reply.header("content-type"), media_type);
        assert_eq!(reply.header("content-disposition"), disposition);
        assert_eq!(reply.header("cache-control"), "private, max-age=31536000, immutable");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        let policy =
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";
        assert_eq!(reply.header("content-security-policy"), policy);
        info
    };
    let info = check(
        "%E7%8C%AB.png",
        PNG,
        "image/png",
        "inline; filename=\"_.png\"; filename*=UTF-8''%E7%8C%AB.png",
    );
    let info = info.await;
    assert_eq!(
        (info.name.as_str(), info.kind, info.size),
        ("猫.png", FileKind::Image, Some((3, 2)))
    );
    // What a browser would run is text here, whatever it is called.
    let page = b"<script>alert(1)</script>";
    let saved = "attachment; filename=\"page.html\"; filename*=UTF-8''page.html";
    check("page.html", page, "text/plain; charset=utf-8", saved).await;
    let saved = "attachment; filename=\"picture.svg\"; filename*=UTF-8''picture.svg";
    check("picture.svg", b"<svg onload='alert(1)'/>", "text/plain; charset=utf-8", saved).await;
}

#[tokio::test]
async fn what_is_not_accepted_is_refused_in_words() {
    let house = House::open().await;
    let user = house.local_user();
    let check = async |bytes: Vec<u8>, status: u16, expected: FileProblem| {
        let reply = user.send(upload("a.txt", bytes)).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(reply.json::<FileProblem>(), expected);
        let said: serde_json::Value = reply.json();
        assert_eq!(said["message"], expected.to_string());
    };
    let chinese = with(upload("a.txt", ""), "accept-language", "zh-CN,zh;q=0.9");
    let said: serde_json::Value = user.send(chinese).await.json();
    assert_eq!(said["message"], "这个文件是空的。");
    check(Vec::new(), 422, FileProblem::Empty).await;
    check(b"\x7fELF\x02\x01\x01\0".to_vec(), 415, FileProblem::NotAccepted).await;
    check(b"%PDF-1.4 cut".to_vec(), 422, FileProblem::BrokenPdf).await;
    let limit = MAX_FILE_BYTES as u64;
    check(vec![b'x'; MAX_FILE_BYTES + 1], 413, FileProblem::TooLarge { limit }).await;
    check(vec![b'x'; 10 * MAX_FILE_BYTES], 413, FileProblem::TooLarge { limit }).await;
    let largest = user.send(upload("a.txt", vec![b'x'; MAX_FILE_BYTES])).await;
    assert_eq!(largest.status, 200, "more than other requests may have: {largest:?}");
}

#[tokio::test]
async fn files_are_behind_the_gate() {
    let house = House::locked().await;
    let owner = house.owner().await;
    let info = added(&owner, "cat.png", PNG).await;
    let visitor = house.visitor();
    assert_eq!(file(&owner, &info).await.status, 200);
    let kept_out = file(&visitor, &info).await;
    assert!(kept_out.header("location").starts_with("/login"), "{kept_out:?}");
    assert_eq!(visitor.send(upload("cat.png", PNG)).await.status, 401);
    for id in ["0193a5c0000070008000000000000001", "1", "..%2f..%2finglenook.db"] {
        assert_eq!(owner.visit(&format!("/api/files/{id}")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn another_site_cannot_add_files() {
    let house = House::open().await;
    let from_elsewhere = with(upload("cat.png", PNG), "origin", "https://evil.example.org");
    let from_elsewhere = with(from_elsewhere, "sec-fetch-site", "cross-site");
    assert_eq!(house.local_user().send(from_elsewhere).await.status, 403);
}

#[tokio::test]
async fn a_question_is_asked_with_files_and_shows_them() {
    let house = House::open().await;
    let user = house.local_user();
    let image = added(&user, "cat.png", PNG).await;
    let text = added(&user, "%3Cb%3E.md", b"Notes").await;
    house.upstream.push(Script::new().delta("A cat.").end());
    let (first, second) = (image.id.to_string(), text.id.to_string());
    let fields = [("text", "What is it?"), ("files[0]", &first), ("files[1]", &second)];
    let reply = user.send(data("/rpc/ask", &fields)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let asked: app::rpc::Asked = reply.json();
    user.hear(asked.answer).await;
    let sent = house.upstream.wait_request(0).await;
    let parts = &sent.body["messages"][0]["content"];
    assert_eq!(parts[0]["type"], "image_url");
    assert_eq!(parts[1]["text"], "<file name=\"<b>.md\">\nNotes\n</file>");
    assert_eq!(parts[2]["text"], "What is it?");

    let page = user.visit(&format!("/c/{}", asked.conversation)).await;
    let document = assert_harmless(&page);
    let address = format!("/api/files/{}", image.id);
    assert!(document.all("img").any(|tag| tag.get("src") == address), "{}", page.text);
    assert!(document.all("a").any(|tag| tag.get("href") == address), "{}", page.text);
    assert!(document.text.contains("<b>.md"), "{}", document.text);
}

#[tokio::test]
async fn a_question_with_files_that_cannot_be_sent_is_refused() {
    let house = House::open().await;
    let user = house.local_user();
    let id = added(&user, "a.txt", b"a").await.id.to_string();
    let unknown = "0193a5c0000070008000000000000001";
    let check = async |ids: &[&str], expected: Problem| {
        let names: Vec<String> = (0..ids.len()).map(|index| format!("files[{index}]")).collect();
        let mut fields = vec![("text", "What?")];
        fields.extend(names.iter().map(String::as_str).zip(ids.iter().copied()));
        let reply = user.send(data("/rpc/ask", &fields)).await;
        assert_eq!(reply.json::<Problem>(), expected);
    };
    check(&[unknown], Problem::NoSuchFile).await;
    let too_many = vec![id.as_str(); MAX_FILES + 1];
    check(&too_many, Problem::TooManyFiles { limit: MAX_FILES }).await;
    assert!(house.upstream.requests().is_empty());
}
