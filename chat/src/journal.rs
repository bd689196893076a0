//! The journal: what upstreams say is appended, committed, and only then shown to followers.
//!
//! One task commits for all answers. It takes whatever is queued, writes it in one transaction and
//! publishes it, so under light load each delta commits at once and under heavy load a commit
//! carries many. The committed text of an open answer stays in memory for its followers, each of
//! which is nothing but a cursor; when the answer has ended and been folded, it is dropped.

mod follower;
mod written;

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use protocol::{AnswerStatus, Delta, End, Failure, FailureKind, MessageId};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

pub use follower::Follower;
pub(crate) use written::Written;

use crate::store::{JournalRow, LedgerId, Store, StoreError, StoredText};

/// How many entries wait to be committed before upstreams are read more slowly.
const QUEUE: usize = 4_096;

/// What is queued for the committing task.
#[derive(Debug)]
enum Entry {
    Delta { answer: Arc<OpenAnswer>, delta: Delta },
    Close { answer: Arc<OpenAnswer>, call: Option<LedgerId>, closing: Box<End>, done: oneshot::Sender<()> },
}

/// An answer that is being written.
#[derive(Debug)]
pub(crate) struct OpenAnswer {
    pub(crate) id: MessageId,
    /// Cancelled when a person stops the answer, at whatever moment.
    pub(crate) stop: CancellationToken,
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
}

/// The answer's journal could not be written, so nothing more of it will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// The journal of all open answers. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    open: Arc<RwLock<HashMap<MessageId, Arc<OpenAnswer>>>>,
    queue: mpsc::Sender<Entry>,
}

impl Journal {
    /// Starts the committing task, which ends when the last clone of the journal is dropped.
    pub(crate) fn start(store: Arc<Store>) -> Self {
        let (queue, entries) = mpsc::channel(QUEUE);
        let open = Arc::default();
        tokio::spawn(commit_all(store, Arc::clone(&open), entries));
        Self { open, queue }
    }

    /// Makes an answer one that can be appended to and followed, from the text it has already.
    pub(crate) fn open(&self, id: MessageId, text: StoredText) -> Arc<OpenAnswer> {
        let (written, _) = watch::channel(Written::starting_from(text));
        let answer = Arc::new(OpenAnswer { id, stop: CancellationToken::new(), written });
        write(&self.open).insert(id, Arc::clone(&answer));
        answer
    }

    /// The answer, if it is being written.
    pub(crate) fn find(&self, id: MessageId) -> Option<Arc<OpenAnswer>> {
        read(&self.open).get(&id).cloned()
    }

    /// How many answers are being written.
    pub(crate) fn open_answers(&self) -> usize {
        read(&self.open).len()
    }

    /// Forgets an answer whose first transaction failed, so that it never was.
    pub(crate) fn discard(&self, answer: &OpenAnswer) {
        write(&self.open).remove(&answer.id);
    }

    /// Queues a delta. It waits only when the disk cannot keep up.
    pub(crate) async fn append(&self, answer: &Arc<OpenAnswer>, delta: Delta) -> Result<(), Broken> {
        if answer.written.borrow().broken {
            return Err(Broken);
        }
        let entry = Entry::Delta { answer: Arc::clone(answer), delta };
        self.queue.send(entry).await.map_err(|_| Broken)
    }

    /// Folds the answer after everything appended before, closes its row in the ledger, and tells
    /// its followers. Returns when that is done.
    pub(crate) async fn close(&self, answer: &Arc<OpenAnswer>, call: Option<LedgerId>, closing: End) {
        let (done, closed) = oneshot::channel();
        let entry =
            Entry::Close { answer: Arc::clone(answer), call, closing: Box::new(closing), done };
        if self.queue.send(entry).await.is_ok() {
            // An error means that the runtime is going down; the next start folds the answer.
            closed.await.ok();
        }
    }
}

/// The committing task.
async fn commit_all(
    store: Arc<Store>,
    open: Arc<RwLock<HashMap<MessageId, Arc<OpenAnswer>>>>,
    mut entries: mpsc::Receiver<Entry>,
) {
    let mut queued = Vec::new();
    while entries.recv_many(&mut queued, QUEUE).await > 0 {
        let mut appended: HashMap<MessageId, (Arc<OpenAnswer>, Delta)> = HashMap::new();
        let mut closed = Vec::new();
        for entry in queued.drain(..) {
            match entry {
                Entry::Delta { answer, delta } => {
                    let (_, whole) =
                        appended.entry(answer.id).or_insert_with(|| (answer, Delta::default()));
                    whole.content.push_str(&delta.content);
                    whole.reasoning.push_str(&delta.reasoning);
                }
                Entry::Close { answer, call, closing, done } => {
                    closed.push((answer, call, closing, done));
                }
            }
        }
        commit_deltas(&store, appended.into_values().collect()).await;
        for (answer, call, mut closing, done) in closed {
            if let Err(error) = fold(&store, &answer, call, &mut closing).await {
                tracing::error!(answer = %answer.id, %error, "an answer could not be folded; the next start will");
            }
            answer.written.send_modify(|written| written.end = Some(*closing));
            write(&open).remove(&answer.id);
            done.send(()).ok();
        }
    }
}

async fn commit_deltas(store: &Store, deltas: Vec<(Arc<OpenAnswer>, Delta)>) {
    let deltas: Vec<_> =
        deltas.into_iter().filter(|(answer, _)| !answer.written.borrow().broken).collect();
    if deltas.is_empty() {
        return;
    }
    let (answers, rows): (Vec<_>, Vec<_>) = deltas
        .into_iter()
        .map(|(answer, delta)| {
            let row = JournalRow {
                answer: answer.id,
                sequence: answer.written.borrow().sequence() + 1,
                content: delta.content,
                reasoning: delta.reasoning,
            };
            (answer, row)
        })
        .unzip();
    let stored = async {
        let mut write = store.quick().await?;
        write.append_journal(&rows).await?;
        write.commit().await
    };
    match stored.await {
        Ok(()) => {
            for (answer, row) in answers.iter().zip(&rows) {
                answer.written.send_modify(|written| written.append(&row.content, &row.reasoning));
            }
        }
        Err(error) => {
            // Storing a later delta would leave a hole, so these answers end here.
            tracing::error!(answers = answers.len(), %error, "deltas could not be stored");
            for answer in answers {
                answer.written.send_modify(|written| written.broken = true);
            }
        }
    }
}

/// Stores how an answer ended. An answer with a broken journal is stored as failed, whatever its
/// upstream said, because its text is not whole.
async fn fold(
    store: &Store,
    answer: &OpenAnswer,
    call: Option<LedgerId>,
    closing: &mut End,
) -> Result<(), StoreError> {
    if answer.written.borrow().broken {
        closing.status = AnswerStatus::Failed;
        closing.failure = Some(Failure::new(FailureKind::Storage, ""));
    }
    let stored = async {
        let mut write = store.durable().await?;
        write.close_answer(answer.id, closing).await?;
        if let Some(call) = call {
            write
                .close_call(call, closing.status, closing.failure.as_ref(), closing.usage, closing.timings)
                .await?;
        }
        write.commit().await
    }
    .await;
    if stored.is_err() {
        closing.status = AnswerStatus::Failed;
        closing.failure = Some(Failure::new(FailureKind::Storage, ""));
    }
    stored
}

/// A poisoned lock means a panic elsewhere; the map itself is never left half changed.
fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(std::sync::PoisonError::into_inner)
}
