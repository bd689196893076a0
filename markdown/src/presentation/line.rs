//! How a line begins: the containers that go on, the marks of new ones, and what its content is.

use super::brackets::label_end;
use super::inline::run;
use super::place::Container;

/// What stands before the text of a task, and is held until that begins.
const BOXES: [&str; 3] = ["[ ] ", "[x] ", "[X] "];

/// What begins at a place before a line's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A container's mark of so many bytes.
    Container(Container, usize),
    /// The line's content, after so many bytes.
    Leaf(Line, usize),
}

/// What a line's content is, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing but marks: a rule, an underline, an empty item or heading, or half of something.
    Marks,
    Fence {
        mark: u8,
        length: usize,
    },
    /// Code by its indentation.
    Indented,
    Heading,
    /// Where a reference leads.
    Definition,
    /// The start of a tag, which may make this a block of HTML.
    Tag,
    /// The kind of an alert, and nothing else.
    Alert,
    Text,
}

/// Whether two lines are the head of a table and what makes it one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// They are, and the second ends here.
    Until(usize),
    /// That takes more text.
    Open,
    None,
}

/// How many of the containers a line goes on in, and where it does in the line.
pub(super) fn within(line: &str, containers: &[Container]) -> (usize, usize) {
    let mut at = 0;
    for (index, container) in containers.iter().enumerate() {
        let (spaces, columns) = indent(&line[at..]);
        match container {
            Container::Quote if columns < 4 && line[at + spaces..].starts_with('>') => {
                at += spaces + 1;
                at += usize::from(line[at..].starts_with(' '));
            }
            Container::Item(width) if columns >= *width => at += bytes_of(&line[at..], *width),
            _ => return (at, index),
        }
    }
    (at, containers.len())
}

/// What comes next in a line: in a paragraph not everything may begin, and a box only after an item's mark.
pub(super) fn content(line: &str, in_paragraph: bool, in_item: bool) -> Content {
    let (spaces, columns) = indent(line);
    let rest = &line[spaces..];
    if columns >= 4 && !rest.is_empty() {
        let kind = if in_paragraph { Line::Text } else { Line::Indented };
        return Content::Leaf(kind, spaces);
    }
    let kind = leaf(rest, in_item);
    if kind == Line::Marks && is_rule(rest) {
        return Content::Leaf(kind, spaces);
    }
    match mark(rest, in_paragraph) {
        Some((Container::Item(width), length)) => {
            let after = &rest[length..];
            let (_, gap) = indent(after);
            // With more spaces the content is code, which begins one space after the mark.
            let gap = if (1..=4).contains(&gap) && after.len() > gap { gap } else { 1 };
            let container = Container::Item(columns + width + gap);
            Content::Container(container, spaces + length + bytes_of(after, gap))
        }
        Some((Container::Quote, length)) => {
            let space = usize::from(rest[length..].starts_with(' '));
            Content::Container(Container::Quote, spaces + length + space)
        }
        None => {
            let marks = match kind {
                Line::Heading => run(rest),
                Line::Text if in_item && BOXES.iter().any(|mark| rest.starts_with(mark)) => 4,
                _ => 0,
            };
            Content::Leaf(kind, spaces + marks + indent(&rest[marks..]).0)
        }
    }
}

/// A container's mark, without the space after it.
fn mark(rest: &str, in_paragraph: bool) -> Option<(Container, usize)> {
    let bytes = rest.as_bytes();
    let is_item = |length: usize| {
        let after = bytes.get(length);
        let is_empty = rest[length..].trim_ascii().is_empty();
        after.is_none_or(|after| matches!(after, b' ' | b'\t')) && !(in_paragraph && is_empty)
    };
    match bytes.first()? {
        b'>' => Some((Container::Quote, 1)),
        b'-' | b'+' | b'*' if is_item(1) => Some((Container::Item(1), 1)),
        b'0'..=b'9' => {
            let digits = digits(rest);
            let is_mark = matches!(bytes.get(digits), Some(b'.' | b')')) && digits < 10;
            let may_begin = !in_paragraph || &rest[..digits] == "1";
            (is_mark && may_begin && is_item(digits + 1))
                .then_some((Container::Item(digits + 1), digits + 1))
        }
        b'[' if rest.starts_with("[^") => {
            let label = label_end(rest)?;
            // What follows is indented by four columns, however long the label is.
            rest[label..].starts_with(':').then_some((Container::Item(3), label + 1))
        }
        _ => None,
    }
}

fn leaf(rest: &str, in_item: bool) -> Line {
    let bytes = rest.as_bytes();
    let is_box = |mark: &&str| {
        mark.starts_with(rest) || (rest.starts_with(*mark) && rest[4..].trim_ascii().is_empty())
    };
    if bytes.iter().all(|byte| b"-*+_=#>|:~` \t".contains(byte)) && !is_fence(rest) {
        return Line::Marks;
    }
    match bytes[0] {
        b'0'..=b'9' if is_half_number(&rest[digits(rest)..]) => Line::Marks,
        b'[' if in_item && BOXES.iter().any(is_box) => Line::Marks,
        b'[' if rest.starts_with("[!") || rest == "[" => {
            let kind = rest[1..]
                .trim_start_matches('!')
                .trim_start_matches(|c: char| c.is_ascii_alphabetic());
            if matches!(kind.trim_ascii_end(), "" | "]") { Line::Alert } else { Line::Text }
        }
        b'[' => match label_end(rest) {
            Some(label) if rest[label..].starts_with(':') => Line::Definition,
            Some(label) if rest[label..].is_empty() => Line::Definition,
            None => Line::Definition,
            _ => Line::Text,
        },
        b'<' if is_half_tag(rest) => Line::Tag,
        b'#' if run(rest) <= 6 && matches!(bytes[run(rest)], b' ' | b'\t') => Line::Heading,
        mark @ (b'`' | b'~') if is_fence(rest) => Line::Fence { mark, length: run(rest) },
        _ => Line::Text,
    }
}

/// Whether digits followed by this may become an item's mark.
fn is_half_number(after: &str) -> bool {
    after.is_empty() || matches!(after.trim_ascii_end(), "." | ")")
}

fn is_fence(rest: &str) -> bool {
    match rest.as_bytes() {
        [mark @ (b'`' | b'~'), ..] => {
            let length = run(rest);
            length >= 3 && (*mark == b'~' || !rest[length..].contains('`'))
        }
        _ => false,
    }
}

fn is_half_tag(rest: &str) -> bool {
    let name = &rest[1..];
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
    let end = name.find(|c: char| c.is_whitespace() || c == '>').map(|end| end + 1);
    name.chars().next().is_none_or(begins) && end.is_none_or(|end| end == name.len())
}

/// Whether a line of marks may be a rule, rather than marks of items one inside the other.
fn is_rule(rest: &str) -> bool {
    let mut marks = rest.bytes().filter(|byte| !matches!(byte, b' ' | b'\t'));
    let first = marks.clone().next();
    marks.clone().count() > 2 && marks.all(|byte| b"-*_".contains(&byte) && Some(byte) == first)
}

/// Reads a text that begins with a row.
pub(super) fn table(text: &str) -> Table {
    let Some(end) = text.find(['\n', '\r']) else { return Table::Open };
    let start = end + line_end(text, end);
    let length = text[start..].find(['\n', '\r']);
    let row = &text[start..length.map_or(text.len(), |length| start + length)];
    let row = row.trim_start_matches([' ', '\t', '>']);
    match length {
        _ if !row.bytes().all(|byte| b"|:- \t".contains(&byte)) => Table::None,
        Some(length) if row.contains('-') => Table::Until(start + length),
        Some(_) => Table::None,
        None => Table::Open,
    }
}

/// The spaces at the start of a line: how many bytes, and how many columns.
fn indent(line: &str) -> (usize, usize) {
    let spaces = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
    spaces.fold((0, 0), |(bytes, columns), byte| {
        (bytes + 1, if byte == b'\t' { columns / 4 * 4 + 4 } else { columns + 1 })
    })
}

/// How many bytes of spaces make at least so many columns.
fn bytes_of(line: &str, columns: usize) -> usize {
    let (all, _) = indent(line);
    (0..all).find(|length| indent(&line[..*length]).1 >= columns).unwrap_or(all)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The length of the line's end at a place.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    if text[at..].starts_with("\r\n") { 2 } else { 1 }
}
