//! Outbound proxies: small ones see the request, and the host name unresolved.

use std::{io, net::SocketAddr};

use scripted_upstream::Upstream as Scripted;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use super::*;

/// A name that only the proxy could know.
const HOST: &str = "upstream.invalid";

/// Asks through a proxy for an upstream at [`HOST`].
async fn hear_through(proxy: String, scripted: &Scripted) -> Heard {
    let base_url = scripted.base_url().replace("127.0.0.1", HOST);
    let proxy = Some(proxy.parse().unwrap());
    let provider = Provider { proxy, ..provider(&base_url) };
    hear(&Upstream::new(provider).unwrap(), &request("Through a proxy?")).await
}

#[tokio::test]
async fn through_an_http_proxy() {
    let scripted = Scripted::start().await;
    let (listener, address) = listen().await;
    let upstream = address_of(&scripted);
    let (seen, mut heads) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            serve_http(client, upstream, &seen).await.unwrap();
        }
    });
    let heard = hear_through(format!("http://me:pw@{address}"), &scripted).await;
    assert_eq!(heard.failure, None);
    assert!(heard.text.content.contains("> Through a proxy?"));
    let head = heads.recv().await.unwrap().to_lowercase();
    let port = upstream.port();
    assert!(head.starts_with(&format!("post http://{HOST}:{port}/v1/chat/completions ")), "{head}");
    // The user and password in base64.
    assert!(head.contains("proxy-authorization: basic bwu6chc="), "{head}");
}

#[tokio::test]
async fn through_a_socks_proxy() {
    for scheme in ["socks5", "socks5h"] {
        let scripted = Scripted::start().await;
        let (listener, address) = listen().await;
        let upstream = address_of(&scripted);
        let (seen, mut hosts) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                serve_socks(client, upstream, &seen).await.unwrap();
            }
        });
        let heard = hear_through(format!("{scheme}://{address}"), &scripted).await;
        assert_eq!(heard.failure, None);
        assert!(heard.text.content.contains("> Through a proxy?"));
        assert_eq!(hosts.recv().await.unwrap(), HOST);
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there() {
    let scripted = Scripted::start().await;
    let (listener, address) = listen().await;
    drop(listener);
    for scheme in ["http", "socks5"] {
        let heard = hear_through(format!("{scheme}://me:hunter2@{address}"), &scripted).await;
        let failure = heard.failure.unwrap();
        assert_eq!(failure.kind, protocol::FailureKind::Unreachable);
        assert!(!failure.detail.unwrap().contains("hunter2"));
    }
    assert_eq!(scripted.requests(), []);
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn address_of(scripted: &Scripted) -> SocketAddr {
    let base_url = scripted.base_url();
    base_url.trim_start_matches("http://").trim_end_matches("/v1").parse().unwrap()
}

/// Passes one connection on, and tells the head of its first request.
async fn serve_http(
    mut client: TcpStream,
    upstream: SocketAddr,
    seen: &mpsc::UnboundedSender<String>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut server = TcpStream::connect(upstream).await?;
    // The upstream must see a path where the proxy sees an address.
    let path = head.replacen(&format!("http://{HOST}:{}", upstream.port()), "", 1);
    server.write_all(path.as_bytes()).await?;
    seen.send(head).ok();
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// Passes one connection on, and tells the host name that was asked for. RFC 1928.
async fn serve_socks(
    mut client: TcpStream,
    upstream: SocketAddr,
    seen: &mpsc::UnboundedSender<String>,
) -> io::Result<()> {
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting).await?;
    let mut methods = vec![0; usize::from(greeting[1])];
    client.read_exact(&mut methods).await?;
    client.write_all(&[5, 0]).await?;

    let mut request = [0; 5];
    client.read_exact(&mut request).await?;
    assert_eq!(request[..4], [5, 1, 0, 3], "a connection to a name is asked for");
    let mut host = vec![0; usize::from(request[4])];
    client.read_exact(&mut host).await?;
    client.read_u16().await?;
    seen.send(String::from_utf8_lossy(&host).into_owned()).ok();
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;

    let mut server = TcpStream::connect(upstream).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
