//! The one check behind all tests of safety.

use std::sync::Arc;

use markdown::{Highlight, HighlightLines, Options, Span, Stream, render};

use crate::allowed;
use crate::browser;
use crate::page::{Page, parse, sorted};

/// Colours code of any language as no grammar would: pieces end everywhere, the class goes on from line to line, and
/// some pieces are longer than what is left of the line, or end within a letter.
struct Confetti;

struct Pieces {
    count: usize,
}

impl Highlight for Confetti {
    fn start(&self, _: &str) -> Option<Box<dyn HighlightLines>> {
        Some(Box::new(Pieces { count: 0 }))
    }
}

impl HighlightLines for Pieces {
    fn line(&mut self, line: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut covered = 0;
        while covered < line.len() {
            self.count += 1;
            let mut length = 1 + self.count % 7;
            // What ends within a letter leaves the rest plain, so that is rare.
            if !self.count.is_multiple_of(11) {
                length = line.ceil_char_boundary(covered + length) - covered;
            }
            // Every third is plain.
            let class = match self.count % 3 {
                0 => "",
                _ => allowed::COLOURS[self.count % allowed::COLOURS.len()],
            };
            spans.push(Span { length, class: class.to_owned() });
            covered += length;
        }
        spans
    }
}

/// Code is coloured, and formulas are typeset if the tests are built with what typesets them.
pub fn options() -> Options {
    Options {
        id_prefix: allowed::ID_PREFIX.to_owned(),
        highlighter: Some(Arc::new(Confetti)),
        #[cfg(feature = "maths")]
        typesetter: Some(Arc::new(markdown::typeset::Latex)),
        ..Options::default()
    }
}

/// Checks one document: a browser makes exactly our elements of its HTML, and they are allowed.
pub fn check(source: &str) -> Result<(), String> {
    let html = render(source, &options());
    let tree = sorted(browser::parse(&html, "div"));
    if tree != sorted(parse(&html)) {
        return Err(format!("a browser repairs {html}\nof {source:?}"));
    }
    allowed::check(&tree).map_err(|error| format!("{error}\nin {html}\nof {source:?}"))
}

/// Checks a document while it is streamed, after each piece, on a page that reads patches as a browser does.
pub fn check_streamed<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let mut stream = Stream::new(options());
    let mut page = Page::new(browser::parse);
    for piece in pieces {
        let patch = stream.push(piece);
        page.apply(&patch);
        let source = stream.source();
        allowed::check(&page.tree())
            .map_err(|error| format!("{error}\nafter {source:?}\nby {patch:?}"))?;
        if page.tree() != sorted(parse(&stream.html())) {
            return Err(format!(
                "the page is another than the stream's\nafter {source:?}\nby {patch:?}"
            ));
        }
    }
    Ok(())
}
