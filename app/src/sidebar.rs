//! The list of conversations. On a phone it is a drawer, made by the popover attribute, which
//! opens, closes and keeps the focus without scripts.

use leptos::prelude::*;
use protocol::ConversationId;

use crate::{
    browser,
    icon::{Icon, Shape, Wordmark},
    language::words,
    state::State,
    theme::ThemeSwitch,
    view::ConversationLink,
    words::ListWords,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The element's id, by which buttons open and close it.
pub(crate) const SIDEBAR: &str = "sidebar";

/// The list of conversations with the wordmark above and the settings below.
#[component]
pub fn Sidebar() -> impl IntoView {
    let state = State::here();
    let words = words();
    // The server does not know where the reader's day begins; the browser does, after hydration.
    let offset_ms = RwSignal::new(0);
    let now = RwSignal::new(state.now);
    Effect::new(move |_| {
        offset_ms.set(browser::time_zone_offset_ms());
        state.conversations.track();
        now.set(browser::now_ms());
    });
    let groups = move || {
        state.conversations.with(|links| by_day(links, now.get(), offset_ms.get(), &words.list))
    };
    view! {
        <div class="sidebar" id=SIDEBAR popover="auto">
            <div class="top">
                <a class="wordmark" href="/" on:click=move |event| browser::follow_link(state, &event, None)>
                    <Wordmark />
                </a>
                <button
                    type="button"
                    class="quiet icon close"
                    aria-label=words.list.close
                    popovertarget=SIDEBAR
                    popovertargetaction="hide"
                >
                    <Icon shape=Shape::Cross />
                </button>
            </div>
            <a class="new" href="/" on:click=move |event| browser::follow_link(state, &event, None)>
                <Icon shape=Shape::Pen />
                {words.page.new_chat}
            </a>
            <nav aria-label=words.page.conversations>
                {move || {
                    groups()
                        .into_iter()
                        .map(|(heading, links)| {
                            view! {
                                <section>
                                    <h2>{heading}</h2>
                                    <ul>
                                        {links.into_iter().map(|link| view! { <Link link /> }).collect_view()}
                                    </ul>
                                </section>
                            }
                        })
                        .collect_view()
                }}
            </nav>
            <div class="bottom">
                <ThemeSwitch theme=state.theme />
                {state
                    .can_sign_out
                    .then(|| {
                        view! {
                            <form method="post" action="/logout">
                                <button type="submit" class="quiet icon" aria-label=words.page.sign_out title=words.page.sign_out>
                                    <Icon shape=Shape::Door />
                                </button>
                            </form>
                        }
                    })}
            </div>
        </div>
    }
}

#[component]
fn Link(link: ConversationLink) -> impl IntoView {
    let state = State::here();
    let id: ConversationId = link.id;
    let current = move || (state.shown.get() == Some(id)).then_some("page");
    view! {
        <li>
            <a
                href=format!("/c/{id}")
                aria-current=current
                dir="auto"
                on:click=move |event| browser::follow_link(state, &event, Some(id))
            >
                {link.title}
            </a>
        </li>
    }
}

/// Groups links, newest first, by how long ago they are in the reader's days.
fn by_day(
    links: &[ConversationLink],
    now: i64,
    offset_ms: i64,
    words: &ListWords,
) -> Vec<(&'static str, Vec<ConversationLink>)> {
    let day = |time: i64| (time + offset_ms).div_euclid(DAY_MS);
    let today = day(now);
    let mut groups: Vec<(&'static str, Vec<ConversationLink>)> = Vec::new();
    for link in links {
        let heading = match today - day(link.updated_at) {
            ..=0 => words.today,
            1 => words.yesterday,
            2..=7 => words.last_7_days,
            8..=30 => words.last_30_days,
            _ => words.older,
        };
        match groups.last_mut() {
            Some((last, group)) if *last == heading => group.push(link.clone()),
            _ => groups.push((heading, vec![link.clone()])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::ENGLISH;

    #[test]
    fn days_begin_where_the_reader_is() {
        let link = |updated_at| ConversationLink {
            id: "0193a5c0000070008000000000000001".parse().unwrap(),
            title: String::new(),
            updated_at,
        };
        let hour = 60 * 60 * 1000;
        let now = 20_000 * DAY_MS + 3 * hour;
        let check = |offset_hours: i64, expected: &[(&str, usize)]| {
            let links = [now - hour, now - 4 * hour, now - 9 * DAY_MS, 0].map(link);
            let groups: Vec<_> = by_day(&links, now, offset_hours * hour, &ENGLISH.list)
                .into_iter()
                .map(|(heading, links)| (heading, links.len()))
                .collect();
            assert_eq!(groups, expected, "{offset_hours}");
        };
        check(0, &[("Today", 1), ("Yesterday", 1), ("Last 30 days", 1), ("Older", 1)]);
        check(8, &[("Today", 2), ("Last 30 days", 1), ("Older", 1)]);
    }
}
