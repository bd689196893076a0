//! Responses, read at once or as they come. None may hold the upstream's key.

use std::time::Duration;

use axum::{
    body::{BodyDataStream, Bytes},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::house::KEY;

/// Longer than anything here takes, so that what never comes fails a test instead of hanging it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits, though not for ever.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it comes in time")
}

/// A response that has been read.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Empty if the body is compressed.
    pub text: String,
    pub bytes: Bytes,
}

impl Reply {
    /// The value of a header, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        header(&self.headers, name)
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        assert!(self.status.is_redirection(), "{} {}", self.status, self.text);
        self.header("location")
    }

    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The nonce in the content security policy.
    pub fn nonce(&self) -> &str {
        let policy = self.header("content-security-policy");
        let (_, rest) = policy.split_once("'nonce-").unwrap_or_else(|| panic!("{policy:?}"));
        rest.split_once('\'').unwrap().0
    }
}

/// A response whose body is still to come.
#[derive(Debug)]
pub struct Opened {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: BodyDataStream,
    /// Everything read so far.
    read: Vec<u8>,
}

impl Opened {
    pub fn new(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        assert_no_secret(&format!("{:?}", parts.headers));
        let body = body.into_data_stream();
        Self { status: parts.status, headers: parts.headers, body, read: Vec::new() }
    }

    pub fn header(&self, name: &str) -> &str {
        header(&self.headers, name)
    }

    /// What comes next, or `None` at the end. The rooms of the server end their chunks at whole
    /// characters.
    pub async fn next(&mut self) -> Option<String> {
        let bytes = self.next_bytes().await?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// Reads until this has come. Returns everything since the beginning.
    pub async fn until(&mut self, expected: &str) -> String {
        loop {
            let read = String::from_utf8_lossy(&self.read).into_owned();
            if read.contains(expected) {
                return read;
            }
            assert!(self.next_bytes().await.is_some(), "{expected:?} does not come: {read}");
        }
    }

    /// Reads so many bytes and no more.
    pub async fn bytes(&mut self, count: usize) {
        while self.read.len() < count {
            assert!(self.next_bytes().await.is_some(), "{} of {count} bytes came", self.read.len());
        }
    }

    /// Reads to the end.
    pub async fn whole(mut self) -> Reply {
        while self.next_bytes().await.is_some() {}
        let text = match self.headers.contains_key("content-encoding") {
            true => String::new(),
            false => String::from_utf8_lossy(&self.read).into_owned(),
        };
        Reply { status: self.status, headers: self.headers, text, bytes: self.read.into() }
    }

    async fn next_bytes(&mut self) -> Option<Bytes> {
        let bytes = within(self.body.next()).await?.unwrap();
        self.read.extend_from_slice(&bytes);
        assert_no_secret(&String::from_utf8_lossy(&self.read));
        Some(bytes)
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn assert_no_secret(text: &str) {
    assert!(!text.contains(KEY), "the upstream's key came out: {text}");
}
