//! Short questions that the engine itself asks a model, beside what people ask: for a title, for a
//! choice. Each has a row in the ledger.

use std::{sync::Arc, time::Duration};

use protocol::{AnswerStatus, ConversationId, End, Failure, FailureKind, Timings, Usage, tokens};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::Caller,
    engine::Inner,
    ledger::{Counter, Spent},
    limits::{self, Admission, AdmitError, Limiter},
    providers::{Picked, Providers, Turn},
    store::{LedgerId, NewCall, Purpose, Store, StoreError, now_ms},
    upstream::{Piece, Prompt, Request},
};

/// A short question.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) purpose: Purpose,
    /// Who causes it.
    pub(crate) caller: Caller,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) prompt: Prompt,
    /// The most bytes of an answer. A model that goes on is not listened to.
    pub(crate) longest_answer: usize,
    /// How long the answer may take.
    pub(crate) patience: Duration,
}

/// What came of a short question. Its call is open: whoever asked closes it with what it stores.
#[derive(Debug)]
pub(crate) struct Aside {
    pub(crate) call: LedgerId,
    pub(crate) end: End,
    /// The answer; empty if there is none.
    pub(crate) text: String,
}

/// What is needed to ask, so that a task of its own can.
#[derive(Debug)]
pub(crate) struct Asker {
    store: Arc<Store>,
    providers: Arc<Providers>,
    limiter: Arc<Limiter>,
    shutdown: CancellationToken,
    picked: Picked,
}

impl Asker {
    /// Asks a model, by its name. `None` where no provider is configured.
    pub(crate) fn of(inner: &Inner, model: &str) -> Option<Self> {
        Some(Self {
            store: Arc::clone(&inner.store),
            providers: Arc::clone(&inner.providers),
            limiter: Arc::clone(&inner.limiter),
            shutdown: inner.shutdown.clone(),
            picked: inner.providers.pick(Some(model))?,
        })
    }

    /// Asks, and asks the next one where one fails. `None` if nobody can or may be asked.
    pub(crate) async fn ask(&self, question: &Question) -> Result<Option<Aside>, StoreError> {
        let (first, mut route) = self.providers.set_out(Some(self.picked.clone()));
        let Ok(mut turn) = first else { return Ok(None) };
        loop {
            let Some(aside) = self.ask_one(turn, question).await? else { return Ok(None) };
            let failure = aside.end.failure.as_ref();
            let failure = failure.filter(|failure| failure.may_pass_elsewhere());
            turn = match failure.map(|failure| route.next_after(failure)) {
                Some(Ok(next)) => next,
                Some(Err(_)) | None => return Ok(Some(aside)),
            };
            let mut write = self.store.durable().await?;
            write.close_call(aside.call, &aside.end).await?;
            write.commit().await?;
        }
    }

    /// Asks one upstream.
    async fn ask_one(&self, turn: Turn, question: &Question) -> Result<Option<Aside>, StoreError> {
        let provider = turn.provider().to_owned();
        let model = turn.model().to_owned();
        let admission = Admission {
            purpose: question.purpose,
            caller: question.caller,
            provider: &provider,
            model: &model,
            turns: None,
        };
        let permit = match limits::admit(&self.limiter, &self.store, admission).await {
            Ok(permit) => permit,
            Err(AdmitError::Limit(_)) => return Ok(None),
            Err(AdmitError::Store(error)) => return Err(error),
        };
        let price = self.providers.price(&provider, &model).map(|known| known.price);
        let started_at = now_ms();
        let mut write = self.store.durable().await?;
        let call = NewCall {
            purpose: question.purpose,
            caller: question.caller,
            conversation: question.conversation,
            answer: None,
            provider: &provider,
            model: &model,
        };
        let call = write.open_call(call, started_at).await?;
        write.commit().await?;

        let request = Request {
            model,
            messages: vec![question.prompt.clone()],
            parameters: serde_json::Map::new(),
        };
        let (mut usage, mut came) = (Usage::default(), Counter::default());
        let answer = read(turn, &request, question.longest_answer, &mut usage, &mut came);
        let outcome = tokio::select! {
            () = self.shutdown.cancelled() => None,
            outcome = timeout(question.patience, answer) => Some(outcome),
        };
        let (status, text, failure) = match outcome {
            Some(Ok(Ok(text))) => (AnswerStatus::Finished, text, None),
            Some(Ok(Err(failure))) => (AnswerStatus::Failed, String::new(), Some(failure)),
            Some(Err(_)) => {
                let words = format!("no answer within {} s", question.patience.as_secs());
                let failure = Failure::new(FailureKind::TimedOut, provider).with_detail(words);
                (AnswerStatus::Failed, String::new(), Some(failure))
            }
            None => (AnswerStatus::Interrupted, String::new(), None),
        };
        let is_whole = status == AnswerStatus::Finished;
        let prompt = || tokens::PER_MESSAGE + tokens::estimate(&question.prompt.content.text());
        let spent = Spent::new(usage, is_whole, &came, prompt, price);
        permit.settle(&spent);
        let total_ms = Some((now_ms() - started_at).unsigned_abs());
        let end = End {
            status,
            failure,
            finish_reason: None,
            model: request.model,
            usage: spent.usage,
            cost: spent.cost,
            estimated: spent.estimated,
            timings: Timings { total_ms, ..Timings::default() },
            left_out: 0,
            seams: Vec::new(),
            choice: None,
        };
        Ok(Some(Aside { call, end, text }))
    }
}

async fn read(
    turn: Turn,
    request: &Request,
    longest: usize,
    usage: &mut Usage,
    came: &mut Counter,
) -> Result<String, Failure> {
    let Turn { picked, lease } = turn;
    let mut completion = picked.upstream.stream(lease, request).await?;
    let mut text = String::new();
    while let Some(piece) = completion.next().await? {
        match piece {
            Piece::Delta(delta) => {
                came.push(&delta.reasoning);
                came.push(&delta.content);
                text.push_str(&delta.content);
            }
            Piece::Usage(counted) => *usage = counted,
            Piece::Finish(_) | Piece::Model(_) | Piece::Resumable(_) => {}
        }
        if text.len() > longest {
            let provider = &picked.upstream.provider().name;
            return Err(Failure::new(FailureKind::Malformed, provider)
                .with_detail("it wrote more than it was asked for"));
        }
    }
    Ok(text)
}

/// Asks a model, and closes the call whatever comes of it. `None` without an answer. A task of its
/// own does it, so that the call is closed even if nobody waits for the answer any more.
pub(crate) async fn ask_and_close(
    inner: &Inner,
    model: &str,
    question: Question,
) -> Result<Option<String>, StoreError> {
    let Some(asker) = Asker::of(inner, model) else { return Ok(None) };
    let asked = inner.tasks.spawn(async move {
        let Some(Aside { call, end, text }) = asker.ask(&question).await? else {
            return Ok(None);
        };
        if let Some(failure) = &end.failure {
            let (provider, detail) = (&failure.provider, &failure.detail);
            tracing::warn!(provider, kind = ?failure.kind, detail, "a model was asked in vain");
        }
        let mut write = asker.store.durable().await?;
        write.close_call(call, &end).await?;
        write.commit().await?;
        Ok((!text.is_empty()).then_some(text))
    });
    // The task fails only while the runtime goes down.
    asked.await.unwrap_or(Ok(None))
}
