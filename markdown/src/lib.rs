//! Streaming CommonMark: text comes in deltas, safe HTML goes out in small patches.
//!
//! [`render`] turns a whole document into HTML. [`Stream`] takes the same document piece by piece and says after each
//! piece which nodes of the page change; after every patch the page holds exactly what [`render`] gives for the text so
//! far. [`Calm`] may stand before it and hold back the end of the text while that would flicker. The crate knows neither a
//! browser nor a server: it yields strings.
//!
//! # What the HTML looks like
//!
//! * Between block elements there is no whitespace, and every element that an HTML parser would add (`<tbody>`) is
//!   written out, so the child indexes in a [`Patch`] are those of the browser's tree.
//! * Raw HTML is shown as text: inline in its place, blocks in `<p class="html">`.
//! * Code: `<figure class="code" data-language="rust"><figcaption data-lines="2"><span class="language">rust</span>`
//!   and buttons of the classes `fold`, `wrap`, `download` and `copy`, `</figcaption><pre tabindex="0"><code
//!   class="language-rust">`, then one `<span class="line">` per line, which holds the line's newline. A caption of
//!   more than 60 lines has the class `long`.
//! * Text in list items is always inside `<p>`. A tight list has `class="tight"` (its paragraphs need no margins); a
//!   list that turns loose merely loses the class.
//! * Tables: `<div class="table" tabindex="0" role="region" aria-label="Table"><table>`; cells have the class `left`,
//!   `center` or `right` where the document says so.
//! * Links lead to http, https or mailto, have `rel="noopener noreferrer nofollow" target="_blank"`, and their `title`
//!   begins with the real host, encoded (`xn--…`) if it is not ASCII. Any other link is its text.
//! * Images never load: `<button type="button" class="image" data-src="…" title="host"><span class="alt"
//!   dir="auto">…</span><span class="host" dir="ltr">…</span></button>`, for http and https only; any other image, and one inside a link, is its text.
//! * Alerts: `<div class="alert note" role="note"><p class="title">Note</p>…`.
//! * Footnotes: `<sup class="footnote"><a href="#…">1</a></sup>` and, where it is defined, `<div class="footnote"
//!   id="…" role="note"><p class="label">1</p>…`; the second definition of a footnote has no id.
//! * Headings have the id `{prefix}section-{n}`, counted through the document.
//! * Formulas (`$…$`, `$$…$$`, `\(…\)`, `\[…\]`): `<span class="math">`, or `<span class="math display">` for those
//!   that stand on their own, around a `<math>` element that carries its LaTeX source as an annotation. Without a
//!   typesetter, or with a `title` that says why it could not be typeset, the span shows the source instead.
//! * Quotes and lists deeper than 100, and emphasis deeper than 50, are left out; what they hold is shown.
//! * There are no `style` attributes, so a strict Content-Security-Policy holds.

mod stream;

mod presentation;

mod anchor;
mod build;
mod cut;
mod definition;
mod depth;
mod frame;
mod html;
mod inline;
mod leaf;
mod lines;
mod list;
mod paragraph;
mod pending;
mod place;
mod references;
mod referrer;
mod row;
mod spaces;
mod tail;
mod track;
mod window;

mod formula;
mod dollars;
mod markers;
mod masked;

mod autolink;
mod code;
mod elements;
mod labels;
mod link;
mod mathml;
mod maths;

#[cfg(feature = "highlight")]
pub mod highlight;
#[cfg(feature = "maths")]
pub mod typeset;

mod direction;
mod plain;

mod diff;
mod node;
mod retarget;
mod splice;

use std::fmt;
use std::sync::Arc;

pub use code::{Highlight, HighlightLines, Span, line_html};
pub use diff::{Edit, Patch};
pub use direction::has_right_to_left;
pub use labels::Labels;
pub use mathml::MathMl;
pub use maths::Typeset;
pub use plain::plain;
pub use presentation::Calm;
pub use stream::Stream;

/// How a document is rendered.
#[derive(Clone, Default)]
pub struct Options {
    /// Put before every id in the document, so that ids are unique among the messages of a page.
    pub id_prefix: String,
    /// Colours finished lines of code; without it code is plain.
    pub highlighter: Option<Arc<dyn Highlight>>,
    /// Typesets formulas; without it they show their source.
    pub typesetter: Option<Arc<dyn Typeset>>,
    /// The words beside what was written; English unless others are given.
    pub labels: &'static Labels,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("id_prefix", &self.id_prefix)
            .field("highlighter", &self.highlighter.is_some())
            .field("typesetter", &self.typesetter.is_some())
            .field("labels", &self.labels)
            .finish()
    }
}

/// Renders a whole document: the HTML of its blocks, one after the other.
pub fn render(source: &str, options: &Options) -> String {
    node::html(&window::document(source, options))
}
