//! Requests of programs, sent on as they came: bytes out, and bytes back.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use bytes::Bytes;
use protocol::Failure;
use reqwest::{
    Method, StatusCode,
    header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName},
};

use super::{
    Body, Completion, Lease, Provider, Upstream, body::beginning, chat_completions::ChunkReader,
    detail::without_secrets, failure,
};

/// The most that is sent on of a body that says why a request failed, in bytes.
const LARGEST_REFUSAL: usize = 1 << 20;

/// How long a program may take to send a body that is passed on while it comes. Its pauses have a
/// shorter limit where it is received.
const LONGEST_UPLOAD: Duration = Duration::from_secs(10 * 60);

/// Headers that speak of one connection and not of the message:
/// <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
];

/// What a program tells this server and no other: who it is, where it comes from, what it wants
/// here. Answers come unpacked, since they are read by the way.
const NOT_PASSED_ON: [&str; 18] = [
    "host",
    "content-length",
    "accept-encoding",
    "authorization",
    "x-api-key",
    "api-key",
    "cookie",
    "origin",
    "referer",
    "forwarded",
    "via",
    "x-real-ip",
    "x-upstream-key",
    "x-inglenook-provider",
    "end_point",
    "proxy_url",
    // Whose account pays is the owner's choice, and an upstream refuses a key that is of another one.
    "openai-organization",
    "openai-project",
];

const NOT_PASSED_ON_PREFIXES: [&str; 3] = ["x-forwarded-", "sec-", "cf-"];

/// What an upstream says of its own site, which would be taken for ours.
const NOT_PASSED_BACK: [&str; 13] = [
    "set-cookie",
    "alt-svc",
    "strict-transport-security",
    "content-security-policy",
    "content-security-policy-report-only",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "clear-site-data",
    "refresh",
    "link",
    "location",
    "report-to",
];

const NOT_PASSED_BACK_PREFIXES: [&str; 2] = ["access-control-", "cross-origin-"];

/// A request to be sent on.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// The path below the provider's address, such as `chat/completions`.
    pub(crate) path: String,
    /// The program's headers; those that are not the upstream's affair are left out.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: OutgoingBody,
}

/// A body to be sent on.
#[derive(Debug)]
pub(crate) enum OutgoingBody {
    /// All of it.
    Whole(Bytes),
    /// What is still coming, with its length if that is known.
    Coming(reqwest::Body, Option<u64>),
}

/// An upstream's answer of which the head has come. Dropping it closes the connection.
#[derive(Debug)]
pub(crate) struct Forwarded {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Body,
}

/// An answer with a status other than success, as it goes back to the program.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Its body, without our secrets.
    pub(crate) body: Bytes,
    /// What it means.
    pub(crate) failure: Failure,
}

impl Upstream {
    /// Sends a program's request on with a leased key, takes note of what comes of it, and waits for
    /// the head of the answer, whose body holds the lease from then on. Dropping the future before
    /// closes the connection.
    ///
    /// The outer error is a connection that failed, the inner one an upstream that refused.
    pub(crate) async fn forward(
        &self,
        lease: Lease,
        outgoing: Outgoing,
    ) -> Result<Result<Forwarded, (Refused, Lease)>, Failure> {
        let Outgoing { path, headers, body } = outgoing;
        let mut headers = passed(&headers, &NOT_PASSED_ON, &NOT_PASSED_ON_PREFIXES);
        let (body, sending) = match body {
            OutgoingBody::Whole(bytes) => (bytes.into(), Duration::ZERO),
            OutgoingBody::Coming(body, length) => {
                // Without it the body is sent in chunks, which some upstreams do not read.
                headers.extend(length.map(|length| (CONTENT_LENGTH, length.into())));
                (body, LONGEST_UPLOAD)
            }
        };
        // The program's headers replace those that every request has.
        let request = self.request(Method::POST, &path).headers(headers).body(body);
        let answer = self.head(&lease, request, sending).await;
        let response = answer.inspect_err(|failure| lease.report(Err(failure)))?;
        if !response.status().is_success() {
            let refused = Refused::read(response, &self.inner.provider).await;
            lease.report(Err(&refused.failure));
            return Ok(Err((refused, lease)));
        }
        lease.report(Ok(()));
        Ok(Ok(Forwarded {
            status: response.status(),
            headers: passed(response.headers(), &NOT_PASSED_BACK, &NOT_PASSED_BACK_PREFIXES),
            body: Body::new(Arc::clone(&self.inner), response, lease),
        }))
    }

    /// What an `error` within an answer means.
    pub(crate) fn failure_of(&self, error: &serde_json::Value) -> Failure {
        failure::of_error(&self.inner.provider, error)
    }

    /// False once it has refused to be asked for a count of tokens at the end of a stream of chat
    /// completions.
    pub(crate) fn counts_streams(&self) -> bool {
        !self.inner.asked_plainly.load(Ordering::Relaxed)
    }

    /// Remembers that it does not want to be asked for one.
    pub(crate) fn remember_not_to_ask_for_counts(&self) {
        self.inner.asked_plainly.store(true, Ordering::Relaxed);
    }
}

impl Forwarded {
    /// The next bytes of the body; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        self.body.next().await
    }

    /// Takes note of what the upstream said in the middle of the answer against going on.
    pub(crate) fn report(&self, failure: &Failure) {
        self.body.report(failure);
    }

    /// Reads it as an answer in chat completions, piece by piece.
    pub(crate) fn into_completion(self, upstream: &Upstream) -> Completion {
        let reader = Box::<ChunkReader>::default();
        Completion::new(Arc::clone(&upstream.inner), self.body, reader)
    }
}

impl Refused {
    async fn read(mut response: reqwest::Response, provider: &Provider) -> Self {
        let body = beginning(&mut response, provider, LARGEST_REFUSAL).await;
        let (status, headers) = (response.status(), response.headers());
        let words = String::from_utf8_lossy(&body);
        let failure = failure::of_status(provider, status, headers, &words);
        let mut headers = passed(headers, &NOT_PASSED_BACK, &NOT_PASSED_BACK_PREFIXES);
        // The body is read whole, and may be shorter without the secrets.
        headers.remove(CONTENT_LENGTH);
        let body = without_secrets(body, provider.secrets()).into();
        Self { status, headers, body, failure }
    }

    /// Whether it objects to a field of the request.
    pub(crate) fn names(&self, field: &str) -> bool {
        matches!(self.status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY)
            && String::from_utf8_lossy(&self.body).contains(field)
    }
}

/// The headers that go on beyond this server, in either direction.
fn passed(headers: &HeaderMap, dropped: &[&str], dropped_prefixes: &[&str]) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let passes = |name: &HeaderName| {
        let name = name.as_str();
        !HOP_BY_HOP.contains(&name)
            && !dropped.contains(&name)
            && !dropped_prefixes.iter().any(|prefix| name.starts_with(prefix))
            && !named.iter().any(|other| other == name)
    };
    let passing = headers.iter().filter(|(name, _)| passes(name));
    passing.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn map(headers: &[(&str, &str)]) -> HeaderMap {
        let read = |(name, value): &(&str, &str)| -> (HeaderName, HeaderValue) {
            (name.parse().unwrap(), value.parse().unwrap())
        };
        headers.iter().map(read).collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn what_a_program_says_to_us_stays_here() {
        let sent = map(&[
            ("authorization", "Bearer ink_1"),
            ("X-Api-Key", "ink_1"),
            ("cookie", "inglenook_session=1"),
            ("x-upstream-key", "sk-1"),
            ("end_point", "https://a/v1"),
            ("proxy_url", "http://b"),
            ("x-forwarded-for", "10.0.0.1"),
            ("connection", "keep-alive, X-Odd"),
            ("x-odd", "1"),
            ("te", "trailers"),
            ("content-type", "application/json"),
            ("openai-beta", "assistants=v2"),
            ("idempotency-key", "7"),
            ("user-agent", "OpenAI/Python"),
        ]);
        let passed = passed(&sent, &NOT_PASSED_ON, &NOT_PASSED_ON_PREFIXES);
        assert_eq!(
            names(&passed),
            ["content-type", "openai-beta", "idempotency-key", "user-agent"]
        );
    }

    #[test]
    fn what_an_upstream_says_of_its_site_stays_there() {
        let came = map(&[
            ("set-cookie", "__cf_bm=1"),
            ("access-control-allow-origin", "*"),
            ("content-security-policy", "default-src *"),
            ("transfer-encoding", "chunked"),
            ("location", "http://192.0.2.1/"),
            ("x-request-id", "req_1"),
            ("openai-processing-ms", "5"),
            ("retry-after", "7"),
            ("content-type", "text/event-stream"),
        ]);
        let passed = passed(&came, &NOT_PASSED_BACK, &NOT_PASSED_BACK_PREFIXES);
        assert_eq!(
            names(&passed),
            ["x-request-id", "openai-processing-ms", "retry-after", "content-type"]
        );
    }
}
