//! What typesets formulas: a part of the WASM of its own, which is fetched when the first formula is met.

use std::{cell::RefCell, sync::Arc};

use markdown::Typeset;

use super::spawn;

type Typesetter = Arc<dyn Typeset>;

/// What waits for the typesetter.
type Waiting = Box<dyn FnOnce(&Typesetter)>;

enum Loading {
    NotAsked,
    Asked(Vec<Waiting>),
    Loaded(Typesetter),
}

thread_local! {
    static LOADING: RefCell<Loading> = const { RefCell::new(Loading::NotAsked) };
}

/// Debug builds are whole: there, `cargo leptos watch` does not split.
#[cfg_attr(not(debug_assertions), leptos::prelude::lazy)]
async fn load_typesetter() -> Typesetter {
    let typesetter: Typesetter = Arc::new(markdown::typeset::Latex);
    typesetter
}

/// The typesetter, if the browser has it already.
pub(crate) fn loaded() -> Option<Typesetter> {
    LOADING.with_borrow(|loading| match loading {
        Loading::Loaded(typesetter) => Some(Arc::clone(typesetter)),
        Loading::NotAsked | Loading::Asked(_) => None,
    })
}

/// Calls back with the typesetter, now or when it has been fetched.
pub(crate) fn when_loaded(callback: impl FnOnce(&Typesetter) + 'static) {
    if let Some(typesetter) = loaded() {
        return callback(&typesetter);
    }
    let is_first = LOADING.with_borrow_mut(|loading| match loading {
        Loading::Asked(waiting) => {
            waiting.push(Box::new(callback));
            false
        }
        _ => {
            *loading = Loading::Asked(vec![Box::new(callback)]);
            true
        }
    });
    if !is_first {
        return;
    }
    spawn(async {
        let typesetter = load_typesetter().await;
        let before = LOADING.replace(Loading::Loaded(Arc::clone(&typesetter)));
        if let Loading::Asked(waiting) = before {
            waiting.into_iter().for_each(|callback| callback(&typesetter));
        }
    });
}
