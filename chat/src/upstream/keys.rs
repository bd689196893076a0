//! The keys of a provider: which one serves a request, and what is known of each.
//!
//! A request takes a [`Lease`] of the least-loaded key that may be used, and gives it back when its
//! answer is dropped. What comes of it is reported, and decides who is asked next: a key that was
//! refused is parked until someone looks, one without credit for hours, one that was asked too often
//! for as long as the provider wants.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{Failure, FailureKind};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::provider::{Provider, ProviderError};

/// How long a key without credit is left alone. Credit is added by hand, and monthly limits end
/// with the month, so it is worth another look a few times a day.
const QUOTA_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);

/// How long a key that was asked too often is left alone where the provider does not say.
const RATE_PAUSE: Duration = Duration::from_secs(5);

/// The longest that a provider's `Retry-After` is believed.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a provider is passed over after its first connection that failed. It doubles with each.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);

/// The longest that a provider is passed over for connections that fail.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// What `requests_per_minute` counts over.
const MINUTE: Duration = Duration::from_secs(60);

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

/// What is known of the keys of a provider, to be shown. It holds no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderHealth {
    /// The provider's name.
    pub provider: String,
    /// For how much longer it is passed over where another can answer, since connections failed.
    pub unreachable_for: Option<Duration>,
    /// Its keys in their order. A provider without keys has one entry all the same, for requests
    /// that carry none.
    pub keys: Vec<KeyHealth>,
}

/// What is known of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHealth {
    /// The last four characters of the key; empty for a very short one, and `None` where there is
    /// no key.
    pub ending: Option<String>,
    /// Whether it may be used.
    pub state: KeyState,
    /// The requests that it serves now.
    pub open: u32,
}

/// Whether a key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It may.
    Healthy,
    /// Not for a while: the provider was asked too often, or is overloaded.
    BackingOff {
        /// For how much longer.
        remaining: Duration,
        /// What the provider's answer was.
        why: FailureKind,
    },
    /// The provider refused it, or its account has no credit.
    Parked {
        /// For how much longer; `None` until someone looks.
        remaining: Option<Duration>,
        /// What the provider's answer was.
        why: FailureKind,
    },
}

/// The keys of one provider.
pub(super) struct KeyPool {
    provider: String,
    keys: Vec<Key>,
    state: Mutex<State>,
}

/// What is configured of a key, or of the requests without any.
struct Key {
    /// The header that carries it. Marked as sensitive, so its `Debug` does not show it.
    authorization: Option<HeaderValue>,
    ending: Option<String>,
    weight: u32,
    max_concurrent: Option<u32>,
    requests_per_minute: Option<u32>,
}

struct State {
    uses: Vec<Use>,
    /// Counts leases, so that the key that was not used for longest can be found.
    leases: u64,
    trouble: Option<Trouble>,
}

/// How a key is used.
#[derive(Default)]
struct Use {
    open: u32,
    /// The number of its last lease; 0 before the first.
    last_lease: u64,
    /// When the requests of the last minute began, where these are limited.
    recent: VecDeque<Instant>,
    set_aside: Option<SetAside>,
}

/// Why a key is not used for now.
struct SetAside {
    /// `None` until someone looks.
    until: Option<Instant>,
    why: Failure,
}

/// Connections to the provider that failed one after another.
struct Trouble {
    count: u32,
    until: Instant,
    why: Failure,
}

/// The right to send one request with a key. Dropped with the request's answer, it makes room for
/// another.
#[derive(Debug)]
pub struct Lease {
    pool: Arc<KeyPool>,
    index: usize,
    /// False for requests that no limit counts.
    counts: bool,
}

impl KeyPool {
    pub(super) fn new(provider: &Provider) -> Result<Arc<Self>, ProviderError> {
        let mut keys = provider.keys.iter().map(Key::new).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            keys.push(Key::none());
        }
        let uses = keys.iter().map(|_| Use::default()).collect();
        let state = Mutex::new(State { uses, leases: 0, trouble: None });
        Ok(Arc::new(Self { provider: provider.name.clone(), keys, state }))
    }

    /// Takes the least-loaded key that may be used and was not `tried`; of equal ones that which
    /// was not used for longest. A provider that cannot be reached is passed over, unless one
    /// `insists` because there is no other way.
    ///
    /// Fails with why the key that can be used the soonest cannot be used now, or with nothing if
    /// every key was tried.
    pub(super) fn lease(
        self: &Arc<Self>,
        tried: &[usize],
        insists: bool,
    ) -> Result<Lease, Option<Failure>> {
        let now = Instant::now();
        let mut state = self.state();
        if !insists && let Some(trouble) = state.trouble.as_ref().filter(|it| it.until > now) {
            return Err(Some(self.not_asked(&trouble.why, Some(trouble.until - now))));
        }
        state.uses.iter_mut().for_each(|used| used.forget_before(now));
        let index = self.least_loaded(&state, tried, |index| {
            self.keys[index].obstacle(&state.uses[index], now).is_none()
        });
        let Some(index) = index else {
            let untried = (0..self.keys.len()).filter(|index| !tried.contains(index));
            let obstacles =
                untried.filter_map(|index| self.keys[index].obstacle(&state.uses[index], now));
            let soonest = obstacles.min_by_key(|obstacle| obstacle.0.unwrap_or(Duration::MAX));
            return Err(soonest.map(|(remaining, why)| match why {
                Some(why) => self.not_asked(why, remaining),
                None => self.at_its_limits(remaining),
            }));
        };
        state.leases += 1;
        let number = state.leases;
        let used = &mut state.uses[index];
        used.open += 1;
        used.last_lease = number;
        if self.keys[index].requests_per_minute.is_some() {
            used.recent.push_back(now);
        }
        drop(state);
        Ok(Lease { pool: Arc::clone(self), index, counts: true })
    }

    /// The first key, for a request that no limit counts and that changes nothing about whose turn
    /// it is.
    pub(super) fn first(self: &Arc<Self>) -> Lease {
        Lease { pool: Arc::clone(self), index: 0, counts: false }
    }

    fn least_loaded(
        &self,
        state: &State,
        tried: &[usize],
        usable: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let usable = (0..self.keys.len()).filter(|index| !tried.contains(index) && usable(*index));
        usable.min_by(|&a, &b| {
            // Loads are open / weight, compared without dividing.
            let load = |of: usize, by: usize| {
                u64::from(state.uses[of].open) * u64::from(self.keys[by].weight)
            };
            let last = |index: usize| state.uses[index].last_lease;
            load(a, b).cmp(&load(b, a)).then(last(a).cmp(&last(b)))
        })
    }

    /// Lets a key be used that was parked or backs off, and the provider's connections be tried.
    /// False if there is no such key.
    pub(super) fn use_again(&self, index: usize) -> bool {
        let mut state = self.state();
        state.trouble = None;
        match state.uses.get_mut(index) {
            Some(used) => {
                used.set_aside = None;
                true
            }
            None => false,
        }
    }

    /// What is known, to be shown.
    pub(super) fn health(&self) -> ProviderHealth {
        let now = Instant::now();
        let state = self.state();
        let trouble = state.trouble.as_ref();
        let keys = self.keys.iter().zip(&state.uses).map(|(key, used)| KeyHealth {
            ending: key.ending.clone(),
            state: used.state(now),
            open: used.open,
        });
        ProviderHealth {
            provider: self.provider.clone(),
            unreachable_for: trouble
                .map(|trouble| trouble.until.saturating_duration_since(now))
                .filter(|remaining| !remaining.is_zero()),
            keys: keys.collect(),
        }
    }

    /// Takes note of what came of a request.
    fn report(&self, index: usize, outcome: Result<(), &Failure>) {
        let now = Instant::now();
        let mut state = self.state();
        let Err(failure) = outcome else {
            state.trouble = None;
            return;
        };
        let asked_to_wait = failure.retry_after_s.map(Duration::from_secs);
        let pause = match failure.kind {
            FailureKind::Unreachable => {
                state.note_trouble(failure, now);
                return;
            }
            FailureKind::Unauthorised => None,
            FailureKind::OutOfQuota => Some(QUOTA_PAUSE),
            FailureKind::RateLimited => Some(asked_to_wait.unwrap_or(RATE_PAUSE)),
            FailureKind::UpstreamError if asked_to_wait.is_some() => asked_to_wait,
            // What is wrong with a request, or with a connection, is not wrong with the key.
            _ => return,
        };
        let until = pause.map(|pause| now + pause.min(LONGEST_PAUSE));
        state.uses[index].set_aside_until(until, failure);
    }

    fn not_asked(&self, why: &Failure, remaining: Option<Duration>) -> Failure {
        let said = why.detail.as_deref().map(|said| format!("; it last said: {said}"));
        let keys = match self.keys.len() {
            1 => "its key is".to_owned(),
            several => format!("its {several} keys are"),
        };
        let place = match why.kind {
            FailureKind::Unreachable => "it is".to_owned(),
            _ => keys,
        };
        let detail = format!(
            "{} was not asked, since {place} set aside{}",
            self.provider,
            said.unwrap_or_default()
        );
        Failure { retry_after_s: remaining.map(whole_seconds), ..why.clone() }.with_detail(detail)
    }

    fn at_its_limits(&self, remaining: Option<Duration>) -> Failure {
        let failure = Failure::new(FailureKind::RateLimited, &self.provider)
            .with_detail("the limits that are configured for its keys are reached");
        Failure { retry_after_s: remaining.map(whole_seconds), ..failure }
    }

    /// A poisoned lock means a panic elsewhere; nothing here is left half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows what is known of the keys, and none of them.
impl fmt::Debug for KeyPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyPool").field(&self.health()).finish()
    }
}

impl Lease {
    /// The header that carries the key, where there is one.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.pool.keys[self.index].authorization.as_ref()
    }

    /// The key's place among those of its provider.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// Takes note of what came of the request: that it was answered, or why not.
    pub(super) fn report(&self, outcome: Result<(), &Failure>) {
        self.pool.report(self.index, outcome);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.counts {
            self.pool.state().uses[self.index].open -= 1;
        }
    }
}

impl Key {
    fn new(key: &ProviderKey) -> Result<Self, ProviderError> {
        let secret = key.value.expose_secret();
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {secret}")).map_err(|_| ProviderError::Key)?;
        authorization.set_sensitive(true);
        Ok(Self {
            authorization: Some(authorization),
            ending: Some(ending(secret)),
            weight: key.weight.max(1),
            max_concurrent: key.max_concurrent,
            requests_per_minute: key.requests_per_minute,
        })
    }

    fn none() -> Self {
        Self {
            authorization: None,
            ending: None,
            weight: 1,
            max_concurrent: None,
            requests_per_minute: None,
        }
    }

    /// Why a key cannot be used now, and for how much longer, as far as that is known. No failure
    /// means that its own limits are reached.
    fn obstacle<'a>(
        &self,
        used: &'a Use,
        now: Instant,
    ) -> Option<(Option<Duration>, Option<&'a Failure>)> {
        if let Some((remaining, why)) = used.set_aside_at(now) {
            return Some((remaining, Some(why)));
        }
        let full = |limit: Option<u32>, count: usize| {
            limit.is_some_and(|limit| count >= limit.try_into().unwrap_or(usize::MAX))
        };
        if full(self.max_concurrent, used.open.try_into().unwrap_or(usize::MAX)) {
            return Some((None, None));
        }
        if full(self.requests_per_minute, used.recent.len()) {
            let oldest = used.recent.front().map(|began| *began + MINUTE - now);
            return Some((oldest, None));
        }
        None
    }
}

impl Use {
    /// Forgets the requests that began more than a minute ago.
    fn forget_before(&mut self, now: Instant) {
        while self.recent.front().is_some_and(|began| *began + MINUTE <= now) {
            self.recent.pop_front();
        }
    }

    /// For how much longer it is set aside, and why, if it is.
    fn set_aside_at(&self, now: Instant) -> Option<(Option<Duration>, &Failure)> {
        let aside = self.set_aside.as_ref()?;
        match aside.until {
            Some(until) if until <= now => None,
            until => Some((until.map(|until| until - now), &aside.why)),
        }
    }

    /// Sets it aside, unless it is for longer: requests that were sent at once fail in any order.
    fn set_aside_until(&mut self, until: Option<Instant>, why: &Failure) {
        let is_longer = match (&self.set_aside, until) {
            (None, _) | (Some(SetAside { until: Some(_), .. }), None) => true,
            (Some(SetAside { until: Some(known), .. }), Some(until)) => until > *known,
            (Some(SetAside { until: None, .. }), _) => false,
        };
        if is_longer {
            self.set_aside = Some(SetAside { until, why: why.clone() });
        }
    }

    fn state(&self, now: Instant) -> KeyState {
        match self.set_aside_at(now) {
            None => KeyState::Healthy,
            Some((remaining, Failure { kind, .. })) => match (kind, remaining) {
                (FailureKind::Unauthorised | FailureKind::OutOfQuota, remaining) => {
                    KeyState::Parked { remaining, why: *kind }
                }
                (_, remaining) => {
                    KeyState::BackingOff { remaining: remaining.unwrap_or_default(), why: *kind }
                }
            },
        }
    }
}

impl State {
    /// Connections that fail while the provider is passed over already were begun before, and are
    /// the same trouble.
    fn note_trouble(&mut self, failure: &Failure, now: Instant) {
        let count = match &self.trouble {
            Some(trouble) if trouble.until > now => return,
            Some(trouble) => trouble.count.saturating_add(1),
            None => 0,
        };
        let backoff = FIRST_BACKOFF.saturating_mul(1 << count.min(16)).min(LONGEST_BACKOFF);
        self.trouble = Some(Trouble { count, until: now + backoff, why: failure.clone() });
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

/// Seconds after which a time has passed for sure.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests;
