//! An answer as it comes.

use protocol::{Delta, Failure, Usage};

/// A piece of an answer. Several may come from one chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The model that answers, as the upstream names it. Comes again only if it changes.
    Model(String),
    /// Text.
    Delta(Delta),
    /// Why the answer ends, in the upstream's word: `stop`, `length`, … An open set.
    Finish(String),
    /// Tokens so far. Each count replaces the one before.
    Usage(Usage),
}

/// An answer being received.
#[derive(Debug)]
pub struct Completion {
    failure: Failure,
}

impl Completion {
    /// The next piece.
    pub async fn next(&mut self) -> Result<Option<Piece>, Failure> {
        Err(self.failure.clone())
    }
}
