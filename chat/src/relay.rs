//! The relay: requests of programs in OpenAI's dialect, sent on to a configured provider. Bytes go on
//! as they come, in both directions, and a copy is read for the ledger.
//!
//! [`Chat::relay`] gives the answer as bytes, [`Chat::relay_pieces`] gives its text. Dropping either
//! before its end closes the connection to the upstream at once and the row in the ledger as stopped.

mod choosing;
mod incoming;
mod body;
mod form;
mod call;
mod relayed;
mod passage;
mod meter;
mod skim;

use std::sync::Arc;

use protocol::{AnswerStatus, Failure};
use reqwest::{
    StatusCode,
    header::{CONTENT_LENGTH, HeaderMap},
};

use crate::{
    accounts::Caller,
    engine::Chat,
    providers::Picked,
    store::StoreError,
    upstream::{Forwarded, Outgoing, OutgoingBody, Refused, Upstream},
};
use body::{Changes, JsonBody};
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
    /// The call could not be written down, so it was not made.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    picked: Picked,
    sent: Sent,
    /// The count of tokens at the end was not the program's wish.
    holds_count_back: bool,
}

/// What came of a request that was sent.
enum Sent {
    Accepted(Forwarded),
    Refused(Refused),
}

/// The addresses whose streams end with a count of tokens if one asks for it.
const COUNTED_ON_DEMAND: [&str; 2] = ["chat/completions", "completions"];

impl Chat {
    /// The providers in their order, each with the names of all its models, those that do not chat
    /// as well.
    pub fn relay_models(&self) -> Vec<(String, Vec<String>)> {
        self.inner.providers.all_models()
    }

    /// Sends a program's request on, and gives the answer, whatever its status.
    pub async fn relay(&self, request: RelayRequest) -> Result<Relayed, RelayError> {
        let Begun { mut call, picked, sent, holds_count_back } = self.begin_relay(request).await?;
        match sent {
            Sent::Accepted(forwarded) => {
                let (status, mut headers) = (forwarded.status, forwarded.headers.clone());
                if holds_count_back {
                    // The body may come out shorter.
                    headers.remove(CONTENT_LENGTH);
                }
                let body = RelayedBody::coming(call, forwarded, picked.upstream, holds_count_back);
                Ok(Relayed { status, headers, body })
            }
            Sent::Refused(Refused { status, headers, body, failure }) => {
                call.close(AnswerStatus::Failed, Some(failure.clone())).await;
                if status.is_redirection() {
                    // A program might follow it, with our token in its hand.
                    return Err(RelayError::Upstream(failure));
                }
                Ok(Relayed {
                    status,
                    headers,
                    body: RelayedBody::whole(call, body, picked.upstream),
                })
            }
        }
    }

    /// The same for an answer that is wanted as text, piece by piece. The body must ask for a
    /// stream.
    pub async fn relay_pieces(&self, request: RelayRequest) -> Result<RelayedPieces, RelayError> {
        let Begun { mut call, picked, sent, .. } = self.begin_relay(request).await?;
        match sent {
            Sent::Accepted(forwarded) => {
                let completion = forwarded.into_completion(&picked.upstream);
                Ok(RelayedPieces::new(call, completion))
            }
            Sent::Refused(Refused { failure, .. }) => {
                call.close(AnswerStatus::Failed, Some(failure.clone())).await;
                Err(RelayError::Upstream(failure))
            }
        }
    }

    /// Chooses, opens the row in the ledger, and sends.
    async fn begin_relay(&self, request: RelayRequest) -> Result<Begun, RelayError> {
        let RelayRequest { caller, path, headers, wish, body } = request;
        let body = Incoming::read(body).await?;
        let providers = &self.inner.providers;
        let picked = wish.choose(providers, body.model())?;
        let model = providers.settle(&picked).await.map_err(RelayError::Upstream)?;
        let limit = self.inner.limits.max_relay_calls;
        let permit = Arc::clone(&self.inner.relay_permits)
            .try_acquire_owned()
            .map_err(|_| RelayError::Full { limit })?;
        let provider = &picked.upstream.provider().name;
        let mut call = OpenCall::open(&self.inner, permit, caller, provider, &model).await?;
        let adds_usage = body.lacks_usage()
            && COUNTED_ON_DEMAND.contains(&path.as_str())
            && picked.upstream.counts_streams();
        let sending = async {
            match body {
                Incoming::Json(json) => {
                    let request =
                        JsonRequest { path: &path, headers: &headers, json: &json, model: &model };
                    request.send(&picked.upstream, adds_usage, &wish).await
                }
                Incoming::Form(form) => {
                    let outgoing = Outgoing {
                        path: path.clone(),
                        headers: headers.clone(),
                        body: form.with_model(&model),
                    };
                    Ok((send(&picked.upstream, outgoing, &wish).await?, false))
                }
            }
        };
        let outcome = tokio::select! {
            () = self.inner.shutdown.cancelled() => None,
            outcome = sending => Some(outcome),
        };
        match outcome {
            Some(Ok((sent, holds_count_back))) => {
                Ok(Begun { call, picked, sent, holds_count_back })
            }
            Some(Err(failure)) => {
                call.close(AnswerStatus::Failed, Some(failure.clone())).await;
                Err(RelayError::Upstream(failure))
            }
            None => {
                call.close(AnswerStatus::Interrupted, None).await;
                Err(RelayError::Ending)
            }
        }
    }
}

/// A request whose body can be sent more than once.
struct JsonRequest<'a> {
    path: &'a str,
    headers: &'a HeaderMap,
    json: &'a JsonBody,
    model: &'a str,
}

impl JsonRequest<'_> {
    /// Sends it, and says whether it asks for a count that the program did not ask for. An upstream
    /// that does not want to be asked for one is asked again without.
    async fn send(
        &self,
        upstream: &Upstream,
        adds_usage: bool,
        wish: &Wish,
    ) -> Result<(Sent, bool), Failure> {
        let sent = send(upstream, self.outgoing(adds_usage), wish).await?;
        match &sent {
            Sent::Refused(refused) if adds_usage && refused.names("stream_options") => {
                let again = send(upstream, self.outgoing(false), wish).await?;
                if let Sent::Accepted(_) = again {
                    upstream.remember_not_to_ask_for_counts();
                }
                Ok((again, false))
            }
            _ => Ok((sent, adds_usage)),
        }
    }

    fn outgoing(&self, adds_usage: bool) -> Outgoing {
        let model = (self.json.model.as_deref() != Some(self.model)).then_some(self.model);
        let body = OutgoingBody::Whole(self.json.changed(Changes { model, adds_usage }));
        Outgoing { path: self.path.to_owned(), headers: self.headers.clone(), body }
    }
}

async fn send(upstream: &Upstream, outgoing: Outgoing, wish: &Wish) -> Result<Sent, Failure> {
    let forwarded = upstream.forward(outgoing, wish.key.as_ref()).await?;
    Ok(match forwarded.status.is_success() {
        true => Sent::Accepted(forwarded),
        false => Sent::Refused(forwarded.into_refused(upstream).await),
    })
}
