//! What stands aside until it is used: menus, the palette, pickers, and whatever else a person asks for
//! beside reading and asking. It is a part of the WASM of its own, so that the page is ready sooner.
//!
//! It is fetched when the page has come to rest, and at once when something of it is wanted. Until then,
//! links and forms do what they do without scripts.

mod actions;

use std::{cell::Cell, rc::Rc, time::Duration};

#[cfg(feature = "hydrate")]
use leptos::mount::hydrate_from;
// The server compiles what only a browser does, and has nothing to take over.
#[cfg(not(feature = "hydrate"))]
use leptos::mount::mount_to as hydrate_from;
use leptos::{
    mount::{UnmountHandle, mount_to},
    prelude::*,
};
use protocol::{Changed, ConversationId, FolderId, MessageId};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, File, HtmlElement, MouseEvent};

use crate::{
    attachments::AddedFiles,
    browser::{self, Shortcut},
    conversation_menu::{CONVERSATION_MENU, ConversationMenu},
    estimate::Estimate,
    fill_in::FillIn,
    message_menu::MessageMenu,
    model_picker::ModelPanel,
    palette::Palette,
    part::{Fetched, Part},
    queue::Queue,
    rpc::{Arrange, Branch},
    settings_sheet::SettingsSheet,
    sidebar::found::Found,
    slash::SlashList,
    state::{Arrangement, Said, State},
};

/// The ids of its places in the page: what floats above everything, and what belongs to the places
/// named here.
pub(crate) const ASIDE: &str = "aside";
pub(crate) const BEGIN: &str = "begin";
pub(crate) const COMMANDS: &str = "commands-place";
pub(crate) const ESTIMATE: &str = "estimate";
pub(crate) const FILES: &str = "files";
pub(crate) const FOUND: &str = "found";
pub(crate) const QUEUE: &str = "queue";

/// Something that a person asks for.
pub(crate) enum Action {
    Shortcut(Shortcut),
    /// Opens a menu beside a button, with a key or without.
    Open(&'static str, EventTarget, bool),
    /// Changes a conversation.
    Arrange(ConversationId, Arrange, Arrangement),
    /// Brings a deleted conversation back.
    Undelete(ConversationId),
    /// Gives a folder another name, or removes it.
    Folder(FolderId, String, bool),
    /// Shows, deletes or forks a branch.
    Branch(MessageId, Branch),
    /// Answers a question again.
    Retry(MessageId, Option<String>),
    /// Goes on with an answer.
    Continue(MessageId),
    /// Gives the focus to what one goes on with, since what has it goes.
    GoOn,
    /// Ends a temporary conversation that the page has left.
    Leave(ConversationId),
    /// Greets on an empty page.
    Welcome,
    /// Looks for what was typed.
    Search,
    /// Opens the browser's own dialog for files.
    PickFiles,
    /// Adds files to the next question.
    AddFiles(Vec<File>),
    /// Loads more of the list.
    MoreOfList,
    /// Loads older messages.
    OlderMessages,
    /// Copies an answer, and tells for a moment that it is done.
    Copy(MessageId, RwSignal<bool>),
    /// Reads no more aloud.
    StopReading,
    /// Does what was clicked in rendered text.
    Clicked(Element),
    /// Takes over what has changed in another tab.
    TakeOver(Changed),
}

/// What the part can do.
#[derive(Clone, Copy)]
struct Aside {
    mount_next: fn(State) -> bool,
    act: fn(State, Action),
}

thread_local! {
    static PART: Rc<Part<Aside>> = Rc::new(Part::new(|| Box::pin(fetch())));
    static IS_MOUNTED: Cell<bool> = const { Cell::new(false) };
}

/// Debug builds are whole: there, `cargo leptos watch` does not split.
#[cfg_attr(
    not(debug_assertions),
    leptos::wasm_split::wasm_split(aside, wasm_split_path = ::leptos::wasm_split, fallible)
)]
fn load_aside() -> Fetched<Aside> {
    Ok(Aside { mount_next: mount_next_piece, act: actions::act })
}

async fn fetch() -> Fetched<Aside> {
    let fetched = load_aside();
    #[cfg(not(debug_assertions))]
    let fetched = fetched.await;
    fetched
}

/// Does what is asked for, as soon as it can be done.
pub(crate) fn act(state: State, action: Action) {
    when_loaded(state, move |aside| (aside.act)(state, action));
}

/// Takes over what has changed in another tab. Nobody has asked for it, so nothing is said if it fails.
pub(crate) fn take_over(state: State, changed: Changed) {
    load(state, move |aside| {
        if let Some(aside) = aside {
            (aside.act)(state, Action::TakeOver(changed));
        }
    });
}

/// Opens a menu beside the button that was pressed.
pub(crate) fn open_beside(state: State, id: &'static str, event: &MouseEvent) {
    if let Some(button) = event.current_target() {
        // A click that was made with no button of a mouse, nor a finger, was made with a key.
        act(state, Action::Open(id, button, event.detail() == 0));
    }
}

/// Opens a popover whose button was pressed before it was there; later the browser does so itself.
pub(crate) fn open_late(state: State, event: &MouseEvent, id: &'static str) {
    if !IS_MOUNTED.get() {
        // The browser would close again what may be open by the time it looks.
        event.prevent_default();
        when_loaded(state, move |_| browser::show_popover(id));
    }
}

/// Holds a click back that met what the server wrote in a place, and repeats it on what comes instead.
pub(crate) fn repeat_late(state: State, event: &MouseEvent, place: &'static str) {
    if IS_MOUNTED.get() {
        return;
    }
    // Other links of ours lead to pages.
    let held = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|target| target.closest("a[href^='/?']").ok().flatten());
    if let Some(address) = held.and_then(|link| link.get_attribute("href")) {
        event.prevent_default();
        when_loaded(state, move |_| browser::click_link(place, &address));
    }
}

/// Fetches the part, so that what is used first is there at once. Nobody has asked for it yet, so
/// nothing is said if it fails, and what a person does meanwhile comes first: each piece is a task of its own.
pub(crate) fn prefetch(state: State) {
    PART.with(Rc::clone).when_loaded(move |aside| {
        if let Some(aside) = aside {
            mount_by_and_by(aside, state);
        }
    });
}

fn mount_by_and_by(aside: Aside, state: State) {
    if !IS_MOUNTED.get() {
        mount_next(aside, state);
        set_timeout(move || mount_by_and_by(aside, state), Duration::ZERO);
    }
}

fn mount_next(aside: Aside, state: State) {
    if (aside.mount_next)(state) {
        IS_MOUNTED.set(true);
    }
}

fn when_loaded(state: State, callback: impl FnOnce(Aside) + 'static) {
    load(state, move |aside| match aside {
        Some(aside) => callback(aside),
        None => {
            let words = state.language.words().page.not_loaded;
            browser::say(state, Said { words, undo: None });
        }
    });
}

fn load(state: State, callback: impl FnOnce(Option<Aside>) + 'static) {
    PART.with(Rc::clone).when_loaded(move |aside| {
        if let Some(aside) = aside {
            while !IS_MOUNTED.get() {
                mount_next(aside, state);
            }
        }
        callback(aside);
    });
}

/// A place for something that stands aside. The server writes there what can be used without the part;
/// hydration leaves it alone.
#[component]
pub fn Place<V: IntoView + 'static>(
    id: &'static str,
    /// What the server writes.
    before: impl FnOnce() -> V + 'static,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    let html = before().into_view().to_html();
    #[cfg(not(feature = "ssr"))]
    let html = {
        drop(before);
        String::new()
    };
    view! { <div class="place" id=id inner_html=html></div> }
}

/// Puts the next piece in its place. True if it was the last.
fn mount_next_piece(state: State) -> bool {
    thread_local! {
        static PIECE: Cell<u8> = const { Cell::new(0) };
    }
    let piece = PIECE.get();
    PIECE.set(piece + 1);
    match piece {
        0 => actions::act(state, Action::Welcome),
        1 => put_for_good(state, COMMANDS, || view! { <SlashList /> }),
        2 => put_for_good(state, FILES, || view! { <AddedFiles /> }),
        3 => put_for_good(state, QUEUE, || view! { <Queue /> }),
        4 => put_for_good(state, ESTIMATE, || view! { <Estimate /> }),
        5 => put_for_good(state, FOUND, || view! { <Found /> }),
        6 => put_conversation_menu(state),
        7 => add_for_good(state, ASIDE, || view! { <MessageMenu /> }),
        8 => add_for_good(state, ASIDE, || view! { <Palette /> }),
        9 => add_for_good(state, ASIDE, || view! { <FillIn /> }),
        10 => add_for_good(state, ASIDE, || view! { <ModelPanel /> }),
        11 => add_for_good(state, ASIDE, || view! { <SettingsSheet /> }),
        _ => {
            browser::offer_to_quote();
            browser::stick_when_resized(state);
            return true;
        }
    }
    false
}

/// Puts the menu in the place of the one that the server wrote, which may be open.
fn put_conversation_menu(state: State) {
    let is_open = browser::is_open(CONVERSATION_MENU);
    put_for_good(state, ASIDE, || view! { <ConversationMenu /> });
    if is_open {
        browser::show_popover(CONVERSATION_MENU);
    }
}

fn put_for_good<V: IntoView + 'static>(state: State, id: &str, view: impl FnOnce() -> V + 'static) {
    if let Some(put) = put(state, id, view) {
        put.forget();
    }
}

/// Adds a view to a place.
fn add_for_good<V: IntoView + 'static>(state: State, id: &str, view: impl FnOnce() -> V + 'static) {
    if let Some(place) = browser::element(id) {
        mount(state, place, view).forget();
    }
}

/// Puts a view into its place, instead of what stood there. It lives as long as what is returned.
fn put<V: IntoView + 'static>(
    state: State,
    id: &str,
    view: impl FnOnce() -> V + 'static,
) -> Option<UnmountHandle<V::State>> {
    Some(mount(state, browser::emptied(id)?, view))
}

fn mount<V: IntoView + 'static>(
    state: State,
    place: HtmlElement,
    view: impl FnOnce() -> V + 'static,
) -> UnmountHandle<V::State> {
    mount_to(place, move || with_contexts(state, view))
}

/// Makes live what the server wrote in a place, of the same view and the same state.
pub(crate) fn take_over_place<V: IntoView + 'static>(
    state: State,
    id: &str,
    view: impl FnOnce() -> V + 'static,
) {
    if let Some(place) = browser::element(id) {
        hydrate_from(place, move || with_contexts(state, view)).forget();
    }
}

fn with_contexts<V>(state: State, view: impl FnOnce() -> V) -> V {
    provide_context(state);
    provide_context(state.language);
    view()
}
