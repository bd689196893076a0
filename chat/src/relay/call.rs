//! A call of a program while it lasts: its row in the ledger, which is closed however it ends.

use std::{pin::Pin, sync::Arc, time::Duration};

use protocol::{AnswerStatus, End, Failure, Price, Timings};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use tokio_util::{sync::WaitForCancellationFutureOwned, task::task_tracker::TaskTrackerToken};

use super::{RelayError, asked::Asked, meter::Told};
use crate::{
    accounts::Caller,
    engine::Inner,
    ledger::{Counter, Spent},
    limits::{self, Admission, Permit},
    providers::Turn,
    store::{LedgerId, NewCall, Purpose, now_ms},
};

/// An open call. Dropped before it was closed, it counts as stopped by its program, or as finished
/// if the answer was complete by then.
#[derive(Debug)]
pub(super) struct OpenCall {
    inner: Arc<Inner>,
    /// `None` once it is closed.
    row: Option<LedgerId>,
    caller: Caller,
    began: Instant,
    first_token: Option<Duration>,
    /// What the answer has told. Whoever reads it keeps this true.
    pub(super) told: Told,
    provider: String,
    /// The model that was asked for.
    model: String,
    price: Option<Price>,
    /// What is asked, as far as limits are concerned.
    asked: Asked,
    /// What it is allowed to take; `None` once it is known what it took.
    allowed: Option<Permit>,
    server_ends: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Held while the call lasts, so that there are only so many.
    _permit: OwnedSemaphorePermit,
    /// The end of the server waits for it.
    _tracked: TaskTrackerToken,
}

impl OpenCall {
    /// Opens the row. It survives the process from now on, and the power from the moment that
    /// anything durable is written: a program would wait for a disk otherwise.
    pub(super) async fn open(
        inner: &Arc<Inner>,
        permit: OwnedSemaphorePermit,
        caller: Caller,
        asked: Asked,
        turn: &Turn,
    ) -> Result<Self, RelayError> {
        let began = Instant::now();
        let allowed = admit(inner, caller, asked.turns, turn).await?;
        let mut write = inner.store.quick().await?;
        let row = write.open_call(relay_call(caller, turn), now_ms()).await?;
        write.commit().await?;
        Ok(Self {
            inner: Arc::clone(inner),
            row: Some(row),
            caller,
            began,
            first_token: None,
            told: Told::default(),
            provider: turn.provider().to_owned(),
            model: turn.model().to_owned(),
            price: price(inner, turn.provider(), turn.model()),
            asked,
            allowed: Some(allowed),
            server_ends: Box::pin(inner.shutdown.child_token().cancelled_owned()),
            _permit: permit,
            _tracked: inner.tasks.token(),
        })
    }

    /// Closes the row of an attempt that failed, and opens that of the next one.
    pub(super) async fn pass_to(
        &mut self,
        next: &Turn,
        failure: Failure,
    ) -> Result<(), RelayError> {
        tracing::warn!(
            provider = failure.provider, kind = ?failure.kind, detail = failure.detail,
            "a program's request failed, and the next one is asked"
        );
        let end = self.end(AnswerStatus::Failed, Some(failure));
        match admit(&self.inner, self.caller, self.asked.turns, next).await {
            Ok(allowed) => self.allowed = Some(allowed),
            Err(error) => {
                if let Some(row) = self.row.take() {
                    close(&self.inner, row, end).await;
                }
                return Err(error);
            }
        }
        let mut write = self.inner.store.durable().await?;
        if let Some(row) = self.row {
            write.close_call(row, &end).await?;
        }
        let row = write.open_call(relay_call(self.caller, next), now_ms()).await?;
        write.commit().await?;
        self.row = Some(row);
        self.began = Instant::now();
        next.provider().clone_into(&mut self.provider);
        self.note_model(next.model());
        Ok(())
    }

    /// Notes the model that is asked, once it is known.
    pub(super) fn note_model(&mut self, model: &str) {
        model.clone_into(&mut self.model);
        self.price = price(&self.inner, &self.provider, model);
    }

    /// Fails when the answer goes beyond what it is allowed to take.
    pub(super) fn stay_within_limits(&self, came: &Counter) -> Result<(), Failure> {
        let Some(allowed) = self.allowed.as_ref().filter(|allowed| allowed.is_counted()) else {
            return Ok(());
        };
        let checked = allowed.check(self.asked.tokens(), came, self.price);
        checked.map_err(|reached| Failure::of_limit(reached, &self.provider))
    }

    /// Resolves when the server ends.
    pub(super) fn server_ends(&mut self) -> Pin<&mut WaitForCancellationFutureOwned> {
        self.server_ends.as_mut()
    }

    /// Notes when the answer itself began. Only the first time counts.
    pub(super) fn note_first_token(&mut self) {
        let began = self.began;
        self.first_token.get_or_insert_with(|| began.elapsed());
    }

    /// Closes the row, and gives what stands in it.
    pub(super) async fn close(&mut self, status: AnswerStatus, failure: Option<Failure>) -> End {
        let end = self.end(status, failure);
        if let Some(row) = self.row.take() {
            close(&self.inner, row, end.clone()).await;
        }
        end
    }

    fn end(&mut self, status: AnswerStatus, failure: Option<Failure>) -> End {
        let is_whole = status == AnswerStatus::Finished || self.told.ended;
        let (said, came) = (self.told.usage, &self.told.came);
        let spent = Spent::new(said, is_whole, came, || self.asked.tokens(), self.price);
        if let Some(allowed) = self.allowed.take() {
            allowed.settle(&spent);
        }
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        End {
            status,
            failure,
            finish_reason: self.told.finish.clone(),
            model: self.told.model.clone().unwrap_or_else(|| self.model.clone()),
            usage: spent.usage,
            cost: spent.cost,
            estimated: spent.estimated,
            timings: Timings {
                first_token_ms: self.first_token.map(ms),
                reasoning_ms: None,
                total_ms: Some(ms(self.began.elapsed())),
            },
            left_out: 0,
            seams: Vec::new(),
            choice: None,
        }
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        let Some(row) = self.row.take() else { return };
        // Programs hang up as soon as they have what they want, so a complete answer is no
        // stopped one.
        let status = match (&self.told.error, self.told.ended) {
            (Some(_), _) => AnswerStatus::Failed,
            (None, true) => AnswerStatus::Finished,
            (None, false) => AnswerStatus::Stopped,
        };
        let end = self.end(status, None);
        let inner = Arc::clone(&self.inner);
        // Without a runtime the process is ending, and the next start closes the row.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            self.inner.tasks.spawn_on(close_row(inner, row, end), &runtime);
        }
    }
}

async fn admit(
    inner: &Inner,
    caller: Caller,
    turns: u64,
    turn: &Turn,
) -> Result<Permit, RelayError> {
    let admission = Admission {
        purpose: Purpose::Relay,
        caller,
        provider: turn.provider(),
        model: turn.model(),
        turns: Some(turns),
    };
    Ok(limits::admit(&inner.limiter, &inner.store, admission).await?)
}

fn price(inner: &Inner, provider: &str, model: &str) -> Option<Price> {
    Some(inner.providers.price(provider, model)?.price)
}

fn relay_call(caller: Caller, turn: &Turn) -> NewCall<'_> {
    NewCall {
        purpose: Purpose::Relay,
        caller,
        conversation: None,
        answer: None,
        provider: turn.provider(),
        model: turn.model(),
    }
}

/// Closes a row, also if whoever waits for it leaves meanwhile, as programs do with the last byte.
async fn close(inner: &Arc<Inner>, row: LedgerId, end: End) {
    inner.tasks.spawn(close_row(Arc::clone(inner), row, end)).await.ok();
}

async fn close_row(inner: Arc<Inner>, row: LedgerId, end: End) {
    let closed = async {
        let mut write = inner.store.durable().await?;
        write.close_call(row, &end).await?;
        write.commit().await
    };
    if let Err(error) = closed.await {
        tracing::error!(%error, "a call could not be closed in the ledger");
    }
}
