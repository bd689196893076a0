//! The journal: what upstreams say is appended, committed, and only then shown to followers.
//!
//! One task commits for all answers (`commits`). It takes whatever is queued, writes it in one
//! transaction and publishes it, so under light load each delta commits at once and under heavy load
//! a commit carries many. The committed text of an open answer stays in memory for its followers, each of
//! which is nothing but a cursor; when the answer has ended and been folded, it is dropped.

mod follower;
mod written;
mod commits;

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use protocol::{Delta, End, MessageId};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use commits::Commits;
pub use follower::Follower;
pub(crate) use written::Written;

use crate::store::{LedgerId, Store, StoreError, StoredText};

/// How many entries wait to be committed before upstreams are read more slowly.
const QUEUE: usize = 4_096;

/// What is queued for the committing task.
#[derive(Debug)]
enum Entry {
    Delta {
        answer: Arc<OpenAnswer>,
        delta: Delta,
        response_event: Option<u64>,
    },
    Close {
        closing: Box<Closing>,
        done: oneshot::Sender<()>,
    },
    /// Nothing in the log is needed for this answer any more, since it was deleted.
    Gone {
        answer: MessageId,
    },
    /// Asks for word when everything before it is committed.
    Settle {
        done: oneshot::Sender<()>,
    },
}

/// An answer that ends, with how it does.
#[derive(Debug)]
struct Closing {
    answer: Arc<OpenAnswer>,
    call: Option<EndedCall>,
    end: End,
}

/// The ledger's row of the last call that an answer took, and how that ended.
#[derive(Debug)]
pub(crate) struct EndedCall {
    pub(crate) id: LedgerId,
    pub(crate) end: End,
}

/// An answer that is being written.
#[derive(Debug)]
pub(crate) struct OpenAnswer {
    pub(crate) id: MessageId,
    /// Cancelled when a person stops the answer, at whatever moment.
    pub(crate) stop: CancellationToken,
    /// Cancelled when a commit failed: nothing may be appended after the hole.
    pub(crate) broken: CancellationToken,
    written: watch::Sender<Written>,
}

impl OpenAnswer {
    /// A new reader of what is committed.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Written> {
        self.written.subscribe()
    }

    /// What is committed so far.
    pub(crate) fn text(&self) -> StoredText {
        self.written.borrow().text()
    }

    /// How it ended, once its readers are told.
    pub(crate) fn end(&self) -> Option<End> {
        self.written.borrow().end.clone()
    }
}

/// The answer's journal could not be written, so nothing more of it will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// The journal of all open answers. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    open: OpenAnswers,
    queue: mpsc::Sender<Entry>,
}

type OpenAnswers = Arc<RwLock<HashMap<MessageId, Arc<OpenAnswer>>>>;

impl Journal {
    /// Starts the committing task, which ends when the last clone of the journal is dropped.
    pub(crate) async fn start(store: Arc<Store>) -> Result<Self, StoreError> {
        let (queue, entries) = mpsc::channel(QUEUE);
        let open: OpenAnswers = Arc::default();
        let commits = Commits::new(store, Arc::clone(&open)).await?;
        tokio::spawn(commits.run(entries));
        Ok(Self { open, queue })
    }

    /// Makes an answer one that can be appended to and followed, from the text it has already.
    pub(crate) fn open(&self, id: MessageId, text: StoredText) -> Arc<OpenAnswer> {
        let (written, _) = watch::channel(Written::starting_from(text));
        let answer = Arc::new(OpenAnswer {
            id,
            stop: CancellationToken::new(),
            broken: CancellationToken::new(),
            written,
        });
        write(&self.open).insert(id, Arc::clone(&answer));
        answer
    }

    /// The answer, if it is being written, or has ended and could not be folded yet.
    pub(crate) fn find(&self, id: MessageId) -> Option<Arc<OpenAnswer>> {
        read(&self.open).get(&id).cloned()
    }

    /// How many answers are being written.
    pub(crate) fn open_answers(&self) -> usize {
        let open = read(&self.open);
        open.values().filter(|answer| answer.written.borrow().end.is_none()).count()
    }

    /// Forgets an answer whose first transaction failed, so that it never was.
    pub(crate) fn discard(&self, answer: &OpenAnswer) {
        forget(&self.open, answer);
    }

    /// Queues a delta, with the last event in it where the answer can be resumed by that. It waits
    /// only when the disk cannot keep up.
    pub(crate) async fn append(
        &self,
        answer: &Arc<OpenAnswer>,
        delta: Delta,
        response_event: Option<u64>,
    ) -> Result<(), Broken> {
        if answer.broken.is_cancelled() {
            return Err(Broken);
        }
        let entry = Entry::Delta { answer: Arc::clone(answer), delta, response_event };
        self.queue.send(entry).await.map_err(|_| Broken)
    }

    /// Folds the answer after everything appended before, closes its row in the ledger, and tells
    /// its followers. Returns when that is done.
    pub(crate) async fn close(&self, answer: &Arc<OpenAnswer>, call: Option<EndedCall>, end: End) {
        let (done, closed) = oneshot::channel();
        let closing = Box::new(Closing { answer: Arc::clone(answer), call, end });
        if self.queue.send(Entry::Close { closing, done }).await.is_ok() {
            // An error means that the runtime is going down; the next start folds the answer.
            closed.await.ok();
        }
    }

    /// Tells that an answer which was open at the last end of the server has been deleted since.
    pub(crate) async fn gone(&self, answer: MessageId) {
        // An error means that the runtime is going down.
        self.queue.send(Entry::Gone { answer }).await.ok();
    }

    /// Returns when everything that was appended before is committed, or never will be.
    pub(crate) async fn settle(&self) {
        let (done, settled) = oneshot::channel();
        if self.queue.send(Entry::Settle { done }).await.is_ok() {
            // An error means that the runtime is going down.
            settled.await.ok();
        }
    }
}

/// Drops an answer from the open ones, unless it has been opened again meanwhile.
fn forget(open: &RwLock<HashMap<MessageId, Arc<OpenAnswer>>>, answer: &OpenAnswer) {
    let mut open = write(open);
    if open.get(&answer.id).is_some_and(|found| std::ptr::eq(Arc::as_ptr(found), answer)) {
        open.remove(&answer.id);
    }
}

/// A poisoned lock means a panic elsewhere; the map itself is never left half changed.
fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
