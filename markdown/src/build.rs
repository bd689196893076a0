//! From the parser's events to nodes of the rendered tree.
//!
//! The builder keeps one frame per open element. When a window of a growing document is parsed, the frames that the
//! window's prelude opens stand for elements that exist already: what they gain is handed back per level, and the
//! rest of the document is not touched.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};
use unicase::UniCase;

use crate::Options;
use crate::anchor::{Anchor, Container};
use crate::code::Painter;
use crate::depth::LeftOut;
use crate::elements;
use crate::frame::{Frame, Kind};
use crate::masked::Masked;
use crate::node::{Element, Node};
use crate::references::{Known, Label};
use crate::track::{Track, Tracked};
use crate::window::Window;

/// What parsing a window yields.
pub(crate) struct Built {
    /// What each level of the anchor gains; `None` if the window does not reach it.
    pub(crate) additions: Vec<Option<Vec<Node>>>,
    /// Whether each level is a list that the window shows to be loose.
    pub(crate) loose: Vec<bool>,
    /// How many lines the code block has that the anchor lies in.
    pub(crate) code_lines: Option<usize>,
    pub(crate) tracked: Tracked,
}

pub(crate) struct Builder<'a> {
    /// The text as the parser sees it.
    pub(crate) text: &'a str,
    pub(crate) masked: &'a Masked,
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
    pub(crate) code_is_indented: bool,
    pub(crate) next_level: usize,
    pub(crate) leaf_continued: bool,
    skip_until: usize,
    pub(crate) left_out: LeftOut,
    /// The footnotes that this text defines.
    footnotes: HashSet<Label>,
    pub(crate) additions: Vec<Option<Vec<Node>>>,
    pub(crate) loose: Vec<bool>,
    /// The lines of the last code block.
    pub(crate) code_lines: usize,
    pub(crate) continued_code_lines: Option<usize>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        window: &Window<'a>,
        masked: &'a Masked,
        base: usize,
        options: &'a Options,
        known: &'a Known,
    ) -> Self {
        let Window { anchor, bare, .. } = *window;
        let levels = anchor.levels.len();
        let mut builder = Builder {
            text: masked.text(),
            masked,
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
            left_out: LeftOut::default(),
            footnotes: HashSet::new(),
            additions: vec![None; levels],
            loose: vec![false; levels],
            code_lines: 0,
            continued_code_lines: None,
        };
        builder.push(Element::new("div"), Kind::Root, 0, (!bare).then_some(0));
        builder
    }

    /// Events of the text before `offset` (definitions that the window needs to know) leave no trace.
    pub(crate) fn skip_until(&mut self, offset: usize) {
        self.skip_until = offset;
    }

    pub(crate) fn finish(mut self) -> Built {
        self.definitions_up_to(self.text.len());
        while let Some(frame) = self.frames.pop() {
            self.close(frame);
        }
        let tracked = self.track.take().map(|track| track.finish(self.painter)).unwrap_or_default();
        Built {
            additions: self.additions,
            loose: self.loose,
            code_lines: self.continued_code_lines,
            tracked,
        }
    }

    pub(crate) fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if range.start < self.skip_until
            || (range.start < self.base && self.is_prelude(&event, &range))
        {
            return;
        }
        self.definitions_before(&event, &range);
        if self.is_too_deep(&event, range.start) {
            return;
        }
        if !matches!(event, Event::Start(_) | Event::End(_)) {
            self.inline_end = range.end;
        }
        match event {
            Event::Start(tag) => self.start(tag, &range),
            Event::End(tag) => self.end(&tag, &range),
            Event::Text(text) => {
                let lead = self.base.saturating_sub(range.start);
                let (text, range) = (&text[lead..], range.start + lead..range.end);
                match self.in_code() {
                    true => self.code_text(text, &range),
                    false => self.inline_text(text, &range),
                }
            }
            Event::InlineHtml(text) | Event::Html(text) => {
                let lead = self.base.saturating_sub(range.start);
                self.raw_html(&text[lead..], &(range.start + lead..range.end));
            }
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
            Event::InlineMath(source) => self.formula(&source, false, &range),
            Event::DisplayMath(source) => self.formula(&source, true, &range),
        }
    }

    /// Whether a footnote is defined for the first time. Later definitions of it are shown, but nothing leads there.
    fn is_first_footnote(&mut self, label: &str) -> bool {
        !self.known.has_footnote(label)
            && !self.anchor.known.has_footnote(label)
            && self.footnotes.insert(UniCase::new(label.to_owned()))
    }

    /// Whether an event belongs to the prelude only: everything there but the elements that the window continues.
    fn is_prelude(&mut self, event: &Event<'_>, range: &Range<usize>) -> bool {
        match event {
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) | Event::Text(_)
                if range.end > self.base =>
            {
                false
            }
            Event::Start(Tag::TableRow | Tag::TableCell)
            | Event::End(TagEnd::TableRow | TagEnd::TableCell)
                if range.end > self.base =>
            {
                false
            }
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
            Event::Start(Tag::CodeBlock(_) | Tag::Table(_) | Tag::HtmlBlock) => false,
            Event::End(TagEnd::CodeBlock | TagEnd::Table | TagEnd::HtmlBlock) => false,
            Event::Html(_) if range.end > self.base => false,
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
            Tag::BlockQuote(Some(kind)) => self.push_container(
                elements::alert(kind, self.options.labels),
                Container::Quote,
                start,
            ),
            Tag::CodeBlock(kind) => self.start_code(&kind, start),
            Tag::HtmlBlock => {
                let level = (start < self.base).then(|| self.anchor.levels.len() - 1);
                self.push(Element::new("p").with("class", "html"), Kind::Html, start, level)
            }
            Tag::List(first) => {
                let level = self.continued_level(start);
                self.push(elements::list(first), Kind::List, start, level);
            }
            Tag::Item => {
                self.push_container(Element::new("li"), Container::Item(String::new()), start)
            }
            Tag::FootnoteDefinition(label) => {
                let is_first = self.is_first_footnote(&label);
                if start >= self.base {
                    self.note_footnote(&label, start);
                }
                let id = elements::footnote_id(&self.options.id_prefix, &label);
                self.push_container(
                    elements::footnote(is_first.then_some(id.as_str()), &label),
                    Container::Footnote(String::new()),
                    start,
                );
            }
            Tag::Table(alignments) => self.start_table(alignments, start),
            Tag::TableHead => {
                self.push(Element::new("thead"), Kind::Part, start, None);
                self.push(Element::new("tr"), Kind::Row, start, None);
            }
            Tag::TableRow => self.start_row(start),
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
                let kind = Kind::Link { address, title, label: boxed(&id) };
                self.push_inline(Element::new("a"), kind, range);
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
                let kind = Kind::Image { address, label: boxed(&id) };
                self.push_inline(Element::new("button"), kind, range);
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
                self.fill_row(range.end);
                self.pop();
                self.table_row_ended(range, false);
            }
            TagEnd::HtmlBlock => {
                self.html_ended();
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
}

fn boxed(label: &str) -> Option<Box<Label>> {
    (!label.is_empty()).then(|| Box::new(UniCase::new(label.to_owned())))
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
    )
}
