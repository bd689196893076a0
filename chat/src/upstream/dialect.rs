//! The dialects that upstreams speak. What one of them means is in its own file; here is all that
//! the rest of the engine asks of any.

use std::fmt;

use protocol::Delta;
use reqwest::header::{AUTHORIZATION, HeaderName};
use serde_json::Value;

use super::{Piece, Request, anthropic, chat_completions, responses};

/// How an upstream wants to be asked, and how it answers. The set is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Chat completions, which nearly every server knows:
    /// <https://platform.openai.com/docs/api-reference/chat>.
    #[default]
    ChatCompletions,
    /// The Messages API of Anthropic: <https://platform.claude.com/docs/en/api/messages>.
    Anthropic,
    /// The Responses API of OpenAI: <https://platform.openai.com/docs/api-reference/responses>.
    Responses {
        /// Answers are written in the background and kept by the upstream, so that one goes on
        /// after this server has ended and is taken up again by the next start:
        /// <https://platform.openai.com/docs/guides/background>.
        background: bool,
    },
}

impl Dialect {
    /// Each, without what can be set beside it.
    pub const ALL: [Self; 3] =
        [Self::ChatCompletions, Self::Anthropic, Self::Responses { background: false }];

    /// Its word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "openai",
            Self::Anthropic => "anthropic",
            Self::Responses { .. } => "responses",
        }
    }

    /// Where answers are asked for, below the address of the API.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat/completions",
            Self::Anthropic => "messages",
            Self::Responses { .. } => "responses",
        }
    }

    /// The query of a request for the list of models: Anthropic gives twenty unless asked for more.
    pub(super) const fn query_of_models(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Anthropic => &[("limit", "1000")],
            Self::ChatCompletions | Self::Responses { .. } => &[],
        }
    }

    /// The header that carries the key, and what stands in it.
    pub(super) fn key_header(self, key: &str) -> (HeaderName, String) {
        match self {
            Self::Anthropic => (HeaderName::from_static("x-api-key"), key.to_owned()),
            Self::ChatCompletions | Self::Responses { .. } => {
                (AUTHORIZATION, format!("Bearer {key}"))
            }
        }
    }

    /// A header that every request has beside the key.
    pub(super) fn version_header(self) -> Option<(HeaderName, &'static str)> {
        match self {
            Self::Anthropic => {
                Some((HeaderName::from_static("anthropic-version"), anthropic::VERSION))
            }
            Self::ChatCompletions | Self::Responses { .. } => None,
        }
    }

    /// The headers of a request as they may be shown: without the key.
    pub(crate) fn headers_shown(self) -> Vec<(String, String)> {
        let (key, shown) = self.key_header("••••••");
        let version = self.version_header().map(|(name, value)| (name, value.to_owned()));
        [(key, shown)]
            .into_iter()
            .chain(version)
            .map(|(name, value)| (name.to_string(), value))
            .collect()
    }

    /// What some servers or models of this dialect refuse, in the word by which their refusals name
    /// it. A request that is refused for it is sent again [plainly](Self::body).
    pub(super) const fn refused_by_some(self) -> &'static str {
        match self {
            Self::ChatCompletions => "stream_options",
            Self::Anthropic => "prefill",
            Self::Responses { .. } => "reasoning.summary",
        }
    }

    /// A request as JSON; `plainly` leaves out what [some refuse](Self::refused_by_some).
    pub(crate) fn body(self, request: &Request, plainly: bool) -> Value {
        match self {
            Self::ChatCompletions => chat_completions::body(request, plainly),
            Self::Anthropic => anthropic::body(request, plainly),
            Self::Responses { background } => responses::body(request, plainly, background),
        }
    }

    /// What reads the answer to a request that was sent like this.
    pub(super) fn reader(self, request: &Request, plainly: bool) -> Box<dyn EventReader> {
        match self {
            Self::ChatCompletions => Box::<chat_completions::ChunkReader>::default(),
            Self::Anthropic => Box::new(anthropic::MessageReader::new(request, plainly)),
            Self::Responses { background } => Box::new(responses::ResponseReader::new(background)),
        }
    }

    /// Whether its upstreams write answers in the background.
    pub const fn is_background(self) -> bool {
        matches!(self, Self::Responses { background: true })
    }
}

/// Reads the events of one answer. It is told the data of one event after the other.
pub(super) trait EventReader: fmt::Debug + Send {
    /// Adds what an event says to `pieces`. If a part of it is broken, the pieces of the parts
    /// before are in `pieces` all the same.
    fn read(&mut self, data: &str, pieces: &mut Vec<Piece>) -> Result<Read, EventError>;

    /// True once the upstream has said why the answer ends, or that it has ended.
    fn finished(&self) -> bool;

    /// Whether events of this name belong to the dialect. Others need not even be JSON.
    fn knows(&self, event_name: &str) -> bool;

    /// Text that was held back, once nothing more will come.
    fn finish(&mut self) -> Delta {
        Delta::default()
    }
}

/// Whether more of the answer is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// More may come.
    On,
    /// The upstream says that nothing more comes.
    Done,
}

/// Why an event could not be read.
#[derive(Debug, PartialEq)]
pub(super) enum EventError {
    /// The upstream says, in the middle of an answer, that it failed: the error itself.
    Upstream(Value),
    /// It is not JSON.
    Malformed,
}

/// Adds text to `pieces`, if there is any.
pub(super) fn push_delta(pieces: &mut Vec<Piece>, delta: Delta) {
    pieces.extend((!delta.is_empty()).then_some(Piece::Delta(delta)));
}

/// Adds text of the answer to `pieces`, if there is any.
pub(super) fn push_content(pieces: &mut Vec<Piece>, content: String) {
    push_delta(pieces, Delta { content, ..Delta::default() });
}

/// Adds reasoning to `pieces`, if there is any.
pub(super) fn push_reasoning(pieces: &mut Vec<Piece>, reasoning: String) {
    push_delta(pieces, Delta { reasoning, ..Delta::default() });
}

/// Adds the name of the model to `pieces` if it is another than before.
pub(super) fn push_model(pieces: &mut Vec<Piece>, known: &mut String, model: &Value) {
    if let Some(model) = model.as_str()
        && !model.is_empty()
        && model != known
    {
        model.clone_into(known);
        pieces.push(Piece::Model(model.to_owned()));
    }
}

/// Takes the text of a field out of an event; empty if there is none.
pub(super) fn take_text(value: &mut Value) -> String {
    match value.take() {
        Value::String(text) => text,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
