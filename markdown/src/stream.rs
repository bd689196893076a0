//! A document that grows delta by delta.
//!
//! Three things keep the work per delta small. Plain text in an open leaf is added without any parsing. Otherwise the
//! parser starts from the latest anchor ([`crate::anchor`]), a place in the open leaf or after the last finished block,
//! so it goes through a word or a line, not through the document. And definitions that come late reach the blocks that
//! wait for them through an index.

mod names;

use std::sync::Arc;

use crate::Options;
use crate::anchor::{Anchor, Leaf, Within};
use crate::code::Painter;
use crate::definition::OpenDefinition;
use crate::diff::{Edit, Patch};
use crate::maths::{self, Typeset};
use crate::node::{Element, Node, html};
use crate::references::{Known, Name};
use crate::referrer::Referrers;
use crate::spaces;
use crate::splice;
use crate::tail::Delta;
use crate::track::{Cut, Names, Tail, TailKind};
use crate::window::{Parsed, Tracking, Window};

/// How many places in an open leaf are kept.
const MOST_CUTS: usize = 6;

/// Grows a document delta by delta, and says after each what changed.
pub struct Stream {
    options: Options,
    source: String,
    root: Element,
    /// After the last finished block.
    block: Anchor,
    /// Later places, in the open leaf. The last is the one to go on from, but more stands open before each than before
    /// the one that it follows.
    cuts: Vec<Anchor>,
    /// The highlighter's state at the last cut, if that lies in code.
    painter: Painter,
    /// The names that the open leaf refers to before the last cut, and where.
    open_names: Names,
    tail: Option<Tail>,
    /// What the text before `block` defines.
    known: Known,
    /// What the text after `block` defines so far.
    uncertain: Known,
    /// The definition that the source ends with.
    open_definition: Option<OpenDefinition>,
    referrers: Referrers,
    met_formula: bool,
    work: usize,
}

impl Stream {
    /// An empty document.
    pub fn new(options: Options) -> Self {
        Stream {
            options,
            source: String::new(),
            root: Element::new("div"),
            block: Anchor::start(),
            cuts: Vec::new(),
            painter: Painter::default(),
            open_names: Vec::new(),
            tail: None,
            known: Known::default(),
            uncertain: Known::default(),
            open_definition: None,
            referrers: Referrers::default(),
            met_formula: false,
            work: 0,
        }
    }

    /// Adds text. After the patch, the page shows the one-shot rendering of everything pushed so far.
    pub fn push(&mut self, delta: &str) -> Patch {
        let mut edits = Vec::new();
        if delta.is_empty() {
            return Patch { edits };
        }
        let ends_line = self.source.ends_with('\r');
        let before = self.source.len();
        spaces::push_plain(&mut self.source, delta);
        let is_plain = !ends_line
            && (self.extend_definition(before, &mut edits) || self.extend_tail(before, &mut edits));
        if !is_plain {
            self.parse(&mut edits);
        }
        Patch { edits }
    }

    /// Ends the document. Every prefix is rendered as if it were all, so nothing is left to change.
    pub fn finish(&mut self) -> Patch {
        Patch::default()
    }

    /// Everything pushed so far, with plain line ends and spaces.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The document as it stands, as [`crate::render`] would give it.
    pub fn html(&self) -> String {
        html(&self.root.children)
    }

    /// The HTML of each top-level block after the first `from`, for readers whose page can only be appended to.
    pub fn blocks(&self, from: usize) -> Vec<String> {
        self.root.children.iter().skip(from).map(|node| html(std::slice::from_ref(node))).collect()
    }

    /// From now on formulas are typeset; the patch replaces those already there.
    pub fn set_typesetter(&mut self, typesetter: Arc<dyn Typeset>) -> Patch {
        let mut edits = Vec::new();
        maths::typeset_all(&mut self.root, typesetter.as_ref(), &mut edits);
        self.options.typesetter = Some(typesetter);
        Patch { edits }
    }

    /// Whether a formula was met, and no typesetter is set.
    pub fn wants_typesetter(&self) -> bool {
        self.options.typesetter.is_none() && self.met_formula
    }

    /// The bytes parsed so far, repeatedly parsed ones and those of preludes included.
    pub fn work(&self) -> usize {
        self.work
    }

    /// Adds plain text to the last text of the document, if that is all that the delta means.
    fn extend_tail(&mut self, start: usize, edits: &mut Vec<Edit>) -> bool {
        let Some(tail) = &mut self.tail else { return false };
        let mut edge = tail.edge;
        let mut cut_at = None;
        let mut has_address = edge.is_in_address();
        for (at, c) in self.source[start..].char_indices() {
            if edge.step(c) {
                cut_at = Some(start + at);
            }
            has_address |= edge.is_in_address();
        }
        let Tail { shown, pending, .. } = *tail;
        let in_reference = tail.edge.is_in_reference();
        let source = &self.source;
        let delta = Delta { source, start, shown, pending, has_address, in_reference };
        if !splice::extend(&mut self.root, tail, &delta, edits) {
            return false;
        }
        tail.shown = delta.shown_after();
        tail.edge = edge;
        self.work += self.source.len() - start;
        match tail.kind {
            TailKind::Cell => self.move_cell_cut(start),
            _ => {
                if let Some(at) = cut_at {
                    self.move_cut(at);
                }
            }
        }
        true
    }

    /// After plain text in a row: cuts it before the cell that begins last.
    fn move_cell_cut(&mut self, start: usize) {
        let Some(Tail { path, cut: Some(cut), .. }) = &mut self.tail else { return };
        // An address, to the search for formulas, ends with a space only.
        let from = start - usize::from(self.source[..start].ends_with('|'));
        let Some(delimiter) = self.source[from..].rfind("| ").map(|at| from + at) else { return };
        let (Leaf::Cell { column, .. }, Some(row)) =
            (&mut cut.anchor.leaf, cut.anchor.levels.last_mut())
        else {
            return;
        };
        let after = self.source[delimiter + 1..].matches('|').count();
        *column = path.last().map_or(0, |current| current - after);
        row.keep = *column;
        cut.anchor.at = delimiter + 1;
        self.move_cut_on();
    }

    /// Takes the tail's cut, which has got its place, for the latest.
    fn move_cut_on(&mut self) {
        let Some(Tail { cut: Some(cut), .. }) = &mut self.tail else { return };
        if !cut.continued {
            self.open_names.clear();
        }
        self.open_names.append(&mut cut.names);
        cut.continued = true;
        let anchor = cut.anchor.clone();
        self.push_cut(anchor);
    }

    /// After plain text in a paragraph: cuts it there.
    fn move_cut(&mut self, at: usize) {
        let Some(Tail { path, cut: Some(cut), shown, .. }) = &mut self.tail else { return };
        let Some(Node::Text(last)) =
            splice::element_mut(&mut self.root, path).and_then(|element| element.children.last())
        else {
            return;
        };
        let Some(text) = last.len().checked_sub(*shown - at) else { return };
        cut.anchor.at = at;
        let spaced = self.source[..at].ends_with(' ');
        let pending = cut.anchor.leaf.pending();
        cut.anchor.leaf = Leaf::Paragraph(Within { text, spaced, pending });
        self.move_cut_on();
    }

    /// Adds a later cut, in the place of those that it is better than.
    fn push_cut(&mut self, cut: Anchor) {
        let pending = cut.leaf.pending();
        while self.cuts.pop_if(|last| !last.leaf.pending().is_less_than(pending)).is_some() {}
        if self.cuts.len() == MOST_CUTS {
            // The first is before everything that stands open, and the last ones are near.
            self.cuts.remove(1);
        }
        self.cuts.push(cut);
    }

    fn parse(&mut self, edits: &mut Vec<Edit>) {
        while let Some(cut) = self.cuts.pop() {
            self.open_names.retain(|(_, at)| *at < cut.at);
            if !cut.allows(&self.source[cut.at..]) {
                continue;
            }
            let painter = std::mem::take(&mut self.painter);
            let parsed = self.parse_from(&cut, painter);
            if parsed.built.tracked.reaches_back {
                continue;
            }
            let uncertain = self.uncertain_after(&cut, &parsed);
            let is_open = |name: &Name| self.open_names.iter().any(|(open, _)| open == name);
            if !self.uncertain.changed(&uncertain).any(is_open) {
                return self.advance(cut, parsed, uncertain, edits);
            }
        }
        // The open leaf as a whole means something else now.
        self.open_names.clear();
        let block = self.block.clone();
        let parsed = self.parse_from(&block, Painter::default());
        let uncertain = self.uncertain_after(&block, &parsed);
        self.advance(block, parsed, uncertain, edits);
    }

    fn parse_from(&mut self, anchor: &Anchor, painter: Painter) -> Parsed {
        let source = &self.source[anchor.at..];
        let may_be_bare = match anchor.leaf {
            Leaf::Paragraph(_) => !anchor.containers.is_empty(),
            Leaf::Cell { .. } => true,
            _ => false,
        };
        let bare = may_be_bare && !source.contains(['\n', '\r']);
        let tracking = Tracking { painter, open_names: !self.open_names.is_empty() };
        let parsed =
            Window { source, anchor, bare }.parse(&self.options, &self.known, Some(tracking));
        self.work += parsed.work;
        parsed
    }

    fn uncertain_after(&self, anchor: &Anchor, parsed: &Parsed) -> Known {
        let mut uncertain = anchor.known.clone();
        for (name, definition, _) in &parsed.definitions {
            if !self.known.has(name) {
                uncertain.add(name.clone(), definition.clone());
            }
        }
        uncertain
    }

    /// Puts a parsed window into the tree, and moves the anchors on.
    fn advance(&mut self, from: Anchor, parsed: Parsed, uncertain: Known, edits: &mut Vec<Edit>) {
        splice::window(&mut self.root, &from, &parsed.built, edits);
        let before = std::mem::replace(&mut self.uncertain, uncertain);
        let changed: Vec<Name> = before.changed(&self.uncertain).cloned().collect();
        for name in &changed {
            self.refer_again(name, before.get(name), edits);
        }

        let tracked = parsed.built.tracked;
        self.met_formula |= tracked.met_formula;
        let tail = tracked.tail;
        let closed = tracked.closed;
        let cut = tracked.cut;
        let block_before = closed.is_some().then(|| self.block.clone());
        self.open_definition = tracked.open_definition;
        if let Some(closed) = closed {
            self.commit(&from, closed, &parsed.definitions);
        }
        // A leaf before the definition that is not closed may refer to it.
        let block = self.block.at;
        self.open_definition.take_if(|open| open.at != block);
        let painter = tracked.painter;
        let known = match &block_before {
            Some(_) => Known::default(),
            None => from.known.clone(),
        };
        let place = |mut anchor: Anchor| {
            anchor.known = known.clone();
            for (name, definition, at) in &parsed.definitions {
                if *at < anchor.at && !self.known.has(name) {
                    anchor.known.add(name.clone(), definition.clone());
                }
            }
            anchor
        };
        let tail = tail.map(|mut tail| {
            tail.cut = tail.cut.map(|cut| Cut { anchor: place(cut.anchor), ..cut });
            tail
        });
        let cut = cut.map(|cut| Cut { anchor: place(cut.anchor), ..cut });
        self.tail = tail;
        let goes_on = block_before.is_none() && !matches!(from.leaf, Leaf::None);
        self.settle(tracked.referrers, block_before.as_ref(), &from);
        let is_same_leaf = cut.as_ref().map_or(goes_on, |cut| cut.continued);
        if !is_same_leaf {
            self.open_names.clear();
        }
        // In a leaf that began after it, the last cut is still the one before everything that stands open.
        if is_same_leaf || (goes_on && !matches!(from.leaf, Leaf::Code { .. })) {
            self.cuts.push(from);
        } else {
            self.cuts.clear();
        }
        if is_same_leaf || cut.is_some() {
            self.painter = painter.unwrap_or_default();
        }
        if let Some(cut) = cut {
            self.open_names.extend(cut.names);
            self.push_cut(cut.anchor);
        }
    }
}
