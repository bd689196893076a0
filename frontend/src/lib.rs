//! The entries of the WASM: it takes over the page that the server rendered, and colours code in a worker.

use wasm_bindgen::prelude::wasm_bindgen;

/// Makes the rendered page live.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::Page);
}

/// Colours code for the page, in a worker: `grammars` is where the grammars are.
#[wasm_bindgen]
pub fn colour(grammars: String) {
    console_error_panic_hook::set_once();
    app::colour(grammars);
}
