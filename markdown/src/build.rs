//! From the parser's events to nodes of the rendered tree.
//!
//! The builder keeps one frame per open element. When a window of a growing document is parsed, the frames that the
//! window's prelude opens stand for elements that exist already: what they gain is handed back per level, and the
//! rest of the document is not touched.

use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Tag, TagEnd};

use crate::Options;
use crate::anchor::{Anchor, Container, Leaf, Level};
use crate::code::{self, Painter};
use crate::elements;
use crate::node::{Element, Node};
use crate::references::Known;
use crate::track::{Track, Tracked};
use crate::window::Window;

/// An element that is still being filled.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) element: Element,
    pub(crate) kind: Kind,
    /// Where it begins in the text that is parsed.
    pub(crate) start: usize,
    /// The level of the anchor that it continues, if it existed before.
    pub(crate) level: Option<usize>,
    /// How many child nodes it had before.
    pub(crate) before: usize,
    /// Whether it is a list that was loose before.
    pub(crate) was_loose: bool,
    /// Whether it is a list that this text or earlier text makes loose.
    loose: bool,
    /// Whether it is a list and any item has a paragraph, which is what looseness shows in.
    pub(crate) has_paragraph: bool,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Kind {
    /// Holds blocks.
    Root,
    Container(Container),
    /// A list, whose looseness shows only when an item's paragraph comes.
    List,
    /// A part of a block that is made of several elements.
    Part,
    Paragraph,
    /// A paragraph that the parser left out, because its list is tight.
    TightParagraph,
    Heading,
    /// An inline element.
    Inline,
    /// A link, which stays only if its address is allowed.
    Link(String, String),
    /// An image: only its text counts.
    Image(String),
    Code,
    Html,
    Table(Vec<Alignment>),
    Row,
    Cell,
}

/// What parsing a window yields.
pub(crate) struct Built {
    /// What each level of the anchor gains; `None` if the window does not reach it.
    pub(crate) additions: Vec<Option<Vec<Node>>>,
    /// Whether each level is a list that the window shows to be loose.
    pub(crate) loose: Vec<bool>,
    pub(crate) tracked: Tracked,
}

pub(crate) struct Builder<'a> {
    pub(crate) text: &'a str,
    /// Where the window begins in the text; before it stands the prelude.
    pub(crate) base: usize,
    pub(crate) anchor: &'a Anchor,
    pub(crate) frames: Vec<Frame>,
    pub(crate) headings: usize,
    pub(crate) track: Option<Track<'a>>,
    pub(crate) painter: Painter,
    pub(crate) options: &'a Options,
    known: &'a Known,
    /// Whether the window is one line of a paragraph, parsed without the containers around it.
    pub(crate) bare: bool,
    /// The end of the last inline content.
    pub(crate) inline_end: usize,
    /// The level that the element closed last continued.
    pub(crate) last_closed_level: Option<usize>,
    /// Where the last checkbox begins.
    pub(crate) checkbox_start: usize,
    code_is_indented: bool,
    next_level: usize,
    leaf_continued: bool,
    skip_until: usize,
    additions: Vec<Option<Vec<Node>>>,
    loose: Vec<bool>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        window: &Window<'a>,
        text: &'a str,
        base: usize,
        options: &'a Options,
        known: &'a Known,
    ) -> Self {
        let Window { anchor, bare, .. } = *window;
        let levels = anchor.levels.len();
        let mut builder = Builder {
            text,
            base,
            anchor,
            frames: Vec::new(),
            headings: anchor.headings,
            track: None,
            painter: Painter::default(),
            options,
            known,
            bare,
            inline_end: 0,
            last_closed_level: None,
            checkbox_start: 0,
            code_is_indented: false,
            next_level: 1,
            leaf_continued: false,
            skip_until: 0,
            additions: vec![None; levels],
            loose: vec![false; levels],
        };
        builder.push(Element::new("div"), Kind::Root, 0, (!bare).then_some(0));
        builder
    }

    /// Events of the text before `offset` (definitions that the window needs to know) leave no trace.
    pub(crate) fn skip_until(&mut self, offset: usize) {
        self.skip_until = offset;
    }

    pub(crate) fn finish(mut self) -> Built {
        while let Some(frame) = self.frames.pop() {
            self.close(frame);
        }
        let tracked = self.track.take().map(|track| track.finish(self.painter)).unwrap_or_default();
        Built { additions: self.additions, loose: self.loose, tracked }
    }

    pub(crate) fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if range.start < self.skip_until || (range.start < self.base && self.is_prelude(&event)) {
            return;
        }
        if !matches!(event, Event::Start(_) | Event::End(_)) {
            self.inline_end = range.end;
        }
        match event {
            Event::Start(tag) => self.start(tag, &range),
            Event::End(tag) => self.end(&tag, &range),
            Event::Text(text) if self.in_code() => self.code_text(&text, &range),
            Event::Text(text) | Event::InlineHtml(text) => self.inline_text(&text, &range),
            Event::Html(text) => self.inline_text(&text, &range),
            Event::Code(text) => self.inline(Element::new("code").child(&*text), &range),
            Event::SoftBreak => self.inline_text("\n", &range),
            Event::HardBreak => self.inline(Element::new("br"), &range),
            Event::Rule => {
                self.close_tight_paragraph();
                self.append(Element::new("hr"));
                self.leaf_ended(&range, false);
            }
            Event::TaskListMarker(checked) => self.checkbox(checked, &range),
            Event::FootnoteReference(label) => self.footnote_reference(&label, &range),
            // The dialect has no mathematics; if it ever had, its source would be shown.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.inline_text(&text, &range),
        }
    }

    /// Whether an event belongs to the prelude only: everything there but the elements that the window continues.
    fn is_prelude(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(Tag::Paragraph) => {
                self.loosen();
                true
            }
            Event::Start(
                Tag::List(_) | Tag::Item | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_),
            ) => false,
            Event::End(
                TagEnd::List(_) | TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition,
            ) => false,
            Event::Start(Tag::CodeBlock(_) | Tag::Table(_)) => false,
            Event::End(TagEnd::CodeBlock | TagEnd::Table) => false,
            _ => true,
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        if !is_inline(&tag) {
            self.close_tight_paragraph();
        }
        let start = range.start;
        match tag {
            Tag::Paragraph => {
                self.loosen();
                let level = self.continued_paragraph();
                self.push(Element::new("p"), Kind::Paragraph, start, level);
            }
            Tag::Heading { level, .. } => {
                self.headings += 1;
                let id = format!("{}section-{}", self.options.id_prefix, self.headings);
                self.push(
                    Element::new(elements::heading_name(level)).with("id", id),
                    Kind::Heading,
                    start,
                    None,
                );
            }
            Tag::BlockQuote(None) => {
                self.push_container(Element::new("blockquote"), Container::Quote, start)
            }
            Tag::BlockQuote(Some(kind)) => {
                self.push_container(elements::alert(kind), Container::Quote, start)
            }
            Tag::CodeBlock(kind) => self.start_code(&kind, start),
            Tag::HtmlBlock => {
                self.push(Element::new("p").with("class", "html"), Kind::Html, start, None)
            }
            Tag::List(first) => {
                let level = self.continued_level(start);
                self.push(elements::list(first), Kind::List, start, level);
            }
            Tag::Item => {
                self.push_container(Element::new("li"), Container::Item(String::new()), start)
            }
            Tag::FootnoteDefinition(label) => {
                if start >= self.base {
                    self.note_footnote(&label, start);
                }
                let id = elements::footnote_id(&self.options.id_prefix, &label);
                self.push_container(
                    elements::footnote(&id, &label),
                    Container::Footnote(String::new()),
                    start,
                );
            }
            Tag::Table(alignments) => self.start_table(alignments, start),
            Tag::TableHead => {
                self.push(Element::new("thead"), Kind::Part, start, None);
                self.push(Element::new("tr"), Kind::Row, start, None);
            }
            Tag::TableRow => self.push(Element::new("tr"), Kind::Row, start, None),
            Tag::TableCell => self.start_cell(start),
            Tag::Emphasis => self.push_inline(Element::new("em"), Kind::Inline, range),
            Tag::Strong => self.push_inline(Element::new("strong"), Kind::Inline, range),
            Tag::Strikethrough => self.push_inline(Element::new("del"), Kind::Inline, range),
            Tag::Link { dest_url, title, link_type, id } => {
                // A label means what it meant first, and that may lie before the window.
                let (address, title) =
                    match self.known.link(&id).or_else(|| self.anchor.known.link(&id)) {
                        Some(known) if !id.is_empty() => {
                            (known.address.clone(), known.title.clone())
                        }
                        _ if link_type == pulldown_cmark::LinkType::Email => {
                            (format!("mailto:{dest_url}"), String::new())
                        }
                        _ => (dest_url.to_string(), title.to_string()),
                    };
                self.note_link(&id, start);
                self.push_inline(Element::new("a"), Kind::Link(address, title), range);
            }
            Tag::Image { dest_url, id, .. } => {
                let known = self
                    .known
                    .link(&id)
                    .or_else(|| self.anchor.known.link(&id))
                    .filter(|_| !id.is_empty());
                let address =
                    known.map_or_else(|| dest_url.to_string(), |known| known.address.clone());
                self.note_link(&id, start);
                self.push_inline(Element::new("button"), Kind::Image(address), range);
            }
            // The dialect has none of these; their content is shown as if they were not there.
            _ => self.push_inline(Element::new("span"), Kind::Inline, range),
        }
    }

    fn end(&mut self, tag: &TagEnd, range: &Range<usize>) {
        if matches!(tag, TagEnd::Item) {
            self.close_tight_paragraph();
        }
        match tag {
            TagEnd::Table | TagEnd::CodeBlock => {
                if *tag == TagEnd::CodeBlock {
                    self.code_ended();
                }
                // Both are three elements deep.
                for _ in 0..3 {
                    self.pop();
                }
                // Blank lines end no indented code, if more of it follows.
                self.leaf_ended(range, *tag == TagEnd::CodeBlock && self.code_is_indented);
            }
            TagEnd::TableHead => {
                self.pop();
                self.pop();
                self.push(Element::new("tbody"), Kind::Part, range.end, None);
                self.table_row_ended(range, true);
            }
            TagEnd::TableRow => {
                self.pop();
                self.table_row_ended(range, false);
            }
            TagEnd::HtmlBlock => {
                self.finish_inline();
                self.pop();
                // The parser may end it within a blank line, which would hide that a list can turn loose there.
                let end = self.text[..range.end].trim_end_matches([' ', '\t']).len();
                self.leaf_ended(&(range.start..end.max(range.start)), false);
            }
            TagEnd::Paragraph | TagEnd::Heading(_) => {
                self.finish_inline();
                self.pop();
                self.leaf_ended(range, false);
            }
            TagEnd::TableCell => {
                self.finish_inline();
                self.pop();
            }
            _ => {
                self.inline_end = range.end;
                self.pop();
            }
        }
    }

    pub(crate) fn push(
        &mut self,
        mut element: Element,
        kind: Kind,
        start: usize,
        level: Option<usize>,
    ) {
        if level.is_some() {
            // It has these already.
            element.children.clear();
        }
        let continued =
            level.and_then(|level| self.anchor.levels.get(level)).copied().unwrap_or_default();
        let Level { keep, loose, has_paragraph } = continued;
        self.frames.push(Frame {
            element,
            kind,
            start,
            level,
            before: keep,
            was_loose: loose,
            loose,
            has_paragraph,
        });
    }

    fn push_inline(&mut self, element: Element, kind: Kind, range: &Range<usize>) {
        self.open_tight_paragraph(range);
        self.push(element, kind, range.start, None);
        self.inline_started();
    }

    /// The level that a container or list continues, if the prelude opens it.
    fn continued_level(&mut self, start: usize) -> Option<usize> {
        // Where an item is indented by a tab, the parser says that it begins up to three bytes early. At the start of
        // a line, the prelude's last bytes open nothing.
        let slack = if self.anchor.is_inside_line() { 0 } else { 3 };
        (start + slack < self.base).then(|| {
            self.next_level += 1;
            self.next_level - 1
        })
    }

    fn push_container(&mut self, element: Element, container: Container, start: usize) {
        let level = self.continued_level(start);
        let container = match level {
            // Continued containers come in the anchor's order.
            Some(_) => {
                let outer = self
                    .frames
                    .iter()
                    .filter(|frame| matches!(frame.kind, Kind::Container(_)))
                    .count();
                self.anchor.containers.get(outer).cloned().unwrap_or(container)
            }
            None => container,
        };
        self.push(element, Kind::Container(container), start, level);
    }

    /// The first paragraph of a window is the one that the anchor lies in, if it lies in one.
    fn continued_paragraph(&mut self) -> Option<usize> {
        let continues = matches!(self.anchor.leaf, Leaf::Paragraph { .. }) && !self.leaf_continued;
        self.leaf_continued = true;
        continues.then(|| self.anchor.levels.len() - 1)
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>, start: usize) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => {
                info.split([' ', '\t', ',', '{']).next().unwrap_or_default()
            }
            CodeBlockKind::Indented => "",
        };
        self.code_is_indented = matches!(kind, CodeBlockKind::Indented);
        let figure = code::figure(language);
        let levels = self.anchor.levels.len();
        let continued = (start < self.base).then(|| levels - 3);
        if continued.is_none() {
            self.painter = Painter::new(self.options.highlighter.as_deref(), language);
        }
        self.code_started(language, start, matches!(kind, CodeBlockKind::Fenced(_)));
        for (depth, element) in code::nested(figure).into_iter().enumerate() {
            let kind = if depth == 2 { Kind::Code } else { Kind::Part };
            self.push(element, kind, start, continued.map(|level| level + depth));
        }
    }

    fn start_table(&mut self, alignments: Vec<Alignment>, start: usize) {
        let continued = (start < self.base).then(|| self.anchor.levels.len() - 3);
        self.push(elements::table_region(), Kind::Part, start, continued);
        self.push(
            Element::new("table"),
            Kind::Table(alignments),
            start,
            continued.map(|level| level + 1),
        );
        if let Some(level) = continued {
            self.push(Element::new("tbody"), Kind::Part, start, Some(level + 2));
        }
    }

    fn start_cell(&mut self, start: usize) {
        let column = self.frames.last().map_or(0, |row| row.element.children.len());
        let is_head =
            self.frames.iter().rev().nth(1).is_some_and(|part| part.element.name == "thead");
        let alignment = self.frames.iter().rev().find_map(|frame| match &frame.kind {
            Kind::Table(alignments) => alignments.get(column),
            _ => None,
        });
        let cell = elements::cell(is_head, alignment);
        self.inline_started();
        self.push(cell, Kind::Cell, start, None);
    }

    pub(crate) fn pop(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.close(frame);
        }
    }

    /// Puts a finished element into its parent, or hands back what a continued one gained.
    fn close(&mut self, frame: Frame) {
        let Frame { mut element, kind, level, loose, has_paragraph, .. } = frame;
        let loose = loose && has_paragraph;
        match kind {
            Kind::Link(address, title) => return self.finish_link(element, &address, &title),
            Kind::Image(address) => return self.finish_image(&element, &address),
            Kind::Inline => self.link_bare_addresses(&mut element),
            Kind::Html => {
                if let Some(Node::Text(text)) = element.children.last_mut() {
                    text.truncate(text.trim_end_matches('\n').len());
                }
            }
            Kind::List if loose => element.attributes.retain(|(name, _)| *name != "class"),
            _ => {}
        }
        if matches!(kind, Kind::Paragraph | Kind::TightParagraph) && !is_only_checkbox(&element) {
            self.note_item_paragraph();
        }
        self.last_closed_level = level;
        match level {
            Some(level) => {
                self.additions[level] = Some(element.children);
                self.loose[level] = loose;
            }
            None => self.append(element),
        }
    }

    pub(crate) fn inline(&mut self, element: Element, range: &Range<usize>) {
        self.open_tight_paragraph(range);
        self.inline_started();
        self.append(element);
    }

    pub(crate) fn inline_text(&mut self, text: &str, range: &Range<usize>) {
        self.open_tight_paragraph(range);
        self.text_added(text, range);
        self.push_text(text);
    }

    pub(crate) fn push_text(&mut self, text: &str) {
        if let Some(frame) = self.frames.last_mut() {
            frame.element.push_text(text);
        }
    }

    pub(crate) fn append(&mut self, element: Element) {
        if let Some(frame) = self.frames.last_mut() {
            frame.element.children.push(element.into());
        }
    }

    fn checkbox(&mut self, checked: bool, range: &Range<usize>) {
        self.checkbox_start = range.start;
        let rest_of_line = self.text[range.end..].split(['\n', '\r']).next().unwrap_or_default();
        if !rest_of_line.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return self.inline(elements::checkbox(checked), range);
        }
        // Such a checkbox is no part of the paragraph on the next line, which the parser does not tell in a tight list.
        self.push(Element::new("p"), Kind::TightParagraph, range.start, None);
        self.append(elements::checkbox(checked));
        self.close_tight_paragraph();
    }

    /// Paragraphs are elements in tight lists, too, so that a list that turns loose changes by one attribute only.
    fn open_tight_paragraph(&mut self, range: &Range<usize>) {
        if matches!(
            self.frames.last(),
            Some(Frame { kind: Kind::Container(Container::Item(_)), .. })
        ) {
            let level = self.continued_paragraph();
            // The parser leaves a backslash before an escaped character out of the text.
            let is_escaped = self.text[..range.start].ends_with('\\');
            self.push(
                Element::new("p"),
                Kind::TightParagraph,
                range.start - usize::from(is_escaped),
                level,
            );
        }
    }

    fn close_tight_paragraph(&mut self) {
        if let Some(Frame { kind: Kind::TightParagraph, element, .. }) = self.frames.last() {
            let is_only_checkbox = is_only_checkbox(element);
            self.finish_inline();
            let range = self.tight_paragraph_range();
            self.pop();
            // An item that holds nothing but a checkbox so far counts as empty, which a prelude could not tell.
            self.leaf_ended(&range, is_only_checkbox);
        }
    }

    /// The parser tells that a list is loose only by giving its items paragraphs.
    fn loosen(&mut self) {
        if let [.., list, item] = self.frames.as_mut_slice()
            && matches!(item.kind, Kind::Container(Container::Item(_)))
        {
            list.loose = true;
        }
    }

    fn note_item_paragraph(&mut self) {
        if let [.., list, item] = self.frames.as_mut_slice()
            && matches!(item.kind, Kind::Container(Container::Item(_)))
        {
            list.has_paragraph = true;
        }
    }

    fn in_code(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { kind: Kind::Code, .. }))
    }

    fn code_text(&mut self, text: &str, range: &Range<usize>) {
        if let Some(frame) = self.frames.last_mut() {
            code::push(&mut frame.element.children, text, &mut self.painter);
        }
        self.code_added(text, range);
    }
}

/// Whether a paragraph has nothing but a checkbox, so that the parser does not take it for one.
pub(crate) fn is_only_checkbox(paragraph: &Element) -> bool {
    matches!(paragraph.children.as_slice(), [Node::Element(child)] if child.name == "input")
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
    )
}
