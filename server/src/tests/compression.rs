//! What is compressed, and what must not be.

use scripted_upstream::Script;

use super::{
    actors::{Actor, events, page, with},
    house::House,
};

const ALL: &str = "gzip, deflate, br, zstd";

#[tokio::test]
async fn pages_are_compressed_where_browsers_ask_for_it() {
    let house = House::open().await;
    let user = house.local_user();
    let plain = user.visit("/").await;
    assert_eq!(plain.header("content-encoding"), "");
    for encoding in ["br", "gzip"] {
        let reply = user.send(with(page("/"), "accept-encoding", encoding)).await;
        assert_eq!(reply.header("content-encoding"), encoding);
        assert!(reply.bytes.len() < plain.bytes.len() / 2, "{} bytes", reply.bytes.len());
        assert!(reply.header("vary").contains("accept-encoding"), "{reply:?}");
    }
}

#[tokio::test]
async fn streams_are_sent_as_they_come() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.ask("Begin.", Script::new().delta("A beginning").stall()).await;
    let unscripted = page(&format!("/c/{}?stream", asked.conversation));
    for request in [events(asked.answer, ""), unscripted] {
        let mut stream = user.open(with(request, "accept-encoding", ALL)).await;
        assert_eq!(stream.header("content-encoding"), "");
        stream.until("A beginning").await;
    }
}
