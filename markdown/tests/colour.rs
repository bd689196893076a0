//! Colours come line by line, and stay.

#[path = "support/page.rs"]
mod page;

use std::sync::Arc;

use markdown::{Edit, Highlight, HighlightLines, Options, Span, Stream, line_html, render};
use page::{Page, parse, sorted};

/// Colours every second finished line as a whole, so that state between lines matters.
struct Stripes;

struct StripeLines {
    count: usize,
}

impl Highlight for Stripes {
    fn start(&self, language: &str) -> Option<Box<dyn HighlightLines>> {
        (language == "stripes")
            .then(|| Box::new(StripeLines { count: 0 }) as Box<dyn HighlightLines>)
    }
}

impl HighlightLines for StripeLines {
    fn line(&mut self, line: &str) -> Vec<Span> {
        self.count += 1;
        let class = if self.count.is_multiple_of(2) {
            format!("stripe-{}", self.count)
        } else {
            String::new()
        };
        vec![Span { length: line.len(), class }]
    }
}

const DOCUMENT: &str = "Before\n\n```stripes\none\ntwo\n\nthree\nfour\n```\n\n- item\n\n  ```stripes\n  a\n  b\n    c\n  d\n  ```\n\n~~~other\na\nb\n~~~\n\n> ```stripes\n> q\n> r\n\nAfter\n";

fn coloured() -> Options {
    Options { highlighter: Some(Arc::new(Stripes)), ..Options::default() }
}

#[track_caller]
fn check_same(stream: &Stream, page: &Page, expected: &str) {
    assert_eq!(stream.html(), expected);
    assert_eq!(page.tree(), sorted(parse(expected)));
}

#[test]
fn colours_are_those_of_one_shot_rendering_at_every_prefix() {
    for size in 1..12 {
        let mut stream = Stream::new(coloured());
        let mut page = Page::default();
        let bytes: Vec<usize> = (0..DOCUMENT.len()).step_by(size).chain([DOCUMENT.len()]).collect();
        for ends in bytes.windows(2) {
            page.apply(&stream.push(&DOCUMENT[ends[0]..ends[1]]));
            check_same(&stream, &page, &render(&DOCUMENT[..ends[1]], &coloured()));
        }
    }
}

/// Below the element at `lines`, edits reach the last two lines at most.
#[test]
fn a_finished_line_is_never_touched_again() {
    let mut stream = Stream::new(coloured());
    stream.push("```stripes\n");
    for line in 0..200 {
        for piece in ["some ", "code", ";", "\n"] {
            for edit in stream.push(piece).edits {
                let first_touched = match &edit {
                    Edit::Splice { path, keep, .. } if path.len() == 3 => *keep,
                    Edit::Splice { path, .. } | Edit::Text { path, .. } if path.len() > 3 => {
                        path[3]
                    }
                    // The caption tells how many lines there are.
                    Edit::Attribute { path, .. } if *path == [0, 0] => continue,
                    other => panic!("{other:?} reaches beyond the lines"),
                };
                assert!(first_touched >= line, "{edit:?} touches a line before {line}");
            }
        }
    }
}

/// The caption's attributes, after every push of a block that grows by lines.
#[test]
fn lines_are_counted() {
    let caption = |html: &str| {
        let (_, after) = html.split_once("<figcaption").expect("there is a caption");
        after.split_once('>').expect("it is closed").0.to_owned()
    };
    let mut stream = Stream::new(Options::default());
    let mut page = Page::default();
    page.apply(&stream.push("- item\n\n  ```rust\n"));
    for line in 1..=61 {
        for piece in ["  a", "b", "\n"] {
            page.apply(&stream.push(piece));
            check_same(&stream, &page, &render(stream.source(), &Options::default()));
        }
        let long = if line == 61 { " class=\"long\"" } else { "" };
        assert_eq!(caption(&stream.html()), format!(" data-lines=\"{line}\"{long}"));
    }
}

#[test]
fn the_html_of_a_line_is_what_stands_in_it() {
    let mut lines = Stripes.start("stripes").expect("it knows this language");
    assert_eq!(line_html(lines.as_mut(), "a < b\n"), "a &lt; b\n");
    assert_eq!(line_html(lines.as_mut(), "c & d\n"), "<span class=\"stripe-2\">c &amp; d\n</span>");
}
