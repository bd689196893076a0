//! What the next question will take: tokens, money, and room in the model's context window.
//!
//! What came before is as the provider counted it for the last answer; what is being written is
//! estimated. It is a guess until it is sent, and looks like one.

use leptos::{html, prelude::*};
use protocol::{ModelInfo, money, tokens};

use crate::{
    browser,
    language::words,
    rpc::Problem,
    state::{Message, State},
};

/// The line below the composer. It is written by one effect: an attribute that watches a signal by
/// itself weighs as much as all of this.
#[component]
pub fn Estimate() -> impl IntoView {
    let state = State::here();
    let explain = words().problem;
    let words = &words().attachment;
    let typed = RwSignal::new(0_u64);
    let line = NodeRef::<html::Span>::new();
    let gauge = NodeRef::<html::Meter>::new();
    let unfit = NodeRef::<html::P>::new();
    // Looked for among all messages only when they change, and not with every key.
    let before = Memo::new(move |_| state.messages.with(|messages| tokens_so_far(messages)));
    Effect::new(move |_| browser::listen_to_field(move |text| typed.set(tokens::estimate(text))));
    Effect::new(move |_| {
        // The field is filled and emptied by these too.
        state.shown.track();
        state.sending.track();
        state.drafts_come.track();
        browser::read_field_soon(move |text| typed.set(tokens::estimate(text)));
    });
    Effect::new(move |_| {
        let (Some(line), Some(gauge), Some(unfit)) = (line.get(), gauge.get(), unfit.get()) else {
            return;
        };
        let model = picked_model(state).unwrap_or_default();
        let next = next(state, typed.get());
        let total = before.get().unwrap_or(0) + next;
        let window = model.context_window.filter(|_| total > 0);
        // What came before is left out where it does not fit; the question itself cannot be.
        let too_large = window.filter(|window| next > *window).map(|window| {
            let model = model.name.clone();
            Problem::LargerThanWindow { tokens: next, window, model }
        });
        // Once it was sent all the same, the refusal says so.
        let is_said =
            state.problem.with(|problem| matches!(problem, Some(Problem::LargerThanWindow { .. })));
        let says = too_large.filter(|_| !is_said).map(|problem| explain(&problem));
        unfit.set_text_content(says.as_deref());
        let mut said = String::new();
        if total > 0 {
            said = (words.tokens)(&with_separators(total));
            if let Some(price) = model.price.filter(|price| !price.is_free()) {
                said = format!("{said} · {}", money::rounded(price.of_input(total)));
            }
        }
        line.set_text_content(Some(&said));
        browser::set_gauge(
            &gauge,
            window.map(|window| {
                let says = (words.of_window)(total * 100 / window.max(1), &with_separators(window));
                (total.min(window), window, says)
            }),
        );
    });
    view! {
        <p class="unfit" role="status" node_ref=unfit></p>
        <p class="estimate">
            <span node_ref=line></span>
            <meter node_ref=gauge class="absent" min="0" optimum="0" aria-label=words.context_window></meter>
        </p>
    }
}

/// What the next question takes with so many tokens typed; nothing while there is none.
fn next(state: State, typed: u64) -> u64 {
    let files: u64 = state.attached.ready().iter().map(|file| file.tokens).sum();
    match typed + files {
        0 => 0,
        tokens => tokens + tokens::PER_MESSAGE,
    }
}

/// What the conversation takes up to its last answer that was counted, without the reasoning, which
/// is not sent again.
fn tokens_so_far(messages: &[Message]) -> Option<u64> {
    messages.iter().rev().find_map(|message| {
        let usage = message.answer.as_ref()?.end.with(|end| end.usage);
        let answer = usage.completion_tokens?.saturating_sub(usage.reasoning_tokens.unwrap_or(0));
        Some(usage.prompt_tokens? + answer)
    })
}

/// The model that will be asked, as far as it is known.
fn picked_model(state: State) -> Option<ModelInfo> {
    let picked = state.model.get();
    let (provider, model) = picked.split_once('/')?;
    state.providers.with_value(|providers| {
        let provider = providers.iter().find(|known| known.name == provider)?;
        provider.models.iter().find(|known| known.name == model).cloned()
    })
}

/// A number with a comma before each three digits.
pub fn with_separators(number: u64) -> String {
    let digits = number.to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        let check = |number, expected: &str| assert_eq!(with_separators(number), expected);
        check(0, "0");
        check(999, "999");
        check(1_240, "1,240");
        check(1_048_576, "1,048,576");
    }
}
