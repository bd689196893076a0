//! The life of one answer: from its request to the moment it is folded.
//!
//! An answer belongs to the server. It is written by a task that no reader can end by leaving;
//! only its upstream, a person's stop, a broken disk or the end of the server do.

use std::sync::Arc;

use protocol::{
    AnswerEvent, AnswerStatus, Choice, ConversationId, End, Failure, FailureKind, MessageId,
    Sequence, Snapshot, Timings, Usage,
};
use serde_json::{Map, Value};
use tokio::{sync::oneshot, time::Instant};

use crate::{
    accounts::Caller,
    auto::{self, Subject, Undecided},
    context,
    engine::{Chat, Inner},
    inspect,
    journal::{Follower, OpenAnswer},
    providers::Picked,
    resume::{self, Resumed},
    store::{LedgerId, Message, NewAnswer, NewCall, Purpose, StoreError, Write, now_ms},
    title,
    upstream::{Completion, Piece, Request},
};

/// How often it is looked up where an answer is. More than twice would need several continuations
/// and ends between two looks.
const MOST_LOOKS: usize = 5;

/// What a stop met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopOutcome {
    /// The answer was being written and is not any more.
    Stopped,
    /// It had ended before.
    AlreadyEnded,
    /// There is no such answer.
    NotFound,
}

/// Why an answer could not be continued.
#[derive(Debug, thiserror::Error)]
pub enum ContinueError {
    /// There is no such answer.
    #[error("there is no such answer")]
    NotFound,
    /// It is being written.
    #[error("the answer is still being written")]
    StillOpen,
    /// Too many answers are being written.
    #[error(
        "{limit} answers are being written, and no more are allowed at once (limits.max_open_answers); wait for one to end"
    )]
    Busy {
        /// The most allowed.
        limit: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An answer that is being written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Continued {
    /// The conversation it stands in.
    pub conversation: ConversationId,
    /// What a reader of its text so far follows it from.
    pub sequence: Sequence,
}

/// Everything the task of an answer needs.
pub(crate) struct Job {
    pub(crate) conversation: ConversationId,
    pub(crate) answer: Arc<OpenAnswer>,
    pub(crate) picked: Option<Picked>,
    pub(crate) call: Option<LedgerId>,
    /// What is sent: the part of the path that fits.
    pub(crate) messages: Vec<Message>,
    /// How many messages before it did not fit.
    pub(crate) left_out: u64,
    /// Sent beside the messages.
    pub(crate) parameters: Map<String, Value>,
    /// The question of a conversation's first answer, for which a title is to be asked.
    pub(crate) title_from: Option<String>,
    /// Set where the upstream has begun the answer already, before this server did.
    pub(crate) resumed: Option<Resumed>,
    /// How the model was chosen, where nobody named it.
    pub(crate) choice: Option<Choice>,
    /// Set where it is still to be chosen.
    pub(crate) undecided: Option<Undecided>,
}

impl Chat {
    /// Stops an answer at whatever moment. Returns when what it has is stored and the connection
    /// to its upstream is closed.
    pub async fn stop(&self, answer: MessageId) -> Result<StopOutcome, StoreError> {
        let open = self.inner.journal.find(answer).filter(|open| open.end().is_none());
        let Some(open) = open else {
            return Ok(match self.inner.store.answer(answer).await? {
                Some(_) => StopOutcome::AlreadyEnded,
                None => StopOutcome::NotFound,
            });
        };
        open.stop.cancel();
        let mut written = open.subscribe();
        written.wait_for(|written| written.end.is_some()).await.ok();
        Ok(StopOutcome::Stopped)
    }

    /// Follows an answer from a cursor. `None` if there is no such answer.
    pub async fn follow(
        &self,
        answer: MessageId,
        after: Sequence,
    ) -> Result<Option<Follower>, StoreError> {
        let mut looks = 0;
        loop {
            if let Some(open) = self.inner.journal.find(answer) {
                return Ok(Some(Follower::of_open(open.subscribe(), after)));
            }
            let Some((text, stored)) = self.inner.store.answer(answer).await? else {
                return Ok(None);
            };
            looks += 1;
            if stored.status == AnswerStatus::Open && looks < MOST_LOOKS {
                // It was continued, and has perhaps ended again, between the two looks.
                continue;
            }
            let snapshot = (after != text.sequence).then_some(AnswerEvent::Snapshot(Snapshot {
                content: text.content,
                reasoning: text.reasoning,
            }));
            return Ok(Some(Follower::of_ended(text.sequence, snapshot, stored.end())));
        }
    }

    /// The Markdown of an answer, as far as it is committed.
    pub async fn answer_text(&self, answer: MessageId) -> Result<Option<String>, StoreError> {
        if let Some(open) = self.inner.journal.find(answer) {
            return Ok(Some(open.text().content));
        }
        Ok(self.inner.store.answer(answer).await?.map(|(text, _)| text.content))
    }

    /// Has the model go on with an answer that was stopped, cut or interrupted.
    pub async fn continue_answer(&self, answer: MessageId) -> Result<Continued, ContinueError> {
        let inner = &self.inner;
        let Some((conversation, _)) = inner.store.place_of(answer).await? else {
            return Err(ContinueError::NotFound);
        };
        // It is this one's turn to write before it reads, so that nobody else continues the answer
        // in between and both go on from the same text.
        let mut write = inner.store.durable().await?;
        let Some((text, stored)) = inner.store.answer(answer).await? else {
            return Err(ContinueError::NotFound);
        };
        let settings = inner.store.conversation_settings(conversation).await?.unwrap_or_default();
        let mut messages = inner.store.path_to(answer).await?;
        context::instruct(&mut messages, &settings.system_prompt);
        // An answer that failed before a model was found goes to whoever answers now.
        let is_known = !stored.provider.is_empty() && !stored.model.is_empty();
        let model = is_known.then(|| format!("{}/{}", stored.provider, stored.model));
        let model = model.or_else(|| settings.model.clone()).or_else(|| inner.preferred_model());
        let subject = Subject::of_path(&messages);
        let (picked, choice) = inner.decide_unasked(model.as_deref(), &subject);
        let parameters = inner.fields(&settings, picked.as_ref());
        let known = picked.as_ref().and_then(|picked| inner.providers.known(picked));
        // The model has read the question before, so whatever is against it now is left to the
        // upstream to say.
        let left_out = context::fit(&mut messages, known.as_ref()).unwrap_or(0);
        let sequence = text.sequence;

        let provider = picked.as_ref().map_or(&stored.provider, |it| &it.upstream.provider().name);
        let sent = Value::from(parameters.clone()).to_string();
        if !write.reopen_answer(answer, provider, &sent, left_out).await? {
            return Err(ContinueError::StillOpen);
        }
        if let (Some(picked), Some(_)) = (&picked, &choice) {
            let decided = NewAnswer {
                id: answer,
                provider,
                model: picked.model.as_deref().unwrap_or_default(),
                parameters: &sent,
                left_out,
                choice: choice.as_ref(),
            };
            write.decide_answer(decided).await?;
        }
        if let Some(limit) = inner.full() {
            return Err(ContinueError::Busy { limit });
        }
        let call = match &picked {
            Some(picked) => {
                let call = chat_call(conversation, answer, picked);
                Some(write.open_call(call, now_ms()).await?)
            }
            None => None,
        };
        let answer = inner.journal.open(answer, text);
        let job = Job {
            conversation,
            answer,
            picked,
            call,
            messages,
            left_out,
            parameters,
            title_from: None,
            resumed: None,
            choice: stored.choice.or(choice),
            undecided: None,
        };
        self.begin(write, job).await?;
        inner.notice_conversation(conversation);
        Ok(Continued { conversation, sequence })
    }

    /// Commits what an opened answer needs, and has it written, whoever watches. A task of its own
    /// does both: the person may leave in between, and an answer that was stored but not begun
    /// would stay open for ever.
    pub(crate) async fn begin(&self, write: Write, job: Job) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        let (stored, outcome) = oneshot::channel();
        self.inner.tasks.spawn(async move {
            match write.commit().await {
                Ok(()) => {
                    stored.send(Ok(())).ok();
                    Self { inner }.write(job).await;
                }
                Err(error) => {
                    inner.journal.discard(&job.answer);
                    stored.send(Err(error)).ok();
                }
            }
        });
        // No word comes only while the runtime goes down, and whoever asked goes down with it.
        outcome.await.unwrap_or(Ok(()))
    }

    /// Writes an answer to its end, and asks what waits for it.
    pub(crate) async fn write(self, job: Job) {
        let conversation = job.conversation;
        if write_answer(&self.inner, job).await == AnswerStatus::Finished {
            self.ask_next(conversation).await;
        }
    }
}

/// The ledger's words for the call of an answer.
pub(crate) fn chat_call(
    conversation: ConversationId,
    answer: MessageId,
    picked: &Picked,
) -> NewCall<'_> {
    NewCall {
        purpose: Purpose::Chat,
        caller: Caller::OWNER,
        conversation: Some(conversation),
        answer: Some(answer),
        provider: &picked.upstream.provider().name,
        model: picked.model.as_deref().unwrap_or_default(),
    }
}

/// What is learnt about an answer while it comes.
#[derive(Debug, Default)]
struct Learnt {
    model: String,
    usage: Usage,
    timings: Timings,
    finish_reason: Option<String>,
    /// The last event that was read, where the upstream writes in the background.
    response_event: Option<u64>,
    /// The last event before the connection broke, if it did. An answer is resumed as long as each
    /// connection brings something.
    resumed_after: Option<u64>,
    /// The upstream was asked for the rest, and has not given it.
    is_lost: bool,
}

/// Returns how the answer ended.
async fn write_answer(inner: &Inner, mut job: Job) -> AnswerStatus {
    let started = match &job.resumed {
        Some(resumed) => resumed.started(),
        None => Instant::now(),
    };
    let mut learnt = Learnt::default();
    let answer = Arc::clone(&job.answer);
    let reading = async {
        auto::decide_open_answer(inner, &mut job).await?;
        read_upstream(inner, &job, started, &mut learnt).await
    };
    let (status, failure) = tokio::select! {
        biased;
        () = answer.stop.cancelled() => (AnswerStatus::Stopped, None),
        () = inner.shutdown.cancelled() => (AnswerStatus::Interrupted, None),
        () = answer.broken.cancelled() => {
            (AnswerStatus::Failed, Some(Failure::new(FailureKind::Storage, "")))
        }
        outcome = reading => match outcome {
            Ok(()) => (AnswerStatus::Finished, None),
            Err(failure) => (AnswerStatus::Failed, Some(failure)),
        },
    };
    let point = resume::point_of(inner, &job).await;
    if status == AnswerStatus::Interrupted && point.is_some() {
        // The upstream writes on, and the next start takes the answer up again.
        inner.journal.settle().await;
        return status;
    }
    let (status, failure) = match (failure, &job.resumed) {
        (Some(failure), Some(_)) if learnt.is_lost => {
            resume::log_lost(&job, &failure);
            (AnswerStatus::Interrupted, None)
        }
        (failure, _) => (status, failure),
    };
    if let Some(failure) = &failure {
        tracing::warn!(
            answer = %job.answer.id, provider = failure.provider, kind = ?failure.kind,
            detail = failure.detail, "an answer failed"
        );
    }
    learnt.timings.total_ms = Some(milliseconds(started));
    let closing = End {
        status,
        failure,
        finish_reason: learnt.finish_reason,
        model: learnt.model,
        usage: learnt.usage,
        timings: learnt.timings,
        left_out: job.left_out,
        choice: job.choice,
    };
    inner.journal.close(&job.answer, job.call, closing).await;
    inner.notice_conversation(job.conversation);
    if let (Some(picked), Some(point)) = (&job.picked, point)
        && status != AnswerStatus::Finished
    {
        resume::cancel(inner, picked, point);
    }

    if let (Some(question), AnswerStatus::Finished) = (&job.title_from, status) {
        let answer = job.answer.text().content;
        if let Err(error) = title::ask_for_title(inner, job.conversation, question, &answer).await {
            tracing::error!(conversation = %job.conversation, %error, "a title could not be stored");
        }
    }
    status
}

/// Reads the upstream into the journal until it ends. Dropping this closes the connection.
async fn read_upstream(
    inner: &Inner,
    job: &Job,
    started: Instant,
    learnt: &mut Learnt,
) -> Result<(), Failure> {
    let Some(picked) = &job.picked else {
        return Err(Failure::new(FailureKind::NoProvider, ""));
    };
    learnt.model = picked.model.clone().unwrap_or_default();
    let mut completion = match &job.resumed {
        Some(resumed) => {
            learnt.response_event = Some(resumed.point.after);
            learnt.is_lost = true;
            let completion = picked.upstream.resume(&resumed.point, &resumed.so_far).await?;
            learnt.is_lost = false;
            completion
        }
        None => ask_upstream(inner, job, picked, learnt).await?,
    };
    let mut reasoned = false;
    loop {
        let piece = match completion.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(()),
            Err(failure) => {
                if learnt.resumed_after >= learnt.response_event {
                    return Err(failure);
                }
                learnt.resumed_after = learnt.response_event;
                completion = resume::after_cut(inner, job, picked, failure).await?;
                continue;
            }
        };
        match piece {
            Piece::Delta(delta) if delta.is_empty() => {}
            Piece::Delta(delta) => {
                let now = milliseconds(started);
                learnt.timings.first_token_ms.get_or_insert(now);
                reasoned |= !delta.reasoning.is_empty();
                if reasoned && !delta.content.is_empty() {
                    learnt.timings.reasoning_ms.get_or_insert(now);
                }
                let appended = inner.journal.append(&job.answer, delta, learnt.response_event);
                appended.await.map_err(|_| {
                    Failure::new(FailureKind::Storage, &picked.upstream.provider().name)
                })?;
            }
            Piece::Resumable(point) => learnt.response_event = Some(point.after),
            Piece::Usage(usage) => learnt.usage = usage,
            Piece::Finish(reason) => learnt.finish_reason = Some(reason),
            Piece::Model(model) => learnt.model = model,
        }
    }
}

/// Sends the request of an answer.
async fn ask_upstream(
    inner: &Inner,
    job: &Job,
    picked: &Picked,
    learnt: &mut Learnt,
) -> Result<Completion, Failure> {
    let model = inner.providers.settle(picked).await?;
    learnt.model.clone_from(&model);
    let messages = context::prompts(inner, &job.messages).await?;
    let request = Request { model, messages, parameters: job.parameters.clone() };
    let provider = picked.upstream.provider();
    let noted = inspect::note_request(inner, job.answer.id, provider.dialect, &request).await;
    if let Err(error) = noted {
        tracing::error!(answer = %job.answer.id, %error, "what is sent could not be noted");
        return Err(Failure::new(FailureKind::Storage, &provider.name));
    }
    match provider.dialect.is_background() {
        true => resume::begin(inner, job.answer.id, picked, request).await,
        false => picked.upstream.stream(&request).await,
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
