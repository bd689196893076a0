//! The ledger: one row for each call to an upstream, whoever caused it, with what it took.
//!
//! A row is opened in the transaction that makes the call necessary, before the call, and closed
//! in the one that stores its outcome. A call cut by the end of the process is closed by the next
//! start, so none is missing. Where one upstream takes over from another, each attempt is a call.
//!
//! Tokens are as the upstream counted them. Where it did not, because it never does or because the
//! call ended before its count came, they are estimated from the text, and marked so.

use protocol::{AnswerStatus, End, MessageId, Price, Timings, Usage, tokens};

pub use crate::store::{CallKind, CallSum, LedgerEntry, LedgerTotals, Purpose};
use crate::{
    context,
    providers::Providers,
    store::{Message, OpenCall, Store, StoreError, Write},
};

/// The most tokens that a call is believed to have. Sums of what a broken or hostile upstream says
/// beyond it would not fit into the database.
const MOST_TOKENS: u64 = 1_000_000_000;

/// What a call took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Tokens.
    pub usage: Usage,
    /// The upstream did not count all of them.
    pub estimated: bool,
    /// In picodollars; `None` where no price is known.
    pub cost: Option<u64>,
}

impl Spent {
    /// What a call took, by what its upstream counted and by what came.
    ///
    /// `is_whole` says that the upstream came to its end, so that its count is final: some count
    /// along, and what they said before a cut is less than what they will charge. `prompt` is asked
    /// for the tokens of the request only where they are needed. A call that nothing came of is
    /// taken to cost nothing beyond what its upstream said.
    pub fn new(
        said: Usage,
        is_whole: bool,
        came: &Counter,
        prompt: impl FnOnce() -> u64,
        price: Option<Price>,
    ) -> Self {
        let believed = |count: Option<u64>| count.map(|count| count.min(MOST_TOKENS));
        let said = Usage {
            prompt_tokens: believed(said.prompt_tokens),
            completion_tokens: believed(said.completion_tokens),
            cached_tokens: believed(said.cached_tokens),
            reasoning_tokens: believed(said.reasoning_tokens),
        };
        let mut usage = said;
        if !came.is_empty() {
            usage.prompt_tokens = said.prompt_tokens.or_else(|| Some(prompt()));
            usage.completion_tokens = match said.completion_tokens {
                Some(count) if is_whole => Some(count),
                count => count.max(Some(came.tokens())),
            };
        }
        let cost = price.map(|price| price.of(&usage));
        Self { usage, estimated: usage != said, cost }
    }
}

/// Estimates the tokens of a text that comes in pieces, in time that does not grow with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counter {
    counted: u64,
    /// The end of the text, which may still join with what comes.
    rest: String,
}

/// How much of the end waits to be counted. Words are far shorter.
const REST: usize = 256;

impl Counter {
    /// Takes what came.
    pub fn push(&mut self, text: &str) {
        self.rest.push_str(text);
        if self.rest.len() > REST {
            // Before a space is where estimates of parts add up to that of the whole. The first one has been
            // there since the last part.
            let space = self.rest.rfind(' ').filter(|place| *place > 0);
            let end = space.unwrap_or(self.rest.len());
            self.counted += tokens::estimate(&self.rest[..end]);
            self.rest.drain(..end);
        }
    }

    /// About how many tokens came so far.
    pub fn tokens(&self) -> u64 {
        self.counted + tokens::estimate(&self.rest)
    }

    /// True while nothing has come.
    pub fn is_empty(&self) -> bool {
        self.counted == 0 && self.rest.is_empty()
    }
}

/// Closes the calls that the last end of the process left open with what they took, by estimate;
/// but not those of answers that go `on`.
pub(crate) async fn close_cut_calls(
    write: &mut Write,
    store: &Store,
    providers: &Providers,
    on: &[MessageId],
) -> Result<(), StoreError> {
    for call in write.open_calls().await? {
        if call.answer.is_some_and(|answer| on.contains(&answer)) {
            continue;
        }
        let end = interrupted(store, providers, &call).await?;
        write.close_call(call.id, &end).await?;
        if let Some(answer) = call.answer {
            write.note_spent(answer, &end.usage).await?;
        }
    }
    Ok(())
}

/// How a call ended that was cut by the end of the process.
async fn interrupted(
    store: &Store,
    providers: &Providers,
    call: &OpenCall,
) -> Result<End, StoreError> {
    let mut came = Counter::default();
    came.push(&call.came);
    let prompt = match call.answer.filter(|_| !came.is_empty()) {
        Some(answer) => tokens_sent(store.path_to(answer).await?, call.left_out),
        None => 0,
    };
    let price = providers.price(&call.provider, &call.model).map(|known| known.price);
    let spent = Spent::new(Usage::default(), false, &came, || prompt, price);
    Ok(End {
        status: AnswerStatus::Interrupted,
        failure: None,
        finish_reason: None,
        model: call.model.clone(),
        usage: spent.usage,
        cost: spent.cost,
        estimated: spent.estimated,
        timings: Timings::default(),
        left_out: 0,
        seams: Vec::new(),
        choice: None,
    })
}

/// About how many tokens were sent for an answer that was cut, to which this path leads, without as many
/// of the oldest messages as were left out.
pub(crate) fn tokens_sent(mut path: Vec<Message>, left_out: u64) -> u64 {
    // What an answer had before somebody went on with it was part of the request.
    if path.last().is_some_and(|last| last.content.is_empty()) {
        path.pop();
    }
    let left_out = usize::try_from(left_out).unwrap_or(usize::MAX);
    context::tokens(path.get(left_out..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PRICE: Price = Price { input: 10, output: 1_000, cached_input: Some(1) };

    fn usage(prompt: Option<u64>, completion: Option<u64>) -> Usage {
        Usage { prompt_tokens: prompt, completion_tokens: completion, ..Usage::default() }
    }

    #[test]
    fn what_the_upstream_counted_stands_and_the_rest_is_estimated() {
        // Eight tokens came for a request of 100.
        let check = |said, is_whole, text: &str, expected, estimated, cost| {
            let mut came = Counter::default();
            came.push(text);
            let spent = Spent::new(said, is_whole, &came, || 100, Some(PRICE));
            let expected = Spent { usage: expected, estimated, cost: Some(cost) };
            assert_eq!(spent, expected, "{said:?} {text:?}");
        };
        let text = "one two three four five six seven eight";
        let both = usage(Some(7), Some(3));
        check(both, true, text, both, false, 7 * 10 + 3 * 1_000);
        check(both, false, text, usage(Some(7), Some(8)), true, 7 * 10 + 8 * 1_000);
        let more = usage(Some(7), Some(30));
        check(more, false, text, more, false, 7 * 10 + 30 * 1_000);
        check(usage(None, None), true, text, usage(Some(100), Some(8)), true, 1_000 + 8_000);
        check(usage(None, Some(3)), true, text, usage(Some(100), Some(3)), true, 1_000 + 3_000);
        check(usage(None, None), false, "", usage(None, None), false, 0);
        check(usage(Some(7), None), false, "", usage(Some(7), None), false, 70);
    }

    #[test]
    fn text_without_spaces_is_counted_as_it_comes() {
        let mut came = Counter::default();
        came.push("Here: ");
        for _ in 0..10_000 {
            came.push("abcd");
            assert!(came.rest.len() <= REST + 4, "{} bytes wait to be counted", came.rest.len());
        }
    }

    #[test]
    fn without_a_price_there_is_no_cost() {
        let spent = Spent::new(usage(Some(1), Some(1)), true, &Counter::default(), || 0, None);
        assert_eq!(spent.cost, None);
    }

    proptest! {
        /// A letter at a time or all at once makes no difference that matters.
        #[test]
        fn pieces_count_as_the_whole(words in prop::collection::vec("[a-z]{1,9}[,.]?|[一-九]{1,4}", 1..300), size in 1_usize..40) {
            let text = words.join(" ");
            let mut counter = Counter::default();
            let characters: Vec<char> = text.chars().collect();
            for piece in characters.chunks(size) {
                counter.push(&piece.iter().collect::<String>());
            }
            let whole = tokens::estimate(&text);
            let parts = text.len() as u64 / (REST as u64 / 2) + 1;
            prop_assert!(counter.tokens().abs_diff(whole) <= parts, "{} {whole}", counter.tokens());
        }
    }
}
