//! From the parser's events to the rendered tree. Every element and attribute that can appear is made in this file
//! or in [`crate::code`].

use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd,
};

use crate::Options;
use crate::autolink;
use crate::code::{self, Painter};
use crate::link::{self, Scheme};
use crate::node::{Element, Node};

/// The dialect: CommonMark with GitHub's tables, task lists, strikethrough, footnotes and alerts.
pub(crate) const DIALECT: pulldown_cmark::Options = pulldown_cmark::Options::ENABLE_TABLES
    .union(pulldown_cmark::Options::ENABLE_FOOTNOTES)
    .union(pulldown_cmark::Options::ENABLE_STRIKETHROUGH)
    .union(pulldown_cmark::Options::ENABLE_TASKLISTS)
    .union(pulldown_cmark::Options::ENABLE_GFM);

/// Renders a whole document.
pub(crate) fn document(source: &str, options: &Options) -> Vec<Node> {
    let mut builder = Builder::new(options);
    for event in Parser::new_ext(source, DIALECT) {
        builder.event(event);
    }
    builder.finish()
}

/// An element that is still being filled.
#[derive(Debug)]
struct Frame {
    element: Element,
    kind: Kind,
}

#[derive(Debug, PartialEq)]
enum Kind {
    /// Holds blocks.
    Blocks,
    /// A list, whose looseness shows only when an item's paragraph comes.
    List,
    /// A list item, whose text has no paragraph of its own in a tight list.
    Item,
    /// A paragraph that the parser left out, because its list is tight.
    TightParagraph,
    /// Holds text and inline elements.
    Inline,
    /// A link, which stays only if its address is allowed.
    Link(String, String),
    /// An image: only its text counts.
    Image(String),
    Code(String),
    Html,
    Table(Vec<Alignment>),
    Row(usize),
}

struct Builder<'o> {
    options: &'o Options,
    frames: Vec<Frame>,
    headings: usize,
}

impl<'o> Builder<'o> {
    fn new(options: &'o Options) -> Self {
        let root = Frame { element: Element::new("div"), kind: Kind::Blocks };
        Builder { options, frames: vec![root], headings: 0 }
    }

    fn finish(mut self) -> Vec<Node> {
        self.frames.pop().map(|root| root.element.children).unwrap_or_default()
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.inline_text(&text),
            Event::Html(text) | Event::InlineHtml(text) => self.inline_text(&text),
            Event::Code(text) => self.inline(Element::new("code").child(&*text)),
            Event::SoftBreak => self.inline_text("\n"),
            Event::HardBreak => self.inline(Element::new("br")),
            Event::Rule => self.block(Element::new("hr")),
            Event::TaskListMarker(checked) => {
                let checkbox = Element::new("input").with("type", "checkbox").with("disabled", "");
                self.inline(if checked { checkbox.with("checked", "") } else { checkbox });
            }
            Event::FootnoteReference(label) => self.footnote_reference(&label),
            // The dialect has no mathematics; if it ever had, its source would be shown.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.inline_text(&text),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => {
                self.loosen();
                self.open(Element::new("p"), Kind::Inline);
            }
            Tag::Heading { level, .. } => {
                self.headings += 1;
                let id = format!("{}section-{}", self.options.id_prefix, self.headings);
                self.open(Element::new(heading_name(level)).with("id", id), Kind::Inline);
            }
            Tag::BlockQuote(None) => self.open(Element::new("blockquote"), Kind::Blocks),
            Tag::BlockQuote(Some(kind)) => self.open(alert(kind), Kind::Blocks),
            Tag::CodeBlock(kind) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', '\t', ',', '{']).next().unwrap_or_default()
                    }
                    CodeBlockKind::Indented => "",
                };
                self.open(code::figure(language), Kind::Code(language.to_owned()));
            }
            Tag::HtmlBlock => self.open(Element::new("p").with("class", "html"), Kind::Html),
            Tag::List(None) => self.open(Element::new("ul").with("class", "tight"), Kind::List),
            Tag::List(Some(first)) => {
                let list = Element::new("ol").with("class", "tight");
                let list = if first == 1 { list } else { list.with("start", first.to_string()) };
                self.open(list, Kind::List);
            }
            Tag::Item => self.open(Element::new("li"), Kind::Item),
            Tag::FootnoteDefinition(label) => {
                let id = self.footnote_id(&label);
                let marker = Element::new("p").with("class", "label").child(&*label);
                let note = Element::new("div")
                    .with("class", "footnote")
                    .with("id", id)
                    .with("role", "note");
                self.open(note.child(marker), Kind::Blocks);
            }
            Tag::Table(alignments) => self.open(Element::new("table"), Kind::Table(alignments)),
            Tag::TableHead => {
                self.open(Element::new("thead"), Kind::Blocks);
                self.open(Element::new("tr"), Kind::Row(0));
            }
            Tag::TableRow => self.open(Element::new("tr"), Kind::Row(0)),
            Tag::TableCell => self.open_cell(),
            Tag::Emphasis => self.open_inline(Element::new("em"), Kind::Inline),
            Tag::Strong => self.open_inline(Element::new("strong"), Kind::Inline),
            Tag::Strikethrough => self.open_inline(Element::new("del"), Kind::Inline),
            Tag::Link { dest_url, title, link_type, .. } => {
                let address = match link_type {
                    pulldown_cmark::LinkType::Email => format!("mailto:{dest_url}"),
                    _ => dest_url.to_string(),
                };
                self.open_inline(Element::new("a"), Kind::Link(address, title.to_string()));
            }
            Tag::Image { dest_url, .. } => {
                self.open_inline(Element::new("button"), Kind::Image(dest_url.to_string()));
            }
            // The dialect has none of these; their content is shown as if they were not there.
            _ => self.open_inline(Element::new("span"), Kind::Inline),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        self.close_tight_paragraph_before(&tag);
        let Some(Frame { element, kind }) = self.frames.pop() else { return };
        match kind {
            Kind::Inline => {
                let element = self.link_bare_addresses(element);
                self.append(element);
            }
            Kind::Link(address, title) => self.finish_link(element, &address, &title),
            Kind::Image(address) => self.finish_image(&element, &address),
            Kind::Code(language) => self.finish_code(element, &language),
            Kind::Html => {
                let mut element = element;
                if let Some(Node::Text(text)) = element.children.last_mut() {
                    text.truncate(text.trim_end_matches('\n').len());
                }
                self.append(element);
            }
            Kind::Table(_) => self.append(
                Element::new("div")
                    .with("class", "table")
                    .with("tabindex", "0")
                    .with("role", "region")
                    .with("aria-label", "Table")
                    .child(element),
            ),
            Kind::Row(_) if tag == TagEnd::TableHead => {
                if let Some(mut head) = self.frames.pop() {
                    head.element.children.push(element.into());
                    self.append(head.element);
                }
            }
            Kind::Row(_) => self.append_row(element),
            Kind::Blocks | Kind::List | Kind::Item | Kind::TightParagraph => self.append(element),
        }
    }

    fn open(&mut self, element: Element, kind: Kind) {
        self.close_tight_paragraph();
        self.frames.push(Frame { element, kind });
    }

    fn open_inline(&mut self, element: Element, kind: Kind) {
        self.open_tight_paragraph();
        self.frames.push(Frame { element, kind });
    }

    fn block(&mut self, element: Element) {
        self.close_tight_paragraph();
        self.append(element);
    }

    fn inline(&mut self, element: Element) {
        self.open_tight_paragraph();
        self.append(element);
    }

    fn inline_text(&mut self, text: &str) {
        self.open_tight_paragraph();
        if let Some(frame) = self.frames.last_mut() {
            frame.element.push_text(text);
        }
    }

    fn append(&mut self, element: Element) {
        if let Some(frame) = self.frames.last_mut() {
            frame.element.children.push(element.into());
        }
    }

    /// Paragraphs are elements in tight lists, too, so that a list that turns loose changes by one attribute only.
    fn open_tight_paragraph(&mut self) {
        if self.frames.last().is_some_and(|frame| frame.kind == Kind::Item) {
            self.frames.push(Frame { element: Element::new("p"), kind: Kind::TightParagraph });
        }
    }

    fn close_tight_paragraph(&mut self) {
        if self.frames.last().is_some_and(|frame| frame.kind == Kind::TightParagraph)
            && let Some(frame) = self.frames.pop()
        {
            let paragraph = self.link_bare_addresses(frame.element);
            self.append(paragraph);
        }
    }

    fn close_tight_paragraph_before(&mut self, tag: &TagEnd) {
        if *tag == TagEnd::Item {
            self.close_tight_paragraph();
        }
    }

    /// The parser tells that a list is loose only by giving its items paragraphs.
    fn loosen(&mut self) {
        if let [.., list, item] = self.frames.as_mut_slice()
            && item.kind == Kind::Item
        {
            list.element.attributes.retain(|(name, _)| *name != "class");
        }
    }

    fn open_cell(&mut self) {
        let in_head =
            self.frames.iter().rev().nth(1).is_some_and(|frame| frame.element.name == "thead");
        let column = match self.frames.last_mut() {
            Some(Frame { kind: Kind::Row(column), .. }) => {
                *column += 1;
                *column - 1
            }
            _ => 0,
        };
        let alignment = self.frames.iter().rev().find_map(|frame| match &frame.kind {
            Kind::Table(alignments) => alignments.get(column),
            _ => None,
        });
        let cell = Element::new(if in_head { "th" } else { "td" });
        let cell = match alignment {
            Some(Alignment::Left) => cell.with("class", "left"),
            Some(Alignment::Center) => cell.with("class", "center"),
            Some(Alignment::Right) => cell.with("class", "right"),
            Some(Alignment::None) | None => cell,
        };
        self.frames.push(Frame { element: cell, kind: Kind::Inline });
    }

    fn append_row(&mut self, row: Element) {
        let Some(Frame { element: table, .. }) = self.frames.last_mut() else { return };
        match table.children.last_mut() {
            Some(Node::Element(body)) if body.name == "tbody" => body.children.push(row.into()),
            _ => table.children.push(Element::new("tbody").child(row).into()),
        }
    }

    /// Appends what a link holds, in its place: as a link, or as mere text if its address is not allowed.
    fn finish_link(&mut self, element: Element, address: &str, title: &str) {
        match link::target(address) {
            Some(target) => {
                let link = anchor(&target, title);
                self.append(Element { children: element.children, ..link });
            }
            None => {
                for child in element.children {
                    match child {
                        Node::Text(text) => self.inline_text(&text),
                        Node::Element(element) => self.append(element),
                    }
                }
            }
        }
    }

    fn finish_image(&mut self, element: &Element, address: &str) {
        let mut text = String::new();
        element.children.iter().for_each(|child| child.text(&mut text));
        let inside_another =
            self.frames.iter().any(|frame| matches!(frame.kind, Kind::Link(..) | Kind::Image(_)));
        match link::target(address) {
            // A button inside a link would be two controls in one place; the link keeps the image's text.
            Some(target) if target.scheme == Scheme::Web && !inside_another => {
                let button = Element::new("button").with("type", "button").with("class", "image");
                let button = button.with("data-src", target.address).with("title", target.host);
                let button =
                    if text.is_empty() { button } else { button.child(span("alt", &text)) };
                self.append(button.child(span("host", target.host)));
            }
            _ => self.inline_text(&text),
        }
    }

    fn finish_code(&mut self, mut figure: Element, language: &str) {
        let mut text = String::new();
        for child in figure.children.split_off(2) {
            child.text(&mut text);
        }
        let mut painter = Painter::new(self.options.highlighter.as_deref(), language);
        if let Some(lines) = code::lines_mut(&mut figure) {
            lines.extend(code::plain_lines(&text));
            lines.iter_mut().for_each(|line| painter.paint(line));
        }
        self.append(figure);
    }

    fn footnote_id(&self, label: &str) -> String {
        let mut id = format!("{}note-", self.options.id_prefix);
        for c in label.chars().flat_map(char::to_lowercase) {
            match c {
                c if c.is_alphanumeric() => id.push(c),
                c => id.push_str(&format!("-{:x}-", u32::from(c))),
            }
        }
        id
    }

    fn footnote_reference(&mut self, label: &str) {
        let inside_link = self.frames.iter().any(|frame| matches!(frame.kind, Kind::Link(..)));
        let mark = Element::new("sup").with("class", "footnote");
        let id = self.footnote_id(label);
        // A link inside a link is torn apart by browsers, so there the mark stays plain.
        self.inline(match inside_link {
            true => mark.child(label),
            false => mark.child(Element::new("a").with("href", format!("#{id}")).child(label)),
        });
    }

    fn link_bare_addresses(&self, mut element: Element) -> Element {
        let inside_link =
            self.frames.iter().any(|frame| matches!(frame.kind, Kind::Link(..) | Kind::Image(_)));
        let may_link =
            |node: &Node| matches!(node, Node::Text(text) if autolink::find(text, 0).is_some());
        if inside_link || !element.children.iter().any(may_link) {
            return element;
        }
        for child in std::mem::take(&mut element.children) {
            match child {
                Node::Text(text) => push_linked(&mut element, &text),
                Node::Element(_) => element.children.push(child),
            }
        }
        element
    }
}

fn push_linked(element: &mut Element, text: &str) {
    let mut done = 0;
    while let Some(bare) = autolink::find(text, done) {
        let shown = &text[bare.range.clone()];
        element.push_text(&text[done..bare.range.start]);
        match link::target(&bare.address) {
            Some(target) => element.children.push(anchor(&target, "").child(shown).into()),
            None => element.push_text(shown),
        }
        done = bare.range.end;
    }
    element.push_text(&text[done..]);
}

/// A link that tells the real host on hover and to screen readers, and gives the page it opens no hold on this one.
fn anchor(target: &link::Target<'_>, title: &str) -> Element {
    let shown = if title.is_empty() {
        target.host.to_owned()
    } else {
        format!("{} ({title})", target.host)
    };
    Element::new("a")
        .with("href", target.address)
        .with("title", shown)
        .with("rel", "noopener noreferrer nofollow")
        .with("target", "_blank")
}

fn span(class: &str, text: &str) -> Element {
    Element::new("span").with("class", class).child(text)
}

fn heading_name(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h1",
        HeadingLevel::H2 => "h2",
        HeadingLevel::H3 => "h3",
        HeadingLevel::H4 => "h4",
        HeadingLevel::H5 => "h5",
        HeadingLevel::H6 => "h6",
    }
}

fn alert(kind: BlockQuoteKind) -> Element {
    let (class, title) = match kind {
        BlockQuoteKind::Note => ("alert note", "Note"),
        BlockQuoteKind::Tip => ("alert tip", "Tip"),
        BlockQuoteKind::Important => ("alert important", "Important"),
        BlockQuoteKind::Warning => ("alert warning", "Warning"),
        BlockQuoteKind::Caution => ("alert caution", "Caution"),
    };
    let title = Element::new("p").with("class", "title").child(title);
    Element::new("div").with("class", class).with("role", "note").child(title)
}
