//! Connections: slow ones are cut, and the end of the server waits for what is under way.

use std::{net::SocketAddr, time::Duration};

use scripted_upstream::Script;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

use super::{
    house::{House, MAX_CONNECTIONS},
    reply::within,
};
use crate::{connections::LONGEST_HEAD, edge::LONGEST_PAUSE};

async fn connect(address: SocketAddr) -> TcpStream {
    within(TcpStream::connect(address)).await.unwrap()
}

/// Everything that comes until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    // A connection that is cut gives what came before.
    let _ = stream.read_to_end(&mut read).await;
    String::from_utf8_lossy(&read).into_owned()
}

const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A server whose clock goes on by itself while nothing happens, so that waiting takes no time.
async fn house_with_paused_clock() -> (House, SocketAddr) {
    let house = House::open().await;
    let address = house.listen().await;
    tokio::time::pause();
    (house, address)
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let (_house, address) = house_with_paused_clock().await;
    for begun in ["", "GET /health HT", "GET /health HTTP/1.1\r\nhost: localhost\r\nx-slow: "] {
        let mut stream = connect(address).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        let since = Instant::now();
        let met = rest(&mut stream).await;
        assert!(met.is_empty() || met.starts_with("HTTP/1.1 408"), "{met}");
        assert!(since.elapsed() <= 2 * LONGEST_HEAD, "{:?}", since.elapsed());
    }
}

#[tokio::test]
async fn a_body_that_pauses_is_not_waited_for() {
    let (house, address) = house_with_paused_clock().await;
    for path in ["/v1/chat/completions", "/rpc/ask"] {
        let mut stream = connect(address).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\ntext=begun"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let since = Instant::now();
        let met = rest(&mut stream).await;
        let expected = if path.starts_with("/v1") { "HTTP/1.1 408" } else { "HTTP/1.1 4" };
        assert!(met.starts_with(expected), "{path}: {met}");
        assert!(since.elapsed() <= LONGEST_PAUSE + 2 * LONGEST_HEAD, "{:?}", since.elapsed());
    }
    assert!(house.upstream.requests().is_empty());
}

#[tokio::test]
async fn a_body_that_comes_a_byte_at_a_time_is_not_waited_for() {
    let (_house, address) = house_with_paused_clock().await;
    for path in ["/v1/chat/completions", "/login", "/api/files", "/import"] {
        let mut stream = connect(address).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\
             content-type: multipart/form-data; boundary=x\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let (mut read, mut write) = stream.split();
        let since = Instant::now();
        let dribble = async {
            while write.write_all(b"x").await.is_ok() {
                tokio::time::sleep(LONGEST_PAUSE / 2).await;
            }
        };
        let mut met = Vec::new();
        tokio::select! {
            _ = read.read_to_end(&mut met) => {}
            () = dribble => {}
        }
        assert!(since.elapsed() <= 4 * LONGEST_PAUSE, "{path}: {:?}", since.elapsed());
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let house = House::open().await;
    let address = house.listen().await;
    let many: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    for header in [format!("x-large: {}\r\n", "x".repeat(1 << 20)), many] {
        let mut stream = connect(address).await;
        let head = format!("GET /health HTTP/1.1\r\nhost: localhost\r\n{header}\r\n");
        // The server may answer before all of it is sent.
        let _ = stream.write_all(head.as_bytes()).await;
        assert!(within(rest(&mut stream)).await.starts_with("HTTP/1.1 431"));
    }
}

#[tokio::test]
async fn there_are_only_so_many_connections_at_once() {
    let house = House::open().await;
    let address = house.listen().await;
    let mut open = Vec::new();
    for _ in 0..=MAX_CONNECTIONS {
        let mut stream = connect(address).await;
        stream.write_all(HEALTH).await.unwrap();
        open.push(stream);
    }
    let mut answered = [0; 8];
    for stream in &mut open[..MAX_CONNECTIONS] {
        within(stream.read_exact(&mut answered)).await.unwrap();
    }
    let last = &mut open[MAX_CONNECTIONS];
    let quiet = Duration::from_millis(100);
    assert!(timeout(quiet, last.read_exact(&mut answered)).await.is_err(), "it waits");
    let mut last = open.pop().unwrap();
    drop(open);
    within(last.read_exact(&mut answered)).await.unwrap();
}

#[tokio::test]
async fn a_socket_is_a_connection_like_any_other() {
    let house = House::open().await;
    let address = house.listen().await;
    let upgrade = b"GET /chat HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
                    upgrade: websocket\r\nsec-websocket-version: 13\r\n\
                    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut answered = [0; 12];
    let mut sockets = Vec::new();
    for _ in 0..MAX_CONNECTIONS {
        let mut stream = connect(address).await;
        stream.write_all(upgrade).await.unwrap();
        within(stream.read_exact(&mut answered)).await.unwrap();
        assert_eq!(&answered, b"HTTP/1.1 101");
        sockets.push(stream);
    }
    let mut last = connect(address).await;
    last.write_all(HEALTH).await.unwrap();
    let quiet = Duration::from_millis(100);
    assert!(timeout(quiet, last.read_exact(&mut answered)).await.is_err(), "it waits");
    sockets.pop();
    within(last.read_exact(&mut answered)).await.unwrap();
}

#[tokio::test]
async fn a_file_that_does_not_come_to_its_end_is_not_called_too_large() {
    let (_house, address) = house_with_paused_clock().await;
    let mut stream = connect(address).await;
    let head = "POST /api/files HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nbegun";
    stream.write_all(head.as_bytes()).await.unwrap();
    let met = rest(&mut stream).await;
    assert!(met.starts_with("HTTP/1.1 400") && met.contains("did not arrive whole"), "{met}");
}

#[tokio::test]
async fn the_end_waits_for_what_is_under_way_and_for_nothing_else() {
    let house = House::open().await;
    let address = house.listen().await;
    let mut idle = connect(address).await;
    idle.write_all(HEALTH).await.unwrap();
    let mut asking = connect(address).await;
    house.upstream.push(Script { head_after_ms: 300, ..Script::new().delta("Here.").end() });
    let body = r#"{"model":"small","messages":[]}"#;
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    asking.write_all(request.as_bytes()).await.unwrap();
    within(house.upstream.wait_request(0)).await;
    house.ending.cancel();
    assert!(within(rest(&mut idle)).await.starts_with("HTTP/1.1 200"));
    assert!(within(rest(&mut asking)).await.contains("Here."), "it was answered to its end");
    let refused = within(TcpStream::connect(address)).await;
    assert!(refused.is_err(), "nothing more is taken on");
}
