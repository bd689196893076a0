//! What the builder notices while it builds a growing document: up to where the window is finished, where the open
//! leaf could be cut, and where plain text could be added without parsing.

use std::cell::RefCell;
use std::ops::Range;

use unicase::UniCase;

use crate::anchor::{Anchor, Container, Leaf, Level};
use crate::build::{Builder, Frame, Kind};
use crate::code::Painter;
use crate::cut;
use crate::node::Node;
use crate::references::Name;

/// Names that a piece of text refers to, and where.
pub(crate) type Names = Vec<(Name, usize)>;

/// The element at the end of the document whose last text may simply grow.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) path: Vec<usize>,
    pub(crate) kind: TailKind,
    /// In a paragraph where any word to come may be a cut: a cut in the last text node, still without its place.
    pub(crate) cut: Option<Cut>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TailKind {
    Inline,
    Code,
}

/// A leaf that refers to names, which may get another meaning later.
#[derive(Clone, Debug)]
pub(crate) struct Referrer {
    pub(crate) names: Vec<Name>,
    /// A place before the leaf to parse it from; `None` is the block anchor.
    pub(crate) before: Option<Anchor>,
    /// Where the leaf ends in the source.
    pub(crate) end: usize,
    pub(crate) path: Vec<usize>,
    /// Whether the leaf is the one that the window began in, so that it has earlier names, too.
    pub(crate) continued: bool,
}

/// A place in the open leaf to go on from.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) anchor: Anchor,
    /// The names in the leaf before the cut, after the window's start.
    pub(crate) names: Vec<Name>,
    /// Whether it lies in the leaf that the window began in.
    pub(crate) continued: bool,
}

/// Everything noticed in one window.
#[derive(Debug, Default)]
pub(crate) struct Tracked {
    /// After the last block that nothing can change any more.
    pub(crate) closed: Option<Anchor>,
    pub(crate) cut: Option<Cut>,
    /// The highlighter's state at the cut, or at the window's start if that is in code and there is no cut.
    pub(crate) painter: Option<Painter>,
    pub(crate) tail: Option<Tail>,
    pub(crate) referrers: Vec<Referrer>,
    /// Footnotes that the window defines, and where.
    pub(crate) footnotes: Names,
    /// Whether there is code in a named language.
    pub(crate) met_language: bool,
}

pub(crate) struct Track<'a> {
    tracked: Tracked,
    /// Names that the parser asked for, filled while it runs.
    asked: &'a RefCell<Names>,
    /// Whether the leaf that the window began in has names before the window.
    open_names: bool,
    /// Whether the window defines link names.
    pub(crate) has_definitions: bool,
    /// Whether a leaf that may still change refers to names, which a cut after it would forget.
    unclosed_names: bool,
    /// The end of the text that was added last, if nothing else was added since.
    text_end: Option<usize>,
    inline: cut::Scan,
    fence: Option<String>,
    code_finished: Option<usize>,
}

impl<'a> Track<'a> {
    pub(crate) fn new(asked: &'a RefCell<Names>, open_names: bool, has_definitions: bool) -> Self {
        Track {
            tracked: Tracked::default(),
            asked,
            open_names,
            has_definitions,
            unclosed_names: false,
            text_end: None,
            inline: cut::Scan::default(),
            fence: None,
            code_finished: None,
        }
    }

    pub(crate) fn finish(self, painter: Painter) -> Tracked {
        let mut tracked = self.tracked;
        tracked.painter.get_or_insert(painter);
        tracked
    }

    fn names(&self, text: &str, range: Range<usize>) -> Names {
        let mut names: Names =
            self.asked.borrow().iter().filter(|(_, at)| range.contains(at)).cloned().collect();
        names.extend(footnote_names(text, range));
        names
    }
}

impl Builder<'_> {
    pub(crate) fn note_link(&mut self, label: &str, start: usize) {
        if let Some(track) = &self.track
            && !label.is_empty()
        {
            track.asked.borrow_mut().push((Name::Link(UniCase::new(label.to_owned())), start));
        }
    }

    pub(crate) fn note_footnote(&mut self, label: &str, start: usize) {
        let at = self.source_offset(start);
        if let Some(track) = &mut self.track {
            track.tracked.footnotes.push((Name::Footnote(UniCase::new(label.to_owned())), at));
        }
    }

    pub(crate) fn inline_started(&mut self) {
        if let Some(track) = &mut self.track {
            track.text_end = None;
        }
    }

    pub(crate) fn text_added(&mut self, added: &str, range: &Range<usize>) {
        let (Some(track), Some(frame)) = (&mut self.track, self.frames.last()) else { return };
        track.text_end = Some(range.end);
        let in_paragraph = matches!(frame.kind, Kind::Paragraph | Kind::TightParagraph);
        let place = in_paragraph
            .then(|| (frame.element.children.len(), last_text_len(&frame.element.children)));
        let verbatim = added.len() == range.len() && added != "\n";
        track.inline.text(self.text, range.clone(), place.filter(|_| verbatim));
    }

    /// Called when the frame of a paragraph, heading or cell has all its content.
    pub(crate) fn finish_inline(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        let scan =
            self.track.as_mut().map(|track| std::mem::take(&mut track.inline)).unwrap_or_default();
        let candidate = scan.candidate();
        let flat = candidate.map(|candidate| {
            flat_length(&frame.element.children, candidate.node, candidate.offset)
        });
        let is_html = frame.kind == Kind::Html;
        let is_paragraph = matches!(frame.kind, Kind::Paragraph | Kind::TightParagraph);
        if !is_html {
            self.link_bare_addresses(&mut frame.element);
        }
        let last_text = match frame.element.children.last() {
            Some(Node::Text(_)) => Some(frame.element.children.len() - 1),
            _ => None,
        };
        let place = flat.and_then(|flat| text_at(&frame.element.children, flat));
        self.frames.push(frame);
        if self.track.is_none() || is_html || !self.is_settled() {
            return;
        }
        let cut = match (candidate, place) {
            (Some(candidate), Some((node, text))) => self.cut_in_text(candidate.at, node, text),
            _ if is_paragraph => self.cut_before(),
            _ => None,
        };
        let text = self.text;
        let later = match last_text {
            Some(node) if is_paragraph && scan.is_clean() => self.cut_in_text(text.len(), node, 0),
            _ => None,
        };
        let path = self.path();
        let Some(track) = &mut self.track else { return };
        if cut.is_some() {
            track.tracked.cut = cut;
        }
        if let Some(end) = track.text_end
            && last_text.is_some()
            && text[end..].bytes().all(|byte| byte == b' ')
        {
            track.tracked.tail = Some(Tail { path, kind: TailKind::Inline, cut: later });
        }
    }

    /// Whether the last line of the innermost frame is text for good, whatever follows on it.
    fn is_settled(&self) -> bool {
        let (Some(frame), Some(track)) = (self.frames.last(), &self.track) else { return false };
        if frame.level.is_none() {
            let leaf = &self.text[frame.start..];
            let may_be_title = track.has_definitions && leaf.starts_with(['"', '\'', '(']);
            // `[label]` may become a definition as long as it is not clear what follows it.
            let may_be_definition = leaf.starts_with('[')
                && label_end(leaf)
                    .is_none_or(|end| matches!(leaf.as_bytes().get(end), None | Some(b':')));
            if may_be_title || may_be_definition || leaf.starts_with('<') {
                return false;
            }
        }
        let line_start = self.text.rfind(['\n', '\r']).map_or(0, |at| at + 1).max(self.base);
        let line = self.text[line_start..].trim_start_matches([' ', '\t', '>']);
        !line.starts_with('<') && line.chars().any(char::is_alphabetic)
    }

    /// A cut before the paragraph that is the innermost frame.
    fn cut_before(&mut self) -> Option<Cut> {
        let Frame { start, level: None, .. } = *self.frames.last()? else { return None };
        if self.track.as_ref()?.has_definitions {
            return None;
        }
        let paragraph = self.frames.pop()?;
        // In a loose list, the parser begins the paragraph after its checkbox.
        let has_checkbox = matches!(paragraph.element.children.first(), Some(Node::Element(first)) if first.name == "input");
        let start = if has_checkbox { self.checkbox_start } else { start };
        let anchor = if looks_like_text(&self.text[start..]) {
            self.anchor_here(start, Leaf::Begin)
        } else {
            None
        };
        self.frames.push(paragraph);
        self.cut(anchor?, start..start, false)
    }

    /// A cut in a text node of the paragraph that is the innermost frame.
    fn cut_in_text(&mut self, at: usize, node: usize, text: usize) -> Option<Cut> {
        let frame = self.frames.last()?;
        let (start, continued) = (frame.start, frame.level.is_some());
        let begins_with_text = matches!(frame.element.children.first(), Some(Node::Text(_)));
        let (keep, text) = match &self.anchor.leaf {
            Leaf::Paragraph { text: before } if continued && begins_with_text && node == 0 => {
                (frame.before, before + text)
            }
            // The text node that the anchor lies in stays in front of what does not begin with text.
            Leaf::Paragraph { .. } if continued && !begins_with_text => {
                (frame.before + 1 + node, text)
            }
            _ => (frame.before + node, text),
        };
        let mut anchor = self.anchor_here(at, Leaf::Paragraph { text })?;
        anchor.levels.last_mut()?.keep = keep;
        if let ([.., list, _, _], Some(Container::Item(_))) =
            (anchor.levels.as_mut_slice(), anchor.containers.last())
        {
            list.has_paragraph = true;
        }
        self.cut(anchor, start..at, continued)
    }

    fn cut(&self, anchor: Anchor, leaf: Range<usize>, continued: bool) -> Option<Cut> {
        let track = self.track.as_ref()?;
        let forgets_names =
            track.open_names && !continued && !matches!(self.anchor.leaf, Leaf::None | Leaf::Begin);
        if track.unclosed_names || forgets_names {
            return None;
        }
        let names = track.names(self.text, leaf.start.max(self.base)..leaf.end);
        Some(Cut { anchor, names: names.into_iter().map(|(name, _)| name).collect(), continued })
    }

    /// The end of a paragraph for which the parser has no event.
    pub(crate) fn tight_paragraph_range(&self) -> Range<usize> {
        let start = self.frames.last().map_or(0, |frame| frame.start);
        let end = self.inline_end.max(start);
        start..end
    }

    /// Called when a leaf has been put into its parent.
    pub(crate) fn leaf_ended(&mut self, range: &Range<usize>, may_reopen: bool) {
        let text = self.text;
        let line_end = line_end(text, range.end);
        let continued = self.last_closed_level.is_some();
        let path = self.path_of_last();
        let is_over = !may_reopen && line_end.is_some_and(|end| line_follows(text, end));
        let end = self.source_offset(line_end.unwrap_or(text.len()));
        let closed = line_end.filter(|_| is_over).and_then(|end| self.anchor_here(end, Leaf::None));
        let Some(track) = &mut self.track else { return };
        track.text_end = None;
        let start = range.start.max(self.base);
        let names: Vec<Name> = track
            .names(text, start..range.end.max(start))
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        track.asked.borrow_mut().clear();
        let has_names = !names.is_empty() || (continued && track.open_names);
        if has_names {
            let before = track.tracked.closed.clone();
            track.tracked.referrers.push(Referrer { names, before, end, path, continued });
        }
        match closed {
            Some(closed) => {
                track.tracked.closed = Some(closed);
                track.tracked.cut = None;
                track.unclosed_names = false;
            }
            None => track.unclosed_names |= has_names,
        }
    }

    pub(crate) fn code_started(&mut self, language: &str, start: usize, is_fenced: bool) {
        let fence = match &self.anchor.leaf {
            Leaf::Code { fence } if start < self.base => Some(fence.clone()),
            _ => is_fenced.then(|| self.fence(start)).flatten(),
        };
        if let Some(track) = &mut self.track {
            track.tracked.met_language |= !language.is_empty();
            track.fence = fence;
            track.code_finished = None;
        }
    }

    /// The line that opens the same code block again, without its containers.
    fn fence(&self, start: usize) -> Option<String> {
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let before = &self.text[line_start..start];
        let mark = self.text[start..].chars().next()?;
        let width = self.text[start..].chars().take_while(|c| *c == mark).count();
        if before.contains('\t') {
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
                Kind::Container(Container::Item(_))
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

    pub(crate) fn code_added(&mut self, added: &str, range: &Range<usize>) {
        let Some(track) = &mut self.track else { return };
        track.text_end = Some(range.end);
        if let Some(newline) = added.rfind('\n') {
            // Where the parser changed the text, it did so within a line of its own.
            let rest = if added.len() == range.len() { added.len() - newline - 1 } else { 0 };
            track.code_finished = Some(range.end - rest);
        }
    }

    /// Called when a code block's lines are complete, and its innermost frame is still open.
    pub(crate) fn code_ended(&mut self) {
        let text = self.text;
        let Some(frame) = self.frames.last() else { return };
        let continued = frame.level.is_some();
        let line = frame.before + frame.element.children.len();
        let open_lines = frame.element.children.len();
        let painter = std::mem::take(&mut self.painter);
        let Some(track) = &mut self.track else { return };
        let (fence, finished, text_end) =
            (track.fence.take(), track.code_finished.take(), track.text_end.take());
        let rest = &text[finished.unwrap_or(self.base).max(self.base)..];
        let in_line = rest.trim_start_matches([' ', '\t', '>']);
        let is_open_line = text_end == Some(text.len()) && !rest.contains(['\n', '\r']);
        let may_be_fence = in_line.is_empty() || in_line.starts_with(['`', '~']);
        let has_tail = fence.is_some()
            && is_open_line
            && !may_be_fence
            && open_lines > 0
            && (continued || finished.is_some());
        if continued {
            track.tracked.painter = Some(painter);
            self.cut_code(fence, finished, continued);
        } else if self.cut_code(fence, finished, continued)
            && let Some(track) = &mut self.track
        {
            track.tracked.painter = Some(painter);
        }
        let mut path = self.path();
        path.push(line.saturating_sub(1));
        if let Some(track) = &mut self.track
            && has_tail
        {
            track.tracked.tail = Some(Tail { path, kind: TailKind::Code, cut: None });
        }
    }

    fn cut_code(
        &mut self,
        fence: Option<String>,
        finished: Option<usize>,
        continued: bool,
    ) -> bool {
        let (Some(fence), Some(at)) = (fence, finished) else { return false };
        let Some(mut anchor) = self.anchor_here(at, Leaf::Code { fence }) else { return false };
        if let (Some(level), Some(Frame { element, before, .. })) =
            (anchor.levels.last_mut(), self.frames.last())
        {
            let open = element.children.last().is_some_and(|line| !ends_with_newline(line));
            level.keep = before + element.children.len() - usize::from(open);
        }
        let cut = self.cut(anchor, at..at, continued);
        if let Some(track) = &mut self.track
            && cut.is_some()
        {
            track.tracked.cut = cut;
            return true;
        }
        false
    }

    /// Called when a row has been put into its table's body, or the body has been opened after the head.
    pub(crate) fn table_row_ended(&mut self, range: &Range<usize>, is_head: bool) {
        let text = self.text;
        let mut end = line_end(text, range.end);
        if is_head {
            end = end.and_then(|end| line_end(text, end + 1));
        }
        let Some(end) = end.filter(|end| text[..*end].ends_with('\n')) else { return };
        let (start, alignments, continued) = match self.frames.as_slice() {
            [.., Frame { kind: Kind::Table(alignments), start, level, .. }, _body] => {
                (*start, alignments.clone(), level.is_some())
            }
            _ => return,
        };
        if let Some(anchor) = self.anchor_here(end, Leaf::Table(alignments)) {
            let cut = self.cut(anchor, start..end, continued);
            if let Some(track) = &mut self.track
                && cut.is_some()
            {
                track.tracked.cut = cut;
            }
        }
    }

    /// An anchor at an offset of the text, inside the frames that are open now.
    fn anchor_here(&self, at: usize, leaf: Leaf) -> Option<Anchor> {
        self.track.as_ref()?;
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
            // The window has no containers of its own, so its only frame is the anchor's last level.
            let last = levels.pop()?;
            levels = self.anchor.levels.clone();
            *levels.last_mut()? = last;
            containers.clone_from(&self.anchor.containers);
        }
        let at = self.source_offset(at);
        Some(Anchor {
            at,
            containers,
            leaf,
            levels,
            headings: self.headings,
            known: Default::default(),
        })
    }

    /// A container with the marker that opens it.
    fn container(&self, frame: &Frame, container: &Container) -> Option<Container> {
        if frame.level.is_some() {
            return Some(container.clone());
        }
        match container {
            Container::Quote => Some(Container::Quote),
            Container::Item(_) => Container::item(&self.text[frame.start..]),
            Container::Footnote(_) => Container::footnote(&self.text[frame.start..]),
        }
    }

    fn source_offset(&self, at: usize) -> usize {
        self.anchor.at + at.saturating_sub(self.base)
    }

    /// The path of the innermost frame.
    fn path(&self) -> Vec<usize> {
        if self.track.is_none() {
            return Vec::new();
        }
        if self.bare {
            let levels = &self.anchor.levels;
            return levels[..levels.len() - 1].iter().map(|level| level.keep - 1).collect();
        }
        let pairs = self.frames.iter().zip(self.frames.iter().skip(1));
        pairs
            .map(|(frame, next)| match next.level {
                Some(_) => frame.before - 1,
                None => frame.before + frame.element.children.len(),
            })
            .collect()
    }

    /// The path of the leaf that was closed last.
    fn path_of_last(&self) -> Vec<usize> {
        let mut path = self.path();
        if self.track.is_some()
            && !self.bare
            && let Some(frame) = self.frames.last()
        {
            path.push((frame.before + frame.element.children.len()).saturating_sub(1));
        }
        path
    }
}

/// The start of the line after `from`, if that line's newline is there.
fn line_end(text: &str, from: usize) -> Option<usize> {
    if from > 0 && text.as_bytes()[from - 1] == b'\n' {
        return Some(from);
    }
    text[from..].find('\n').map(|at| from + at + 1)
}

/// Whether a whole line follows that cannot turn out to belong to the block before it.
fn line_follows(text: &str, from: usize) -> bool {
    let Some(end) = text[from..].find('\n').map(|at| from + at + 1) else { return false };
    // Only the line after it decides whether such a line begins a table.
    let may_head_table = text[from..end].trim_start_matches([' ', '\t', '>']).starts_with('|');
    !may_head_table || text[end..].contains('\n')
}

fn footnote_names(text: &str, range: Range<usize>) -> Names {
    let mut names = Names::new();
    let mut rest = range.start;
    while let Some(at) = text[rest..range.end].find("[^").map(|at| rest + at) {
        rest = at + 2;
        if let Some(end) = text[rest..].find(']') {
            names.push((Name::Footnote(UniCase::new(text[rest..rest + end].to_owned())), at));
        }
    }
    names
}

/// Whether a paragraph's text would begin a paragraph anywhere. After an alert's title or a definition the parser takes
/// what looks like another block for text.
fn looks_like_text(leaf: &str) -> bool {
    let mut chars = leaf.chars();
    match chars.next() {
        Some('*' | '_') => chars.next().is_some_and(|c| !c.is_whitespace()),
        Some('`') => !leaf.starts_with("```"),
        Some('[' | '"' | '\'' | '(' | '!' | '\\' | '$') => true,
        Some(c) => c.is_alphabetic(),
        None => false,
    }
}

/// The end of the label that a text begins with.
fn label_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes()
        .position(|byte| {
            let is_end = byte == b']' && !escaped;
            escaped = byte == b'\\' && !escaped;
            is_end
        })
        .map(|at| at + 1)
}

fn last_text_len(nodes: &[Node]) -> usize {
    match nodes.last() {
        Some(Node::Text(text)) => text.len(),
        _ => 0,
    }
}

fn text_len(node: &Node) -> usize {
    match node {
        Node::Text(text) => text.len(),
        Node::Element(element) => element.children.iter().map(text_len).sum(),
    }
}

fn flat_length(nodes: &[Node], node: usize, offset: usize) -> usize {
    nodes.iter().take(node).map(text_len).sum::<usize>() + offset
}

/// The text node that a place within the nodes' text lies inside of, and how far.
fn text_at(nodes: &[Node], flat: usize) -> Option<(usize, usize)> {
    let mut before = 0;
    for (index, node) in nodes.iter().enumerate() {
        let length = text_len(node);
        if flat > before && flat < before + length {
            return matches!(node, Node::Text(_)).then_some((index, flat - before));
        }
        before += length;
    }
    None
}

fn ends_with_newline(node: &Node) -> bool {
    match node {
        Node::Text(text) => text.ends_with('\n'),
        Node::Element(element) => element.children.last().is_some_and(ends_with_newline),
    }
}
