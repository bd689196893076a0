//! What a person asks for, done.

use std::{any::Any, cell::RefCell, time::Duration};

use leptos::prelude::*;
use protocol::MessageId;

use super::{Action, BEGIN, put};
use crate::{
    begin::Begin,
    browser,
    rpc::{self, Arrange},
    state::{Said, State},
};

/// Does what is asked for.
pub(super) fn act(state: State, action: Action) {
    match action {
        Action::Shortcut(shortcut) => shortcut.act(state),
        Action::Open(id, button, by_key) => {
            browser::open_menu(id, &button, by_key.then_some(browser::CONTROL));
        }
        Action::Arrange(id, what, how) => browser::spawn(state.arrange(id, what, how)),
        Action::Undelete(id) => browser::spawn(state.undo_deletion(id)),
        Action::Folder(id, name, removes) => {
            browser::spawn(state.change_folder(id, name, removes));
        }
        Action::Branch(id, what) => browser::spawn(state.branch(id, what)),
        Action::Retry(id, model) => browser::spawn(state.retry(id, model)),
        Action::Continue(id) => browser::spawn(state.continue_answer(id)),
        Action::GoOn => browser::go_on(),
        Action::Leave(id) => browser::spawn(async move {
            let nowhere = String::new;
            let left = rpc::arrange_conversation(id, Arrange::End, nowhere(), None, nowhere());
            // Nobody is there any more to whom a failure matters; the server ends it in time.
            left.await.ok();
        }),
        Action::Welcome => welcome(state),
        Action::Search => search_soon(state),
        Action::PickFiles => browser::pick_files(),
        Action::AddFiles(files) => browser::add_files(state.attached, files),
        Action::MoreOfList => browser::spawn(state.load_more()),
        Action::OlderMessages => browser::spawn(state.load_older()),
        Action::Copy(id, is_done) => browser::spawn(copy(state, id, is_done)),
        Action::TakeOver(changed) => state.take_over_change(changed),
        Action::StopReading => {
            browser::stop_reading(state);
            // The button that was pressed is gone.
            browser::refocus(Vec::new());
        }
        Action::Clicked(button) => browser::clicked(button, &state.language.words().message),
    }
}

/// Puts what one can begin with on an empty page. What stood on the one before it goes.
fn welcome(state: State) {
    thread_local! {
        static HERE: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
    }
    HERE.take();
    let begin = browser::keep_search(BEGIN, || put(state, BEGIN, || view! { <Begin /> }));
    if let Some(begin) = begin {
        HERE.replace(Some(Box::new(begin)));
    }
}

/// How long a copy is said to be done.
const DONE: Duration = Duration::from_secs(2);

async fn copy(state: State, answer: MessageId, is_done: RwSignal<bool>) {
    if browser::copy_answer(answer).await {
        is_done.set(true);
        set_timeout(move || is_done.set(false), DONE);
    } else {
        let words = state.language.words().page.not_copied;
        browser::say(state, Said { words, undo: None });
    }
}

/// Searches once nothing more is typed for a moment.
fn search_soon(state: State) {
    let typed = state.typed.get_untracked();
    let search = move || {
        if state.typed.get_untracked() == typed {
            browser::spawn(state.search());
        }
    };
    set_timeout(search, browser::TYPED);
}
