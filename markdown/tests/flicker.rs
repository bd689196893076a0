//! The layer of presentation helps: of what the corpus shows, hardly anything changes again when it comes through it.
//!
//! A flicker is a change of something shown already that is more than growing text: a node that is removed or replaced,
//! or an attribute. What remains with the layer is what no short wait can avoid: a list that turns loose, and references
//! and footnotes whose definitions come last.

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/page.rs"]
mod page;
#[path = "support/pieces.rs"]
mod pieces;

use corpus::corpus;
use markdown::{Calm, Options, Stream, render};
use page::{Page, parse, sorted};
use pieces::in_pieces_of;

/// A page that a document is streamed to, and what somebody sees who looks at it.
struct Reader {
    stream: Stream,
    page: Page,
    headings: usize,
    /// How often a heading turned out to be none.
    lost_headings: usize,
}

impl Reader {
    fn new() -> Self {
        let stream = Stream::new(Options::default());
        Reader { stream, page: Page::default(), headings: 0, lost_headings: 0 }
    }

    fn push(&mut self, delta: &str) {
        let patch = self.stream.push(delta);
        self.page.apply(&patch);
        // Growing text leaves headings as they are, and most patches are nothing else.
        if patch.edits.iter().all(|edit| matches!(edit, markdown::Edit::Text { .. })) {
            return;
        }
        let html = self.stream.html();
        let headings = (1..=6).map(|level| html.matches(&format!("<h{level} ")).count()).sum();
        self.lost_headings += usize::from(headings < self.headings);
        self.headings = headings;
    }
}

/// Streams a document in deltas of four bytes, without the layer and with it.
fn readers(name: &str, document: &str) -> (Reader, Reader) {
    let (mut without, mut with) = (Reader::new(), Reader::new());
    let mut calm = Calm::default();
    for delta in in_pieces_of(document, 4) {
        without.push(delta);
        with.push(&calm.push(delta));
    }
    with.push(&calm.release());
    let expected = render(document, &Options::default());
    assert_eq!(with.stream.html(), expected, "{name}");
    assert_eq!(with.page.tree(), sorted(parse(&expected)), "{name}");
    (without, with)
}

#[test]
fn the_corpus_flickers_a_tenth_as_often() {
    let (mut most, mut least) = (0, 0);
    for (name, document) in corpus() {
        let (without, with) = readers(&name, &document);
        let (without, with) = (without.page.flickers, with.page.flickers);
        println!("{name}: {without} without, {with} with the layer");
        assert!(with <= without, "{name}: {without} flickers become {with}");
        most += without;
        least += with;
    }
    println!("together: {most} without, {least} with the layer");
    assert!(least * 10 <= most, "{most} flickers become {least}");
}

#[test]
fn no_paragraph_of_the_corpus_is_a_heading_for_a_moment() {
    let mut without_layer = 0;
    for (name, document) in corpus() {
        let (without, with) = readers(&name, &document);
        assert_eq!(with.lost_headings, 0, "{name}");
        without_layer += without.lost_headings;
    }
    assert!(without_layer > 0, "the corpus has no list right after a paragraph");
}
