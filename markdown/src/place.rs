//! Where the builder stands: in the source, in the rendered tree, and in the document's containers.

use crate::anchor::{Anchor, Container, Leaf, Level};
use crate::build::Builder;
use crate::frame::{Frame, Kind};

impl Builder<'_> {
    pub(crate) fn source_offset(&self, at: usize) -> usize {
        self.anchor.at + at.saturating_sub(self.base)
    }

    /// The path of the innermost frame.
    pub(crate) fn path(&self) -> Vec<usize> {
        if self.track.is_none() {
            return Vec::new();
        }
        // A window without containers of its own has a root that stands for everything around the leaf.
        let outer = if self.bare { self.levels_outside() } else { 0 };
        let outside = self.anchor.levels[..outer].iter().map(|level| level.keep - 1);
        let frames = &self.frames[usize::from(self.bare)..];
        let inside =
            frames.iter().zip(frames.iter().skip(1)).map(|(frame, next)| match next.level {
                Some(_) => frame.before - 1,
                None => frame.before + frame.element.children.len(),
            });
        outside.chain(inside).collect()
    }

    /// How many of the anchor's levels lie outside of the leaf.
    fn levels_outside(&self) -> usize {
        self.anchor.levels.len() - self.anchor.leaf_levels()
    }

    /// The path of the leaf that was closed last.
    pub(crate) fn path_of_last(&self) -> Vec<usize> {
        let mut path = self.path();
        if self.track.is_some()
            && !self.bare
            && let Some(frame) = self.frames.last()
        {
            path.push((frame.before + frame.element.children.len()).saturating_sub(1));
        }
        path
    }

    /// An anchor at an offset of the text, inside the frames that are open now.
    pub(crate) fn anchor_here(&self, at: usize, leaf: Leaf) -> Option<Anchor> {
        self.track.as_ref()?;
        if self.left_out.containers > 0 {
            // A prelude could not lead into containers that have no elements.
            return None;
        }
        let mut levels = Vec::with_capacity(self.frames.len());
        let mut containers = Vec::new();
        for (index, frame) in self.frames.iter().enumerate() {
            let next_is_new = self.frames.get(index + 1).is_some_and(|next| next.level.is_none());
            let keep = frame.before + frame.element.children.len() + usize::from(next_is_new);
            levels.push(Level { keep, loose: frame.was_loose, has_paragraph: frame.has_paragraph });
            if let Kind::Container(container) = &frame.kind {
                containers.push(self.container(frame, container)?);
            }
        }
        if self.bare {
            let outside = &self.anchor.levels[..self.levels_outside()];
            levels.splice(..1, outside.iter().copied());
            containers.clone_from(&self.anchor.containers);
        }
        let text_at = at;
        let at = self.source_offset(at);
        Some(Anchor {
            at,
            containers,
            leaf,
            levels,
            headings: self.headings,
            known: Default::default(),
            mode: self.masked.mode(text_at),
            quotes: self.masked.quotes(text_at),
        })
    }

    /// A container with the marker that opens it.
    pub(crate) fn container(&self, frame: &Frame, container: &Container) -> Option<Container> {
        if frame.level.is_some() {
            return Some(container.clone());
        }
        match container {
            Container::Quote => Some(Container::Quote),
            Container::Item(_) => Container::item(self.text.get(frame.start..)?),
            Container::Footnote(_) => Container::footnote(self.text.get(frame.start..)?),
        }
    }

    /// The line that opens the same code block again, without its containers.
    pub(crate) fn fence(&self, start: usize) -> Option<String> {
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let before = &self.text[line_start..start];
        let mark = self.text[start..].chars().next()?;
        let width = self.text[start..].chars().take_while(|c| *c == mark).count();
        let is_quote = |frame: &&Frame| frame.kind == Kind::Container(Container::Quote);
        // After an alert's title, the parser goes on in the alert without the quote's marker.
        let lacks_marker =
            before.matches('>').count() < self.frames.iter().filter(is_quote).count();
        if before.contains('\t') || lacks_marker {
            return None;
        }
        let spaces = before.len() - before.trim_end_matches(' ').len();
        let mut used = 0;
        for frame in self.frames.iter().rev() {
            match &frame.kind {
                Kind::Container(Container::Quote) => {
                    used += 1;
                    break;
                }
                // A marker on the same line takes all spaces after it.
                Kind::Container(Container::Item(_) | Container::Footnote(_))
                    if frame.start >= line_start && frame.level.is_none() =>
                {
                    used = spaces;
                    break;
                }
                Kind::Container(container) => used += self.container(frame, container)?.indent(),
                _ => {}
            }
        }
        Some(" ".repeat(spaces.saturating_sub(used)) + &String::from(mark).repeat(width))
    }
}
