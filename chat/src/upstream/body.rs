//! The bytes of an upstream's answer, as they come.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use protocol::{Failure, FailureKind};
use reqwest::{StatusCode, header::HeaderMap};
use tokio::time::timeout;

use super::{Inner, failure, keys::Lease, provider::Provider};

/// The most that is read of a body that must be held as a whole, in bytes.
const LARGEST_BODY: usize = 16 << 20;

/// The most that is read of a body that says why a request failed, in bytes.
const LARGEST_REASON: usize = 64 << 10;

/// How long an upstream may take to end an answer after it has said that it is done.
const LONGEST_RELEASE: Duration = Duration::from_secs(1);

/// The body of an answer. Dropping it closes the connection if the answer has not ended, and gives
/// the key back that was leased for it.
#[derive(Debug)]
pub(super) struct Body {
    upstream: Arc<Inner>,
    response: reqwest::Response,
    lease: Lease,
}

impl Body {
    pub(super) fn new(upstream: Arc<Inner>, response: reqwest::Response, lease: Lease) -> Self {
        Self { upstream, response, lease }
    }

    /// The next bytes; `None` after the last. Fails if none come within the idle timeout.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        next(&mut self.response, &self.upstream.provider).await
    }

    /// Lets the answer end by itself, since a connection whose answer was read to its end serves
    /// the next request too.
    /// The key is given back at once.
    pub(super) fn release(self) {
        let mut response = self.response;
        tokio::spawn(async move {
            // An upstream that goes on after its end is not worth waiting for.
            let _ = timeout(LONGEST_RELEASE, response.chunk()).await;
        });
    }

    /// Takes note of what the upstream said in the middle of the answer against going on.
    pub(super) fn report(&self, failure: &Failure) {
        self.lease.report(Err(failure));
    }
}

/// The next bytes of an answer; `None` after the last. Fails if none come within the idle timeout.
async fn next(
    response: &mut reqwest::Response,
    provider: &Provider,
) -> Result<Option<Bytes>, Failure> {
    match timeout(provider.idle_timeout, response.chunk()).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(failure::of_body(provider, &error)),
        Err(_) => Err(failure::silence(provider)),
    }
}

/// What comes of an answer, up to a limit in bytes; less if it breaks off.
pub(super) async fn beginning(
    response: &mut reqwest::Response,
    provider: &Provider,
    limit: usize,
) -> Vec<u8> {
    let mut read = Vec::new();
    while read.len() < limit
        && let Ok(Some(bytes)) = next(response, provider).await
    {
        read.extend_from_slice(&bytes);
    }
    read.truncate(limit);
    read
}

/// The whole body of an answer that is not streamed.
pub(super) async fn whole(
    mut response: reqwest::Response,
    provider: &Provider,
) -> Result<Vec<u8>, Failure> {
    let mut whole = Vec::new();
    while let Some(bytes) = next(&mut response, provider).await? {
        whole.extend_from_slice(&bytes);
        if whole.len() > LARGEST_BODY {
            let words = format!("the answer is larger than {} MB", LARGEST_BODY >> 20);
            return Err(failure::failure(provider, FailureKind::Malformed, &words));
        }
    }
    Ok(whole)
}

/// An answer with a status other than success.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    headers: HeaderMap,
    reason: String,
}

impl Refusal {
    /// Reads what an upstream that refused says about it, as far as it can be read.
    pub(super) async fn read(mut response: reqwest::Response, provider: &Provider) -> Self {
        let reason = beginning(&mut response, provider, LARGEST_REASON).await;
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            reason: String::from_utf8_lossy(&reason).into_owned(),
        }
    }

    /// Whether it objects to a field of the request.
    pub(super) fn names(&self, field: &str) -> bool {
        matches!(self.status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY)
            && self.reason.contains(field)
    }

    pub(super) fn failure(&self, provider: &Provider) -> Failure {
        failure::of_status(provider, self.status, &self.headers, &self.reason)
    }
}
