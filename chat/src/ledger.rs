//! The ledger: one row for each call to an upstream, whoever caused it.
//!
//! A row is opened in the transaction that makes the call necessary, before the call, and closed
//! in the one that stores its outcome. A call cut by the end of the process is closed by the next
//! start, so none is missing.

pub use crate::store::{LedgerEntry, LedgerTotals};
