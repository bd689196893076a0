//! The text as the parser sees it: of the same length, but with dollars only around formulas.
//!
//! The parser knows `$` and `$$`, takes every dollar for a delimiter, and lets formulas begin no line as they please.
//! So the delimiters `\(` and `\[` become dollars before parsing, and whatever is no delimiter but could be taken for
//! one becomes neutral punctuation. In the parser's events the original characters come back, by their places.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Tag};

use crate::anchor::Anchor;
use crate::formula::{self, Found, Mode, NEUTRAL};
use crate::references::{Definition, Known};

/// A text for the parser, with everything needed to undo the masks.
pub(crate) struct Masked {
    original: String,
    /// `None` if nothing had to be masked.
    masked: Option<String>,
    found: Found,
    /// Where the source begins, after the prelude.
    base: usize,
    /// The quote markers before it on its line.
    quotes: usize,
}

impl Masked {
    /// Masks what comes after the first `base` bytes, which lead to `anchor`.
    pub(crate) fn new(original: String, base: usize, anchor: &Anchor) -> Self {
        // What stands for the text before the anchor on its line counts as text of the line.
        let base = base - anchor.leaf.lead().len();
        let quotes = if anchor.is_inside_line() { anchor.quotes } else { 0 };
        let found = formula::find(&original[base..], anchor.mode, quotes);
        let has_dollars = original[..base].contains('$');
        let masked = if found.masks.is_empty() && !has_dollars {
            None
        } else {
            let mut bytes = original.clone().into_bytes();
            for byte in &mut bytes[..base] {
                if *byte == b'$' {
                    *byte = NEUTRAL;
                }
            }
            for (at, byte) in &found.masks {
                bytes[base + at] = *byte;
            }
            String::from_utf8(bytes).ok()
        };
        Masked { original, masked, found, base, quotes }
    }

    /// What the parser gets.
    pub(crate) fn text(&self) -> &str {
        self.masked.as_deref().unwrap_or(&self.original)
    }

    pub(crate) fn has_masks(&self) -> bool {
        self.masked.is_some()
    }

    /// What the document says.
    pub(crate) fn original(&self) -> &str {
        &self.original
    }

    /// Whether it may depend on text to come whether there is a formula at a place.
    pub(crate) fn is_unsettled(&self, at: usize) -> bool {
        self.is_in(&self.found.unsettled, at)
    }

    /// Whether a formula at a place would be code, in a text that has no formulas so far.
    pub(crate) fn is_in_code(&self, at: usize) -> bool {
        self.is_in(&self.found.code, at)
    }

    fn is_in(&self, ranges: &[Range<usize>], at: usize) -> bool {
        let Some(at) = at.checked_sub(self.base) else { return false };
        let after = ranges.partition_point(|range| range.start <= at);
        after.checked_sub(1).is_some_and(|index| ranges[index].contains(&at))
    }

    /// Where to the search for formulas the content begins of the line that a place lies in, after all markers.
    pub(crate) fn content(&self, at: usize) -> usize {
        let Some(at) = at.checked_sub(self.base) else { return 0 };
        self.base + formula::content(&self.original[self.base..], at)
    }

    /// The quote markers before a place on its line. The parser may take some of them for text.
    pub(crate) fn quotes(&self, at: usize) -> usize {
        let Some(at) = at.checked_sub(self.base) else { return 0 };
        formula::quotes_before(&self.original[self.base..], at, self.quotes)
    }

    /// What the text before a place leaves open.
    pub(crate) fn mode(&self, at: usize) -> Mode {
        let Some(at) = at.checked_sub(self.base) else { return Mode::Text };
        let modes = &self.found.modes;
        modes
            .binary_search_by_key(&at, |(start, _)| *start)
            .map_or(Mode::Text, |index| modes[index].1)
    }

    /// The parser's event with the document's own characters. A formula comes with its delimiters; one that only the
    /// parser sees becomes text. `known` is what the text itself defines.
    pub(crate) fn event<'m>(
        &'m self,
        event: Event<'m>,
        range: &Range<usize>,
        in_code: bool,
        known: &Known,
    ) -> Event<'m> {
        if self.masked.is_none() && self.found.formulas.is_empty() {
            return event;
        }
        match event {
            Event::Text(text) if in_code => Event::Text(self.restore(text, range, 0)),
            Event::Text(text) => Event::Text(self.prose(text, range)),
            Event::Code(text) => {
                let ticks = self.text()[range.clone()].bytes().take_while(|byte| *byte == b'`');
                Event::Code(self.restore(text, &(range.start + ticks.count()..range.end), 0))
            }
            Event::Html(text) => Event::Html(self.restore(text, range, 0)),
            Event::InlineHtml(text) => Event::InlineHtml(self.restore(text, range, 0)),
            Event::FootnoteReference(label) => {
                Event::FootnoteReference(self.restore(label, range, 0))
            }
            Event::InlineMath(text) | Event::DisplayMath(text) => self.formula(text, range),
            Event::Start(tag) => Event::Start(self.tag(tag, range, known)),
            event => event,
        }
    }

    /// Text outside of code, where a delimiter that delimits nothing is an escaped bracket.
    fn prose<'m>(&'m self, text: CowStr<'m>, range: &Range<usize>) -> CowStr<'m> {
        let text = self.restore(text, range, 0);
        let original = &self.original[range.clone()];
        if *text != *original || !original.contains('\\') {
            return text;
        }
        let masked = &self.text().as_bytes()[range.clone()];
        let shown = original.char_indices().filter(|(at, c)| *c != '\\' || masked[*at] == b'\\');
        shown.map(|(_, c)| c).collect::<String>().into()
    }

    fn formula(&self, text: CowStr<'_>, range: &Range<usize>) -> Event<'static> {
        let formulas = &self.found.formulas;
        let start = range.start.saturating_sub(self.base);
        let formula = formulas
            .binary_search_by_key(&start, |formula| formula.range.start)
            .ok()
            .map(|index| &formulas[index])
            .filter(|formula| formula.range.end + self.base == range.end);
        let dollars = self.text()[range.clone()].bytes().take_while(|byte| *byte == b'$').count();
        let dollars = dollars.min(2);
        let inside = self.restore(text, range, dollars);
        let original = &self.original[range.clone()];
        let (open, close) = (&original[..dollars], &original[original.len() - dollars..]);
        let source = CowStr::from([open, &inside, close].concat());
        match formula {
            Some(formula) if formula.delimiter.is_display() => Event::DisplayMath(source),
            Some(_) => Event::InlineMath(source),
            None => Event::Text(source),
        }
    }

    fn tag<'m>(&'m self, tag: Tag<'m>, range: &Range<usize>, known: &Known) -> Tag<'m> {
        match tag {
            Tag::Link { link_type, dest_url, title, id } => {
                let (dest_url, title, id) = self.link(link_type, dest_url, title, id, range, known);
                Tag::Link { link_type, dest_url, title, id }
            }
            Tag::Image { link_type, dest_url, title, id } => {
                let (dest_url, title, id) = self.link(link_type, dest_url, title, id, range, known);
                Tag::Image { link_type, dest_url, title, id }
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                Tag::CodeBlock(CodeBlockKind::Fenced(self.info(info, range)))
            }
            Tag::FootnoteDefinition(label) => {
                Tag::FootnoteDefinition(self.restore(label, range, 0))
            }
            tag => tag,
        }
    }

    /// A link's address, title and label, of which each is the last thing in the link's text if there is no later one.
    fn link<'m>(
        &'m self,
        link_type: LinkType,
        address: CowStr<'m>,
        title: CowStr<'m>,
        id: CowStr<'m>,
        range: &Range<usize>,
        known: &Known,
    ) -> (CowStr<'m>, CowStr<'m>, CowStr<'m>) {
        let id = self.restore_last(id, range);
        match (link_type, known.link(&id)) {
            (LinkType::Autolink | LinkType::Email, _) => {
                (self.restore_last(address, range), title, id)
            }
            (LinkType::Inline, _) => {
                let (address, title) = self.destination(address, title, range);
                (address, title, id)
            }
            (_, Some(Definition { address, title })) => {
                (address.clone().into(), title.clone().into(), id)
            }
            (_, None) => (address, title, id),
        }
    }

    /// The label and the meaning of a reference definition.
    pub(crate) fn definition(
        &self,
        label: &str,
        address: &str,
        title: &str,
        range: &Range<usize>,
    ) -> (String, Definition) {
        let (address, title) = self.destination(address.into(), title.into(), range);
        let definition = Definition { address: address.into(), title: title.into() };
        (self.restore(label.into(), range, 0).to_string(), definition)
    }

    /// The label of a reference that stands at the end of a range.
    pub(crate) fn label(&self, label: &str, range: &Range<usize>) -> String {
        self.restore_last(label.into(), range).into()
    }

    /// An address and a title that end a range. The parser has resolved the escapes and character references in them.
    fn destination<'m>(
        &self,
        address: CowStr<'m>,
        title: CowStr<'m>,
        range: &Range<usize>,
    ) -> (CowStr<'m>, CowStr<'m>) {
        if self.masked.is_none() {
            return (address, title);
        }
        let marks = self.resolved_marks(range);
        let in_title = marks.len().saturating_sub(count(&title));
        let in_address = in_title.saturating_sub(count(&address));
        let restored = |text, first: usize| with_marks(text, marks[first..].iter().copied());
        (restored(address, in_address), restored(title, in_title))
    }

    /// The info string of a code block, which begins the block, with its escapes and character references resolved.
    fn info<'m>(&self, info: CowStr<'m>, range: &Range<usize>) -> CowStr<'m> {
        if self.masked.is_none() || !info.contains(is_mark) {
            return info;
        }
        with_marks(info, self.resolved_marks(range).into_iter())
    }

    /// A string that the parser took from the end of a range as it stands.
    fn restore_last<'m>(&'m self, text: CowStr<'m>, range: &Range<usize>) -> CowStr<'m> {
        let first = self.marks(range).count().saturating_sub(count(&text));
        self.restore(text, range, first)
    }

    /// A string that the parser took from a range, in which `first` characters that may be masks come before it.
    fn restore<'m>(&'m self, text: CowStr<'m>, range: &Range<usize>, first: usize) -> CowStr<'m> {
        if self.masked.is_none() || !text.contains(is_mark) {
            return text;
        }
        if self.text().get(range.clone()) == Some(&*text) {
            return CowStr::Borrowed(&self.original[range.clone()]);
        }
        with_marks(text, self.marks(range).skip(first))
    }

    /// What stands in the document where the parser sees a character that may be a mask.
    fn marks(&self, range: &Range<usize>) -> impl Iterator<Item = char> {
        let masked = self.text().get(range.clone()).unwrap_or_default().bytes();
        let original = self.original.get(range.clone()).unwrap_or_default().bytes();
        masked
            .zip(original)
            .filter(|(masked, _)| is_mark(char::from(*masked)))
            .map(|(_, original)| char::from(original))
    }

    /// The same where the parser resolves escapes and character references, of which some mean such a character.
    fn resolved_marks(&self, range: &Range<usize>) -> Vec<char> {
        let masked = self.text().get(range.clone()).unwrap_or_default().as_bytes();
        let original = self.original.get(range.clone()).unwrap_or_default().as_bytes();
        let mut marks = Vec::new();
        let mut at = 0;
        while let Some(&byte) = masked.get(at) {
            if is_mark(char::from(byte)) {
                marks.push(char::from(original[at]));
            }
            at += match byte {
                b'\\' if matches!(masked.get(at + 1), Some(b'\\' | b'&')) => 2,
                b'&' => match referenced_mark(&masked[at..]) {
                    Some((mark, length)) => {
                        marks.push(mark);
                        length
                    }
                    None => 1,
                },
                _ => 1,
            };
        }
        marks
    }
}

/// A text with its marks replaced in their order.
fn with_marks<'m>(text: CowStr<'m>, mut marks: impl Iterator<Item = char>) -> CowStr<'m> {
    if !text.contains(is_mark) {
        return text;
    }
    let restored: String =
        text.chars().map(|c| if is_mark(c) { marks.next().unwrap_or(c) } else { c }).collect();
    restored.into()
}

/// The character that a text begins to refer to, if that looks like a mask, and the length of the reference:
/// <https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references>.
fn referenced_mark(text: &[u8]) -> Option<(char, usize)> {
    let text = text.get(..text.len().min(LONGEST_REFERENCE)).unwrap_or_default();
    let length = text.iter().position(|byte| *byte == b';')? + 1;
    let name = std::str::from_utf8(&text[1..length - 1]).ok()?;
    let mark = match name {
        "dollar" => '$',
        "percnt" => '%',
        _ => {
            let number = name.strip_prefix('#').filter(|number| !number.contains('+'))?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) if digits.len() <= 6 => u32::from_str_radix(digits, 16),
                Some(_) => return None,
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|c| is_mark(*c))?
        }
    };
    Some((mark, length))
}

/// `&#0000036;` is the longest that may be a mark.
const LONGEST_REFERENCE: usize = 10;

fn is_mark(c: char) -> bool {
    c == '$' || c == char::from(NEUTRAL)
}

fn count(text: &str) -> usize {
    text.chars().filter(|c| is_mark(*c)).count()
}
