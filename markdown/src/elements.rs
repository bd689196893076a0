//! The elements that a document can become, with every attribute they can have. Code blocks are in [`crate::code`].

use pulldown_cmark::{Alignment, BlockQuoteKind, HeadingLevel};
use unicase::UniCase;

use crate::autolink;
use crate::labels::Labels;
use crate::link;
use crate::node::Element;

/// The wrapper that lets a wide table scroll on its own.
pub(crate) fn table_region(labels: &Labels) -> Element {
    Element::new("div")
        .with("class", "table")
        .with("tabindex", "0")
        .with("role", "region")
        .with("aria-label", labels.table)
}

/// A list; text in a tight one is in paragraphs, too, so that turning loose is a matter of this one class.
pub(crate) fn list(first: Option<u64>) -> Element {
    let list = Element::new(if first.is_some() { "ol" } else { "ul" }).with("class", "tight");
    match first {
        None | Some(1) => list,
        Some(first) => list.with("start", first.to_string()),
    }
}

pub(crate) fn cell(is_head: bool, alignment: Option<&Alignment>) -> Element {
    let cell = Element::new(if is_head { "th" } else { "td" });
    match alignment {
        Some(Alignment::Left) => cell.with("class", "left"),
        Some(Alignment::Center) => cell.with("class", "center"),
        Some(Alignment::Right) => cell.with("class", "right"),
        Some(Alignment::None) | None => cell,
    }
}

pub(crate) fn checkbox(checked: bool, labels: &Labels) -> Element {
    let checkbox = Element::new("input").with("type", "checkbox").with("disabled", "");
    match checked {
        true => checkbox.with("checked", "").with("aria-label", labels.done),
        false => checkbox.with("aria-label", labels.to_do),
    }
}

/// What stands for an image until a reader asks for it: nothing is requested, and its host is told.
pub(crate) fn image(target: &link::Target<'_>, text: &str) -> Element {
    let button = Element::new("button").with("type", "button").with("class", "image");
    let button = button.with("data-src", &*target.address).with("title", &*target.host);
    // Each is isolated from the other: a control for the direction of writing in the text would turn the host around.
    let button = match text.is_empty() {
        true => button,
        false => button.child(span("alt", text).with("dir", "auto")),
    };
    button.child(span("host", &target.host).with("dir", "ltr"))
}

pub(crate) fn footnote(id: Option<&str>, label: &str) -> Element {
    let note = Element::new("div").with("class", "footnote");
    let note = if let Some(id) = id { note.with("id", id) } else { note };
    let note = note.with("role", "note");
    note.child(Element::new("p").with("class", "label").child(label))
}

/// An id for a footnote, the same for its definition and all references, whatever their case.
pub(crate) fn footnote_id(prefix: &str, label: &str) -> String {
    let mut id = format!("{prefix}note-");
    for c in UniCase::new(label).to_folded_case().chars() {
        match c {
            c if c.is_alphanumeric() => id.push(c),
            c => id.push_str(&format!("-{:x}-", u32::from(c))),
        }
    }
    id
}

/// Adds text with its bare addresses as links. It begins with `word` bytes of a word too long for an e-mail address.
pub(crate) fn push_linked(element: &mut Element, text: &str, word: usize) {
    let mut done = 0;
    while let Some(bare) = autolink::find_after_word(text, done, word) {
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
pub(crate) fn anchor(target: &link::Target<'_>, title: &str) -> Element {
    let shown = match title.trim() {
        "" => target.host.to_string(),
        title => format!("{} ({})", target.host, one_line(title)),
    };
    Element::new("a")
        .with("href", &*target.address)
        .with("title", shown)
        .with("rel", "noopener noreferrer nofollow")
        .with("target", "_blank")
}

/// A title without anything that could move or hide the host before it.
fn one_line(title: &str) -> String {
    let visible = title.chars().filter(|c| !link::is_invisible(*c));
    visible.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

pub(crate) fn span(class: &str, text: &str) -> Element {
    Element::new("span").with("class", class).child(text)
}

pub(crate) fn heading_name(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h1",
        HeadingLevel::H2 => "h2",
        HeadingLevel::H3 => "h3",
        HeadingLevel::H4 => "h4",
        HeadingLevel::H5 => "h5",
        HeadingLevel::H6 => "h6",
    }
}

pub(crate) fn alert(kind: BlockQuoteKind, labels: &Labels) -> Element {
    let (class, title) = match kind {
        BlockQuoteKind::Note => ("alert note", labels.note),
        BlockQuoteKind::Tip => ("alert tip", labels.tip),
        BlockQuoteKind::Important => ("alert important", labels.important),
        BlockQuoteKind::Warning => ("alert warning", labels.warning),
        BlockQuoteKind::Caution => ("alert caution", labels.caution),
    };
    let title = Element::new("p").with("class", "title").child(title);
    Element::new("div").with("class", class).with("role", "note").child(title)
}
