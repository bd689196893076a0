//! The keys of a provider: which one serves a request, and what is known of each.
//!
//! A request takes a [`Lease`] of the least-loaded key that may be used, and gives it back when its
//! answer is dropped. What comes of it is reported, and decides who is asked next: a key that was
//! refused is parked until someone looks, one without credit for hours, one that was asked too often
//! for as long as the provider wants.

mod key;
mod standing;
mod health;

use std::{
    cmp::Ordering,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{Failure, FailureKind};
use reqwest::header::{HeaderName, HeaderValue};
use tokio::time::Instant;

use super::provider::{Provider, ProviderError};
use key::{Key, Obstacle};
use standing::{Standing, Trouble};

pub use health::{KeyHealth, KeyState, ProviderHealth};
pub use key::ProviderKey;

/// The keys of one provider.
pub(super) struct KeyPool {
    provider: String,
    keys: Vec<Key>,
    state: Mutex<State>,
}

struct State {
    /// How each key stands, in the order of the keys.
    standings: Vec<Standing>,
    /// Counts leases, so that the key that was not used for longest can be found.
    leases: u64,
    /// Set from the first connection that failed to the next that did not.
    trouble: Option<Trouble>,
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
        let dialect = provider.dialect;
        let keys = provider.keys.iter().map(|key| Key::new(key, dialect));
        let mut keys = keys.collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            keys.push(Key::none());
        }
        let standings = keys.iter().map(|_| Standing::default()).collect();
        let state = Mutex::new(State { standings, leases: 0, trouble: None });
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
        state.standings.iter_mut().for_each(|standing| standing.forget_before(now));
        let untried = || (0..self.keys.len()).filter(|index| !tried.contains(index));
        let obstacle = |index: usize| self.keys[index].obstacle(&state.standings[index], now);
        let usable = untried().filter(|index| obstacle(*index).is_none());
        let Some(index) = usable.min_by(|&a, &b| self.compare(&state, a, b)) else {
            let soonest = untried()
                .filter_map(obstacle)
                .min_by_key(|obstacle| obstacle.remaining.unwrap_or(Duration::MAX));
            return Err(soonest.map(|Obstacle { remaining, why }| match why {
                Some(why) => self.not_asked(why, remaining),
                None => self.at_its_limits(remaining),
            }));
        };
        state.leases += 1;
        let number = state.leases;
        let standing = &mut state.standings[index];
        standing.open += 1;
        standing.last_lease = number;
        if self.keys[index].requests_per_minute.is_some() {
            standing.recent.push_back(now);
        }
        Ok(Lease { pool: Arc::clone(self), index, counts: true })
    }

    /// How many there are; one without any, since requests go out all the same.
    pub(super) fn count(&self) -> usize {
        self.keys.len()
    }

    /// One of the keys, for a request that no limit counts and that changes nothing about whose
    /// turn it is.
    pub(super) fn uncounted(self: &Arc<Self>, index: usize) -> Lease {
        Lease { pool: Arc::clone(self), index: index.min(self.keys.len() - 1), counts: false }
    }

    /// Which of two keys is to serve the next request: the lesser one. Loads are open requests
    /// divided by weight, here without dividing.
    fn compare(&self, state: &State, a: usize, b: usize) -> Ordering {
        let load = |of: usize, by: usize| {
            u64::from(state.standings[of].open) * u64::from(self.keys[by].weight)
        };
        let last = |index: usize| state.standings[index].last_lease;
        load(a, b).cmp(&load(b, a)).then(last(a).cmp(&last(b)))
    }

    /// Lets a key be used that was parked or backs off, and the provider's connections be tried.
    /// False if there is no such key.
    pub(super) fn use_again(&self, index: usize) -> bool {
        let mut state = self.state();
        let Some(standing) = state.standings.get_mut(index) else { return false };
        standing.use_again();
        state.trouble = None;
        true
    }

    /// What is known, to be shown.
    pub(super) fn health(&self) -> ProviderHealth {
        let now = Instant::now();
        let state = self.state();
        let trouble = state.trouble.as_ref();
        let keys = self.keys.iter().zip(&state.standings).map(|(key, standing)| KeyHealth {
            ending: key.ending.clone(),
            state: standing.state(now),
            open: standing.open,
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
        match outcome {
            Ok(()) => state.trouble = None,
            Err(failure) if failure.kind == FailureKind::Unreachable => {
                state.trouble = Some(Trouble::after(state.trouble.take(), failure, now));
            }
            Err(failure) => state.standings[index].note(failure, now),
        }
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
    pub(super) fn authorization(&self) -> Option<&(HeaderName, HeaderValue)> {
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
            self.pool.state().standings[self.index].open -= 1;
        }
    }
}

/// Seconds after which a time has passed for sure.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests;
