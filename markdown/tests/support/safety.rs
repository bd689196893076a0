//! The one check behind all tests of safety.

use markdown::{Options, Stream, render};

use crate::allowed;
use crate::browser;
use crate::page::{Page, parse, sorted};

/// Formulas are typeset if the tests are built with what typesets them.
pub fn options() -> Options {
    Options {
        id_prefix: allowed::ID_PREFIX.to_owned(),
        #[cfg(feature = "maths")]
        typesetter: Some(std::sync::Arc::new(markdown::typeset::Latex)),
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
