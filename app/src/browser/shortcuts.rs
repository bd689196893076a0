//! Keys for what is done often. None takes a key from the browser or from an input method: they
//! have the modifiers that pages may use, or count only where nothing is being written.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use super::{
    close_popover, document_event_listener, focus_message, follow_to, open_dialog, say, spawn,
};
use crate::{
    aside::{self, Action},
    palette::{PALETTE, SHORTCUTS},
    sidebar::{SEARCH, SIDEBAR},
    state::{Said, State},
    words::Words,
};

/// Something that can be done from anywhere on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shortcut {
    Palette,
    NewChat,
    TemporaryChat,
    Search,
    Write,
    Stop,
    CopyLast,
    Theme,
    Shortcuts,
}

impl Shortcut {
    /// Every one, in the order in which they are listed.
    pub(crate) const ALL: [Self; 9] = [
        Self::NewChat,
        Self::TemporaryChat,
        Self::Search,
        Self::Write,
        Self::Stop,
        Self::CopyLast,
        Self::Theme,
        Self::Palette,
        Self::Shortcuts,
    ];

    /// What it does, in words.
    pub(crate) const fn words(self, words: &'static Words) -> &'static str {
        match self {
            Self::Palette => words.page.palette,
            Self::NewChat => words.page.new_chat,
            Self::TemporaryChat => words.page.temporary,
            Self::Search => words.list.search,
            Self::Write => words.page.write,
            Self::Stop => words.page.stop,
            Self::CopyLast => words.page.copy_last,
            Self::Theme => words.page.next_theme,
            Self::Shortcuts => words.page.shortcuts,
        }
    }

    /// The keys, as they are listed. ⌘ stands for Ctrl where there is no ⌘.
    pub(crate) const fn keys(self) -> &'static str {
        match self {
            Self::Palette => "Ctrl/⌘ K",
            Self::NewChat => "Alt N",
            Self::TemporaryChat => "Alt T",
            Self::Search => "/",
            Self::Write => "Alt M",
            Self::Stop => "Alt S",
            Self::CopyLast => "Alt C",
            Self::Theme => "",
            Self::Shortcuts => "?",
        }
    }

    /// The one that a key is for.
    fn of(event: &KeyboardEvent) -> Option<Self> {
        if super::composes(event) {
            return None;
        }
        let key = event.key();
        if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key() {
            return (key == "k").then_some(Self::Palette);
        }
        if event.alt_key() && !event.ctrl_key() && !event.meta_key() && !event.shift_key() {
            // The place of the key counts, whatever alphabet it writes. Only with Option, on a Mac, it writes another
            // letter, which is meant where something is being written.
            let (shortcut, letter) = match event.code().as_str() {
                "KeyN" => (Self::NewChat, "n"),
                "KeyT" => (Self::TemporaryChat, "t"),
                "KeyM" => (Self::Write, "m"),
                "KeyS" => (Self::Stop, "s"),
                "KeyC" => (Self::CopyLast, "c"),
                _ => return None,
            };
            let is_free = key.eq_ignore_ascii_case(letter) || !is_written_in(event) || !is_mac();
            return is_free.then_some(shortcut);
        }
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_written_in(event) {
            return None;
        }
        match key.as_str() {
            "/" => Some(Self::Search),
            "?" => Some(Self::Shortcuts),
            _ => None,
        }
    }

    /// Does it.
    pub(crate) fn act(self, state: State) {
        match self {
            Self::Palette => open_dialog(PALETTE),
            Self::Shortcuts => open_dialog(SHORTCUTS),
            Self::NewChat => {
                state.temporary.set(false);
                follow_to(state, None, None);
            }
            Self::TemporaryChat => {
                state.temporary.set(true);
                follow_to(state, None, None);
            }
            Self::Search => focus_search(),
            Self::Write => focus_message(),
            Self::Stop => {
                if let Some(answer) = state.open_answer() {
                    spawn(state.stop(answer));
                }
            }
            Self::CopyLast => {
                let last = state.messages.with_untracked(|messages| {
                    messages
                        .iter()
                        .rev()
                        .find(|message| message.answer.is_some())
                        .map(|last| last.id)
                });
                if let Some(last) = last {
                    spawn(async move {
                        let words = state.language.words();
                        let words = match super::copy_answer(last).await {
                            true => words.message.copied,
                            false => words.page.not_copied,
                        };
                        say(state, Said { words, undo: None });
                    });
                }
            }
            Self::Theme => spawn(state.next_theme()),
        }
    }
}

/// Listens for as long as the page lives.
pub(super) fn listen(state: State) {
    window_event_listener(ev::keydown, move |event| {
        if let Some(shortcut) = Shortcut::of(&event) {
            event.prevent_default();
            aside::act(state, Action::Shortcut(shortcut));
        }
    });
    // A menu that stands beside a button does not scroll with it.
    document_event_listener("scroll", || {
        close_popover(crate::message_menu::MESSAGE_MENU);
    });
}

/// True if the keyboard is one of Apple's.
fn is_mac() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    platform.starts_with("Mac") || platform.starts_with("iP")
}

/// True if the key is written into something.
fn is_written_in(event: &KeyboardEvent) -> bool {
    event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()).is_some_and(
        |element| element.matches("input, textarea, select, [contenteditable]").unwrap_or(false),
    )
}

/// Puts the cursor into the search, which on a phone is in the drawer.
fn focus_search() {
    if let Some(field) = super::element(SEARCH) {
        if field.offset_width() == 0
            && let Some(drawer) = super::element(SIDEBAR)
        {
            drawer.show_popover().ok();
        }
        field.focus().ok();
    }
}
