//! How a provider's keys are, as it is shown. There is no key in it.

use std::time::Duration;

use protocol::FailureKind;

/// What is known of the keys of a provider, to be shown.
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
