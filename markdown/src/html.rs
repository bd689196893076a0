//! Where an open block of raw HTML can be cut: at the end of each of its lines.

use std::ops::Range;

use crate::anchor::Leaf;
use crate::build::Builder;
use crate::frame::{Frame, Kind};
use crate::node::Node;

impl Builder<'_> {
    /// Called before a piece of raw HTML is added.
    pub(crate) fn html_added(&mut self, added: &str, range: &Range<usize>) {
        let Some(Frame { kind: Kind::Html, element, level, .. }) = self.frames.last() else {
            return;
        };
        let before = level.and(self.anchor.leaf.text()).unwrap_or_default();
        let length = match element.children.last() {
            Some(Node::Text(text)) => text.len(),
            _ => 0,
        };
        // Line ends at the end of the block are not shown, so a cut must not lie behind one of them.
        let says_something = added.len() > 1 && added.ends_with('\n');
        let (_, mark) = self.html_opening();
        if says_something
            && mark.is_none_or(|mark| !added.contains(mark))
            && self.masked.original().get(range.clone()) == Some(added)
            && let Some(track) = &mut self.track
        {
            track.html_line = Some((range.end - 1, before + length + added.len() - 1));
        }
    }

    /// What begins a block like the innermost frame, and what ends it.
    fn html_opening(&self) -> (&'static str, Option<&'static str>) {
        match (&self.anchor.leaf, self.frames.last()) {
            (Leaf::Html { opening, .. }, Some(Frame { level: Some(_), .. })) => like(opening),
            (_, Some(frame)) => like(&self.text[frame.start..]),
            (_, None) => like(""),
        }
    }

    /// Called when the block that is the innermost frame has all its content.
    pub(crate) fn html_ended(&mut self) {
        let Some((at, text)) = self.track.as_mut().and_then(|track| track.html_line.take()) else {
            return;
        };
        let Some(&Frame { start, level, .. }) = self.frames.last() else { return };
        if self.masked.is_unsettled(at) {
            return;
        }
        let (opening, _) = self.html_opening();
        let Some(mut anchor) = self.anchor_here(at, Leaf::Html { opening, text }) else { return };
        if let Some(level) = anchor.levels.last_mut() {
            level.keep = 0;
        }
        let cut = self.cut(anchor, start..at, level.is_some());
        if let Some(track) = &mut self.track
            && cut.is_some()
        {
            track.tracked.cut = cut;
        }
    }
}

/// Beginnings of blocks, each with what ends the block on the same line. Any other block ends with a blank line.
const ENDED_BY_MARK: [(&str, &str); 8] = [
    ("<pre>", "</pre>"),
    ("<style>", "</style>"),
    ("<script>", "</script>"),
    ("<textarea>", "</textarea>"),
    ("<!--", "-->"),
    ("<?", "?>"),
    ("<![CDATA[", "]]>"),
    ("<!A", ">"),
];

/// The beginning of a block that ends where the block ends that a text begins with, and what ends both.
fn like(text: &str) -> (&'static str, Option<&'static str>) {
    let begins = |(opening, _): &&(&str, &str)| match opening.strip_suffix('>') {
        Some(tag) => text.split_at_checked(tag.len()).is_some_and(|(begin, rest)| {
            let ends =
                rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '>');
            begin.eq_ignore_ascii_case(tag) && ends
        }),
        None if *opening == "<!A" => text
            .strip_prefix("<!")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic())),
        None => text.starts_with(*opening),
    };
    let marked = ENDED_BY_MARK.iter().find(begins);
    marked.map_or(("<div>", None), |(opening, mark)| (opening, Some(mark)))
}
