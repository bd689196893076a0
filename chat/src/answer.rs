//! The life of one answer: from its request to the moment it is folded.
//!
//! An answer belongs to the server. It is written by a task that no reader can end by leaving;
//! only its upstream, a person's stop, a broken disk or the end of the server do.

use std::sync::Arc;

use protocol::{
    AnswerEvent, AnswerStatus, ConversationId, End, Failure, FailureKind, LimitReached, MessageId,
    Price, Sequence, Snapshot, Timings, Usage,
};
use serde_json::{Map, Value};
use tokio::{sync::oneshot, time::Instant};

use crate::{
    accounts::Caller,
    context,
    engine::{Chat, Inner},
    inspect,
    journal::{Follower, OpenAnswer},
    ledger::{Counter, Spent},
    limits::{self, Admission, AdmitError, Permit},
    providers::Picked,
    store::{LedgerId, Message, NewCall, Purpose, StoreError, Write, now_ms},
    title,
    upstream::{Piece, Request},
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
    /// It would go beyond a limit.
    #[error(transparent)]
    Limit(LimitReached),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AdmitError> for ContinueError {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Limit(reached) => Self::Limit(reached),
            AdmitError::Store(error) => Self::Store(error),
        }
    }
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
    /// Counts the call while it runs.
    pub(crate) permit: Option<Permit>,
    /// What is sent: the part of the path that fits.
    pub(crate) messages: Vec<Message>,
    /// How many messages before it did not fit.
    pub(crate) left_out: u64,
    /// Sent beside the messages.
    pub(crate) parameters: Map<String, Value>,
    /// The question of a conversation's first answer, for which a title is to be asked.
    pub(crate) title_from: Option<String>,
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
        // An answer that failed before a model was found goes to the default.
        let model =
            (!stored.model.is_empty()).then(|| format!("{}/{}", stored.provider, stored.model));
        let model = model.or_else(|| inner.preferred_model());
        let picked = inner.providers.pick(model.as_deref());
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
        if let Some(limit) = inner.full() {
            return Err(ContinueError::Busy { limit });
        }
        let permit = inner.admit_answer(picked.as_ref(), None).await?;
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
            permit,
            messages,
            left_out,
            parameters,
            title_from: None,
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
                    let conversation = job.conversation;
                    if write_answer(&inner, job).await == AnswerStatus::Finished {
                        Self { inner }.ask_next(conversation).await;
                    }
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
}

impl Inner {
    /// Asks for the call of an answer, if there is a provider to be asked.
    pub(crate) async fn admit_answer(
        &self,
        picked: Option<&Picked>,
        turns: Option<u64>,
    ) -> Result<Option<Permit>, AdmitError> {
        let Some(picked) = picked else { return Ok(None) };
        let admission = Admission {
            purpose: Purpose::Chat,
            caller: Caller::OWNER,
            provider: &picked.upstream.provider().name,
            model: picked.model.as_deref().unwrap_or_default(),
            turns,
        };
        Ok(Some(limits::admit(&self.limiter, &self.store, admission).await?))
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
    /// What came of it, counted.
    came: Counter,
    price: Option<Price>,
    timings: Timings,
    finish_reason: Option<String>,
}

/// Returns how the answer ended.
async fn write_answer(inner: &Inner, mut job: Job) -> AnswerStatus {
    let started = Instant::now();
    let mut learnt = Learnt::default();
    let (status, failure) = tokio::select! {
        biased;
        () = job.answer.stop.cancelled() => (AnswerStatus::Stopped, None),
        () = inner.shutdown.cancelled() => (AnswerStatus::Interrupted, None),
        () = job.answer.broken.cancelled() => {
            (AnswerStatus::Failed, Some(Failure::new(FailureKind::Storage, "")))
        }
        outcome = read_upstream(inner, &job, started, &mut learnt) => match outcome {
            Ok(()) => (AnswerStatus::Finished, None),
            Err(failure) => (AnswerStatus::Failed, Some(failure)),
        },
    };
    if let Some(failure) = &failure {
        tracing::warn!(
            answer = %job.answer.id, provider = failure.provider, kind = ?failure.kind,
            detail = failure.detail, "an answer failed"
        );
    }
    learnt.timings.total_ms = Some(milliseconds(started));
    let is_whole = status == AnswerStatus::Finished || learnt.finish_reason.is_some();
    let prompt = || context::tokens(&job.messages);
    let spent = Spent::new(learnt.usage, is_whole, &learnt.came, prompt, learnt.price);
    if let Some(permit) = job.permit.take() {
        permit.settle(&spent);
    }
    let closing = End {
        status,
        failure,
        finish_reason: learnt.finish_reason,
        model: learnt.model,
        usage: spent.usage,
        cost: spent.cost,
        estimated: spent.estimated,
        timings: learnt.timings,
        left_out: job.left_out,
    };
    inner.journal.close(&job.answer, job.call, closing).await;
    inner.notice_conversation(job.conversation);

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
    let model = inner.providers.settle(picked).await?;
    learnt.model.clone_from(&model);
    let provider = &picked.upstream.provider().name;
    let price = inner.providers.price(provider, &model).map(|known| known.price);
    learnt.price = price;
    let permit = job.permit.as_ref().filter(|permit| permit.is_counted());
    let prompt_tokens = permit.map_or(0, |_| context::tokens(&job.messages));
    let stay_within_limits = |came: &Counter| match permit {
        Some(permit) => permit
            .check(prompt_tokens, came, price)
            .map_err(|reached| Failure::of_limit(reached, provider)),
        None => Ok(()),
    };
    stay_within_limits(&learnt.came)?;
    let messages = context::prompts(inner, &job.messages).await?;
    let request = Request { model, messages, parameters: job.parameters.clone() };
    if let Err(error) = inspect::note_request(inner, job.answer.id, &request).await {
        tracing::error!(answer = %job.answer.id, %error, "what is sent could not be noted");
        return Err(Failure::new(FailureKind::Storage, provider));
    }
    let mut completion = picked.upstream.stream(&request).await?;
    let mut reasoned = false;
    while let Some(piece) = completion.next().await? {
        match piece {
            Piece::Delta(delta) if delta.is_empty() => {}
            Piece::Delta(delta) => {
                let now = milliseconds(started);
                learnt.timings.first_token_ms.get_or_insert(now);
                reasoned |= !delta.reasoning.is_empty();
                if reasoned && !delta.content.is_empty() {
                    learnt.timings.reasoning_ms.get_or_insert(now);
                }
                learnt.came.push(&delta.reasoning);
                learnt.came.push(&delta.content);
                inner
                    .journal
                    .append(&job.answer, delta)
                    .await
                    .map_err(|_| Failure::new(FailureKind::Storage, provider))?;
                stay_within_limits(&learnt.came)?;
            }
            Piece::Usage(usage) => learnt.usage = usage,
            Piece::Finish(reason) => learnt.finish_reason = Some(reason),
            Piece::Model(model) => learnt.model = model,
        }
    }
    Ok(())
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
