//! Upstreams: the OpenAI-compatible servers that write answers.
//!
//! [`Upstream::stream`] asks for an answer, [`Completion::next`] gives it piece by piece. Whatever
//! goes wrong becomes a [`Failure`] of a closed set of kinds. Nothing here is stored, shown or
//! logged, and nothing is tried again: that is for the caller to decide.

mod provider;
mod model;
mod request;
mod body;
mod forward;
mod completion;
mod chat_completions;
mod thinking;
mod sse;
mod failure;
mod detail;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use protocol::{Failure, FailureKind, ModelInfo};
use reqwest::{
    Method, RequestBuilder,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use body::{Body, Refusal};

pub use completion::{Completion, Piece};
pub(crate) use forward::{Forwarded, Outgoing, OutgoingBody, Refused};
pub use model::{ForModels, ModelFacts};
#[cfg(test)]
pub(crate) use provider::tests::provider as test_provider;
pub use provider::{MaxTokensField, Provider, ProviderError};
pub use request::{Content, Part, Prompt, Request};

/// A provider with its HTTP client. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Upstream {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    provider: Provider,
    http: reqwest::Client,
    /// The header that carries the key. Marked as sensitive, so its `Debug` does not show it.
    authorization: Option<HeaderValue>,
    /// It refused `stream_options` before, so it is not sent them again.
    refuses_stream_options: AtomicBool,
}

impl Upstream {
    /// Sets up the client of a provider. Nothing is sent.
    pub fn new(provider: Provider) -> Result<Self, ProviderError> {
        let http = provider::client(&provider)?;
        let authorization = provider.keys.first().map(|key| bearer(key).ok_or(ProviderError::Key));
        Ok(Self {
            inner: Arc::new(Inner {
                authorization: authorization.transpose()?,
                provider,
                http,
                refuses_stream_options: AtomicBool::new(false),
            }),
        })
    }

    /// What is configured.
    pub fn provider(&self) -> &Provider {
        &self.inner.provider
    }

    /// Asks for an answer. Resolves when the upstream begins one; dropping the future before
    /// closes the connection.
    pub async fn stream(&self, request: &Request) -> Result<Completion, Failure> {
        let with_usage = !self.inner.refuses_stream_options.load(Ordering::Relaxed);
        let body = match self.ask(&request.body(with_usage)).await? {
            Ok(body) => body,
            Err(refusal) if with_usage && refusal.names("stream_options") => {
                let answer = self.ask(&request.body(false)).await?;
                let body = answer.map_err(|refusal| refusal.failure(&self.inner.provider))?;
                self.inner.refuses_stream_options.store(true, Ordering::Relaxed);
                body
            }
            Err(refusal) => return Err(refusal.failure(&self.inner.provider)),
        };
        Ok(Completion::new(Arc::clone(&self.inner), body))
    }

    /// The models that the upstream lists, in its order, with what it says about them.
    pub async fn models(&self) -> Result<Vec<ModelInfo>, Failure> {
        let request = self.request(Method::GET, "models");
        let answer = self.send(request).await?;
        let body = answer.map_err(|refusal| refusal.failure(&self.inner.provider))?;
        let list = body.whole().await?;
        model::listed(&list).ok_or_else(|| {
            let words = detail::words_of_body(&String::from_utf8_lossy(&list));
            let words = format!("this came in place of a list of models: {words}");
            failure::failure(&self.inner.provider, FailureKind::Malformed, &words)
        })
    }

    /// Where completions are asked for, without any name or password in the address.
    pub fn completions_address(&self) -> String {
        let mut address = below(&self.inner.provider.base_url, "chat/completions");
        // Neither fails for an address that requests can be sent to.
        address.set_username("").ok();
        address.set_password(None).ok();
        address.to_string()
    }

    async fn ask(&self, body: &Value) -> Result<Result<Body, Refusal>, Failure> {
        let request = self
            .request(Method::POST, "chat/completions")
            .header(ACCEPT, "text/event-stream")
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        self.send(request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let Inner { provider, http, authorization, .. } = &*self.inner;
        let mut request = http.request(method, below(&provider.base_url, path));
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        request
    }

    /// Sends a request, and waits for the head of the answer. The outer error is a connection that
    /// failed, the inner one an upstream that refused.
    async fn send(&self, request: RequestBuilder) -> Result<Result<Body, Refusal>, Failure> {
        let response = self.head(request, Duration::ZERO).await?;
        let accepted = response.status().is_success();
        let body = Body::new(Arc::clone(&self.inner), response);
        Ok(if accepted { Ok(body) } else { Err(body.into_refusal().await) })
    }

    /// Sends a request, which may take `sending` longer than its answer may be silent.
    async fn head(
        &self,
        request: RequestBuilder,
        sending: Duration,
    ) -> Result<reqwest::Response, Failure> {
        let provider = &self.inner.provider;
        // Connecting counts as silence too: where it ends and waiting begins cannot be seen here.
        // It has its own, shorter timeout within the client, which says more when it fails.
        let longest = provider.idle_timeout.max(provider.connect_timeout) + sending;
        match timeout(longest, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(failure::of_request(provider, &error)),
            Err(_) => Err(failure::silence(provider)),
        }
    }
}

/// The header that carries a key; `None` if the key holds what no header can.
fn bearer(key: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// An address of the API. A query, as some gateways want for a version, stays at the end.
fn below(base_url: &Url, path: &str) -> Url {
    let mut url = base_url.clone();
    url.set_path(&format!("{}/{path}", base_url.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_api() {
        let check = |base: &str, expected: &str| {
            assert_eq!(below(&Url::parse(base).unwrap(), "models").as_str(), expected);
        };
        check("https://api.openai.com/v1", "https://api.openai.com/v1/models");
        check("https://api.openai.com/v1/", "https://api.openai.com/v1/models");
        check("http://localhost:1234", "http://localhost:1234/models");
        check("https://a/b/v1?api-version=2", "https://a/b/v1/models?api-version=2");
    }

    #[test]
    fn debug_shows_no_secret() {
        let proxy = Some(Url::parse("http://me:hunter2@127.0.0.1:3128").unwrap());
        let provider = Provider { proxy, ..provider::tests::provider() };
        let upstream = Upstream::new(provider).unwrap();
        let shown = format!("{upstream:?} {:?}", upstream.request(Method::GET, "models"));
        for secret in upstream.provider().secrets() {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn keys_must_fit_into_a_header() {
        let keys = vec!["sk-\n".into()];
        let provider = Provider { keys, ..provider::tests::provider() };
        assert!(matches!(Upstream::new(provider), Err(ProviderError::Key)));
    }
}
