//! Upstreams: the servers that write answers, in one of three dialects.
//!
//! [`Upstream::lease`] picks one of a provider's keys, [`Upstream::stream`] asks with it for an
//! answer, [`Completion::next`] gives that piece by piece. Whatever goes wrong becomes a [`Failure`]
//! of a closed set of kinds. Nothing here is stored, shown or logged, and no question is asked
//! again: that is for the caller to decide.

mod provider;
mod keys;
mod model;
mod request;
mod body;
mod forward;
mod completion;
mod background;
mod dialect;
mod chat_completions;
mod thinking;
mod anthropic;
mod responses;
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
    header::{ACCEPT, CONTENT_TYPE},
};
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use body::{Body, Refusal};
use keys::KeyPool;

pub use background::ResumePoint;
pub use completion::{Completion, Piece};
pub use dialect::Dialect;
pub(crate) use forward::{Forwarded, Outgoing, OutgoingBody, Refused};
pub use keys::{KeyHealth, KeyState, Lease, ProviderHealth, ProviderKey};
pub use model::{ForModels, ModelFacts};
#[cfg(test)]
pub(crate) use provider::tests::provider as provider_for_tests;
pub use provider::{Fallback, MaxTokensField, Provider, ProviderError};
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
    keys: Arc<KeyPool>,
    /// It refused before what some refuse, so it is asked plainly from then on.
    asked_plainly: Arc<AtomicBool>,
}

impl Upstream {
    /// Sets up the client of a provider. Nothing is sent.
    pub fn new(provider: Provider) -> Result<Self, ProviderError> {
        let http = provider::client(&provider)?;
        let keys = KeyPool::new(&provider)?;
        let asked_plainly = Arc::default();
        Ok(Self { inner: Arc::new(Inner { provider, http, keys, asked_plainly }) })
    }

    /// The same upstream with a program's own key in place of those that are configured. What comes
    /// of it is not held against these.
    pub(crate) fn with_key_of_program(&self, key: &SecretString) -> Result<Self, ProviderError> {
        let provider = Provider { keys: vec![key.clone().into()], ..self.inner.provider.clone() };
        let keys = KeyPool::new(&provider)?;
        let http = self.inner.http.clone();
        let asked_plainly = Arc::clone(&self.inner.asked_plainly);
        Ok(Self { inner: Arc::new(Inner { provider, http, keys, asked_plainly }) })
    }

    /// What is configured.
    pub fn provider(&self) -> &Provider {
        &self.inner.provider
    }

    /// Takes the least-loaded key that may be used and was not `tried` for the same request. Keys
    /// are known by their places among the provider's. A provider whose connections fail is passed
    /// over, unless one `insists` because nobody else is left to ask.
    ///
    /// Fails with why its keys cannot be used now and, where that is known, until when; with nothing
    /// if every key was tried.
    pub fn lease(&self, tried: &[usize], insists: bool) -> Result<Lease, Option<Failure>> {
        self.inner.keys.lease(tried, insists)
    }

    /// What is known of the provider's keys.
    pub fn health(&self) -> ProviderHealth {
        self.inner.keys.health()
    }

    /// Lets a key be used again that was parked or backs off. False if there is no such key.
    pub fn use_key_again(&self, index: usize) -> bool {
        self.inner.keys.use_again(index)
    }

    /// Asks for an answer. Resolves when the upstream begins one; dropping the future before
    /// closes the connection.
    pub async fn stream(&self, lease: Lease, request: &Request) -> Result<Completion, Failure> {
        let dialect = self.inner.provider.dialect;
        let mut plainly = self.inner.asked_plainly.load(Ordering::Relaxed);
        let body = match self.ask(lease, &dialect.body(request, plainly)).await? {
            Ok(body) => body,
            Err((refusal, lease)) if !plainly && refusal.names(dialect.refused_by_some()) => {
                plainly = true;
                let answer = self.ask(lease, &dialect.body(request, plainly)).await?;
                let body = answer.map_err(|(refusal, _)| refusal.failure(&self.inner.provider))?;
                self.inner.asked_plainly.store(true, Ordering::Relaxed);
                body
            }
            Err((refusal, _)) => return Err(refusal.failure(&self.inner.provider)),
        };
        Ok(Completion::new(Arc::clone(&self.inner), body, dialect.reader(request, plainly)))
    }

    /// The models that the upstream lists for its first key, in its order, with what it says about
    /// them.
    pub async fn models(&self) -> Result<Vec<ModelInfo>, Failure> {
        self.models_with(&self.inner.keys.uncounted(0)).await
    }

    /// The same with a key that is leased already. A key that may not list models may have them
    /// answer all the same, so what comes of this is not held against it.
    pub(crate) async fn models_with(&self, lease: &Lease) -> Result<Vec<ModelInfo>, Failure> {
        let query = self.inner.provider.dialect.query_of_models();
        let request = self.request(Method::GET, "models").query(query);
        let answer = self.send(lease, request).await?;
        let response = answer.map_err(|refusal| refusal.failure(&self.inner.provider))?;
        let list = body::whole(response, &self.inner.provider).await?;
        model::listed(&list).ok_or_else(|| {
            let words = detail::words_of_body(&String::from_utf8_lossy(&list));
            let words = format!("this came in place of a list of models: {words}");
            failure::failure(&self.inner.provider, FailureKind::Malformed, &words)
        })
    }

    /// Where completions are asked for, without any name or password in the address.
    pub fn completions_address(&self) -> String {
        let Provider { base_url, dialect, .. } = &self.inner.provider;
        let mut address = below(base_url, dialect.path());
        // Neither fails for an address that requests can be sent to.
        address.set_username("").ok();
        address.set_password(None).ok();
        address.to_string()
    }

    async fn ask(
        &self,
        lease: Lease,
        body: &Value,
    ) -> Result<Result<Body, (Refusal, Lease)>, Failure> {
        let request = self
            .request(Method::POST, self.inner.provider.dialect.path())
            .header(ACCEPT, "text/event-stream")
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        self.attempt(lease, request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let Inner { provider, http, .. } = &*self.inner;
        let mut request = http.request(method, below(&provider.base_url, path));
        if let Some((name, value)) = provider.dialect.version_header() {
            request = request.header(name, value);
        }
        request
    }

    /// Sends a request with a leased key, takes note of what comes of it, and waits for the head of
    /// the answer, whose body holds the lease from then on. The outer error is a connection that
    /// failed, the inner one an upstream that refused.
    async fn attempt(
        &self,
        lease: Lease,
        request: RequestBuilder,
    ) -> Result<Result<Body, (Refusal, Lease)>, Failure> {
        let answer = self.send(&lease, request).await;
        Ok(match answer.inspect_err(|failure| lease.report(Err(failure)))? {
            Ok(response) => {
                lease.report(Ok(()));
                Ok(Body::new(Arc::clone(&self.inner), response, lease))
            }
            Err(refusal) => {
                lease.report(Err(&refusal.failure(&self.inner.provider)));
                Err((refusal, lease))
            }
        })
    }

    /// Sends a request with a key, and waits for the head of the answer. The errors are those of
    /// [`Self::attempt`].
    async fn send(
        &self,
        lease: &Lease,
        request: RequestBuilder,
    ) -> Result<Result<reqwest::Response, Refusal>, Failure> {
        let response = self.head(lease, request, Duration::ZERO).await?;
        Ok(match response.status().is_success() {
            true => Ok(response),
            false => Err(Refusal::read(response, &self.inner.provider).await),
        })
    }

    /// Sends a request with a key, whatever comes of it. Sending may take `sending` longer than the
    /// answer may be silent.
    async fn head(
        &self,
        lease: &Lease,
        mut request: RequestBuilder,
        sending: Duration,
    ) -> Result<reqwest::Response, Failure> {
        if let Some((name, value)) = lease.authorization() {
            request = request.header(name, value.clone());
        }
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
