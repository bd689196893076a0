//! What can be done with a message beside reading it, and what an answer took. One menu serves
//! every message.

use leptos::{either::Either, prelude::*};
use protocol::{End, money};

use crate::{
    browser,
    language::words,
    menu::Menu,
    rpc::Branch,
    state::{Message, State},
    words::MessageWords,
};

/// The element's id.
pub(crate) const MESSAGE_MENU: &str = "message-menu";

/// The menu. It is closed until a button opens it.
#[component]
pub fn MessageMenu() -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    // Deleting asks once more, in the same place.
    let asks = RwSignal::new(false);
    let close = move || {
        asks.set(false);
        browser::close_popover(MESSAGE_MENU);
    };
    let view = move || {
        let message = state.message_menu.get()?;
        let id = message.id;
        let copy_rich = move |_| {
            close();
            browser::spawn(browser::copy_rich(id));
        };
        let is_read = move || state.reading.get() == Some(id);
        let read = move |_| {
            close();
            match untrack(is_read) {
                true => browser::stop_reading(state),
                false => browser::read_aloud(state, id),
            }
        };
        let ask = move |_| {
            asks.set(true);
            browser::refocus(vec![format!("#{MESSAGE_MENU} .danger")]);
        };
        let is_unanswered = untrack(|| state.is_unanswered(id));
        let retry = move |_| {
            close();
            browser::spawn(state.retry(id, None));
        };
        let branch = move |what| {
            close();
            browser::spawn(state.branch(id, what));
        };
        Some(view! {
            {message.answer.is_none().then(|| view! { <CopyText text=message.text.clone() /> })}
            {is_unanswered
                .then(|| {
                    view! {
                        <button type="button" class="entry" on:click=retry>
                            {words.answer_again}
                        </button>
                        <Others message=message.clone() />
                    }
                })}
            <button type="button" class="entry" on:click=copy_rich>
                {words.copy_rich}
            </button>
            <button type="button" class="entry" on:click=read>
                {move || if is_read() { words.stop_reading } else { words.read_aloud }}
            </button>
            <button type="button" class="entry" on:click=move |_| branch(Branch::Fork)>
                {words.fork}
            </button>
            {message
                .answer
                .as_ref()
                .map(|answer| {
                    let end = answer.end.get();
                    view! {
                        <Others message=message.clone() />
                        <Took end words />
                        <a class="entry" href=format!("/inspect/{id}")>{words.inspect}</a>
                    }
                })}
            {move || match asks.get() {
                false => Either::Left(view! {
                    <button type="button" class="entry danger" on:click=ask>
                        {words.delete}
                    </button>
                }),
                true => Either::Right(view! {
                    <p class="asks">{words.delete_asks}</p>
                    <button type="button" class="entry danger" on:click=move |_| branch(Branch::Delete)>
                        {words.delete_really}
                    </button>
                }),
            }}
        })
    };
    view! {
        <Menu id=MESSAGE_MENU label=words.more on:toggle=move |_| asks.set(false)>
            {view}
        </Menu>
    }
}

#[component]
fn CopyText(text: String) -> impl IntoView {
    let words = &words().message;
    let copy = move |_| {
        browser::close_popover(MESSAGE_MENU);
        let text = text.clone();
        browser::spawn(async move {
            browser::copy(&text).await;
        });
    };
    view! {
        <button type="button" class="entry" on:click=copy>
            {words.copy}
        </button>
    }
}

/// Has another model answer the same question.
#[component]
fn Others(message: Message) -> impl IntoView {
    let state = State::here();
    let words = &words().message;
    let models: Vec<String> = state.providers.with_value(|providers| {
        providers.iter().flat_map(crate::view::ProviderView::full_names).collect()
    });
    let pick = move |event| {
        let model = event_target_value(&event);
        if !model.is_empty() {
            browser::close_popover(MESSAGE_MENU);
            browser::spawn(state.retry(message.id, Some(model)));
        }
    };
    (models.len() > 1).then(|| {
        view! {
            <select class="entry" aria-label=words.answer_with on:change=pick>
                <option value="">{words.answer_with}</option>
                {models
                    .into_iter()
                    .map(|model| view! { <option value=model.clone()>{model.clone()}</option> })
                    .collect_view()}
            </select>
        }
    })
}

/// What an answer took, as far as it is known.
#[component]
fn Took(end: End, words: &'static MessageWords) -> impl IntoView {
    let seconds = |ms: u64| format!("{}.{} s", ms / 1_000, ms % 1_000 / 100);
    let usage = end.usage;
    let went_on: Vec<String> = end.seams.into_iter().map(|seam| seam.by).collect();
    // Where the provider did not count, and the numbers are our own.
    let about = if end.estimated { "≈ " } else { "" };
    let count = |count: Option<u64>| count.map(|count| format!("{about}{count}"));
    let cost = end.cost.map(|cost| match cost {
        0 => words.free.to_owned(),
        cost => format!("{about}{}", money::exact(cost)),
    });
    let rows = [
        (words.model, Some(end.model).filter(|model| !model.is_empty())),
        (words.went_on, Some(went_on.join(", ")).filter(|names| !names.is_empty())),
        (words.chosen, end.choice.as_ref().map(words.choice)),
        (words.first_token, end.timings.first_token_ms.map(seconds)),
        (words.speed, speed(&usage, &end.timings)),
        (words.tokens_in, count(usage.prompt_tokens)),
        (words.tokens_cached, usage.cached_tokens.map(|count| count.to_string())),
        (words.tokens_out, count(usage.completion_tokens)),
        (words.tokens_reasoning, usage.reasoning_tokens.map(|count| count.to_string())),
        (words.cost, cost),
    ];
    view! {
        <dl class="took">
            {rows
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .map(|(name, value)| {
                    view! {
                        <div>
                            <dt>{name}</dt>
                            <dd>{value}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

/// Tokens of the answer for each second in which it came.
fn speed(usage: &protocol::Usage, timings: &protocol::Timings) -> Option<String> {
    let tokens = usage.completion_tokens?;
    let ms = timings.total_ms?.checked_sub(timings.first_token_ms?).filter(|ms| *ms > 0)?;
    let tenths = tokens * 10_000 / ms;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}
