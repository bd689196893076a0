//! Formulas: what is one, what it becomes, and that a typesetter may come at any time.

#[path = "support/examples.rs"]
mod examples;
#[path = "support/page.rs"]
mod page;

use std::sync::Arc;

use markdown::{MathMl, Options, Stream, Typeset, render};
use page::{Page, parse, sorted};

/// Shows the source as one identifier, and knows no fractions.
struct Plain;

impl Typeset for Plain {
    fn typeset(&self, latex: &str, is_display: bool) -> Result<MathMl, String> {
        if latex.contains("\\frac") {
            return Err("no fractions".to_owned());
        }
        let display = if is_display { "block" } else { "inline" };
        let shown = latex.replace('&', "&amp;").replace('<', "&lt;");
        let markup = format!("<math display=\"{display}\"><mi>{shown}</mi></math>");
        MathMl::parse(&markup).ok_or_else(|| "not MathML".to_owned())
    }
}

fn typeset() -> Options {
    Options { typesetter: Some(Arc::new(Plain)), ..Options::default() }
}

const DOCUMENT: &str =
    "With $x$ and \\(y\\):\n\n- \\[\n  a < b\n  \\]\n- $\\frac12$\n\nIt costs $5.\n";

/// The examples say what is a formula; they are rendered without a typesetter.
#[test]
fn formulas_are_told_from_text() {
    for (source, expected) in examples::examples("maths") {
        assert_eq!(render(&source, &Options::default()), expected.trim_end(), "{source}");
    }
}

#[test]
fn formulas_carry_their_source() {
    assert_eq!(
        render("$x$", &typeset()),
        "<p><span class=\"math\"><math display=\"inline\"><semantics><mrow><mi>x</mi></mrow><annotation encoding=\"application/x-tex\">x</annotation></semantics></math></span></p>"
    );
}

#[test]
fn what_cannot_be_typeset_shows_its_source_and_why() {
    assert_eq!(
        render("\\[\\frac12\\]", &typeset()),
        "<p><span class=\"math display\" title=\"no fractions\">\\[\\frac12\\]</span></p>"
    );
}

#[test]
fn a_typesetter_may_come_at_any_time() {
    for (at, _) in DOCUMENT.char_indices() {
        let mut stream = Stream::new(Options::default());
        let mut page = Page::default();
        page.apply(&stream.push(&DOCUMENT[..at]));
        assert_eq!(stream.wants_typesetter(), stream.html().contains("\"math"), "at {at}");
        page.apply(&stream.set_typesetter(Arc::new(Plain)));
        assert!(!stream.wants_typesetter());
        for (next, c) in DOCUMENT[at..].char_indices() {
            let end = at + next + c.len_utf8();
            page.apply(&stream.push(&DOCUMENT[at + next..end]));
            assert_eq!(stream.html(), render(&DOCUMENT[..end], &typeset()), "from {at} to {end}");
        }
        assert_eq!(page.tree(), sorted(parse(&stream.html())), "from {at}");
    }
}
