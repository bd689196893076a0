//! The ledger: one row for each call to an upstream, whoever caused it.
//!
//! A row is opened in the transaction that makes the call necessary, before the call, and closed
//! in the one that stores its outcome. A call cut by the end of the process is closed by the next
//! start, so none is missing. Where one upstream takes over from another, each attempt is a call.

use std::collections::BTreeMap;

pub use crate::store::{CallKind, CallSum, LedgerEntry, LedgerTotals};
use crate::{
    engine::Chat,
    store::{Store, StoreError},
};

/// Sums over the calls that have ended, by what they have in common. They are kept, so that asking
/// for them again reads only what came since.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    /// Over the rows up to `settled`, none of which changes any more.
    sums: BTreeMap<CallKind, CallSum>,
    settled: i64,
}

impl Sums {
    async fn read(&mut self, store: &Store) -> Result<BTreeMap<CallKind, CallSum>, StoreError> {
        let settled = store.settled_calls().await?;
        for (kind, sum) in store.call_sums(self.settled, settled).await? {
            self.sums.entry(kind).or_default().add(&sum);
        }
        self.settled = settled;
        let mut all = self.sums.clone();
        for (kind, sum) in store.call_sums(settled, i64::MAX).await? {
            all.entry(kind).or_default().add(&sum);
        }
        Ok(all)
    }
}

impl Chat {
    /// Sums over all calls that have ended, by provider, model, purpose and status.
    pub async fn call_sums(&self) -> Result<BTreeMap<CallKind, CallSum>, StoreError> {
        self.inner.call_sums.lock().await.read(&self.inner.store).await
    }
}
