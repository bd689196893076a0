//! What may be shown of a text that still grows, so that it does not flicker.
//!
//! A [`Stream`](crate::Stream) shows every prefix as it would be if it were all, which is right and restless: half of
//! `**bold**` is two stars, the dash of a list's first item makes a heading of the line before it, and a table is a
//! paragraph until its second row. [`Calm`] stands before the stream and holds such an end back until it is complete,
//! turns out to be something else, or becomes too long to wait for. So the stream stays exact for what it is given, and
//! this module needs to know neither the tree nor the page.
//!
//! It reads Markdown in one pass and in less detail than the parser. Where the two differ, something flickers or comes
//! a little later; nothing is ever lost, and nothing comes out of order.
//!
//! A new line ends every wait but those for a table's second row and for a display formula. Emphasis and links may go
//! on after a line's end, but models do not break lines inside a paragraph, and the next line would have to be read as
//! a block first.

mod brackets;
mod formulas;
mod inline;
mod line;
mod place;

use place::Place;

/// Holds back the end of a growing text while it would flicker.
///
/// What it gives out, in order, is the text that it was given. The work per delta is bounded by the delta and
/// [`Calm::MOST_HELD`].
///
/// ```
/// let mut calm = markdown::Calm::default();
/// assert_eq!(calm.push("It is **ver"), "It is ");
/// assert_eq!(calm.push("y** calm. *"), "**very** calm. ");
/// assert_eq!(calm.release(), "*");
/// ```
#[derive(Debug, Default)]
pub struct Calm {
    /// What the text before `text` means for what follows.
    place: Place,
    /// The end of the text, from where it is not settled what it means.
    text: String,
    /// How many bytes of `text` were given out before it was settled what they mean.
    shown: usize,
}

impl Calm {
    /// At most so many bytes are held: the longest display formula that is waited for.
    pub const MOST_HELD: usize = formulas::LONGEST_DISPLAY;

    /// Begins after a text that is shown as it is, for example because the server rendered it.
    pub fn after(shown: &str) -> Self {
        let mut calm = Calm::default();
        calm.text.push_str(shown);
        calm.settle();
        calm.release();
        calm
    }

    /// Takes a delta, and gives what may be shown now: nothing, or what was held before, or a part of both.
    pub fn push(&mut self, delta: &str) -> String {
        self.text.push_str(delta);
        self.settle()
    }

    /// Whether something is held.
    pub fn holds(&self) -> bool {
        self.held() > 0
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.text.len() - self.shown
    }

    /// Gives everything that is held: at the end, or when nothing has come for a while. What follows is held again only
    /// as far as it does not belong to what is shown half.
    pub fn release(&mut self) -> String {
        let held = self.text[self.shown..].to_owned();
        self.shown = self.text.len();
        self.settle();
        held
    }

    /// Moves the place on as far as the meaning of the text is settled, and gives what that lets go.
    fn settle(&mut self) -> String {
        // Whether a carriage return is a line's end or the first half of one is not known before something follows.
        let text = self.text.strip_suffix('\r').unwrap_or(&self.text);
        let mut at = 0;
        while at < text.len() {
            let Some(length) = self.place.step(&text[at..], at < self.shown) else { break };
            at += length;
        }
        let settled = self.text.get(self.shown..at).unwrap_or_default().to_owned();
        self.text.drain(..at);
        // A large delta must not be paid for until the end.
        self.text.shrink_to(2 * Calm::MOST_HELD);
        self.shown = self.shown.saturating_sub(at);
        settled
    }
}
