//! How deep elements may be nested.
//!
//! A line of a thousand `>` is a thousand quotes to the parser. Browsers put elements that are more than 512 deep
//! beside their parents, where no patch would find them, and whatever goes through the tree by recursion, on a server
//! as in a page, would run out of stack. So elements beyond a limit are left out, and what they hold goes into the
//! element around them.

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::build::Builder;
use crate::frame::Kind;

/// Quotes, items and footnotes in each other. An item is two elements deep.
const CONTAINERS: usize = 100;

/// Emphasis, strong emphasis and strikethrough in each other.
const INLINES: usize = 50;

/// The open elements that are left out. Everything in them ends before they do, so numbers are enough.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    pub(crate) containers: usize,
    inlines: usize,
}

impl Builder<'_> {
    /// Whether an event begins or ends an element that is left out.
    pub(crate) fn is_too_deep(&mut self, event: &Event<'_>, start: usize) -> bool {
        match event {
            Event::Start(
                Tag::List(_) | Tag::Item | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_),
            ) if self.count(|kind| matches!(kind, Kind::Container(_))) >= CONTAINERS => {
                self.close_tight_paragraph();
                self.left_out.containers += 1;
                // It is defined all the same, so references to it are marks.
                if let Event::Start(Tag::FootnoteDefinition(label)) = event {
                    self.note_footnote(label, start);
                }
            }
            Event::End(
                TagEnd::List(_) | TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition,
            ) if self.left_out.containers > 0 => {
                self.close_tight_paragraph();
                self.left_out.containers -= 1;
            }
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
                if self.count(|kind| matches!(kind, Kind::Inline)) >= INLINES =>
            {
                self.left_out.inlines += 1;
            }
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough)
                if self.left_out.inlines > 0 =>
            {
                self.left_out.inlines -= 1;
            }
            _ => return false,
        }
        true
    }

    fn count(&self, which: impl Fn(&Kind) -> bool) -> usize {
        self.frames.iter().filter(|frame| which(&frame.kind)).count()
    }
}
