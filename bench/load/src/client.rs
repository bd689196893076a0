//! A client with one connection, which reads event streams and looks at every frame.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{LoadError, marker};

/// One connection. Requests follow one another on it.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Result<Self, LoadError> {
        let connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(connection)).await?;
        tokio::spawn(async move {
            // What breaks it, its requests tell.
            connection.await.ok();
        });
        Ok(Self { sender, host: address.to_string() })
    }

    /// Sends a request with a body, which may be empty, and waits for the head of the answer.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Response<Incoming>, LoadError> {
        let mut request = Request::builder().method(method).uri(path).header("host", &self.host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).map_err(|error| {
            LoadError::Unexpected { what: "a request", found: error.to_string() }
        })?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        if status.is_success() || status.is_redirection() {
            return Ok(response);
        }
        let body = response.into_body().collect().await?.to_bytes();
        let body = String::from_utf8_lossy(&body).chars().take(300).collect();
        Err(LoadError::Status { what: format!("{method} {path}"), status: status.as_u16(), body })
    }

    /// The same, with the whole body read.
    pub async fn fetch(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Bytes, LoadError> {
        let response = self.send(method, path, headers, body).await?;
        Ok(response.into_body().collect().await?.to_bytes())
    }
}

/// What a reader has met in one event stream.
#[derive(Debug, Default)]
pub struct Read {
    /// Whether all deltas came, in order.
    pub sequence: marker::Sequence,
    /// When each was sent, in microseconds since 1970, and how many microseconds it took.
    pub delays: Vec<(u64, u64)>,
    /// When the first event came, in microseconds since 1970.
    pub first_us: Option<u64>,
    /// True if the stream said that it ended as it should.
    pub ended: bool,
}

/// Reads an event stream to its end.
pub async fn read(response: Response<Incoming>) -> Result<Read, LoadError> {
    let mut read = Read::default();
    let mut body = response.into_body();
    // The beginning of a line whose end has not come.
    let mut begun = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame?.into_data() else { continue };
        let now = marker::now_us();
        begun.extend_from_slice(&bytes);
        let Some(end) = begun.iter().rposition(|&byte| byte == b'\n') else { continue };
        for line in String::from_utf8_lossy(&begun[..end]).lines() {
            read.line(line, now);
        }
        begun.drain(..=end);
    }
    Ok(read)
}

impl Read {
    fn line(&mut self, line: &str, now: u64) {
        let Some(data) = line.strip_prefix("data:").map(str::trim_start) else { return };
        self.first_us.get_or_insert(now);
        // The last word of an upstream, and of an answer that did not fail.
        self.ended |= data == "[DONE]" || data.starts_with(r#"{"type":"end","status":"finished""#);
        for (number, sent) in marker::content(data).into_iter().flat_map(marker::read) {
            self.sequence.note(number);
            self.delays.push((sent, now.saturating_sub(sent)));
        }
    }
}
