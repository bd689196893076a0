//! The life of one answer: from its request to the moment it is folded.
//!
//! An answer belongs to the server. It is written by a task that no reader can end by leaving;
//! only its upstream, a person's stop, a broken disk or the end of the server do.

mod writing;
mod attempt;
mod taking_over;

use std::sync::Arc;

use protocol::{
    AnswerEvent, AnswerStatus, Choice, ConversationId, Failure, LimitReached, MessageId, Seam,
    Sequence, Snapshot,
};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{
    accounts::Caller,
    auto::Subject,
    context,
    conversation_settings::ConversationSettings,
    engine::{Chat, Inner},
    journal::{Follower, OpenAnswer},
    limits::{self, Admission, AdmitError, Permit},
    providers::{Picked, Route, Turn},
    resume::Resumed,
    store::{LedgerId, Message, NewAnswer, NewCall, Purpose, StoreError, Write, now_ms},
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
    /// Who writes it, as far as that is decided.
    pub(crate) picked: Option<Picked>,
    /// Who is asked if that one fails.
    pub(crate) route: Route,
    /// The ledger's row of the attempt; `None` where nobody can be asked.
    pub(crate) call: Option<LedgerId>,
    /// Counts the call while it runs.
    pub(crate) permit: Option<Permit>,
    /// What is sent: the part of the path that fits.
    pub(crate) messages: Vec<Message>,
    /// How many messages before it did not fit.
    pub(crate) left_out: u64,
    /// What decides about what is sent beside the messages.
    pub(crate) settings: ConversationSettings,
    /// Where the answer was cut before.
    pub(crate) seams: Vec<Seam>,
    /// How the model was chosen, where nobody named it.
    pub(crate) choice: Option<Choice>,
    /// The question of a conversation's first answer, for which a title is to be asked.
    pub(crate) title_from: Option<String>,
}

/// How the writing of an answer begins.
pub(crate) enum Start {
    /// Somebody is asked.
    Ask(Turn),
    /// The upstream has begun it before this server did.
    Resume(Resumed),
    /// The model is still to be chosen, for this question.
    Choose(Subject),
    /// Nobody can be asked, for this reason.
    Nobody(Failure),
}

impl From<Result<Turn, Failure>> for Start {
    fn from(turn: Result<Turn, Failure>) -> Self {
        match turn {
            Ok(turn) => Self::Ask(turn),
            Err(failure) => Self::Nobody(failure),
        }
    }
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
        let (wanted, choice) = inner.decide_unasked(model.as_deref(), &subject);
        let (turn, route) = inner.providers.set_out(wanted.clone());
        let picked = turn.as_ref().ok().map(|turn| turn.picked.clone()).or(wanted);
        let parameters = inner.fields(&settings, picked.as_ref());
        let known = picked.as_ref().and_then(|picked| inner.providers.known(picked));
        // The model has read the question before, so whatever is against it now is left to the
        // upstream to say.
        let left_out = context::fit(&mut messages, known.as_ref()).unwrap_or(0);
        let sequence = text.sequence;

        let provider = picked.as_ref().map_or(&stored.provider, |it| &it.upstream.provider().name);
        let sent = Value::from(parameters).to_string();
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
        let permit = inner.admit_answer(picked.as_ref(), None).await?;
        let call = match &turn {
            Ok(turn) => {
                Some(write.open_call(chat_call(conversation, answer, turn), now_ms()).await?)
            }
            Err(_) => None,
        };
        let job = Job {
            conversation,
            answer: inner.journal.open(answer, text),
            picked,
            route,
            call,
            permit,
            messages,
            left_out,
            settings,
            seams: stored.seams,
            choice: stored.choice.or(choice),
            title_from: None,
        };
        self.begin(write, job, turn.into()).await?;
        inner.notice_conversation(conversation);
        Ok(Continued { conversation, sequence })
    }

    /// Commits what an opened answer needs, and has it written, whoever watches. A task of its own
    /// does both: the person may leave in between, and an answer that was stored but not begun
    /// would stay open for ever.
    pub(crate) async fn begin(
        &self,
        write: Write,
        job: Job,
        start: Start,
    ) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        let (stored, outcome) = oneshot::channel();
        self.inner.tasks.spawn(async move {
            match write.commit().await {
                Ok(()) => {
                    stored.send(Ok(())).ok();
                    Self { inner }.write(job, start).await;
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
    pub(crate) async fn write(self, job: Job, start: Start) {
        let conversation = job.conversation;
        if writing::write_answer(&self.inner, job, start).await == AnswerStatus::Finished {
            self.ask_next(conversation).await;
        }
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
        let admission = admission_of_answer(picked, turns);
        Ok(Some(limits::admit(&self.limiter, &self.store, admission).await?))
    }

    /// Counts the call of an answer that goes on from before this server was.
    pub(crate) fn take_up_answer(&self, picked: &Picked, began: i64) -> Permit {
        limits::take_up(&self.limiter, admission_of_answer(picked, None), began)
    }
}

fn admission_of_answer(picked: &Picked, turns: Option<u64>) -> Admission<'_> {
    Admission {
        purpose: Purpose::Chat,
        caller: Caller::OWNER,
        provider: &picked.upstream.provider().name,
        model: picked.model.as_deref().unwrap_or_default(),
        turns,
    }
}

/// The ledger's words for the call of an answer.
pub(crate) fn chat_call(
    conversation: ConversationId,
    answer: MessageId,
    turn: &Turn,
) -> NewCall<'_> {
    NewCall {
        purpose: Purpose::Chat,
        caller: Caller::OWNER,
        conversation: Some(conversation),
        answer: Some(answer),
        provider: turn.provider(),
        model: turn.model(),
    }
}
