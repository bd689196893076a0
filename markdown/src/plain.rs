//! What a document says, without its marks.

use pulldown_cmark::{Event, Options, Parser, TagEnd};

use crate::window::DIALECT;

/// The text of a document, a line for each of its blocks: for a place that shows a piece of it in one line. Formulas and
/// raw HTML stay as they are written; addresses of links and the marks of footnotes are left out.
pub fn plain(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    for event in Parser::new_ext(source, DIALECT.difference(Options::ENABLE_MATH)) {
        match event {
            Event::Text(piece)
            | Event::Code(piece)
            | Event::Html(piece)
            | Event::InlineHtml(piece) => {
                text.push_str(&piece);
            }
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(TagEnd::TableCell) => text.push(' '),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::TableHead
                | TagEnd::TableRow
                | TagEnd::CodeBlock
                | TagEnd::HtmlBlock,
            ) if !text.ends_with('\n') => text.push('\n'),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_no_part_of_what_is_said() {
        for (source, said) in [
            ("## A **bold** `word`\nand *more*", "A bold word\nand more\n"),
            ("one\ntwo  \nthree", "one two three\n"),
            ("- [x] done\n- 1. deep\n", "done\ndeep\n"),
            ("| a | b |\n|---|---|\n| c | d |", "a b \nc d \n"),
            ("```rust\nlet a = b * c * d;\n```\nafter", "let a = b * c * d;\nafter\n"),
            ("[text](https://e.x) ![alt](https://e.x) <b>&amp;", "text alt <b>&\n"),
            ("$5 and $10, \\(x\\)", "$5 and $10, (x)\n"),
            ("said[^1]\n\n[^1]: so", "said\nso\n"),
            ("", ""),
        ] {
            assert_eq!(plain(source), said, "{source}");
        }
    }
}
