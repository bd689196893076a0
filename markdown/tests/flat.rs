//! The work per delta does not grow with the document. Counted in bytes parsed and nodes touched, never timed.

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/page.rs"]
mod page;
#[path = "support/pieces.rs"]
mod pieces;

use corpus::corpus;
use markdown::{Edit, Options, Stream, render};
use page::{Page, parse, sorted};
use pieces::in_pieces_of;

#[test]
fn the_corpus_is_parsed_at_most_three_times_over() {
    let (mut work, mut length) = (0, 0);
    for (name, document) in corpus() {
        let mut stream = Stream::new(Options::default());
        let mut page = Page::default();
        for piece in in_pieces_of(&document, 5) {
            page.apply(&stream.push(piece));
        }
        assert_eq!(page.tree(), sorted(parse(&render(&document, &Options::default()))), "{name}");
        work += stream.work();
        length += document.len();
    }
    assert!(work <= 3 * length, "{work} bytes parsed for {length}");
}

/// The most work, and the most HTML, that any delta causes in the last tenth of a document of `count` parts.
fn peak(begin: &str, part: impl Fn(usize) -> String, count: usize) -> (usize, usize) {
    let mut document = begin.to_owned();
    document.extend((0..count).map(part));
    let mut stream = Stream::new(Options::default());
    let deltas = in_pieces_of(&document, 5);
    let (mut most_work, mut most_html) = (0, 0);
    for (index, delta) in deltas.iter().enumerate() {
        let before = stream.work();
        let patch = stream.push(delta);
        if index * 10 < deltas.len() * 9 {
            continue;
        }
        most_work = most_work.max(stream.work() - before);
        let html = patch.edits.iter().map(|edit| match edit {
            Edit::Splice { html, .. } | Edit::Replace { html, .. } => html.len(),
            Edit::Text { text, .. } => text.len(),
            Edit::Attribute { .. } => 1,
        });
        most_html = most_html.max(html.sum());
    }
    assert_eq!(stream.html(), render(&document, &Options::default()));
    (most_work, most_html)
}

#[test]
fn five_thousand_paragraphs_cost_what_fifty_do() {
    let paragraph = |index| format!("Paragraph {index:04} with **bold** words and `code`.\n\n");
    assert_eq!(peak("", paragraph, 5000), peak("", paragraph, 50));
}

#[test]
fn ten_thousand_lines_of_code_cost_what_fifty_do() {
    let line = |index| format!("let line_{index:05} = \"**text**\";\n");
    assert_eq!(peak("```rust\n", line, 10_000), peak("```rust\n", line, 50));
}

#[track_caller]
fn check(begin: &str, part: impl Fn(usize) -> String + Copy) {
    let short = peak(begin, part, 50);
    let long = peak(begin, part, 2000);
    // Numbers have more digits in a longer document; nothing else may grow.
    assert!(
        long.0 <= short.0 + 12 && long.1 <= short.1 + 200,
        "{begin:?}: (work, HTML) grow from {short:?} to {long:?}"
    );
}

#[test]
fn work_per_delta_does_not_grow() {
    let number = |index: usize| format!("{:04}", index);
    check("", |index| format!("Paragraph {} with **bold** words and `code`.\n\n", number(index)));
    check("", |index| format!("- item {} with **bold** words\n", number(index)));
    check("", |index| format!("- item {} in a loose list\n\n", number(index)));
    check("1. outer\n", |index| format!("   - item {} with **bold** words\n", number(index)));
    check("| a | b |\n|---|---|\n", |index| format!("| row {} | `code` |\n", number(index)));
    check("```rust\n", |index| format!("let line_{} = \"**text**\";\n", number(index)));
    check("- item\n\n  ```\n", |index| format!("  let line_{} = 1;\n", number(index)));
    check("", |index| format!("> quoted {} with **bold** words\n>\n", number(index)));
    check("", |index| format!("    line {}\n", number(index)));
    check("- item\n\n", |index| format!("      line {}\n", number(index)));
    check("<div>\n", |index| format!("line {}\n", number(index)));
    check("<!--\n", |index| format!("line {}\n\n", number(index)));
    check("- <pre>\n", |index| format!("  line {}\n", number(index)));
    check("", |index| format!("[name {0}]: https://example.org/{0}\n", number(index)));
    check("", |index| format!("[name {0}]: https://example.org/{0} \"{0}\"\n", number(index)));
    check("", |index| format!("[{0}]\n\n[{0}]: https://example.org/{0}\n\n", number(index)));
    check("", |index| format!("[^{0}]: note {0} with **bold** words\n", number(index)));
    check("", |index| format!("Text[^{0}]\n\n[^{0}]: note with **bold** words\n\n", number(index)));
    let head = "| a | b | c |\n|---|---|---|\n";
    check(head, |index| format!("| [a {}](https://e.x/a) | `code` | **b** |\n", number(index)));
    check(head, |index| format!("| [a][{}] | `code` | **b** |\n", number(index)));
    check(&format!("{head}| x | "), |index| format!("word {}, **b** and `c` ", number(index)));
    check("> | a | b |\n> |---|---|\n", |index| {
        format!("> | {} | [c](https://e.x) |\n", number(index))
    });
    check("", |index| format!("- outer {}\n  - inner **a**\n    - third `b`\n", number(index)));
    check("", |index| format!("> 1. item {} **b**\n>    - inner `c`\n", number(index)));
    check("- a\n\n  - b\n\n    - c\n\n", |index| {
        format!("      - third **b** {}\n\n        more text\n\n", number(index))
    });
    check("", |index| {
        format!("Sentence {} with **bold** words and `code` in one paragraph. ", number(index))
    });
    for begin in ["a *b ", "a `` b ", "a [b ", "a <b ", "~~a ", "a _b ", "![a ", "a [b][", "x"] {
        check(begin, |index| format!("word {} with **bold** and `code` and more, ", number(index)));
    }
    check("Plain ", |index| {
        format!("[link {}](https://e.x/a) and 5 * 3 > 2 in words; ", number(index))
    });
    check("", |_| "这是一个没有空格的中文段落，需要流式渲染。".to_owned());
    check("", |index| format!("这是**粗体{}**中文段落，需要`代码`渲染。", number(index)));
    check("", |_| "使用hello和www等词，看https的文档，没有空格".to_owned());
    check("", |index| format!("请看https://e.x/{}。好的，", number(index)));
    check("", |_| "ภาษาไทยไม่มีช่องว่างระหว่างคำ".to_owned());
    check("", |_| "abcdefghij".to_owned());
    check("", |_| "0123456789".to_owned());
    check("", |index| format!("{} ", number(index)));
    check("", |index| format!("{}, {}\n", number(index), number(index)));
    check("a", |_| ".,;:?!".to_owned());
    check("a\rb\u{c}c\n\n", |index| format!("Paragraph {} with **bold**\r\r", number(index)));
    check("", |index| format!("Line {} of one paragraph with *words*,\n", number(index)));
}
