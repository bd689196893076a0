//! The list of conversations. On a phone it is a drawer, made by the popover attribute, which
//! opens, closes and keeps the focus without scripts.

mod days;
pub(crate) mod found;

use leptos::{html, prelude::*};
use protocol::{ConversationId, FolderId};

use crate::{
    aside::{self, Action, FOUND, Place},
    browser,
    conversation_menu::CONVERSATION_MENU,
    icon::{Icon, Shape, Wordmark},
    language::words,
    rpc::Arrange,
    state::{Arrangement, State},
    theme::ThemeSwitch,
    view::{ConversationLink, FolderView},
};
use days::{Group, by_day};
use found::Found;

/// The element's id, by which buttons open and close it.
pub(crate) const SIDEBAR: &str = "sidebar";

/// The id of its place in the page.
pub(crate) const LIST: &str = "list";

/// Takes over what the server wrote in its place.
pub(crate) fn take_over(state: State) {
    aside::take_over_place(state, LIST, || view! { <Sidebar /> });
}

/// The list of conversations with the wordmark above and the settings below.
#[component]
pub fn Sidebar() -> impl IntoView {
    let state = State::here();
    let words = words();
    let nav = NodeRef::<html::Nav>::new();
    // More comes before the end is seen.
    let scrolled = move |_| {
        if let Some(nav) = nav.get_untracked()
            && nav.scroll_height() - nav.scroll_top() < 2 * nav.client_height()
        {
            aside::act(state, Action::MoreOfList);
        }
    };
    view! {
        <aside class="sidebar" id=SIDEBAR popover="auto" aria-label=words.page.conversations>
            <div class="top">
                <a class="wordmark" href="/" on:click=move |event| browser::follow_link(state, &event, None, None)>
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
            <a class="new" href="/" on:click=move |event| browser::follow_link(state, &event, None, None)>
                <Icon shape=Shape::Pen />
                {words.page.new_chat}
            </a>
            <Search />
            <nav aria-label=words.page.conversations node_ref=nav on:scroll=scrolled>
                <Show when=move || state.typed.with(String::is_empty)>
                    <List />
                </Show>
                <Place id=FOUND before=|| view! { <Found /> } />
            </nav>
            <div class="bottom">
                <a class="quiet icon" href="/settings" aria-label=words.page.settings title=words.page.settings>
                    <Icon shape=Shape::Sliders />
                </a>
                <a class="quiet icon" href="/usage" aria-label=words.page.usage title=words.page.usage>
                    <Icon shape=Shape::Bars />
                </a>
                <ThemeSwitch />
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
        </aside>
    }
}

/// The id of the field for what is looked for.
pub(crate) const SEARCH: &str = "search";

/// Looks for what is typed while it is typed; without scripts it is a form.
#[component]
fn Search() -> impl IntoView {
    let state = State::here();
    let words = &words().list;
    let input = move |event| {
        state.typed.set(event_target_value(&event));
        aside::act(state, Action::Search);
    };
    view! {
        <form class="search" role="search" aria-label=words.search method="get" action="/">
            <Icon shape=Shape::Lens />
            <input
                type="search"
                name="q"
                id=SEARCH
                aria-label=words.search
                placeholder=words.search
                autocomplete="off"
                dir="auto"
                prop:value=move || state.typed.get()
                value=state.typed.get_untracked()
                on:input=input
            />
        </form>
    }
}

/// Pinned conversations, folders, and the others by day.
#[component]
fn List() -> impl IntoView {
    let state = State::here();
    let words = &words().list;
    // The server does not know where the reader's day begins; the browser does, after hydration.
    let offset_ms = RwSignal::new(0);
    let now = RwSignal::new(state.now);
    Effect::new(move |_| {
        offset_ms.set(browser::time_zone_offset_ms());
        state.list.track();
        now.set(browser::now_ms());
    });
    let groups = Memo::new(move |_| {
        state.list.with(|list| {
            let pinned = Group { heading: Some(words.pinned), links: list.pinned.clone() };
            let pinned = Some(pinned).filter(|pinned| !pinned.links.is_empty());
            (pinned, by_day(&list.loose, now.get(), offset_ms.get(), words))
        })
    });
    let folders = Memo::new(move |_| state.list.with(|list| list.folders.clone()));
    view! {
        <div on:dragover=allow_drop on:drop=move |event| dropped(state, &event, None)>
            {move || groups.with(|(pinned, _)| pinned.clone()).map(|group| view! { <Links group /> })}
            {move || {
                let folders = folders.get();
                (!folders.is_empty())
                    .then(|| {
                        view! {
                            <section>
                                <h2>{words.folders}</h2>
                                {folders.into_iter().map(|folder| view! { <Folder folder /> }).collect_view()}
                            </section>
                        }
                    })
            }}
            <For each=move || groups.with(|(_, days)| days.clone()) key=Group::clone let:group>
                <Links group />
            </For>
        </div>
    }
}

/// Some conversations, with a heading where they begin a day.
#[component]
fn Links(group: Group) -> impl IntoView {
    view! {
        <section>
            {group.heading.map(|heading| view! { <h2>{heading}</h2> })}
            <ul>{group.links.into_iter().map(|link| view! { <Link link /> }).collect_view()}</ul>
        </section>
    }
}

/// A folder, which takes what is dropped on it.
#[component]
fn Folder(folder: FolderView) -> impl IntoView {
    let state = State::here();
    let words = &words().list;
    let id = folder.id;
    let holds = {
        let ids: Vec<_> = folder.conversations.iter().map(|link| link.id).collect();
        move || state.shown.get_untracked().is_some_and(|shown| ids.contains(&shown))
    };
    let submit = move |event: web_sys::SubmitEvent| {
        let form = browser::submitted(&event);
        let removes = form.button == "true";
        aside::act(state, Action::Folder(id, form.field("name"), removes));
    };
    let drop = move |event: web_sys::DragEvent| {
        event.stop_propagation();
        dropped(state, &event, Some(id));
    };
    view! {
        <details class="folder" open=holds() on:dragover=allow_drop on:drop=drop>
            <summary dir="auto">
                <Icon shape=Shape::Folder />
                <span>{folder.name.clone()}</span>
            </summary>
            <ul>{folder.conversations.into_iter().map(|link| view! { <Link link /> }).collect_view()}</ul>
            <details class="manage">
                <summary>{words.manage_folder}</summary>
                <form method="post" action="/rpc/folder" on:submit=submit>
                    <input type="hidden" name="folder" value=id.to_string() />
                    <input type="text" name="name" aria-label=words.folder_name value=folder.name dir="auto" autocomplete="off" />
                    <div class="row">
                        <button type="submit" class="plain">{words.rename}</button>
                        <button type="submit" class="plain" name="remove" value="true">
                            {words.remove_folder}
                        </button>
                    </div>
                </form>
            </details>
        </details>
    }
}

#[component]
fn Link(link: ConversationLink) -> impl IntoView {
    let state = State::here();
    let words = &words().list;
    let id: ConversationId = link.id;
    let current = move || (state.shown.get() == Some(id)).then_some("page");
    let title = link.title.clone();
    let menu = move |event: web_sys::MouseEvent| {
        state.menu.set(Some(link.clone()));
        aside::open_beside(state, CONVERSATION_MENU, &event);
    };
    view! {
        <li>
            <a
                href=format!("/c/{id}")
                aria-current=current
                dir="auto"
                on:click=move |event| browser::follow_link(state, &event, Some(id), None)
            >
                {title.clone()}
            </a>
            <button
                type="button"
                class="quiet icon scripted"
                aria-label=format!("{}: {title}", words.menu)
                title=words.menu
                on:click=menu
            >
                <Icon shape=Shape::Dots />
            </button>
        </li>
    }
}

/// A browser drops only where it is told that it may.
fn allow_drop(event: web_sys::DragEvent) {
    event.prevent_default();
}

/// Moves the conversation whose link was dropped.
fn dropped(state: State, event: &web_sys::DragEvent, folder: Option<FolderId>) {
    let Some(data) = event.data_transfer() else { return };
    let address = data.get_data("text/uri-list").unwrap_or_default();
    let Some(id) = address.rsplit_once("/c/").and_then(|(_, id)| id.trim().parse().ok()) else {
        return;
    };
    event.prevent_default();
    let how = Arrangement { folder, ..Arrangement::default() };
    aside::act(state, Action::Arrange(id, Arrange::Move, how));
}
