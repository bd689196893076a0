//! The one comparison behind all tests of exactness.

use markdown::{Options, Stream, render};

use crate::page::{Page, parse, sorted};

/// The check without colours and with formulas as their source.
#[allow(dead_code, reason = "not every test file needs both")]
pub fn check<'a>(
    pieces: impl IntoIterator<Item = &'a str>,
    is_compared: impl Fn(usize) -> bool,
) -> Result<(), String> {
    check_with(&Options::default(), pieces, is_compared)
}

/// Streams the pieces, and compares page and stream with the one-shot rendering after each piece whose number passes
/// `is_compared`, and at the end. The error tells what was pushed, expected and found.
pub fn check_with<'a>(
    options: &Options,
    pieces: impl IntoIterator<Item = &'a str>,
    is_compared: impl Fn(usize) -> bool,
) -> Result<(), String> {
    let mut stream = Stream::new(options.clone());
    let mut page = Page::default();
    let mut so_far = String::new();
    let mut pieces = pieces.into_iter().enumerate().peekable();
    let mut pushed = Vec::new();
    while let Some((number, piece)) = pieces.next() {
        so_far.push_str(piece);
        pushed.push(piece);
        let patch = stream.push(piece);
        page.apply(&patch);
        if pieces.peek().is_some() && !is_compared(number) {
            continue;
        }
        let expected = render(&so_far, options);
        let differs = match stream.html() == expected {
            false => "the stream",
            true if page.tree() != sorted(parse(&expected)) => "the page",
            true => continue,
        };
        return Err(format!(
            "{differs} differs after {so_far:?}\npieces {:?}\nlast patch {patch:?}\nstream {}\nexpect {expected}",
            &pushed[pushed.len().saturating_sub(40)..],
            stream.html(),
        ));
    }
    match stream.finish().is_empty() {
        true => Ok(()),
        false => Err(format!("finishing changes {so_far:?}")),
    }
}
