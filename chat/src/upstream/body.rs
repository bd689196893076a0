//! The bytes of an upstream's answer, as they come.

use std::{pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use protocol::{Failure, FailureKind};
use reqwest::{StatusCode, header::HeaderMap};
use tokio::time::{Instant, Sleep, sleep, timeout};

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
    silence: Silence,
    lease: Lease,
}

impl Body {
    pub(super) fn new(upstream: Arc<Inner>, response: reqwest::Response, lease: Lease) -> Self {
        let silence = Silence::of(upstream.provider.idle_timeout);
        Self { upstream, response, silence, lease }
    }

    /// The next bytes; `None` after the last. Fails if none come within the idle timeout.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        next(&mut self.response, &mut self.silence, &self.upstream.provider).await
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

/// How long an upstream has said nothing while it was listened to.
///
/// A timer that was set anew for each of thousands of chunks would cost as much as reading them. So it is
/// left to run out, and looks then whether anything has come meanwhile.
#[derive(Debug)]
struct Silence {
    longest: Duration,
    since: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Silence {
    fn of(longest: Duration) -> Self {
        Self { longest, since: Instant::now(), timer: Box::pin(sleep(longest)) }
    }

    /// Begins to listen.
    fn begin(&mut self) {
        self.since = Instant::now();
    }

    /// Resolves when the silence has lasted for too long.
    async fn too_long(&mut self) {
        loop {
            self.timer.as_mut().await;
            let end = self.since + self.longest;
            if end <= Instant::now() {
                return;
            }
            self.timer.as_mut().reset(end);
        }
    }
}

/// The next bytes of an answer; `None` after the last. Fails if none come within the idle timeout.
async fn next(
    response: &mut reqwest::Response,
    silence: &mut Silence,
    provider: &Provider,
) -> Result<Option<Bytes>, Failure> {
    silence.begin();
    tokio::select! {
        biased;
        read = response.chunk() => read.map_err(|error| failure::of_body(provider, &error)),
        () = silence.too_long() => Err(failure::silence(provider)),
    }
}

/// What comes of an answer, up to a limit in bytes; less if it breaks off.
pub(super) async fn beginning(
    response: &mut reqwest::Response,
    provider: &Provider,
    limit: usize,
) -> Vec<u8> {
    let mut read = Vec::new();
    let mut silence = Silence::of(provider.idle_timeout);
    while read.len() < limit
        && let Ok(Some(bytes)) = next(response, &mut silence, provider).await
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
    let mut silence = Silence::of(provider.idle_timeout);
    while let Some(bytes) = next(&mut response, &mut silence, provider).await? {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_silence_that_is_listened_to_counts() {
        let longest = Duration::from_secs(10);
        let mut silence = Silence::of(longest);
        for _ in 0..5 {
            silence.begin();
            let nothing_came = timeout(Duration::from_secs(9), silence.too_long()).await.is_ok();
            assert!(!nothing_came);
        }
        tokio::time::sleep(6 * longest).await;
        for _ in 0..2 {
            let since = Instant::now();
            silence.begin();
            silence.too_long().await;
            assert_eq!(since.elapsed(), longest);
        }
    }
}
