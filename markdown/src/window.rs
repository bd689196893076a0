//! Parses one window of a document: the text from an anchor on, after the prelude that leads there.

use std::cell::RefCell;

use pulldown_cmark::{BrokenLink, CowStr, Event, Parser, Tag, TagEnd};
use unicase::UniCase;

use crate::Options;
use crate::anchor::{Anchor, Container, Within};
use crate::build::{Builder, Built};
use crate::code::Painter;
use crate::definition::Defined;
use crate::masked::Masked;
use crate::node::Node;
use crate::pending::Pending;
use crate::references::{Definition, Known, Name, plain_label};
use crate::spaces;
use crate::track::{Names, Track};

/// The dialect: CommonMark with GitHub's tables, task lists, strikethrough, footnotes and alerts, and mathematics.
pub(crate) const DIALECT: pulldown_cmark::Options = pulldown_cmark::Options::ENABLE_TABLES
    .union(pulldown_cmark::Options::ENABLE_FOOTNOTES)
    .union(pulldown_cmark::Options::ENABLE_STRIKETHROUGH)
    .union(pulldown_cmark::Options::ENABLE_TASKLISTS)
    .union(pulldown_cmark::Options::ENABLE_GFM)
    .union(pulldown_cmark::Options::ENABLE_MATH);

/// Is asked for links without a definition. All parsers share this type, or the parser would be compiled, and loaded by
/// every page, once for each.
type LookUp<'a, 'text> =
    &'a mut dyn FnMut(BrokenLink<'text>) -> Option<(CowStr<'text>, CowStr<'text>)>;

fn parser<'a, 'text>(
    text: &'text str,
    look_up: Option<LookUp<'a, 'text>>,
) -> Parser<'text, LookUp<'a, 'text>> {
    Parser::new_with_broken_link_callback(text, DIALECT, look_up)
}

/// A piece of a document that is parsed on its own.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    /// The source from the anchor on.
    pub(crate) source: &'a str,
    pub(crate) anchor: &'a Anchor,
    /// Whether the source is a part of one line, for which its containers do not matter.
    pub(crate) bare: bool,
}

/// What a growing document wants to know of a window besides its nodes.
pub(crate) struct Tracking {
    /// The state of the highlighter at the anchor, if that lies in code.
    pub(crate) painter: Painter,
    /// Whether the leaf that the anchor lies in refers to names.
    pub(crate) open_names: bool,
}

/// A parsed window.
pub(crate) struct Parsed {
    pub(crate) built: Built,
    /// What the window defines, and where in the source.
    pub(crate) definitions: Vec<(Name, Option<Definition>, usize)>,
    /// The bytes that the parser went through.
    pub(crate) work: usize,
}

/// Renders a whole document.
pub(crate) fn document(source: &str, options: &Options) -> Vec<Node> {
    let mut plain = String::with_capacity(source.len());
    spaces::push_plain(&mut plain, source);
    let anchor = Anchor::start();
    let window = Window { source: &plain, anchor: &anchor, bare: false };
    let mut parsed = window.parse(options, &Known::default(), None);
    parsed.built.additions.pop().flatten().unwrap_or_default()
}

impl<'a> Window<'a> {
    /// Parses the window. `known` is what the text before the last block anchor defines.
    pub(crate) fn parse(
        &self,
        options: &Options,
        known: &Known,
        tracking: Option<Tracking>,
    ) -> Parsed {
        let anchor = self.anchor;
        let footnotes = self.footnotes(known);
        let mut text = footnotes.clone();
        match self.bare {
            true => text += &anchor.bare_prelude(self.source),
            false => text += &anchor.prelude(self.source),
        }
        let base = text.len();
        // One at the end may be half of a line end.
        text += self.source.strip_suffix('\r').unwrap_or(self.source);
        let masked = Masked::new(text, base, anchor);
        let text = masked.text();

        let asked = RefCell::new(Names::new());
        // What the text itself defines; the parser finds it itself, except where a dollar means different things.
        let own = RefCell::new(Known::default());
        let mut look_up = |link: BrokenLink<'_>| {
            let label = masked.label(&link.reference, &link.span);
            asked.borrow_mut().push((Name::Link(UniCase::new(label.clone())), link.span.start));
            let own = own.borrow();
            let definition = known
                .link(&label)
                .or_else(|| anchor.known.link(&label))
                .or_else(|| own.link(&label))?;
            Some((CowStr::from(definition.address.clone()), CowStr::from(definition.title.clone())))
        };
        let parser = parser(text, Some(&mut look_up));
        let mut defined: Vec<_> = parser
            .reference_definitions()
            .iter()
            .filter(|(_, definition)| definition.span.start >= base)
            .map(|(label, link)| {
                let title = link.title.as_deref().unwrap_or_default();
                let (label, definition) = masked.definition(label, &link.dest, title, &link.span);
                let name = Name::Link(UniCase::new(label));
                Defined { name, definition, range: link.span.clone() }
            })
            .collect();
        defined.sort_by_key(|defined| defined.range.start);
        let mut definitions: Vec<_> = defined
            .iter()
            .map(|Defined { name, definition, range }| {
                (name.clone(), Some(definition.clone()), anchor.at + range.start - base)
            })
            .collect();
        if masked.has_masks() {
            let mut own = own.borrow_mut();
            for (name, definition, _) in &definitions {
                own.add(name.clone(), definition.clone());
            }
        }

        let mut builder = Builder::new(self, &masked, base, options, known);
        builder.skip_until(footnotes.len());
        if let Some(tracking) = tracking {
            builder.painter = tracking.painter;
            builder.track = Some(Track::new(&asked, tracking.open_names, defined));
        }
        for (event, range) in parser.into_offset_iter() {
            let event = masked.event(event, &range, builder.in_code(), &own.borrow());
            builder.event(event, range);
        }
        let mut built = builder.finish();
        definitions.extend(built.tracked.footnotes.drain(..).map(|(name, at)| (name, None, at)));
        let mut work = text.len();
        work += self.verify_looseness(text, base, &mut built);
        Parsed { built, definitions, work }
    }

    /// Definitions of the footnotes that the window refers to: the parser takes no reference on trust.
    fn footnotes(&self, known: &Known) -> String {
        let mut out = String::new();
        let mut rest = self.source;
        while let Some(at) = rest.find("[^") {
            rest = &rest[at + 2..];
            let Some(label) = rest.find(']').map(|end| &rest[..end]) else { break };
            if known.has_footnote(label) || self.anchor.known.has_footnote(label) {
                out.extend(["[^", &plain_label(label), "]: #\n"]);
            }
        }
        if !out.is_empty() {
            // What follows may be indented, and would belong to the last definition.
            out.push_str("#\n");
        }
        out
    }

    /// The parser tells that a list is loose by the paragraphs of its items, wherever the reason lies. An anchor may
    /// only keep what the text before it shows, so where that has blank lines, it is asked again, with one more item
    /// with a paragraph in each list.
    fn verify_looseness(&self, text: &str, base: usize, built: &mut Built) -> usize {
        let mut work = 0;
        let closed = built.tracked.closed.as_mut();
        let cut = built.tracked.cut.as_mut().map(|cut| &mut cut.anchor);
        let later = built
            .tracked
            .tail
            .as_mut()
            .and_then(|tail| tail.cut.as_mut())
            .map(|cut| &mut cut.anchor);
        for anchor in closed.into_iter().chain(cut).chain(later) {
            let list_levels = anchor.list_levels();
            let before = &text[..base + anchor.at - self.anchor.at];
            if list_levels.iter().all(|level| anchor.levels[*level].loose)
                || !has_blank_line(&before[base..])
            {
                continue;
            }
            let probed = [before, &anchor.probe()].concat();
            work += probed.len();
            for (level, loose) in list_levels
                .into_iter()
                .zip(looseness(&probed, before.len() + usize::from(anchor.is_inside_line())))
            {
                anchor.levels[level].loose |= loose;
            }
        }
        work
    }
}

/// Whether a text has a line that may make a list loose: a blank one, or the empty beginning of a footnote.
fn has_blank_line(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches([' ', '\t', '>', '\r']).trim_end();
        line.is_empty() || line.ends_with("]:")
    })
}

/// For each list that is open at an offset of a text, from the outermost inwards, whether it is loose.
fn looseness(text: &str, offset: usize) -> Vec<bool> {
    let mut lists: Vec<bool> = Vec::new();
    // The open lists, items and other containers; only lists have a number.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut open_at_offset = Vec::new();
    for (event, range) in parser(text, None).into_offset_iter() {
        match event {
            Event::Start(Tag::List(_)) => {
                open.push(Some(lists.len()));
                lists.push(false);
            }
            Event::Start(Tag::Item | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_)) => {
                open.push(None)
            }
            Event::End(
                TagEnd::List(_) | TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition,
            ) => {
                open.pop();
            }
            Event::End(_) => {}
            leaf => {
                if let ([.., Some(list), None], Event::Start(Tag::Paragraph)) =
                    (open.as_slice(), leaf)
                {
                    lists[*list] = true;
                }
                if range.start < offset {
                    open_at_offset = open.iter().copied().flatten().collect();
                }
            }
        }
    }
    open_at_offset.into_iter().map(|list: usize| lists[list]).collect()
}

impl Anchor {
    /// Whether the source after this anchor can be parsed from here. A line of nothing but certain characters may turn
    /// a paragraph into a heading, or its last line into a table's head, and then all of it is needed. So it is where
    /// something may be the partner of a delimiter before the anchor.
    pub(crate) fn allows(&self, source: &str) -> bool {
        let Some(Within { pending, .. }) = self.leaf.within() else {
            // A row of which nothing is there yet would be none.
            return !self.leaf.is_cell() || !source.trim_ascii().is_empty();
        };
        if pending.may_close_in(source) {
            return false;
        }
        if self.leaf.is_cell() {
            // A label may reach into the next cell.
            return !(pending.has(Pending::BRACKET) && source.contains(']'));
        }
        // A line that is not indented for the innermost item can be no heading's underline there.
        let only_items =
            self.containers.iter().all(|container| matches!(container, Container::Item(_)));
        let indent =
            if only_items { self.containers.iter().map(Container::indent).sum() } else { 0 };
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\u{b}' | '\u{c}' | '>');
        let is_underline = |line: &str| {
            let is_inside = line.bytes().take(indent).all(|byte| byte == b' ');
            let content = line.trim_start_matches(is_space);
            (is_inside || line.contains(['|', '\t']))
                && content.starts_with(['-', '=', '|', ':'])
                && content.chars().all(|c| is_space(c) || matches!(c, '-' | '=' | '|' | ':'))
        };
        !source.split(['\n', '\r']).skip(1).any(is_underline)
    }
}
