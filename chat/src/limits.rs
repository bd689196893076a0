//! Limits: how much may be spent, by whom and on what.
//!
//! A [`Rule`] says for which calls it holds and how much of them is allowed. Every call is admitted
//! before it is made, and has a [`Permit`] until it ends; while it runs, its estimate counts as
//! well, so that an answer can be ended in the middle. Counts are kept in memory and built anew from
//! the ledger at each start.
//!
//! Days and months are those of the server's time zone (`TZ`), and a call counts for the day on
//! which it began, as it does in the ledger.

mod limiter;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use protocol::{LimitKind, LimitReached, Price, Usage};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::Caller,
    engine::Chat,
    ledger::{Counter, Purpose, Spent},
    store::{Store, StoreError},
};
use limiter::Amount;
pub(crate) use limiter::{Limiter, OwnLimits, PastCalls, PastStart};

/// How much is allowed. What is `None` has no limit. Kept with a token as JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Allowance {
    /// Calls that begin within any minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u64>,
    /// Tokens of requests and answers together, within a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_day: Option<u64>,
    /// Questions on the path of a conversation that is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turns_per_conversation: Option<u64>,
    /// Answers that are being written at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_answers: Option<u64>,
    /// Picodollars within a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money_per_day: Option<u64>,
    /// Picodollars within a month of the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money_per_month: Option<u64>,
}

impl Allowance {
    /// What is limited, and to how much of it.
    pub fn limits(&self) -> impl Iterator<Item = (LimitKind, u64)> {
        [
            (LimitKind::MoneyPerDay, self.money_per_day),
            (LimitKind::MoneyPerMonth, self.money_per_month),
            (LimitKind::TokensPerDay, self.tokens_per_day),
            (LimitKind::RequestsPerMinute, self.requests_per_minute),
            (LimitKind::ConcurrentAnswers, self.concurrent_answers),
            (LimitKind::TurnsPerConversation, self.turns_per_conversation),
        ]
        .into_iter()
        .filter_map(|(kind, allowed)| Some((kind, allowed?)))
    }
}

/// In English: `$5.00 a day, 10 requests a minute`.
impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amounts: Vec<_> = self.limits().map(|(kind, allowed)| kind.amount(allowed)).collect();
        f.write_str(&amounts.join(", "))
    }
}

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Each {
    /// Those of all.
    #[default]
    All,
    /// Those of each person, through whichever program.
    Person,
    /// Those of each token; calls without one are not counted.
    Token,
}

/// A limit that the owner configures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// It holds for calls to this provider only.
    pub provider: Option<String>,
    /// It holds for calls to models of this name only.
    pub model: Option<String>,
    /// Whose calls are counted together.
    pub each: Each,
    /// How much is allowed.
    pub allowance: Allowance,
}

/// A call that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Admission<'a> {
    /// What it is made for.
    pub purpose: Purpose,
    /// Who causes it.
    pub caller: Caller,
    /// The provider's name.
    pub provider: &'a str,
    /// The model's name; empty while it is not known.
    pub model: &'a str,
    /// How many questions there are in what is answered, this one included. `None` where nobody
    /// asks, as for titles.
    pub turns: Option<u64>,
}

/// Why a call was not admitted.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// It would go beyond a limit.
    #[error(transparent)]
    Limit(#[from] LimitReached),
    /// The limits of a token could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Chat {
    /// Asks for a call to be made. It counts as running until the permit is dropped.
    pub async fn admit(&self, admission: Admission<'_>) -> Result<Permit, AdmitError> {
        admit(&self.inner.limiter, &self.inner.store, admission).await
    }
}

/// The same within the engine.
pub(crate) async fn admit(
    limiter: &Arc<Limiter>,
    store: &Store,
    admission: Admission<'_>,
) -> Result<Permit, AdmitError> {
    let own = match admission.caller.token {
        Some(token) => store.token_limits(token).await?,
        None => None,
    };
    Ok(limiter.admit(admission, own, &limiter.now())?)
}

/// Counts a call of the owner that goes on from before this server was, since `began` in milliseconds.
pub(crate) fn take_up(limiter: &Arc<Limiter>, admission: Admission<'_>, began: i64) -> Permit {
    limiter.take_up(admission, began, &limiter.now())
}

/// A call that was admitted. It counts as running until this is dropped, and from then on as
/// having taken what it was last said to take.
#[derive(Debug)]
pub struct Permit {
    limiter: Arc<Limiter>,
    id: u64,
    counts: bool,
}

impl Permit {
    /// True if [`Permit::check`] may end the call, so that it is worth counting along.
    pub fn is_counted(&self) -> bool {
        self.counts
    }

    /// Counts what has come so far for a request of about so many tokens.
    ///
    /// # Errors
    /// A limit on tokens or money is exceeded; the call is to be ended.
    pub fn check(
        &self,
        prompt_tokens: u64,
        came: &Counter,
        price: Option<Price>,
    ) -> Result<(), LimitReached> {
        if !self.counts {
            return Ok(());
        }
        let usage = Usage {
            prompt_tokens: Some(prompt_tokens),
            completion_tokens: Some(came.tokens()),
            ..Usage::default()
        };
        self.progress(Amount::of(&usage, price.map(|price| price.of(&usage))))
    }

    /// Says what the call took in the end, and ends it.
    pub fn settle(self, spent: &Spent) {
        // What goes beyond a limit now has ended anyway; the next call will meet it.
        self.progress(Amount::of(&spent.usage, spent.cost)).ok();
    }

    fn progress(&self, amount: Amount) -> Result<(), LimitReached> {
        self.limiter.progress(self.id, amount, &self.limiter.now())
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limiter.close(self.id);
    }
}
