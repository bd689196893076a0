//! Upstreams: the OpenAI-compatible servers that write answers.

mod provider;
mod request;
mod completion;

use std::sync::Arc;

use protocol::{Failure, FailureKind};

pub use completion::{Completion, Piece};
pub use provider::{Provider, ProviderError};
pub use request::{Prompt, Request};

/// A provider with its HTTP client. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Upstream {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    provider: Provider,
    http: reqwest::Client,
}

impl Upstream {
    /// Sets up the client of a provider. Nothing is sent.
    pub fn new(provider: Provider) -> Result<Self, ProviderError> {
        let http = provider::client(&provider)?;
        Ok(Self { inner: Arc::new(Inner { provider, http }) })
    }

    /// What is configured.
    pub fn provider(&self) -> &Provider {
        &self.inner.provider
    }

    /// Asks for an answer.
    pub async fn stream(&self, request: &Request) -> Result<Completion, Failure> {
        let _ = (&self.inner.http, request.body(true));
        Err(Failure::new(FailureKind::Unreachable, &self.inner.provider.name))
    }

    /// The models that the upstream lists.
    pub async fn models(&self) -> Result<Vec<String>, Failure> {
        Err(Failure::new(FailureKind::Unreachable, &self.inner.provider.name))
    }
}
