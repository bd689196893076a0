//! The bytes of an upstream's answer, as they come.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use protocol::{Failure, FailureKind};
use reqwest::{StatusCode, header::HeaderMap};
use tokio::time::timeout;

use super::{Inner, failure, provider::Provider};

/// The most that is read of a body that must be held as a whole, in bytes.
const LARGEST_BODY: usize = 16 << 20;

/// The most that is read of a body that says why a request failed, in bytes.
const LARGEST_REASON: usize = 64 << 10;

/// How long an upstream may take to end an answer after it has said that it is done.
const LONGEST_RELEASE: Duration = Duration::from_secs(1);

/// The body of an answer. Dropping it closes the connection if the answer has not ended.
#[derive(Debug)]
pub(super) struct Body {
    upstream: Arc<Inner>,
    response: reqwest::Response,
}

impl Body {
    pub(super) fn new(upstream: Arc<Inner>, response: reqwest::Response) -> Self {
        Self { upstream, response }
    }

    /// The next bytes; `None` after the last. Fails if none come within the idle timeout.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let provider = &self.upstream.provider;
        match timeout(provider.idle_timeout, self.response.chunk()).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => Err(failure::of_body(provider, &error)),
            Err(_) => Err(failure::silence(provider)),
        }
    }

    /// Lets the answer end by itself, since a connection whose answer was read to its end serves
    /// the next request too.
    pub(super) fn release(mut self) {
        tokio::spawn(async move {
            // An upstream that goes on after its end is not worth waiting for.
            let _ = timeout(LONGEST_RELEASE, self.response.chunk()).await;
        });
    }

    /// The whole body.
    pub(super) async fn whole(mut self) -> Result<Vec<u8>, Failure> {
        let mut whole = Vec::new();
        while let Some(bytes) = self.next().await? {
            whole.extend_from_slice(&bytes);
            if whole.len() > LARGEST_BODY {
                let words = format!("the answer is larger than {} MB", LARGEST_BODY >> 20);
                let provider = &self.upstream.provider;
                return Err(failure::failure(provider, FailureKind::Malformed, &words));
            }
        }
        Ok(whole)
    }

    /// What comes of it, up to a limit; less if it breaks off.
    pub(super) async fn beginning(&mut self, limit: usize) -> Vec<u8> {
        let mut read = Vec::new();
        while read.len() < limit
            && let Ok(Some(bytes)) = self.next().await
        {
            read.extend_from_slice(&bytes);
        }
        read.truncate(limit);
        read
    }

    /// The status and the headers that stand before it.
    pub(super) fn head(&self) -> (StatusCode, &HeaderMap) {
        (self.response.status(), self.response.headers())
    }

    /// What an upstream that refused says about it, as far as it can be read.
    pub(super) async fn into_refusal(mut self) -> Refusal {
        let reason = self.beginning(LARGEST_REASON).await;
        Refusal {
            status: self.response.status(),
            headers: self.response.headers().clone(),
            reason: String::from_utf8_lossy(&reason).into_owned(),
        }
    }
}

/// An answer with a status other than success.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    headers: HeaderMap,
    reason: String,
}

impl Refusal {
    /// Whether it objects to a field of the request.
    pub(super) fn names(&self, field: &str) -> bool {
        matches!(self.status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY)
            && self.reason.contains(field)
    }

    pub(super) fn failure(&self, provider: &Provider) -> Failure {
        failure::of_status(provider, self.status, &self.headers, &self.reason)
    }
}
