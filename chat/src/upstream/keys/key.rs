//! A key as it is configured, and as it is sent.

use std::time::Duration;

use protocol::Failure;
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::standing::{MINUTE, Standing};
use crate::upstream::{Dialect, provider::ProviderError};

/// How many of its last characters name a key.
const ENDING: usize = 4;

/// Keys shorter than this have no ending that could be shown without giving away too much of them.
const SHORTEST_WITH_ENDING: usize = 12;

/// A configured key of a provider.
#[derive(Debug, Clone)]
pub struct ProviderKey {
    /// The key itself.
    pub value: SecretString,
    /// Its share of the requests that are open at once, beside the other keys' weights; at least 1.
    pub weight: u32,
    /// The most requests that it serves at once.
    pub max_concurrent: Option<u32>,
    /// The most requests that it serves within any minute.
    pub requests_per_minute: Option<u32>,
}

impl From<SecretString> for ProviderKey {
    fn from(secret: SecretString) -> Self {
        Self { value: secret, weight: 1, max_concurrent: None, requests_per_minute: None }
    }
}

impl From<&str> for ProviderKey {
    fn from(secret: &str) -> Self {
        SecretString::from(secret).into()
    }
}

/// What is needed of a key, or of the requests without any.
#[derive(Default)]
pub(super) struct Key {
    /// The header that carries it. Marked as sensitive, so its `Debug` does not show it.
    pub(super) authorization: Option<(HeaderName, HeaderValue)>,
    pub(super) ending: Option<String>,
    /// At least 1, since loads are compared by it.
    pub(super) weight: u32,
    pub(super) max_concurrent: Option<u32>,
    pub(super) requests_per_minute: Option<u32>,
}

/// Why a key cannot be used now.
pub(super) struct Obstacle<'a> {
    /// For how much longer, where that is known.
    pub(super) remaining: Option<Duration>,
    /// What the provider said; `None` if the key's own limits are reached.
    pub(super) why: Option<&'a Failure>,
}

impl Key {
    pub(super) fn new(key: &ProviderKey, dialect: Dialect) -> Result<Self, ProviderError> {
        let secret = key.value.expose_secret();
        let (name, value) = dialect.key_header(secret);
        let mut value = HeaderValue::from_str(&value).map_err(|_| ProviderError::Key)?;
        value.set_sensitive(true);
        Ok(Self {
            authorization: Some((name, value)),
            ending: Some(ending(secret)),
            weight: key.weight.max(1),
            max_concurrent: key.max_concurrent,
            requests_per_minute: key.requests_per_minute,
        })
    }

    /// For requests that carry no key.
    pub(super) fn none() -> Self {
        Self { weight: 1, ..Self::default() }
    }

    /// Why it cannot be used now, if it cannot.
    pub(super) fn obstacle<'a>(
        &self,
        standing: &'a Standing,
        now: Instant,
    ) -> Option<Obstacle<'a>> {
        if let Some((remaining, why)) = standing.set_aside_at(now) {
            return Some(Obstacle { remaining, why: Some(why) });
        }
        if self.max_concurrent.is_some_and(|most| standing.open >= most) {
            return Some(Obstacle { remaining: None, why: None });
        }
        let most = self.requests_per_minute? as usize;
        if standing.recent.len() < most {
            return None;
        }
        let remaining = standing.recent.front().map(|began| *began + MINUTE - now);
        Some(Obstacle { remaining, why: None })
    }
}

/// The last characters of a key, by which its owner knows it again.
fn ending(secret: &str) -> String {
    let length = secret.chars().count();
    match length < SHORTEST_WITH_ENDING {
        true => String::new(),
        false => secret.chars().skip(length - ENDING).collect(),
    }
}
