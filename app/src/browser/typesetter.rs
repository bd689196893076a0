//! What typesets formulas: a part of the WASM of its own, which is fetched when the first formula is met.

use std::{rc::Rc, sync::Arc};

use markdown::Typeset;

use crate::part::{Fetched, Part};

type Typesetter = Arc<dyn Typeset>;

thread_local! {
    static PART: Rc<Part<Typesetter>> = Rc::new(Part::new(|| Box::pin(fetch())));
}

/// Debug builds are whole: there, `cargo leptos watch` does not split.
#[cfg_attr(
    not(debug_assertions),
    leptos::wasm_split::wasm_split(typesetter, wasm_split_path = ::leptos::wasm_split, fallible)
)]
fn load_typesetter() -> Fetched<Typesetter> {
    Ok(Arc::new(markdown::typeset::Latex))
}

async fn fetch() -> Fetched<Typesetter> {
    let fetched = load_typesetter();
    #[cfg(not(debug_assertions))]
    let fetched = fetched.await;
    fetched
}

/// The typesetter, if the browser has it already.
pub(crate) fn loaded() -> Option<Typesetter> {
    PART.with(|part| part.loaded())
}

/// Calls back with the typesetter, now or when it has been fetched. Where it cannot be fetched, formulas
/// stay as they are written until the next asks again.
pub(crate) fn when_loaded(callback: impl FnOnce(&Typesetter) + 'static) {
    PART.with(Rc::clone).when_loaded(move |typesetter| {
        if let Some(typesetter) = typesetter {
            callback(&typesetter);
        }
    });
}
