//! Code blocks: one element per line, so that an open block grows by whole lines and a finished line is never touched.

use std::fmt;

use crate::labels::Labels;
use crate::link;
use crate::node::{Element, Node, html};

/// Colours code. A page colours the lines of a growing answer beside its main thread, and a server at once; so the
/// renderer knows just this much.
pub trait Highlight: Send + Sync {
    /// Starts a block in the language that a fence names (`rust`, `ts`, `c++`); `None` leaves it plain.
    fn start(&self, language: &str) -> Option<Box<dyn HighlightLines>>;
}

/// The state of a highlighter between two lines of one block.
pub trait HighlightLines: Send {
    /// Colours the next line, which ends with its newline. What the spans do not cover stays plain.
    fn line(&mut self, line: &str) -> Vec<Span>;
}

/// A piece of a line, following the piece before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its length in bytes.
    pub length: usize,
    /// Its class, or empty for plain text.
    pub class: String,
}

/// The language that a fence names: the first word of what stands behind it.
///
/// What an HTML class or a reader would take for the end of a word ends it, too, however it was written.
pub(crate) fn language(info: &str) -> &str {
    let ends = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, ',' | '{') || link::is_invisible(c)
    };
    info.split(ends).next().unwrap_or_default()
}

/// The element for a block in `language` (the fence's first word, possibly empty), without any line yet.
pub(crate) fn figure(language: &str, labels: &Labels) -> Element {
    let language = language.trim();
    let shown = if language.is_empty() { "text" } else { language };
    let caption = Element::new("figcaption")
        .child(Element::new("span").with("class", "language").child(shown))
        .child(named("fold", labels.show_all_lines).with("aria-expanded", "false"))
        .child(named("wrap", labels.wrap_lines).with("aria-pressed", "false"))
        .child(named("download", labels.download))
        .child(button("copy").child(labels.copy));
    let code = match language {
        "" => Element::new("code"),
        _ => Element::new("code").with("class", format!("language-{language}")),
    };
    let figure = Element::new("figure").with("class", "code").with("data-language", language);
    figure.child(caption).child(Element::new("pre").with("tabindex", "0").child(code))
}

fn button(class: &str) -> Element {
    Element::new("button").with("type", "button").with("class", class)
}

/// A button that shows a picture only, so that a pointer, too, is told what it does.
fn named(class: &str, name: &str) -> Element {
    button(class).with("aria-label", name).with("title", name)
}

/// More lines than these are folded at first.
const LONG: usize = 60;

/// Tells how many lines the block of a caption has.
pub(crate) fn count(caption: &mut Element, lines: usize) {
    caption.attributes = vec![("data-lines", lines.to_string())];
    if lines > LONG {
        caption.attributes.push(("class", "long".to_owned()));
    }
}

/// A figure taken apart into itself, its `pre` and its `code`, each without the next.
pub(crate) fn nested(mut figure: Element) -> [Element; 3] {
    let take = |element: &mut Element| match element.children.pop() {
        Some(Node::Element(child)) => child,
        _ => Element::new("code"),
    };
    let mut pre = take(&mut figure);
    let code = take(&mut pre);
    [figure, pre, code]
}

/// Adds text to a block's lines, and colours the lines that it finishes.
pub(crate) fn push(lines: &mut Vec<Node>, text: &str, painter: &mut Painter) {
    for piece in text.split_inclusive('\n') {
        match lines.last_mut() {
            Some(Node::Element(line)) if !is_finished(line) => line.push_text(piece),
            _ => lines.push(Element::new("span").with("class", "line").child(piece).into()),
        }
        if piece.ends_with('\n')
            && let Some(Node::Element(line)) = lines.last_mut()
        {
            painter.paint(line);
        }
    }
}

fn is_finished(line: &Element) -> bool {
    match line.children.last() {
        Some(Node::Text(text)) => text.ends_with('\n'),
        Some(Node::Element(span)) => is_finished(span),
        None => false,
    }
}

/// Colours one block line by line, in order.
#[derive(Default)]
pub(crate) struct Painter(Option<Box<dyn HighlightLines>>);

impl fmt::Debug for Painter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Painter").field(&self.0.is_some()).finish()
    }
}

impl Painter {
    pub(crate) fn new(highlighter: Option<&dyn Highlight>, language: &str) -> Self {
        Painter(
            highlighter
                .filter(|_| !language.is_empty())
                .and_then(|highlighter| highlighter.start(language)),
        )
    }

    /// Colours a finished line. Without its newline it could still grow, and a token with it.
    pub(crate) fn paint(&mut self, line: &mut Element) {
        let Some(lines) = &mut self.0 else { return };
        let mut text = String::new();
        line.children.iter().for_each(|child| child.text(&mut text));
        line.children = painted(lines.as_mut(), &text);
    }
}

/// Colours the next line of a block: the HTML that stands within its `<span class="line">`.
pub fn line_html(lines: &mut dyn HighlightLines, line: &str) -> String {
    html(&painted(lines, line))
}

fn painted(lines: &mut dyn HighlightLines, line: &str) -> Vec<Node> {
    let mut rest = line;
    let mut painted = Element::new("span");
    for span in lines.line(line) {
        let Some((piece, after)) = rest.split_at_checked(span.length) else { break };
        rest = after;
        if span.class.is_empty() || piece.trim().is_empty() {
            painted.push_text(piece);
        } else {
            painted = painted.child(Element::new("span").with("class", span.class).child(piece));
        }
    }
    painted.push_text(rest);
    painted.children
}
