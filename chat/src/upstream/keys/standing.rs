//! What is known of a key from its requests: how busy it is, and what it is set aside for.

use std::{collections::VecDeque, time::Duration};

use protocol::{Failure, FailureKind};
use tokio::time::Instant;

use super::health::KeyState;

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
pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// How one key stands.
#[derive(Default)]
pub(super) struct Standing {
    /// The requests that it serves now.
    pub(super) open: u32,
    /// The number of its last lease; 0 before the first.
    pub(super) last_lease: u64,
    /// When the requests of the last minute began, where these are limited.
    pub(super) recent: VecDeque<Instant>,
    set_aside: Option<SetAside>,
}

/// Why a key is not used for now.
struct SetAside {
    /// `None` until someone looks.
    until: Option<Instant>,
    why: Failure,
}

impl Standing {
    /// Forgets the requests that began more than a minute ago.
    pub(super) fn forget_before(&mut self, now: Instant) {
        while self.recent.front().is_some_and(|began| *began + MINUTE <= now) {
            self.recent.pop_front();
        }
    }

    /// For how much longer it is set aside, and why, if it is.
    pub(super) fn set_aside_at(&self, now: Instant) -> Option<(Option<Duration>, &Failure)> {
        let aside = self.set_aside.as_ref()?;
        match aside.until {
            Some(until) if until <= now => None,
            until => Some((until.map(|until| until - now), &aside.why)),
        }
    }

    /// Takes note of a request that failed. What is wrong with a request, or with a connection, is
    /// not wrong with the key.
    pub(super) fn note(&mut self, failure: &Failure, now: Instant) {
        let asked_to_wait = failure.retry_after_s.map(Duration::from_secs);
        let pause = match failure.kind {
            FailureKind::Unauthorised => None,
            FailureKind::OutOfQuota => Some(QUOTA_PAUSE),
            FailureKind::RateLimited => Some(asked_to_wait.unwrap_or(RATE_PAUSE)),
            FailureKind::UpstreamError if asked_to_wait.is_some() => asked_to_wait,
            _ => return,
        };
        let until = pause.map(|pause| now + pause.min(LONGEST_PAUSE));
        // Requests that were sent at once fail in any order, and the longest pause counts.
        let is_longer = match (&self.set_aside, until) {
            (None, _) | (Some(SetAside { until: Some(_), .. }), None) => true,
            (Some(SetAside { until: Some(known), .. }), Some(until)) => until > *known,
            (Some(SetAside { until: None, .. }), _) => false,
        };
        if is_longer {
            self.set_aside = Some(SetAside { until, why: failure.clone() });
        }
    }

    /// Forgets what it is set aside for.
    pub(super) fn use_again(&mut self) {
        self.set_aside = None;
    }

    /// The same, to be shown.
    pub(super) fn state(&self, now: Instant) -> KeyState {
        let Some((remaining, failure)) = self.set_aside_at(now) else { return KeyState::Healthy };
        let why = failure.kind;
        match (why, remaining) {
            (FailureKind::Unauthorised | FailureKind::OutOfQuota, remaining) => {
                KeyState::Parked { remaining, why }
            }
            (_, remaining) => {
                KeyState::BackingOff { remaining: remaining.unwrap_or_default(), why }
            }
        }
    }
}

/// Connections to a provider that failed one after another.
pub(super) struct Trouble {
    /// How many there were before.
    count: u32,
    /// Until when the provider is passed over.
    pub(super) until: Instant,
    pub(super) why: Failure,
}

impl Trouble {
    /// What a connection that failed makes of the trouble before it. Those that fail while the
    /// provider is passed over were begun before, and are the same trouble.
    pub(super) fn after(before: Option<Self>, failure: &Failure, now: Instant) -> Self {
        let count = match before {
            Some(same) if same.until > now => return same,
            Some(before) => before.count.saturating_add(1),
            None => 0,
        };
        let backoff = FIRST_BACKOFF.saturating_mul(1 << count.min(16)).min(LONGEST_BACKOFF);
        Self { count, until: now + backoff, why: failure.clone() }
    }
}
