//! The names of a growing document: what they mean so far, and what has to change when one gets another meaning.

use super::Stream;
use crate::anchor::Anchor;
use crate::diff::{self, Edit};
use crate::node::Node;
use crate::references::{Definition, Known, Label, Name};
use crate::referrer::Referrer;
use crate::retarget;
use crate::splice;
use crate::window::Window;

impl Stream {
    /// Adds to the address of the definition that the document ends with, if that is all that the delta means.
    pub(super) fn extend_definition(&mut self, start: usize, edits: &mut Vec<Edit>) -> bool {
        let Some(open) = &self.open_definition else { return false };
        let Some(added) = open.added(&self.source, start) else { return false };
        self.work += added.len();
        let name = open.name.clone();
        let Some(before) = self.uncertain.get(&name).cloned() else {
            // It is not the first one of its name.
            return true;
        };
        let address = [&before.address, added].concat();
        self.uncertain.set(name.clone(), Definition { address, title: before.title.clone() });
        self.refer_again(&name, Some(&before), edits);
        true
    }

    /// Moves the block anchor on: what was defined before it is so for good.
    pub(super) fn commit(
        &mut self,
        from: &Anchor,
        closed: Anchor,
        definitions: &[(Name, Option<Definition>, usize)],
    ) {
        let mut certain = from.known.clone();
        let mut uncertain = Known::default();
        for (name, definition, at) in definitions {
            let known = if *at < closed.at { &mut certain } else { &mut uncertain };
            if !self.known.has(name) {
                known.add(name.clone(), definition.clone());
            }
        }
        for name in Known::default().changed(&certain) {
            self.referrers.settled(name);
        }
        self.known.add_all(&certain);
        self.uncertain = uncertain;
        self.block = closed;
    }

    /// Remembers the finished leaves that refer to names, for as long as the names may change.
    pub(super) fn settle(
        &mut self,
        referrers: Vec<Referrer>,
        block_before: Option<&Anchor>,
        from: &Anchor,
    ) {
        let Some(block_before) = block_before else { return };
        for mut referrer in referrers {
            if referrer.end > self.block.at {
                continue;
            }
            if referrer.continued {
                referrer.names.append(&mut self.open_names);
            }
            referrer.names.retain(|(name, _)| !self.known.has(name));
            if referrer.names.is_empty() {
                continue;
            }
            referrer.before.get_or_insert_with(|| block_before.clone());
            let parts = match referrer.continued {
                true => referrer.by_row(from, &self.source),
                false => vec![referrer],
            };
            parts.into_iter().for_each(|part| self.referrers.add(part));
        }
    }

    /// Shows what a name means now, where it meant something else before.
    pub(super) fn refer_again(
        &mut self,
        name: &Name,
        before: Option<&Definition>,
        edits: &mut Vec<Edit>,
    ) {
        let now = self.uncertain.get(name).cloned();
        for referrer in self.referrers.of(name) {
            match (name, before, &now) {
                (Name::Link(label), Some(before), Some(now))
                    if retarget::shape(before) == retarget::shape(now) =>
                {
                    self.retarget(referrer, label, now, edits);
                }
                _ => self.render_again(referrer, edits),
            }
        }
    }

    fn retarget(
        &mut self,
        referrer: usize,
        label: &Label,
        definition: &Definition,
        edits: &mut Vec<Edit>,
    ) {
        let Some(Referrer { path, .. }) = self.referrers.get(referrer) else { return };
        if let Some(element) = splice::element_mut(&mut self.root, path) {
            retarget::all(&mut path.clone(), element, label, definition, edits);
        }
    }

    /// Renders a finished leaf again, because a name that it refers to got another meaning.
    fn render_again(&mut self, referrer: usize, edits: &mut Vec<Edit>) {
        let Some(Referrer { before: Some(before), end, path, .. }) =
            self.referrers.get(referrer).cloned()
        else {
            return;
        };
        let anchor = Anchor { known: self.uncertain.clone(), ..before };
        let window = Window { source: &self.source[anchor.at..end], anchor: &anchor, bare: false };
        let parsed = window.parse(&self.options, &self.known, None);
        self.work += parsed.work;
        let Some(Node::Element(new)) = splice::added(&anchor, &parsed.built, &path) else { return };
        if let Some(old) = splice::element_mut(&mut self.root, &path) {
            diff::element(&mut path.clone(), old, new, edits);
            *old = new.clone();
        }
    }
}
