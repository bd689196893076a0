//! Reference definitions, of which nothing is shown where they stand: where a document can go on after them, and how
//! the last one grows.

use std::ops::Range;

use pulldown_cmark::Event;

use crate::anchor::Leaf;
use crate::build::Builder;
use crate::lines::line_end;
use crate::references::{Definition, Name};

/// A definition in the text that is parsed.
#[derive(Clone, Debug)]
pub(crate) struct Defined {
    pub(crate) name: Name,
    pub(crate) definition: Definition,
    pub(crate) range: Range<usize>,
}

/// A definition whose address the source ends with.
#[derive(Clone, Debug)]
pub(crate) struct OpenDefinition {
    pub(crate) name: Name,
    /// Where it begins in the source.
    pub(crate) at: usize,
}

impl OpenDefinition {
    /// What a delta that begins at `start` adds to the address, if it adds nothing else.
    pub(crate) fn added<'s>(&self, source: &'s str, start: usize) -> Option<&'s str> {
        let added = &source[start..];
        added.chars().all(is_address).then_some(added)
    }
}

/// Whether a character means only itself in an address.
fn is_address(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '/' | '.' | '-' | '_' | '=' | '%' | '+' | '?' | '#' | ':' | ',' | '@')
}

impl Builder<'_> {
    /// Called before an event: the parser has none for definitions.
    pub(crate) fn definitions_before(&mut self, event: &Event<'_>, range: &Range<usize>) {
        // A container ends after the definitions in it.
        let is_end = matches!(event, Event::End(_));
        self.definitions_up_to(if is_end { range.end } else { range.start });
    }

    pub(crate) fn definitions_up_to(&mut self, end: usize) {
        while let Some(defined) = self.track.as_mut().and_then(|track| track.next_definition(end)) {
            // In a list, an item with nothing but a definition would need a prelude of its own.
            if self.frames.len() == 1 {
                self.definition_passed(defined);
            }
        }
    }

    /// Moves the anchor after a definition that nothing can change any more.
    fn definition_passed(&mut self, Defined { name, definition, range }: Defined) {
        let text = self.text;
        if range.end == text.len() {
            let line = &self.masked.original()[range.start..];
            let is_verbatim = !line.contains(['$', '\\', '<', '\n'])
                && definition.title.is_empty()
                && line.ends_with(&definition.address)
                && definition.address.chars().all(is_address);
            let at = self.source_offset(range.start);
            if let Some(track) = &mut self.track
                && is_verbatim
            {
                track.tracked.open_definition = Some(OpenDefinition { name, at });
            }
            return;
        }
        let Some(end) = line_end(text, range.end).filter(|end| begins_anew(&text[*end..])) else {
            return;
        };
        let closed = self.anchor_here(end, Leaf::None);
        if let Some(track) = &mut self.track
            && closed.is_some()
        {
            track.tracked.closed = closed;
            track.tracked.cut = None;
            track.unclosed_names = false;
        }
    }
}

/// Whether a line after a definition is certainly none of its title, and means what it would mean anywhere. What looks
/// like code or HTML would be text there.
fn begins_anew(line: &str) -> bool {
    let mut chars = line.chars();
    match chars.next() {
        Some('[') => chars.next().is_some_and(|c| c != '^'),
        Some(c) => c == '\n' || c.is_alphabetic(),
        None => false,
    }
}
