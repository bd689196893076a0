//! Prompts by command: a slash at the beginning of the field opens a list of them.
//!
//! The pattern is the combobox with a list box of the ARIA Authoring Practices: the focus stays in
//! the field, which names the option that is active.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use crate::{browser, language::words, library_view::PromptView, state::State};

/// The list's id.
const LIST: &str = "commands";

/// The most prompts that are shown at once.
const MOST_SHOWN: usize = 8;

/// What was typed after the slash, and what is found by it.
#[derive(Debug, Clone, Copy)]
struct Slash {
    state: State,
    typed: RwSignal<Option<String>>,
    found: Memo<Vec<PromptView>>,
    active: RwSignal<usize>,
}

impl Slash {
    /// Nothing is typed yet.
    fn new(state: State) -> Self {
        let typed = RwSignal::new(None::<String>);
        let found = Memo::new(move |_| match typed.get() {
            Some(typed) => state.library.find_prompts(&typed, MOST_SHOWN),
            None => Vec::new(),
        });
        Self { state, typed, found, active: RwSignal::new(0) }
    }

    /// Looks at what is in the field.
    fn look(self, text: &str) {
        let typed = text.strip_prefix('/').filter(|rest| !rest.contains(char::is_whitespace));
        if typed.is_some() {
            self.state.library.want_all_prompts();
        }
        if typed != self.typed.with_untracked(Option::clone).as_deref() {
            self.active.set(0);
            self.typed.set(typed.map(str::to_owned));
        }
    }

    /// True if the list is open.
    fn is_open(self) -> bool {
        !self.found.with(Vec::is_empty)
    }

    /// The id of the active option.
    fn active_id(self) -> Option<String> {
        self.is_open().then(|| option_id(self.active.get()))
    }

    /// Does what a key means to the list. True if it means anything.
    fn takes(self, event: &KeyboardEvent) -> bool {
        let count = self.found.with_untracked(Vec::len);
        if count == 0 || event.shift_key() || event.alt_key() || event.ctrl_key() {
            return false;
        }
        match event.key().as_str() {
            "ArrowDown" => self.active.update(|active| *active = (*active + 1) % count),
            "ArrowUp" => self.active.update(|active| *active = (*active + count - 1) % count),
            "Enter" | "Tab" => self.pick(self.active.get_untracked()),
            // What is typed stays; the list opens again when it changes.
            "Escape" => self.typed.set(None),
            _ => return false,
        }
        true
    }

    fn pick(self, index: usize) {
        let picked = self.found.with_untracked(|found| found.get(index).map(|prompt| prompt.id));
        self.typed.set(None);
        if let Some(id) = picked {
            self.state.use_prompt(id);
        }
    }
}

fn option_id(index: usize) -> String {
    format!("command-{index}")
}

/// The list above the field.
#[component]
pub fn SlashList() -> impl IntoView {
    let state = State::here();
    let words = &words().library;
    let slash = Slash::new(state);
    Effect::new(move |_| {
        browser::listen_to_field(move |text| slash.look(text));
        browser::take_keys_of_field(move |event| slash.takes(event));
    });
    Effect::new(move |_| {
        // The field is filled and emptied by these too.
        state.shown.track();
        state.sending.track();
        browser::read_field_soon(move |text| slash.look(text));
    });
    Effect::new(move |_| browser::mark_field(LIST, slash.active_id()));
    view! {
        <ul
            id=LIST
            class="panel commands"
            role="listbox"
            aria-label=words.commands
            class:absent=move || !slash.is_open()
        >
            {move || {
                slash
                    .found
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(index, prompt)| view! { <Command slash index prompt /> })
                    .collect_view()
            }}
        </ul>
    }
}

#[component]
fn Command(slash: Slash, index: usize, prompt: PromptView) -> impl IntoView {
    let is_active = move || slash.active.get() == index;
    view! {
        <li
            id=option_id(index)
            role="option"
            aria-selected=move || is_active().to_string()
            // The field keeps the focus.
            on:mousedown=move |event| event.prevent_default()
            on:click=move |_| slash.pick(index)
        >
            <span dir="auto">{prompt.title}</span>
            {prompt.command.map(|command| view! { <code>"/"{command}</code> })}
        </li>
    }
}
