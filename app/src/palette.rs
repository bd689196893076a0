//! Every action by its name, and every conversation by its title: the palette (Ctrl or ⌘ with K),
//! and the list of shortcuts (?).

mod doing;

use leptos::{html, prelude::*};

use crate::{
    browser::{self, Shortcut},
    language::words,
    state::State,
    view::HitView,
    words::PaletteWords,
};
use doing::{Doing, doings};

/// The elements' ids.
pub(crate) const PALETTE: &str = "palette";
pub(crate) const SHORTCUTS: &str = "shortcuts";

/// Something the palette can do.
#[derive(Clone)]
enum Entry {
    Action(Shortcut, &'static str),
    Doing(Doing, String),
    Page(&'static str, &'static str),
    Found(HitView),
}

/// The actions and pages whose names have what was typed, and the conversations that were found.
fn entries(state: State, typed: &str, hits: Vec<HitView>) -> Vec<Entry> {
    let words = state.language.words();
    let typed = typed.trim().to_lowercase();
    let matches = |entry: &Entry| entry.name().to_lowercase().contains(&typed);
    let actions = Shortcut::ALL.into_iter().map(|action| (action, action.words(words)));
    let pages = [
        ("/settings", words.page.settings),
        ("/prompts", words.page.prompts),
        ("/personas", words.page.personas),
        ("/archive", words.list.archive_link),
        ("/usage", words.page.usage),
        ("/import", words.page.import),
        ("/tokens", PaletteWords::of(state.language).tokens),
    ];
    let mut entries: Vec<Entry> = actions
        .map(|(action, name)| Entry::Action(action, name))
        .chain(doings(state).into_iter().map(|(doing, name)| Entry::Doing(doing, name)))
        .chain(pages.into_iter().map(|(href, name)| Entry::Page(href, name)))
        .filter(matches)
        .collect();
    // What begins with what was typed is meant before what merely has it.
    entries.sort_by_key(|entry| !entry.name().to_lowercase().starts_with(&typed));
    entries.extend(hits.into_iter().map(Entry::Found));
    entries
}

impl Entry {
    fn name(&self) -> String {
        match self {
            Self::Action(_, name) | Self::Page(_, name) => (*name).to_owned(),
            Self::Doing(_, name) => name.clone(),
            Self::Found(hit) => hit.title.concat(),
        }
    }

    fn keys(&self) -> &'static str {
        match self {
            Self::Action(action, _) => action.keys(),
            Self::Doing(..) | Self::Page(..) | Self::Found(_) => "",
        }
    }

    fn act(self, state: State) {
        browser::close_dialog(PALETTE);
        match self {
            Self::Action(action, _) => action.act(state),
            Self::Doing(doing, _) => doing.act(state),
            Self::Page(href, _) => browser::leave_for(href),
            Self::Found(hit) => {
                browser::follow_to(state, Some(hit.conversation), hit.message);
            }
        }
    }
}

/// The palette and the list of shortcuts, both closed at first.
#[component]
pub fn Palette() -> impl IntoView {
    let state = State::here();
    let words = words();
    let field = NodeRef::<html::Input>::new();
    let typed = RwSignal::new(String::new());
    let hits = RwSignal::new(Vec::new());
    let chosen = RwSignal::new(0_usize);
    let entries =
        Memo::new_with_compare(move |_| entries(state, &typed.get(), hits.get()), |_, _| true);
    let input = move |event| {
        typed.set(event_target_value(&event));
        chosen.set(0);
        browser::find_soon(typed, hits);
    };
    let act = move |place: usize| {
        let entry = entries.with_untracked(|entries| entries.get(place).cloned());
        if let Some(entry) = entry {
            entry.act(state);
        }
    };
    let key = move |event: web_sys::KeyboardEvent| {
        let count = entries.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|place| *place = (*place + 1) % count),
            "ArrowUp" => chosen.update(|place| *place = (*place + count - 1) % count),
            // The Enter that chooses a word of an input method is not meant for us.
            "Enter" if !browser::composes(&event) => act(chosen.get_untracked()),
            _ => return,
        }
        event.prevent_default();
        browser::show_chosen(PALETTE);
    };
    let closed = move |_| {
        typed.set(String::new());
        hits.set(Vec::new());
        chosen.set(0);
    };
    let options = move || {
        entries
            .get()
            .into_iter()
            .enumerate()
            .map(|(place, entry)| {
                view! {
                    <li
                        id=format!("entry-{place}")
                        role="option"
                        aria-selected=move || if chosen.get() == place { "true" } else { "false" }
                        on:click=move |_| act(place)
                    >
                        <span dir="auto">{entry.name()}</span>
                        <kbd>{entry.keys()}</kbd>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <dialog class="palette" id=PALETTE aria-label=words.page.palette on:close=closed>
            <input
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-entries"
                aria-activedescendant=move || format!("entry-{}", chosen.get())
                aria-label=words.page.palette
                placeholder=words.page.palette_placeholder
                autocomplete="off"
                dir="auto"
                autofocus
                node_ref=field
                prop:value=move || typed.get()
                on:input=input
                on:keydown=key
            />
            <ul id="palette-entries" role="listbox" aria-label=words.page.palette>
                {options}
            </ul>
        </dialog>
        <dialog class="shortcuts" id=SHORTCUTS aria-labelledby="shortcuts-title">
            <h2 id="shortcuts-title">{words.page.shortcuts}</h2>
            <dl>
                {Shortcut::ALL
                    .into_iter()
                    .filter(|action| !action.keys().is_empty())
                    .map(|action| {
                        view! {
                            <div>
                                <dt>{action.words(words)}</dt>
                                <dd>
                                    <kbd>{action.keys()}</kbd>
                                </dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            <form method="dialog">
                <button type="submit" class="plain">{words.page.close}</button>
            </form>
        </dialog>
    }
}
