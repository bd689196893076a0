//! The committing task: what is queued is written together, then shown.
//!
//! Whatever has to be on the disk, not only out of the process, costs a sync, and what comes behind
//! it waits. So answers that end at the same time are folded in one transaction, but no more of them
//! than keeps the deltas of others waiting for some hundredths of a second.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::Arc,
    time::Duration,
};

use protocol::{AnswerStatus, Delta, Failure, FailureKind, MessageId};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{Closing, Entry, OpenAnswer, OpenAnswers, QUEUE, forget};
use crate::store::{JournalExtent, JournalRow, Store, StoreError};

/// How soon it is tried again to write what could not be written, on a full disk for example.
const AGAIN: Duration = Duration::from_secs(1);

/// The most answers that are folded in one transaction.
const FOLDED_AT_ONCE: usize = 32;

/// The most rows that are deleted in one transaction.
const TRIMMED_AT_ONCE: i64 = 2_000;

/// What the committing task knows.
pub(super) struct Commits {
    store: Arc<Store>,
    open: OpenAnswers,
    log: Log,
    /// Answers that end, and who waits for that.
    closing: VecDeque<(Closing, oneshot::Sender<()>)>,
    /// What has ended without being stored. It stays in `open` too, where its text can be read.
    unfolded: Vec<Closing>,
}

/// What the deltas of one answer in a commit come to.
#[derive(Debug)]
struct Appended {
    answer: Arc<OpenAnswer>,
    delta: Delta,
    response_event: Option<u64>,
}

impl Commits {
    pub(super) async fn new(store: Arc<Store>, open: OpenAnswers) -> Result<Self, StoreError> {
        let log = Log::of(store.journal_extent().await?);
        Ok(Self { store, open, log, closing: VecDeque::new(), unfolded: Vec::new() })
    }

    /// Commits until nobody can append any more.
    pub(super) async fn run(mut self, mut entries: mpsc::Receiver<Entry>) {
        let mut queued = Vec::new();
        let mut patience = Duration::MAX;
        loop {
            if let Ok(0) = timeout(patience, entries.recv_many(&mut queued, QUEUE)).await {
                break;
            }
            let settled = self.commit(queued.drain(..)).await;
            for done in settled {
                done.send(()).ok();
            }
            self.fold_again().await;
            self.fold_some().await;
            let trimmed = self.trim().await;
            patience = match (self.closing.is_empty(), self.unfolded.is_empty(), trimmed) {
                (true, true, Trimmed::All) => Duration::MAX,
                (false, _, _) | (_, _, Trimmed::Some) => Duration::ZERO,
                (true, false, _) | (true, true, Trimmed::Failed) => AGAIN,
            };
        }
    }

    /// Commits the deltas and notes what ends. Returns who waits for these deltas.
    async fn commit(&mut self, queued: impl Iterator<Item = Entry>) -> Vec<oneshot::Sender<()>> {
        let mut appended: HashMap<MessageId, Appended> = HashMap::new();
        let mut settled = Vec::new();
        for entry in queued {
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
                Entry::Close { closing, done } => self.closing.push_back((*closing, done)),
                Entry::Gone { answer } => self.log.fold(answer),
                Entry::Settle { done } => settled.push(done),
            }
        }
        self.commit_deltas(appended.into_values().collect()).await;
        settled
    }

    async fn commit_deltas(&mut self, mut appended: Vec<Appended>) {
        appended.retain(|appended| !appended.answer.broken.is_cancelled());
        if appended.is_empty() {
            return;
        }
        let (answers, rows): (Vec<_>, Vec<_>) = appended
            .into_iter()
            .map(|Appended { answer, delta, response_event }| {
                let row = JournalRow {
                    id: self.log.append(answer.id),
                    answer: answer.id,
                    sequence: answer.written.borrow().sequence() + 1,
                    content: delta.content,
                    reasoning: delta.reasoning,
                    response_event,
                };
                (answer, row)
            })
            .unzip();
        let together = append(&self.store, &rows).await;
        for (answer, row) in answers.into_iter().zip(rows) {
            let stored = match &together {
                Ok(()) => Ok(()),
                // One that cannot be stored takes no other with it.
                Err(_) => append(&self.store, std::slice::from_ref(&row)).await,
            };
            match stored {
                Ok(()) => answer
                    .written
                    .send_modify(|written| written.append(&row.content, &row.reasoning)),
                Err(error) => {
                    // Storing a later delta would leave a hole, so this answer ends here.
                    tracing::error!(answer = %answer.id, %error, "deltas could not be stored");
                    answer.broken.cancel();
                }
            }
        }
    }

    /// Folds some of the answers that end, and tells their followers.
    async fn fold_some(&mut self) {
        let count = self.closing.len().min(FOLDED_AT_ONCE);
        let (mut closings, done): (Vec<_>, Vec<_>) = self.closing.drain(..count).unzip();
        let together = fold(&self.store, &mut closings).await;
        for (mut closing, done) in closings.into_iter().zip(done) {
            let folded = match &together {
                Ok(()) => Ok(()),
                // One that cannot be stored takes no other with it.
                Err(_) => fold(&self.store, std::slice::from_mut(&mut closing)).await,
            };
            if folded.is_err() {
                closing.fail();
            }
            closing.answer.written.send_modify(|written| written.end = Some(closing.end.clone()));
            match folded {
                Ok(()) => self.forget(&closing.answer),
                Err(error) => {
                    tracing::error!(answer = %closing.answer.id, %error, "an answer could not be folded; it is tried again");
                    self.unfolded.push(closing);
                }
            }
            done.send(()).ok();
        }
    }

    async fn fold_again(&mut self) {
        for mut closing in mem::take(&mut self.unfolded) {
            match fold(&self.store, std::slice::from_mut(&mut closing)).await {
                Ok(()) => self.forget(&closing.answer),
                Err(_) => self.unfolded.push(closing),
            }
        }
    }

    fn forget(&mut self, answer: &OpenAnswer) {
        self.log.fold(answer.id);
        forget(&self.open, answer);
    }

    /// Deletes some of what no answer needs any more.
    async fn trim(&mut self) -> Trimmed {
        let Some(end) = self.log.unneeded() else { return Trimmed::All };
        let deleted = async {
            let mut write = self.store.quick().await?;
            write.trim_journal(end).await?;
            write.commit().await
        };
        match deleted.await {
            Ok(()) => {
                self.log.trimmed(end);
                self.log.unneeded().map_or(Trimmed::All, |_| Trimmed::Some)
            }
            Err(error) => {
                tracing::warn!(%error, "folded deltas could not be deleted; it is tried again");
                Trimmed::Failed
            }
        }
    }
}

async fn append(store: &Store, rows: &[JournalRow]) -> Result<(), StoreError> {
    let mut write = store.quick().await?;
    write.append_journal(rows).await?;
    write.commit().await
}

/// What is left to be deleted.
enum Trimmed {
    All,
    Some,
    Failed,
}

/// Which rows of the journal are needed still.
#[derive(Debug)]
struct Log {
    /// The first row that is not deleted.
    front: i64,
    /// The next row to be written.
    next: i64,
    /// The first row of each answer that is not folded.
    first_rows: HashMap<MessageId, i64>,
}

impl Log {
    fn of(extent: JournalExtent) -> Self {
        let next = extent.last_row + 1;
        let front = extent.first_rows.values().copied().min().unwrap_or(next);
        Self { front, next, first_rows: extent.first_rows }
    }

    /// The row that an answer's delta is written to.
    fn append(&mut self, answer: MessageId) -> i64 {
        let row = self.next;
        self.next += 1;
        self.first_rows.entry(answer).or_insert(row);
        row
    }

    fn fold(&mut self, answer: MessageId) {
        self.first_rows.remove(&answer);
    }

    /// Up to which row all can be deleted now, if there is any: up to the first of an open answer,
    /// and no more at once than others can wait for.
    fn unneeded(&self) -> Option<i64> {
        let needed = self.first_rows.values().copied().min().unwrap_or(self.next);
        (needed > self.front).then(|| needed.min(self.front + TRIMMED_AT_ONCE))
    }

    fn trimmed(&mut self, end: i64) {
        self.front = end;
    }
}

/// Stores how answers ended, all or none. An answer with a broken journal is stored as failed,
/// whatever its upstream said, because its text is not whole.
async fn fold(store: &Store, closings: &mut [Closing]) -> Result<(), StoreError> {
    if closings.is_empty() {
        return Ok(());
    }
    let mut write = store.durable().await?;
    let mut ends = Vec::with_capacity(closings.len());
    for closing in &mut *closings {
        if closing.answer.broken.is_cancelled() {
            closing.fail();
        }
        let Closing { answer, call, end } = &*closing;
        let mut whole = end.clone();
        if let Some(call) = call {
            write.close_call(call.id, &call.end).await?;
        }
        // The answer has the costs of earlier calls too, where it was continued or taken over.
        (whole.cost, whole.estimated) = write.cost_of(answer.id).await?;
        let text = answer.text();
        write.close_answer(answer.id, &text, &whole).await?;
        if let Some(conversation) = write.findable_in(answer.id).await? {
            write.make_findable(conversation, answer.id, &text.content).await?;
        }
        ends.push(whole);
    }
    write.commit().await?;
    for (closing, end) in closings.iter_mut().zip(ends) {
        closing.end = end;
    }
    Ok(())
}

impl Closing {
    fn fail(&mut self) {
        for end in [&mut self.end].into_iter().chain(self.call.as_mut().map(|call| &mut call.end)) {
            end.status = AnswerStatus::Failed;
            end.failure = Some(Failure::new(FailureKind::Storage, ""));
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_log_is_deleted_from_its_front_as_answers_are_folded() {
        let [slow, quick] = [MessageId(Uuid::now_v7()), MessageId(Uuid::now_v7())];
        let mut log = Log::of(JournalExtent::default());
        assert_eq!(log.append(slow), 1);
        assert_eq!(log.append(quick), 2);
        assert_eq!(log.append(quick), 3);
        log.fold(quick);
        assert_eq!(log.unneeded(), None, "the slow one was first, and is open");
        assert_eq!(log.append(slow), 4);
        log.fold(slow);
        assert_eq!(log.unneeded(), Some(5));
        log.trimmed(5);
        assert_eq!(log.unneeded(), None);
        // The quick one goes on: its first row is a later one.
        assert_eq!(log.append(quick), 5);
        assert_eq!(log.unneeded(), None);
    }

    #[test]
    fn much_is_deleted_in_portions() {
        let answer = MessageId(Uuid::now_v7());
        let mut log = Log::of(JournalExtent { last_row: 10, first_rows: HashMap::new() });
        for _ in 0..=TRIMMED_AT_ONCE {
            log.append(answer);
        }
        log.fold(answer);
        assert_eq!(log.unneeded(), Some(11 + TRIMMED_AT_ONCE));
        log.trimmed(11 + TRIMMED_AT_ONCE);
        assert_eq!(log.unneeded(), Some(12 + TRIMMED_AT_ONCE));
    }
}
