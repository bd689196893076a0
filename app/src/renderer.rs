//! On the server: from the Markdown of answers to HTML.
//!
//! Colouring a block of code takes milliseconds, and the first block in a language takes a tenth
//! of a second, because its grammar is compiled. So nothing is rendered on the async threads, where
//! other people's streams would wait, and the HTML of texts that have ended is kept.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use grammars::Grammars;
use markdown::{Highlight, typeset::Latex};
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use tokio::{
    sync::Semaphore,
    task::{coop::consume_budget, spawn_blocking},
};

use crate::Language;

/// The most bytes of HTML that are kept. A long conversation with much code takes about three
/// million, and all of it must fit into what the server may grow by in a day.
const KEPT_BYTES: u64 = 16 * 1024 * 1024;

/// The share of the bytes for texts that were asked for more than once. A new text must fit into
/// the other half, or it is not kept at all.
const ASKED_AGAIN: f64 = 0.5;

/// What a kept text takes beside its HTML and its key's letters, in bytes.
const ENTRY_BYTES: usize = 128;

/// How many texts are expected to be kept. The cache remembers half as many of those that had to
/// go, to tell what is opened often from what is opened once.
const KEPT_TEXTS: usize = 1024;

static GRAMMARS: LazyLock<Arc<dyn Highlight>> = LazyLock::new(|| Arc::new(Grammars::default()));

/// How the texts of an answer are rendered, here and, but for the colours, in the browser.
pub fn render_options(id_prefix: String, language: Language) -> markdown::Options {
    markdown::Options {
        id_prefix,
        labels: &language.words().message.labels,
        highlighter: Some(Arc::clone(&GRAMMARS)),
        typesetter: Some(Arc::new(Latex)),
    }
}

/// Renders the texts of answers, for pages in one language. Cheap to clone; all clones keep the same HTML.
#[derive(Clone)]
pub struct Renderer {
    inner: Arc<Inner>,
    language: Language,
}

type RenderOptions = fn(String, Language) -> markdown::Options;

struct Inner {
    options: RenderOptions,
    kept: Cache<Text, Arc<str>, Bytes>,
    /// The turns to render, as many as there are cores, taken in the order they were asked for.
    turns: Arc<Semaphore>,
    fingerprints: RandomState,
    renderings: AtomicU64,
}

/// A text that has ended: all that its HTML follows from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Text {
    /// Names the message and the part of it.
    id_prefix: String,
    /// Of its Markdown. An answer that is continued ends again with another.
    fingerprint: u64,
    language: Language,
}

/// Weighs what is kept.
#[derive(Debug, Clone, Copy)]
struct Bytes;

impl Weighter<Text, Arc<str>> for Bytes {
    fn weight(&self, text: &Text, html: &Arc<str>) -> u64 {
        (html.len() + text.id_prefix.len() + ENTRY_BYTES) as u64
    }
}

impl Default for Renderer {
    fn default() -> Self {
        Self::new()
    }
}

impl Renderer {
    /// A renderer that keeps nothing yet.
    pub fn new() -> Self {
        Self::with(render_options, KEPT_BYTES)
    }

    fn with(options: RenderOptions, kept_bytes: u64) -> Self {
        // One shard, because each would have its own share of the bytes, too small for long texts.
        let bounds = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(KEPT_TEXTS)
            .weight_capacity(kept_bytes)
            .hot_allocation(ASKED_AGAIN)
            .build()
            .expect("both capacities are set");
        let kept = Cache::with_options(
            bounds,
            Bytes,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        );
        Self {
            inner: Arc::new(Inner {
                options,
                kept,
                turns: Arc::new(Semaphore::new(Self::at_once())),
                fingerprints: RandomState::new(),
                renderings: AtomicU64::new(0),
            }),
            language: Language::default(),
        }
    }

    /// The same renderer, for pages in another language.
    pub fn in_language(&self, language: Language) -> Self {
        Self { inner: Arc::clone(&self.inner), language }
    }

    /// How many texts are rendered at the same time.
    pub(crate) fn at_once() -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }

    /// How many texts were rendered, and not found among those that are kept.
    pub fn renderings(&self) -> u64 {
        self.inner.renderings.load(Ordering::Relaxed)
    }

    /// The HTML of a text that has ended. Whoever asks for one that is just being rendered waits
    /// for it.
    pub(crate) async fn ended(&self, id_prefix: String, source: &str) -> Arc<str> {
        if source.is_empty() {
            return Arc::default();
        }
        // A megabyte takes a millisecond, and a conversation in which all is found never waits.
        consume_budget().await;
        let fingerprint = self.inner.fingerprints.hash_one(source);
        let text = Text { id_prefix, fingerprint, language: self.language };
        let rendered = self.render(text.id_prefix.clone(), source);
        let html = self.inner.kept.get_or_insert_async(&text, rendered).await;
        html.unwrap_or_else(|Unrendered| as_it_is(source))
    }

    /// The HTML of a text that still grows.
    pub(crate) async fn open(&self, id_prefix: String, source: &str) -> Arc<str> {
        if source.is_empty() {
            return Arc::default();
        }
        let html = self.render(id_prefix, source).await;
        html.unwrap_or_else(|Unrendered| as_it_is(source))
    }

    async fn render(&self, id_prefix: String, source: &str) -> Result<Arc<str>, Unrendered> {
        // The turns are never closed.
        let turn = Arc::clone(&self.inner.turns).acquire_owned().await.map_err(|_| Unrendered)?;
        self.inner.renderings.fetch_add(1, Ordering::Relaxed);
        let (options, language) = (self.inner.options, self.language);
        let source = source.to_owned();
        let name = id_prefix.clone();
        let rendering = spawn_blocking(move || {
            // It is rendered to its end even if nobody waits any more, and takes its turn so long.
            let _turn = turn;
            markdown::render(&source, &options(id_prefix, language)).into()
        });
        rendering.await.map_err(|error| {
            tracing::error!(text = name, %error, "a text could not be rendered");
            Unrendered
        })
    }
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer")
            .field("kept_texts", &self.inner.kept.len())
            .field("kept_bytes", &self.inner.kept.weight())
            .field("renderings", &self.renderings())
            .finish()
    }
}

/// The renderer failed. The log has the reason.
#[derive(Debug)]
struct Unrendered;

/// A text that cannot be rendered is shown as it was written, so that its conversation can still
/// be read.
fn as_it_is(source: &str) -> Arc<str> {
    format!("<p class=\"html\">{}</p>", html_escape::encode_text(source)).into()
}

#[cfg(test)]
mod tests;
