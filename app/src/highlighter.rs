//! The colours of code. On the server they are there from the start; the browser loads them, in a
//! part of the WASM of its own, when it meets the first code block.

use std::{cell::RefCell, sync::Arc};

use markdown::Highlight;

use crate::browser;

type Colours = Arc<dyn Highlight>;

/// The server's colours.
#[cfg(feature = "ssr")]
pub(crate) fn shared() -> &'static Colours {
    static SHARED: std::sync::OnceLock<Colours> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| Arc::new(markdown::highlight::Syntect::with_all_grammars()))
}

/// What waits for the colours.
type Waiting = Box<dyn FnOnce(&Colours)>;

/// How far the browser has come.
enum Loading {
    NotAsked,
    Asked(Vec<Waiting>),
    Loaded(Colours),
}

thread_local! {
    static LOADING: RefCell<Loading> = const { RefCell::new(Loading::NotAsked) };
}

/// The part of the WASM that is fetched when it is first called. Debug builds are whole: there,
/// `cargo leptos watch` does not split.
#[cfg_attr(not(debug_assertions), leptos::prelude::lazy)]
async fn load_colours() -> Colours {
    let colours: Colours = Arc::new(markdown::highlight::Syntect::with_all_grammars());
    colours
}

/// The colours, if the browser has them already.
pub(crate) fn loaded() -> Option<Colours> {
    LOADING.with_borrow(|loading| match loading {
        Loading::Loaded(colours) => Some(Arc::clone(colours)),
        Loading::NotAsked | Loading::Asked(_) => None,
    })
}

/// Calls back with the colours, now or when they have been fetched.
pub(crate) fn when_loaded(callback: impl FnOnce(&Colours) + 'static) {
    if let Some(colours) = loaded() {
        return callback(&colours);
    }
    let first = LOADING.with_borrow_mut(|loading| match loading {
        Loading::Asked(waiting) => {
            waiting.push(Box::new(callback));
            false
        }
        _ => {
            *loading = Loading::Asked(vec![Box::new(callback)]);
            true
        }
    });
    if !first {
        return;
    }
    browser::spawn(async {
        let colours = load_colours().await;
        let before = LOADING.replace(Loading::Loaded(Arc::clone(&colours)));
        if let Loading::Asked(waiting) = before {
            for callback in waiting {
                callback(&colours);
            }
        }
    });
}
