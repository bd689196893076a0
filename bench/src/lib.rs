//! The page's renderer without the rest of the page, so that a bench can run it beside others: the
//! same crates, the same profile, the same way from a delta to the nodes on the page.

use markdown::{Options, Stream};
use wasm_bindgen::prelude::wasm_bindgen;

/// A document that grows in an element.
#[wasm_bindgen]
pub struct Growing {
    stream: Stream,
    body: dom::Body,
}

#[wasm_bindgen]
impl Growing {
    /// An empty document in an empty element.
    #[wasm_bindgen(constructor)]
    pub fn new(element: web_sys::Element) -> Growing {
        Growing { stream: Stream::new(Options::default()), body: dom::Body::new(element) }
    }

    /// Shows more text.
    pub fn push(&mut self, delta: &str) {
        let patch = self.stream.push(delta);
        self.body.apply(&patch);
    }

    /// Shows that this was all.
    pub fn finish(&mut self) {
        let patch = self.stream.finish();
        self.body.apply(&patch);
    }

    /// The bytes parsed so far, those parsed again included.
    pub fn work(&self) -> usize {
        self.stream.work()
    }
}

/// A whole document at once, to compare with what has grown.
#[wasm_bindgen]
pub fn render(source: &str) -> String {
    markdown::render(source, &Options::default())
}
