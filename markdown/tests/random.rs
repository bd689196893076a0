//! Random documents, randomly split: the page equals the one-shot rendering after every piece.

#[path = "support/page.rs"]
mod page;

use markdown::{Options, Stream, render};
use page::{Page, parse, sorted};
use proptest::prelude::*;
use proptest::sample::select;

/// Pieces that mean something to a Markdown parser, and words that keep them apart.
const PIECES: &[&str] = &[
    "a",
    "word ",
    "two words ",
    " ",
    "  ",
    "    ",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "- ",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2. ",
    "7) ",
    "> ",
    ">",
    "# ",
    "## ",
    "#",
    "```\n",
    "```rust\n",
    "~~~\n",
    "`",
    "``",
    "*",
    "**",
    "_",
    "__",
    "~~",
    "~",
    "[a]",
    "[b]",
    "[a][b]",
    "[a][]",
    "[a](",
    "](",
    ")",
    "[",
    "]",
    "![",
    "![a]",
    "[a]: /u",
    "[b]: <x y> 'title'",
    "[^1]",
    "[^1]: ",
    "[^a b]",
    "\n[a]: https://e.x\n",
    "\n[^1]: note ",
    "https://e.x/a",
    "www.e.x",
    "<b>",
    "</b>",
    "<div>",
    "<div",
    "<!-- ",
    "-->",
    "<",
    ">",
    "&amp;",
    "&",
    "\\",
    "\\\n",
    "===\n",
    "---\n",
    "***\n",
    "---",
    "=",
    "| a | b |\n",
    "|---|:-:|\n",
    "| c |",
    "|",
    "- [ ] ",
    "- [x] ",
    "[!NOTE]\n",
    "> [!TIP]\n",
    "\"",
    "'",
    "(",
    "é",
    "漢字 ",
    "مرحبا ",
    "\u{a0}",
    "\r\n",
    "\r\n\r\n",
    "\r",
    "\t",
    "\n\t",
    "-\t",
    "\0",
    "\u{c}",
    "!",
    ":",
    ".",
    ",",
    ";",
    "-",
    "Long plain sentence, with words. ",
    "x_y",
    "5 * 3 ",
    "   ",
    "\n  ",
    "\n    ",
    "\n> ",
    "\n- ",
    "\n  - ",
    "\n1. ",
    "\n   ",
    "\n\n  ",
    "\n\n    ",
];

/// Pieces of tables and addresses, which the plain text between them is added to without parsing.
const ROWS: &[&str] = &[
    "| a | b | c |\n|---|:-:|--:|\n",
    "| a |\n|--|\n",
    "a | b\n-|-\n",
    "| ",
    " | ",
    "|",
    " |\n",
    "|\n",
    "\n",
    "\\|",
    "\\",
    "cell",
    "two words",
    "12,400",
    "1.8 ms",
    "**bold**",
    "*",
    "`code`",
    "`",
    "`a|b`",
    "www.e.x",
    "https://",
    "https://e.x",
    "/path",
    "-",
    "_",
    ".",
    "!",
    "(",
    ")",
    " ",
    "  ",
    "[a](",
    "[a]",
    "\n\n",
    "> ",
    "- ",
    "  ",
    "é",
    "漢",
    "&amp;",
    "<",
    "=",
];

/// Words, and inline constructs around them, in a few long paragraphs.
const PROSE: &[&str] = &[
    "word ",
    "two words ",
    "A sentence, with a comma. ",
    "**bold** ",
    "**",
    "*em* ",
    "*",
    "_",
    "`code` ",
    "`",
    "[a](https://e.x) ",
    "[a](",
    "[",
    "] ",
    ")",
    "https://e.x/a-b ",
    "www.e.x, ",
    "![a](https://e.x/i) ",
    "<b>",
    "<",
    "\\* ",
    "\\",
    "\n",
    "\n",
    "  \n",
    "\n\n",
    "\n\n- ",
    "\n- ",
    "\n  ",
    "\n> ",
    "~~",
    "5 * 3 ",
    "a_b_c ",
    "[^1]",
    "[x]",
    "\n\n[x]: https://e.x\n\n",
    "\n\n[^1]: n\n\n",
    "é ",
    "漢字",
];

fn document() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![
        2 => prop::collection::vec(select(PIECES), 1..40),
        1 => prop::collection::vec(select(ROWS), 1..60),
        1 => prop::collection::vec(select(PROSE), 1..60),
    ]
}

fn check(source: &str, cuts: &[usize]) -> Result<(), TestCaseError> {
    let mut stream = Stream::new(Options::default());
    let mut page = Page::default();
    let mut start = 0;
    let mut cuts = cuts.iter().cycle();
    let mut pieces = Vec::new();
    while start < source.len() {
        let mut end = (start + cuts.next().copied().unwrap_or(1).max(1)).min(source.len());
        while !source.is_char_boundary(end) {
            end += 1;
        }
        let patch = stream.push(&source[start..end]);
        pieces.push(&source[start..end]);
        page.apply(&patch);
        let expected = render(&source[..end], &Options::default());
        prop_assert_eq!(stream.html(), expected.clone(), "after {:?}: {:?}", pieces, patch);
        prop_assert!(
            page.tree() == sorted(parse(&expected)),
            "page differs after {:?}: {:?}",
            pieces,
            patch
        );
        start = end;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order(pieces in document(), cuts in prop::collection::vec(1usize..12, 1..6)) {
        check(&pieces.concat(), &cuts)?;
    }
}
