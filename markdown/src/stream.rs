//! A document that grows delta by delta.
//!
//! Three things keep the work per delta small. Plain text in an open leaf is added without any parsing. Otherwise the
//! parser starts from the latest anchor ([`crate::anchor`]), a place in the open leaf or after the last finished block,
//! so it goes through a word or a line, not through the document. And definitions that come late reach the blocks that
//! wait for them through an index.

use std::collections::HashMap;
use std::sync::Arc;

use crate::Options;
use crate::anchor::{Anchor, Leaf};
use crate::code::{Highlight, Painter};
use crate::diff::{self, Edit, Patch};
use crate::maths::{self, Typeset};
use crate::node::{Element, Node, html};
use crate::recolour;
use crate::references::{Known, Name};
use crate::splice;
use crate::tail::Delta;
use crate::track::{Cut, Referrer, Tail};
use crate::window::{Parsed, Tracking, Window};

/// Grows a document delta by delta, and says after each what changed.
pub struct Stream {
    options: Options,
    source: String,
    root: Element,
    /// After the last finished block.
    block: Anchor,
    /// A later place, in the open leaf.
    inline: Option<Anchor>,
    /// The highlighter's state at `inline`, if that lies in code.
    painter: Painter,
    /// The names that the open leaf refers to before `inline`.
    open_names: Vec<Name>,
    tail: Option<Tail>,
    /// What the text before `block` defines.
    known: Known,
    /// What the text after `block` defines so far.
    uncertain: Known,
    waiting: HashMap<Name, Vec<usize>>,
    referrers: Vec<Referrer>,
    met_language: bool,
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
            inline: None,
            painter: Painter::default(),
            open_names: Vec::new(),
            tail: None,
            known: Known::default(),
            uncertain: Known::default(),
            waiting: HashMap::new(),
            referrers: Vec::new(),
            met_language: false,
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
        let before = self.source.len();
        self.source.push_str(delta);
        if !self.extend_tail(before, &mut edits) {
            self.parse(&mut edits);
        }
        Patch { edits }
    }

    /// Ends the document. Every prefix is rendered as if it were all, so nothing is left to change.
    pub fn finish(&mut self) -> Patch {
        Patch::default()
    }

    /// Everything pushed so far.
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

    /// From now on finished lines of code are coloured; the patch recolours those already there.
    pub fn set_highlighter(&mut self, highlighter: Arc<dyn Highlight>) -> Patch {
        let mut edits = Vec::new();
        let open = self
            .inline
            .as_ref()
            .filter(|inline| matches!(inline.leaf, Leaf::Code { .. }))
            .map(Anchor::leaf_path);
        let painter =
            recolour::all(&mut self.root, highlighter.as_ref(), open.as_deref(), &mut edits);
        self.painter = painter.unwrap_or_default();
        self.options.highlighter = Some(highlighter);
        Patch { edits }
    }

    /// Whether a code block with a language was met, and no highlighter is set.
    pub fn wants_highlighter(&self) -> bool {
        self.options.highlighter.is_none() && self.met_language
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
        let window = &self.source[self.inline.as_ref().unwrap_or(&self.block).at..];
        let delta = Delta { source: &self.source, start, window };
        let done = splice::extend(&mut self.root, tail, &delta, edits);
        if done {
            self.work += self.source.len() - start;
            self.move_cut(start);
        }
        done
    }

    /// After plain text in a paragraph: cuts it at the start of the last word that came.
    fn move_cut(&mut self, before: usize) {
        let Some(Tail { path, cut: cut @ Some(_), .. }) = &mut self.tail else { return };
        let end = self.source.trim_end_matches(' ').len();
        let bytes = self.source.as_bytes();
        let is_word_start = |at: &usize| *at > 0 && bytes[at - 1] == b' ';
        // A delta of spaces alone ends before it begins.
        let added = self.source.get(before..end).unwrap_or_default();
        let letters = added.char_indices().rev().filter(|(_, c)| c.is_alphabetic());
        let Some(at) = letters.map(|(at, _)| before + at).find(is_word_start) else { return };
        let Some(Node::Text(last)) =
            splice::element_mut(&mut self.root, path).and_then(|element| element.children.last())
        else {
            return;
        };
        let Some(text) = last.len().checked_sub(end - at) else { return };
        // The first word takes the cut's place over; after that it only moves on.
        if let Some(Cut { anchor, names, continued }) = cut {
            if !*continued {
                self.open_names.clear();
            }
            self.open_names.append(names);
            *continued = true;
            anchor.at = at;
            anchor.leaf = Leaf::Paragraph { text };
            self.inline = Some(anchor.clone());
        }
    }

    fn parse(&mut self, edits: &mut Vec<Edit>) {
        if let Some(inline) = self.inline.take_if(|inline| inline.allows(&self.source[inline.at..]))
        {
            let painter = std::mem::take(&mut self.painter);
            let parsed = self.parse_from(&inline, painter);
            let uncertain = self.uncertain_after(&inline, &parsed);
            if !self
                .open_names
                .iter()
                .any(|name| self.uncertain.changed(&uncertain).any(|changed| changed == name))
            {
                self.advance(inline, parsed, uncertain, edits);
                return;
            }
        }
        // The open leaf as a whole means something else now.
        self.inline = None;
        self.open_names.clear();
        let block = self.block.clone();
        let parsed = self.parse_from(&block, Painter::default());
        let uncertain = self.uncertain_after(&block, &parsed);
        self.advance(block, parsed, uncertain, edits);
    }

    fn parse_from(&mut self, anchor: &Anchor, painter: Painter) -> Parsed {
        let source = &self.source[anchor.at..];
        let bare = matches!(anchor.leaf, Leaf::Paragraph { .. })
            && !anchor.containers.is_empty()
            && !source.contains(['\n', '\r']);
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
        let changed: Vec<Name> = self.uncertain.changed(&uncertain).cloned().collect();
        self.uncertain = uncertain;
        for name in &changed {
            for referrer in self.waiting.get(name).cloned().unwrap_or_default() {
                self.render_again(referrer, edits);
            }
        }

        let tracked = parsed.built.tracked;
        self.met_language |= tracked.met_language;
        self.met_formula |= tracked.met_formula;
        let tail = tracked.tail;
        // A lone carriage return ends a line, and a form feed is a space to the parser, but the anchors do not reckon
        // with them. Such a document stays exact, and is parsed from the last anchor before them.
        let is_regular = has_plain_lines(&self.source[from.at..]);
        let closed = tracked.closed.filter(|_| is_regular);
        let cut = tracked.cut.filter(|_| is_regular);
        let block_before = closed.is_some().then(|| self.block.clone());
        if let Some(closed) = closed {
            self.commit(&from, closed, &parsed.definitions);
        }
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
            tail.cut =
                tail.cut.filter(|_| is_regular).map(|cut| Cut { anchor: place(cut.anchor), ..cut });
            tail
        });
        let cut = cut.map(|cut| Cut { anchor: place(cut.anchor), ..cut });
        self.tail = tail;
        // The names before the cut, or before its successor, are those of the leaf that was open so far, if it still is.
        let names_before = self.open_names.clone();
        self.settle(tracked.referrers, block_before.as_ref());
        match cut {
            Some(cut) => {
                self.open_names = if cut.continued { names_before } else { Vec::new() };
                self.open_names.extend(cut.names);
                self.painter = painter.unwrap_or_default();
                self.inline = Some(cut.anchor);
            }
            None if block_before.is_none() && !matches!(from.leaf, Leaf::None) && is_regular => {
                self.painter = painter.unwrap_or_default();
                self.inline = Some(from);
            }
            None => self.open_names.clear(),
        }
    }

    /// Moves the block anchor on: what was defined before it is so for good.
    fn commit(
        &mut self,
        from: &Anchor,
        closed: Anchor,
        definitions: &[(Name, Option<crate::references::Definition>, usize)],
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
            self.waiting.remove(name);
        }
        self.known.add_all(&certain);
        self.uncertain = uncertain;
        self.block = closed;
    }

    /// Remembers the finished leaves that refer to names, for as long as the names may change.
    fn settle(&mut self, referrers: Vec<Referrer>, block_before: Option<&Anchor>) {
        let Some(block_before) = block_before else { return };
        for mut referrer in referrers {
            if referrer.end > self.block.at {
                continue;
            }
            if referrer.continued {
                referrer.names.append(&mut self.open_names);
            }
            referrer.names.retain(|name| !self.known.has(name));
            if referrer.names.is_empty() {
                continue;
            }
            referrer.before.get_or_insert_with(|| block_before.clone());
            for name in &referrer.names {
                self.waiting.entry(name.clone()).or_default().push(self.referrers.len());
            }
            self.referrers.push(referrer);
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

/// Whether all lines end with a line feed and are blank only by spaces and tabs.
fn has_plain_lines(source: &str) -> bool {
    // A carriage return at the end may be half of a line end.
    let source = source.strip_suffix('\r').unwrap_or(source);
    let has_odd_space = source.contains(['\u{b}', '\u{c}']);
    let has_lone_return = source.contains('\r') && source.replace("\r\n", "").contains('\r');
    !has_odd_space && !has_lone_return
}
