//! The events of an answer, as its readers get them.
//!
//! `GET /api/answers/{id}/events` sends them as server-sent events: the variant's name is the
//! event's name, its content the data as JSON, and the sequence the id.

use serde::{Deserialize, Serialize};

use crate::{AnswerStatus, Choice, Failure, FailureKind, Timings, Usage};

/// How many commits of an answer's journal a reader has seen. Grows strictly while the answer
/// does, also over a *Continue*; 0 is before the first.
pub type Sequence = u64;

/// What a follower of an answer is told. The set is closed: a browser listens to these names only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "events are sent at once and never kept in numbers")]
pub enum AnswerEvent {
    /// Text to append to what the reader has.
    Delta(Delta),
    /// The whole text so far, in place of what the reader has.
    Snapshot(Snapshot),
    /// Nothing more will come.
    End(End),
}

impl AnswerEvent {
    /// The name of the server-sent event.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Delta(_) => "delta",
            Self::Snapshot(_) => "snapshot",
            Self::End(_) => "end",
        }
    }
}

/// Text that came since the reader's last event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// Appended to the answer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// Appended to the reasoning.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
}

impl Delta {
    /// True if it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.content.is_empty() && self.reasoning.is_empty()
    }
}

/// The whole text of an answer as far as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The answer so far.
    pub content: String,
    /// The reasoning so far.
    pub reasoning: String,
}

/// How an answer ended, with what is shown below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Never [`AnswerStatus::Open`].
    pub status: AnswerStatus,
    /// Set when the status is [`AnswerStatus::Failed`].
    pub failure: Option<Failure>,
    /// The upstream's own word for why it ended: `stop`, `length`, … An open set.
    pub finish_reason: Option<String>,
    /// The model that answered, as the upstream names it.
    pub model: String,
    /// Tokens of the last call for it.
    pub usage: Usage,
    /// What it cost, all calls for it together, in picodollars. `None` where no price is known.
    #[serde(default)]
    pub cost: Option<u64>,
    /// The upstream did not count all of it, so that tokens and cost are estimates.
    #[serde(default)]
    pub estimated: bool,
    /// Times.
    pub timings: Timings,
    /// How many messages of the conversation, its oldest, were not sent because they would not
    /// have fitted into the model's context window.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// Where the answer was cut and another upstream went on with it, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seams: Vec<Seam>,
    /// How the model was chosen, where nobody named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
}

/// A place in an answer where its upstream broke off, and another went on in the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seam {
    /// The last words before it, by which it is found; empty if nothing stood there yet.
    pub after: String,
    /// Why the upstream before it broke off.
    pub why: FailureKind,
    /// Who went on: `provider/model`, or the provider alone while its model is not known.
    pub by: String,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_carries_only_what_it_has() {
        let event = AnswerEvent::Delta(Delta { content: "hi".into(), ..Delta::default() });
        assert_eq!(serde_json::to_string(&event).unwrap(), r#"{"type":"delta","content":"hi"}"#);
        assert_eq!(event.name(), "delta");
    }
}
