//! One attempt at an answer: what is learnt from it, and what it took.

use protocol::{AnswerStatus, End, Failure, Price, Timings, Usage};
use tokio::time::Instant;

use super::Job;
use crate::{
    ledger::{Counter, Spent},
    providers::Picked,
};

/// What is learnt from one attempt.
pub(super) struct Attempt {
    pub(super) began: Instant,
    pub(super) model: String,
    pub(super) usage: Usage,
    /// About how many tokens were sent.
    pub(super) prompt_tokens: u64,
    /// What came, counted.
    pub(super) came: Counter,
    pub(super) price: Option<Price>,
    pub(super) timings: Timings,
    pub(super) finish_reason: Option<String>,
    /// The last event that was read, where the upstream writes in the background.
    pub(super) response_event: Option<u64>,
    /// The last event before the connection broke, if it did. A response is resumed as long as each
    /// connection brings something.
    pub(super) resumed_after: Option<u64>,
    /// The upstream was asked for the rest of what it had begun, and does not give it.
    pub(super) is_lost: bool,
}

impl Attempt {
    pub(super) fn of(picked: Option<&Picked>, began: Instant) -> Self {
        Self {
            began,
            model: picked.and_then(|picked| picked.model.clone()).unwrap_or_default(),
            usage: Usage::default(),
            prompt_tokens: 0,
            came: Counter::default(),
            price: None,
            timings: Timings::default(),
            finish_reason: None,
            response_event: None,
            resumed_after: None,
            is_lost: false,
        }
    }

    /// True once it has added to the answer.
    pub(super) fn brought_something(&self) -> bool {
        self.timings.first_token_ms.is_some()
    }

    /// How it ended, for the ledger, and for the limits that it was allowed under.
    pub(super) fn end(&self, job: &mut Job, status: AnswerStatus, failure: Option<Failure>) -> End {
        let is_whole = status == AnswerStatus::Finished || self.finish_reason.is_some();
        let prompt = || self.prompt_tokens;
        let spent = Spent::new(self.usage, is_whole, &self.came, prompt, self.price);
        if let Some(permit) = job.permit.take() {
            permit.settle(&spent);
        }
        End {
            status,
            failure,
            finish_reason: self.finish_reason.clone(),
            model: self.model.clone(),
            usage: spent.usage,
            cost: spent.cost,
            estimated: spent.estimated,
            timings: Timings { total_ms: Some(milliseconds(self.began)), ..self.timings },
            left_out: 0,
            seams: Vec::new(),
            choice: None,
        }
    }

    /// Fails when the call goes beyond what it is allowed.
    pub(super) fn stay_within_limits(&self, job: &Job, picked: &Picked) -> Result<(), Failure> {
        let Some(permit) = job.permit.as_ref().filter(|permit| permit.is_counted()) else {
            return Ok(());
        };
        let checked = permit.check(self.prompt_tokens, &self.came, self.price);
        let provider = &picked.upstream.provider().name;
        checked.map_err(|reached| Failure::of_limit(reached, provider))
    }
}

/// Takes note of the first delta, and of the first content after reasoning.
pub(super) fn note_times(timings: &mut Timings, began: Instant, concludes: bool) {
    let now = milliseconds(began);
    timings.first_token_ms.get_or_insert(now);
    if concludes {
        timings.reasoning_ms.get_or_insert(now);
    }
}

pub(super) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
