//! What the worker that colours code is given.

use markdown::highlight::Grammar;

use super::{
    actors::{Actor, page},
    house::House,
    html::Document,
};

#[tokio::test]
async fn a_document_names_the_worker_and_where_its_grammars_are() {
    let house = House::open().await;
    let home = house.local_user().visit("/").await;
    let document = Document::parse(&home.text);
    let address = document.all("html").next().expect("it is a document").get("data-worker");
    let (path, query) = address.split_once('?').expect("its parts are named");
    assert_eq!(path, "/worker.js");
    for part in query.split('&') {
        let (name, address) = part.split_once('=').expect("a name and an address");
        assert!(["js", "wasm", "grammars"].contains(&name) && address.starts_with('/'), "{part}");
    }
}

#[tokio::test]
async fn the_worker_may_run_what_the_page_may() {
    let house = House::open().await;
    let worker = house.local_user().send(page("/worker.js")).await;
    assert_eq!(
        worker.header("content-security-policy"),
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
    );
}

#[tokio::test]
async fn grammars_are_found_by_what_fences_say() {
    let house = House::open().await;
    let user = house.local_user();
    let fingerprint = grammars::fingerprint();
    for (language, is_known) in [
        ("rust", true),
        ("TypeScript", true),
        ("c%2B%2B", true),
        ("c%23", true),
        ("klingon", false),
    ] {
        let reply = user.send(page(&format!("/grammars/{fingerprint}/{language}"))).await;
        assert_eq!(reply.status, if is_known { 200 } else { 204 }, "{language}");
        assert!(reply.header("cache-control").contains("immutable"), "{language}");
        assert_eq!(Grammar::read(&reply.bytes).is_ok(), is_known, "{language}");
    }
    let outdated = user.send(page("/grammars/0/rust")).await;
    assert_eq!(outdated.status, 204);
    assert_eq!(outdated.header("cache-control"), "no-store");
}
