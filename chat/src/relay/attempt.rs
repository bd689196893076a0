//! One attempt at a program's request: with one key of one provider.

use protocol::Failure;
use reqwest::header::HeaderMap;

use super::{
    body::{Changes, JsonBody},
    incoming::Incoming,
};
use crate::{
    providers::Turn,
    upstream::{Forwarded, Lease, Outgoing, OutgoingBody, Refused, Upstream},
};

/// The addresses whose streams end with a count of tokens if one asks for it.
const COUNTED_ON_DEMAND: [&str; 2] = ["chat/completions", "completions"];

/// An upstream's answer of which the head has come.
pub(super) struct Accepted {
    pub(super) forwarded: Forwarded,
    /// The count of tokens at the end was not the program's wish.
    pub(super) holds_count_back: bool,
}

/// Why an attempt brought no answer.
pub(super) enum Failed {
    /// The upstream said why.
    Refused(Refused),
    /// It said nothing.
    Unanswered(Failure),
}

impl Failed {
    pub(super) fn failure(&self) -> &Failure {
        match self {
            Self::Refused(refused) => &refused.failure,
            Self::Unanswered(failure) => failure,
        }
    }
}

/// What is sent, whoever is asked.
pub(super) struct Message {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
}

impl Message {
    /// Sends a body on, to be answered by a model. Gives it back with what went wrong if it can be
    /// sent again.
    pub(super) async fn send(
        &self,
        turn: Turn,
        model: &str,
        body: Incoming,
    ) -> Result<Accepted, (Failed, Option<Incoming>)> {
        match body {
            Incoming::Json(json) => {
                let sent = self.send_json(turn, model, &json).await;
                sent.map_err(|failed| (failed, Some(Incoming::Json(json))))
            }
            Incoming::Form(form) => {
                let Turn { picked, lease } = turn;
                let sent = self.send_once(&picked.upstream, lease, form.with_model(model)).await;
                let forwarded = sent.map_err(|(failed, _)| (failed, None))?;
                Ok(Accepted { forwarded, holds_count_back: false })
            }
        }
    }

    /// An upstream that does not want to be asked for a count of tokens is asked again without.
    async fn send_json(
        &self,
        turn: Turn,
        model: &str,
        json: &JsonBody,
    ) -> Result<Accepted, Failed> {
        let Turn { picked, lease } = turn;
        let upstream = &picked.upstream;
        let adds_usage = json.streams
            && !json.wants_usage
            && COUNTED_ON_DEMAND.contains(&self.path.as_str())
            && upstream.counts_streams();
        let model = (json.model.as_deref() != Some(model)).then_some(model);
        let body = |adds_usage| OutgoingBody::Whole(json.changed(Changes { model, adds_usage }));
        match self.send_once(upstream, lease, body(adds_usage)).await {
            Ok(forwarded) => Ok(Accepted { forwarded, holds_count_back: adds_usage }),
            Err((Failed::Refused(refused), Some(lease)))
                if adds_usage && refused.names("stream_options") =>
            {
                let again = self.send_once(upstream, lease, body(false)).await;
                let forwarded = again.map_err(|(failed, _)| failed)?;
                upstream.remember_not_to_ask_for_counts();
                Ok(Accepted { forwarded, holds_count_back: false })
            }
            Err((failed, _)) => Err(failed),
        }
    }

    /// Gives the lease back with what the upstream refused.
    async fn send_once(
        &self,
        upstream: &Upstream,
        lease: Lease,
        body: OutgoingBody,
    ) -> Result<Forwarded, (Failed, Option<Lease>)> {
        let outgoing = Outgoing { path: self.path.clone(), headers: self.headers.clone(), body };
        match upstream.forward(lease, outgoing).await {
            Ok(Ok(forwarded)) => Ok(forwarded),
            Ok(Err((refused, lease))) => Err((Failed::Refused(refused), Some(lease))),
            Err(failure) => Err((Failed::Unanswered(failure), None)),
        }
    }
}
