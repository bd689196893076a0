//! An answer on its way to a program, as bytes or as text. Nothing is read of it before the program
//! wants more, so a slow program slows its upstream, and no more than a few chunks are held.

use std::{collections::VecDeque, io};

use bytes::Bytes;
use protocol::{AnswerStatus, Delta, End, Failure, FailureKind};
use reqwest::header::CONTENT_LENGTH;

use super::{call::OpenCall, passage::Passage};
use crate::upstream::{Completion, Forwarded, Piece, Upstream};

/// The body of an answer on its way to a program.
#[derive(Debug)]
pub struct RelayedBody {
    call: OpenCall,
    /// `None` once it has nothing more to give.
    coming: Option<Forwarded>,
    upstream: Upstream,
    passage: Passage,
    /// Bytes to go on.
    ready: VecDeque<Bytes>,
    /// How many bytes are still to come, where the upstream has said so. Whoever sends them on does
    /// not ask for more after the last one.
    left: Option<u64>,
}

impl RelayedBody {
    pub(super) fn coming(
        call: OpenCall,
        forwarded: Forwarded,
        upstream: Upstream,
        holds_count_back: bool,
    ) -> Self {
        let passage = Passage::new(holds_count_back);
        let length = forwarded.headers.get(CONTENT_LENGTH);
        let left = length.and_then(|length| length.to_str().ok()?.parse().ok());
        Self { call, coming: Some(forwarded), upstream, passage, ready: VecDeque::new(), left }
    }

    /// A body that is here already, of a call that is closed.
    pub(super) fn whole(call: OpenCall, body: Bytes, upstream: Upstream) -> Self {
        let (passage, ready) = (Passage::new(false), VecDeque::from([body]));
        Self { call, coming: None, upstream, passage, ready, left: None }
    }

    /// The next bytes; `None` after the last, once the call is in the ledger.
    ///
    /// # Errors
    /// The upstream broke off, or this server ends. The program's connection should be cut as
    /// well, so that it does not take a part for the whole.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(Ok(bytes));
            }
            let coming = self.coming.as_mut()?;
            let read = tokio::select! {
                () = self.call.server_ends() => {
                    self.close(AnswerStatus::Interrupted, None).await;
                    return Some(Err(io::Error::other("the server is ending")));
                }
                read = coming.next() => read,
            };
            match read {
                Ok(Some(bytes)) => {
                    self.left = self.left.map(|left| left.saturating_sub(bytes.len() as u64));
                    self.passage.push(bytes, &mut self.ready);
                    if self.passage.meter.told().begun {
                        self.call.note_first_token();
                    }
                    let came = &self.passage.meter.told().came;
                    if let Err(failure) = self.call.stay_within_limits(came) {
                        let words = failure.words();
                        self.ready.clear();
                        self.close(AnswerStatus::Failed, Some(failure)).await;
                        return Some(Err(io::Error::other(words)));
                    }
                }
                Ok(None) => {
                    self.ready.extend(self.passage.finish());
                    let failure = self.failure();
                    if let (Some(ended), Some(failure)) = (&self.coming, &failure) {
                        ended.report(failure);
                    }
                    let status = match failure {
                        Some(_) => AnswerStatus::Failed,
                        None => AnswerStatus::Finished,
                    };
                    self.close(status, failure).await;
                }
                Err(failure) => {
                    self.ready.extend(self.passage.finish());
                    // The answer is whole: at worst its count of tokens is missing.
                    let status = match self.passage.meter.told().ended {
                        true => AnswerStatus::Finished,
                        false => AnswerStatus::Failed,
                    };
                    let words = failure.words();
                    let told = (status == AnswerStatus::Failed).then_some(failure);
                    self.close(status, told).await;
                    return Some(Err(io::Error::other(words)));
                }
            }
        }
    }

    /// What went wrong with an answer that the upstream has ended.
    fn failure(&self) -> Option<Failure> {
        let told = self.passage.meter.told();
        if let Some(error) = &told.error {
            return Some(self.upstream.failure_of(error));
        }
        let cut = told.tells_its_end && !told.ended;
        cut.then(|| Failure::new(FailureKind::CutOff, &self.upstream.provider().name))
    }

    async fn close(&mut self, status: AnswerStatus, failure: Option<Failure>) {
        self.coming = None;
        self.call.told = self.passage.meter.told().clone();
        self.call.close(status, failure).await;
    }
}

impl Drop for RelayedBody {
    fn drop(&mut self) {
        // The program is gone. The row is closed with what was told until now.
        self.call.told = self.passage.meter.told().clone();
        self.call.told.ended |= self.left == Some(0);
    }
}

/// An answer on its way to a program, as text.
#[derive(Debug)]
pub struct RelayedPieces {
    call: OpenCall,
    completion: Completion,
}

impl RelayedPieces {
    pub(super) fn new(call: OpenCall, completion: Completion) -> Self {
        Self { call, completion }
    }

    /// The next text, or how the answer ended, once that is in the ledger.
    pub async fn next(&mut self) -> Result<Delta, End> {
        loop {
            let read = tokio::select! {
                () = self.call.server_ends() => {
                    return Err(self.call.close(AnswerStatus::Interrupted, None).await);
                }
                read = self.completion.next() => read,
            };
            let told = &mut self.call.told;
            match read {
                Ok(Some(Piece::Delta(delta))) => {
                    self.call.note_first_token();
                    self.call.told.came.push(&delta.reasoning);
                    self.call.told.came.push(&delta.content);
                    if let Err(failure) = self.call.stay_within_limits(&self.call.told.came) {
                        return Err(self.call.close(AnswerStatus::Failed, Some(failure)).await);
                    }
                    return Ok(delta);
                }
                // Nothing of it is resumed: its program is gone by then.
                Ok(Some(Piece::Resumable(_))) => {}
                Ok(Some(Piece::Model(model))) => told.model = Some(model),
                Ok(Some(Piece::Usage(usage))) => told.usage = usage,
                Ok(Some(Piece::Finish(reason))) => {
                    told.finish = Some(reason);
                    told.ended = true;
                }
                Ok(None) => return Err(self.call.close(AnswerStatus::Finished, None).await),
                Err(failure) => {
                    return Err(self.call.close(AnswerStatus::Failed, Some(failure)).await);
                }
            }
        }
    }

    /// Closes the connection to the upstream at once, and gives how the answer ended.
    pub async fn stop(mut self) -> End {
        drop(self.completion);
        self.call.close(AnswerStatus::Stopped, None).await
    }
}
