//! Parts of the WASM that are fetched after the page, when it has come to rest or when they are first needed.
//!
//! A part is a table of functions. The page calls them through the table only, so whatever nothing else
//! reaches is in a file of its own: what is called by name from the page would be in the page.

use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc};

use leptos::wasm_split::SplitLoaderError;

use crate::browser::spawn;

/// What comes of fetching a part: its functions, or nothing where the server could not be reached.
pub(crate) type Fetched<T> = Result<T, SplitLoaderError>;

type Fetching<T> = Pin<Box<dyn Future<Output = Fetched<T>>>>;

/// What waits for a part. It gets nothing where the part could not be fetched.
type Waiting<T> = Box<dyn FnOnce(Option<T>)>;

/// A part, which is kept in a static of the thread. It is fetched once; what could not be fetched is fetched
/// again at its next use.
pub(crate) struct Part<T> {
    fetch: fn() -> Fetching<T>,
    state: RefCell<State<T>>,
}

enum State<T> {
    NotAsked,
    Asked(Vec<Waiting<T>>),
    Loaded(T),
}

impl<T: Clone + 'static> Part<T> {
    /// A part that has not been asked for.
    pub(crate) const fn new(fetch: fn() -> Fetching<T>) -> Self {
        Self { fetch, state: RefCell::new(State::NotAsked) }
    }

    /// The part, if the browser has it already.
    pub(crate) fn loaded(&self) -> Option<T> {
        match &*self.state.borrow() {
            State::Loaded(part) => Some(part.clone()),
            State::NotAsked | State::Asked(_) => None,
        }
    }

    /// Calls back with the part: now, or when it has been fetched, or with nothing when it could not be.
    pub(crate) fn when_loaded(self: &Rc<Self>, callback: impl FnOnce(Option<T>) + 'static) {
        if let Some(part) = self.loaded() {
            return callback(Some(part));
        }
        if let State::Asked(waiting) = &mut *self.state.borrow_mut() {
            return waiting.push(Box::new(callback));
        }
        self.state.replace(State::Asked(vec![Box::new(callback)]));
        let this = Rc::clone(self);
        spawn(async move {
            let part = (this.fetch)().await.ok();
            let next = part.clone().map_or(State::NotAsked, State::Loaded);
            if let State::Asked(waiting) = this.state.replace(next) {
                waiting.into_iter().for_each(|callback| callback(part.clone()));
            }
        });
    }
}

/// Nothing reads this. What takes the WASM apart needs room to align the data of each part, and leaves all
/// data in the page where there is none; what nobody reads it leaves out, which makes the room.
#[cfg(target_family = "wasm")]
#[used]
static ROOM: [u8; 4096] = [1; 4096];
