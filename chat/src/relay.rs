//! The relay: requests of programs in OpenAI's dialect, sent on to a configured provider. Bytes go on
//! as they come, in both directions, and a copy is read for the ledger.
//!
//! Until the head of an answer has come, a failure leads to the next key, or to the fallback if that
//! can do with the same bytes; the program notices nothing. After it, an answer that breaks off is
//! broken off.
//!
//! [`Chat::relay`] gives the answer as bytes, [`Chat::relay_pieces`] gives its text. Dropping either
//! before its end closes the connection to the upstream at once and the row in the ledger as stopped.

mod choosing;
mod incoming;
mod body;
mod form;
mod subject;
mod asked;
mod attempt;
mod call;
mod relayed;
mod passage;
mod meter;
mod skim;

use std::sync::Arc;

use protocol::{AnswerStatus, Failure, LimitReached};
use reqwest::{
    StatusCode,
    header::{CONTENT_LENGTH, HeaderMap},
};

use crate::{
    accounts::Caller,
    auto::AUTO,
    engine::Chat,
    limits::AdmitError,
    providers::{Picked, Route, Turn},
    store::StoreError,
    upstream::{Dialect, Refused, Upstream},
};
use asked::Asked;
use attempt::{Accepted, Failed, Message};
use body::JsonBody;
use call::OpenCall;
use incoming::Incoming;

pub use body::BodyError;
pub use choosing::{Wish, WishError};
pub use incoming::RelayBody;
pub use relayed::{RelayedBody, RelayedPieces};

/// A request of a program.
#[derive(Debug)]
pub struct RelayRequest {
    /// Who makes it.
    pub caller: Caller,
    /// The address below `/v1`, such as `chat/completions`.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Where it should go.
    pub wish: Wish,
    /// Its body.
    pub body: RelayBody,
}

/// Why a program got no answer of an upstream.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Where it should go is not to be had.
    #[error(transparent)]
    Wish(#[from] WishError),
    /// The body cannot be sent on.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The body of the request broke off.
    #[error("the body of the request could not be read: {0}")]
    Request(std::io::Error),
    /// There are as many calls as may be open.
    #[error("{limit} requests are being answered, and more are not taken on: try again soon")]
    Full {
        /// How many may be open.
        limit: usize,
    },
    /// The server ends.
    #[error("the server is ending: try again soon")]
    Ending,
    /// The upstream gave no answer.
    #[error("{}", .0.words())]
    Upstream(Failure),
    /// It would go beyond a limit that the owner has set.
    #[error(transparent)]
    Limit(LimitReached),
    /// The call could not be written down, so it was not made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AdmitError> for RelayError {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Limit(reached) => Self::Limit(reached),
            AdmitError::Store(error) => Self::Store(error),
        }
    }
}

/// An answer on its way to a program.
#[derive(Debug)]
pub struct Relayed {
    /// The upstream's status.
    pub status: StatusCode,
    /// The upstream's headers, without those that speak of its connection or of its site.
    pub headers: HeaderMap,
    /// The body.
    pub body: RelayedBody,
}

/// A call that an upstream has answered in one way or another.
struct Begun {
    call: OpenCall,
    upstream: Upstream,
    answer: Result<Accepted, Refused>,
}

impl Chat {
    /// The providers in their order, each with the names of all its models, those that do not chat
    /// as well.
    pub fn relay_models(&self) -> Vec<(String, Vec<String>)> {
        self.inner.providers.all_models()
    }

    /// Sends a program's request on, and gives the answer, whatever its status.
    pub async fn relay(&self, request: RelayRequest) -> Result<Relayed, RelayError> {
        let Begun { call, upstream, answer } = self.begin_relay(request).await?;
        match answer {
            Ok(Accepted { forwarded, holds_count_back }) => {
                let (status, mut headers) = (forwarded.status, forwarded.headers.clone());
                if holds_count_back {
                    // The body may come out shorter.
                    headers.remove(CONTENT_LENGTH);
                }
                let body = RelayedBody::coming(call, forwarded, upstream, holds_count_back);
                Ok(Relayed { status, headers, body })
            }
            Err(Refused { status, failure, .. }) if status.is_redirection() => {
                // A program might follow it, with our token in its hand.
                Err(RelayError::Upstream(failure))
            }
            Err(Refused { status, headers, body, .. }) => {
                Ok(Relayed { status, headers, body: RelayedBody::whole(call, body, upstream) })
            }
        }
    }

    /// The same for an answer to a request for chat completions that is wanted as text, piece by
    /// piece. The body must ask for a stream.
    pub async fn relay_pieces(&self, request: RelayRequest) -> Result<RelayedPieces, RelayError> {
        let Begun { call, upstream, answer } = self.begin_relay(request).await?;
        match answer {
            Ok(Accepted { forwarded, .. }) => {
                Ok(RelayedPieces::new(call, forwarded.into_completion(&upstream)))
            }
            Err(Refused { failure, .. }) => Err(RelayError::Upstream(failure)),
        }
    }

    /// Chooses who answers, opens the row in the ledger, and asks.
    async fn begin_relay(&self, request: RelayRequest) -> Result<Begun, RelayError> {
        let RelayRequest { caller, path, headers, wish, body } = request;
        let body = Incoming::read(body).await?;
        let limit = self.inner.limits.max_relay_calls;
        let permit = Arc::clone(&self.inner.relay_permits)
            .try_acquire_owned()
            .map_err(|_| RelayError::Full { limit })?;
        let (chosen, asked) = match &body {
            Incoming::Json(json) => {
                (self.choose_for_program(&wish, &path, json, caller).await?, Asked::of(json))
            }
            Incoming::Form(_) => (None, Asked::default()),
        };
        let providers = &self.inner.providers;
        let model = chosen.as_deref().or(body.model());
        let picked = wish.choose(providers, &path, model)?;
        let may_stand_in = |asked: &Picked, next: &Picked| wish.may_stand_in(asked, next, &path);
        let (turn, route) = providers.set_out_if(Some(picked), may_stand_in);
        let turn = turn.map_err(RelayError::Upstream)?;
        let call = OpenCall::open(&self.inner, permit, caller, asked, &turn).await?;
        self.ask_in_turn(call, turn, route, Message { path, headers }, body).await
    }

    /// Asks one after the other until one answers or nobody is left. Each attempt is a row of the
    /// ledger: that of an answer is open in the end, and any other closed.
    async fn ask_in_turn(
        &self,
        mut call: OpenCall,
        mut turn: Turn,
        mut route: Route,
        message: Message,
        mut body: Incoming,
    ) -> Result<Begun, RelayError> {
        loop {
            let upstream = turn.picked.upstream.clone();
            let attempt = async {
                match self.inner.providers.settle(&turn).await {
                    Ok(model) => {
                        call.note_model(&model);
                        message.send(turn, &model, body).await
                    }
                    Err(failure) => Err((Failed::Unanswered(failure), Some(body))),
                }
            };
            let outcome = tokio::select! {
                () = self.inner.shutdown.cancelled() => None,
                outcome = attempt => Some(outcome),
            };
            let (failed, again) = match outcome {
                Some(Ok(accepted)) => return Ok(Begun { call, upstream, answer: Ok(accepted) }),
                Some(Err(failed)) => failed,
                None => {
                    call.close(AnswerStatus::Interrupted, None).await;
                    return Err(RelayError::Ending);
                }
            };
            let failure = failed.failure().clone();
            let next = again
                .filter(|_| failure.may_pass_elsewhere())
                .and_then(|again| Some((again, route.next_after(&failure).ok()?)));
            match (next, failed) {
                (Some((again, next)), _) => {
                    call.pass_to(&next, failure).await?;
                    (body, turn) = (again, next);
                }
                (None, Failed::Refused(refused)) => {
                    call.close(AnswerStatus::Failed, Some(failure)).await;
                    return Ok(Begun { call, upstream, answer: Err(refused) });
                }
                (None, Failed::Unanswered(_)) => {
                    call.close(AnswerStatus::Failed, Some(failure.clone())).await;
                    return Err(RelayError::Upstream(failure));
                }
            }
        }
    }

    /// The model that is chosen for a request to `auto`; `None` if the program names one itself.
    async fn choose_for_program(
        &self,
        wish: &Wish,
        path: &str,
        body: &JsonBody,
        caller: Caller,
    ) -> Result<Option<String>, RelayError> {
        let is_wanted = match body.model.as_deref() {
            Some(model) => model == AUTO && self.has_auto(),
            None => self.inner.auto_by_default && wish.is_free(),
        };
        if !is_wanted || path != Dialect::ChatCompletions.path() {
            return Ok(None);
        }
        if !wish.is_free() {
            return Err(WishError::AutoChooses.into());
        }
        let chosen = self.choose(&subject::of(body.text()), caller, None).await?;
        Ok(chosen.map(|chosen| chosen.model))
    }
}
