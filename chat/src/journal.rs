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
    mem,
    sync::{Arc, RwLock},
    time::Duration,
};

use protocol::{AnswerStatus, Delta, End, Failure, FailureKind, MessageId};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

pub use follower::Follower;
pub(crate) use written::Written;

use crate::store::{JournalRow, LedgerId, Store, StoreError, StoredText};

/// How many entries wait to be committed before upstreams are read more slowly.
const QUEUE: usize = 4_096;

/// How soon folding is tried again after the disk was full.
const FOLD_AGAIN: Duration = Duration::from_secs(1);

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

    /// Returns when everything that was appended before is committed, or never will be.
    pub(crate) async fn settle(&self) {
        let (done, settled) = oneshot::channel();
        if self.queue.send(Entry::Settle { done }).await.is_ok() {
            // An error means that the runtime is going down.
            settled.await.ok();
        }
    }
}

/// What the deltas of one answer in a commit come to.
#[derive(Debug)]
struct Appended {
    answer: Arc<OpenAnswer>,
    delta: Delta,
    response_event: Option<u64>,
}

/// The committing task.
async fn commit_all(
    store: Arc<Store>,
    open: Arc<RwLock<HashMap<MessageId, Arc<OpenAnswer>>>>,
    mut entries: mpsc::Receiver<Entry>,
) {
    let mut queued = Vec::new();
    // What has ended without being stored. It stays in `open` too, where its text can be read.
    let mut unfolded: Vec<Box<Closing>> = Vec::new();
    loop {
        let patience = if unfolded.is_empty() { Duration::MAX } else { FOLD_AGAIN };
        if let Ok(0) = timeout(patience, entries.recv_many(&mut queued, QUEUE)).await {
            break;
        }
        let mut appended: HashMap<MessageId, Appended> = HashMap::new();
        let mut closed = Vec::new();
        let mut settled = Vec::new();
        for entry in queued.drain(..) {
            match entry {
                Entry::Delta { answer, delta, response_event } => {
                    let whole = appended.entry(answer.id).or_insert_with(|| Appended {
                        answer,
                        delta: Delta::default(),
                        response_event: None,
                    });
                    whole.delta.content.push_str(&delta.content);
                    whole.delta.reasoning.push_str(&delta.reasoning);
                    whole.response_event = response_event.or(whole.response_event);
                }
                Entry::Close { closing, done } => closed.push((closing, done)),
                Entry::Settle { done } => settled.push(done),
            }
        }
        commit_deltas(&store, appended.into_values().collect()).await;
        for done in settled {
            done.send(()).ok();
        }
        for mut closing in mem::take(&mut unfolded) {
            match fold(&store, &mut closing).await {
                Ok(()) => forget(&open, &closing.answer),
                Err(_) => unfolded.push(closing),
            }
        }
        for (mut closing, done) in closed {
            let folded = fold(&store, &mut closing).await;
            closing.answer.written.send_modify(|written| written.end = Some(closing.end.clone()));
            match folded {
                Ok(()) => forget(&open, &closing.answer),
                Err(error) => {
                    tracing::error!(answer = %closing.answer.id, %error, "an answer could not be folded; it is tried again");
                    unfolded.push(closing);
                }
            }
            done.send(()).ok();
        }
    }
}

async fn commit_deltas(store: &Store, mut appended: Vec<Appended>) {
    appended.retain(|appended| !appended.answer.broken.is_cancelled());
    if appended.is_empty() {
        return;
    }
    let (answers, rows): (Vec<_>, Vec<_>) = appended
        .into_iter()
        .map(|Appended { answer, delta, response_event }| {
            let row = JournalRow {
                answer: answer.id,
                sequence: answer.written.borrow().sequence() + 1,
                content: delta.content,
                reasoning: delta.reasoning,
                response_event,
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
                answer.broken.cancel();
            }
        }
    }
}

/// Stores how an answer ended. An answer with a broken journal is stored as failed, whatever its
/// upstream said, because its text is not whole.
async fn fold(store: &Store, closing: &mut Closing) -> Result<(), StoreError> {
    if closing.answer.broken.is_cancelled() {
        closing.fail();
    }
    let stored = async {
        let Closing { answer, call, end } = &*closing;
        let mut whole = end.clone();
        let mut write = store.durable().await?;
        if let Some(call) = call {
            write.close_call(call.id, &call.end).await?;
            // The answer has the costs of earlier calls too, where it was continued or taken over.
            (whole.cost, whole.estimated) = write.cost_of(answer.id).await?;
        }
        write.close_answer(answer.id, &whole).await?;
        if let Some((conversation, content)) = write.text_to_index(answer.id).await? {
            write.make_findable(conversation, answer.id, &content).await?;
        }
        write.commit().await?;
        Ok(whole)
    }
    .await;
    match stored {
        Ok(whole) => {
            closing.end = whole;
            Ok(())
        }
        Err(error) => {
            closing.fail();
            Err(error)
        }
    }
}

impl Closing {
    fn fail(&mut self) {
        for end in [&mut self.end].into_iter().chain(self.call.as_mut().map(|call| &mut call.end)) {
            end.status = AnswerStatus::Failed;
            end.failure = Some(Failure::new(FailureKind::Storage, ""));
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
