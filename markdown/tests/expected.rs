//! The HTML that the specifications expect, against ours, once both are brought to a common form.
//!
//! The common form undoes what we write differently on purpose (see the crate's documentation), and nothing else. The
//! examples that stay different are listed with the reason.

#[path = "support/browser.rs"]
mod browser;
#[path = "support/examples.rs"]
mod examples;
#[allow(dead_code, reason = "only its nodes are needed here")]
#[path = "support/page.rs"]
mod page;

use examples::{SPECIFIED, examples};
use markdown::{Options, render};
use page::{Node, sorted};
use url::Url;

/// The examples of a file that differ, counted from 0, and why.
const DIFFERENT: &[(&str, &str, &[usize])] = &[
    (
        "spec",
        "raw HTML is text here",
        &[
            20, 30, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162,
            163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179,
            180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 200, 307, 308, 343, 474, 475,
            476, 490, 493, 523, 535, 612, 613, 614, 615, 616, 622, 624, 625, 626, 627, 628, 629,
            630, 641, 642,
        ],
    ),
    (
        "regression",
        "raw HTML is text here",
        &[
            0, 6, 7, 12, 25, 26, 35, 36, 50, 60, 65, 85, 94, 96, 98, 165, 166, 167, 168, 169, 170,
            171, 172, 173, 174, 187,
        ],
    ),
    ("footnotes", "raw HTML is text here", &[16]),
    (
        "spec",
        "a bare address becomes a link here",
        &[13, 196, 208, 507, 510, 512, 517, 518, 545, 546, 547, 550, 551, 589, 605, 607, 610, 611],
    ),
    ("regression", "a bare address becomes a link here", &[11, 118, 122, 137, 152, 196, 204]),
    ("spec", "a browser would repair the address, so it is no link here", &[19, 201, 345, 602]),
    (
        "regression",
        "metadata, definition lists, attributes and wiki links are no part of the dialect",
        &[105, 106, 107, 200, 201, 202, 203, 205, 206, 207],
    ),
    (
        "regression",
        "an address in brackets stays text inside a link, also where that leads nowhere",
        &[28],
    ),
    ("footnotes", "the mark of a footnote inside a link is no link", &[15]),
];

#[test]
fn our_html_is_the_expected_one_but_for_listed_differences() {
    let mut wrong = Vec::new();
    for file in SPECIFIED {
        let mut different = Vec::new();
        for (index, (source, html)) in examples(file).into_iter().enumerate() {
            // Addresses without a scheme are no links here, so the examples get whole ones.
            let [source, html] = [source, html].map(|text| with_whole_addresses(&text));
            let found = Form::ours().document(&render(&source, &Options::default()));
            let expected = Form::theirs().document(&html);
            if found != expected {
                different.push(index);
                if !listed(file).contains(&index) {
                    wrong.push(format!(
                        "{file} {index}: {source:?}\n  expected {expected:?}\n  found    {found:?}"
                    ));
                }
            }
        }
        // A difference that is gone leaves the list, so that it cannot come back unseen.
        let gone = listed(file).into_iter().filter(|index| !different.contains(index));
        wrong.extend(gone.map(|index| format!("{file} {index} is listed, but does not differ")));
    }
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}

fn listed(file: &str) -> Vec<usize> {
    let lists = DIFFERENT.iter().filter(|(other, ..)| *other == file);
    lists.flat_map(|(.., indexes)| indexes.iter().copied()).collect()
}

fn with_whole_addresses(text: &str) -> String {
    ["/url", "/uri"].into_iter().fold(text.to_owned(), |text, address| {
        text.replace(address, &format!("https://example.com{address}"))
    })
}

/// Brings HTML to the common form.
struct Form {
    is_ours: bool,
    /// The footnotes in the order in which they are met: theirs have numbers, ours have labels.
    footnotes: Vec<String>,
}

impl Form {
    fn ours() -> Self {
        Form { is_ours: true, footnotes: Vec::new() }
    }

    fn theirs() -> Self {
        Form { is_ours: false, footnotes: Vec::new() }
    }

    fn document(&mut self, html: &str) -> Vec<Node> {
        let nodes = self.nodes(browser::parse(html, "div"), false);
        sorted(tidy(nodes, true))
    }

    fn nodes(&mut self, nodes: Vec<Node>, in_link: bool) -> Vec<Node> {
        nodes.into_iter().flat_map(|node| self.node(node, in_link)).collect()
    }

    fn node(&mut self, node: Node, in_link: bool) -> Vec<Node> {
        let Node::Element { name, attributes, mut children } = node else { return vec![node] };
        let attribute = |name: &str| {
            attributes
                .iter()
                .find(|(other, _)| other == name)
                .map_or("", |(_, value)| value.as_str())
        };
        let class = attribute("class");
        match (name.as_str(), class) {
            ("figure", "code") => {
                let language = match attribute("data-language") {
                    "" => Vec::new(),
                    language => vec![("class", format!("language-{language}"))],
                };
                let code = children.pop().map(|pre| text(&pre)).unwrap_or_default();
                let code = if code.is_empty() { Vec::new() } else { vec![Node::Text(code)] };
                vec![element("pre", &[], vec![element("code", &language, code)])]
            }
            ("div", "table") => self.nodes(children, in_link),
            ("ul" | "ol", "tight") => {
                let items = children.into_iter().map(without_paragraphs).collect();
                let start = vec![("start", attribute("start").to_owned())];
                let start = if start[0].1.is_empty() { Vec::new() } else { start };
                vec![element(&name, &start, self.nodes(items, in_link))]
            }
            ("a", _) => self.link(attribute("href"), attribute("title"), children),
            ("button", "image") => {
                let alt = children.first().filter(|_| children.len() > 1).map(text);
                vec![image(attribute("data-src"), &alt.unwrap_or_default())]
            }
            ("img", _) if !in_link && leads_somewhere(attribute("src"), &["http", "https"]) => {
                vec![image(attribute("src"), attribute("alt"))]
            }
            ("img", _) => vec![Node::Text(attribute("alt").to_owned())],
            ("sup", "footnote" | "footnote-reference") => {
                let number = match children.first() {
                    Some(Node::Element { attributes, .. }) => {
                        let to = attributes.iter().find(|(name, _)| name == "href");
                        self.footnote(to.map_or("", |(_, value)| value))
                    }
                    _ => String::new(),
                };
                vec![element("mark", &[("to", number)], Vec::new())]
            }
            ("div", "footnote" | "footnote-definition") => {
                let number = self.footnote(attribute("id"));
                children.remove(0);
                vec![element("note", &[("number", number)], self.nodes(children, in_link))]
            }
            ("div", _) if class.starts_with("alert ") => {
                let kind = class.trim_start_matches("alert ").to_owned();
                children.remove(0);
                vec![element("blockquote", &[("class", kind)], self.nodes(children, in_link))]
            }
            ("blockquote", _) if class.starts_with("markdown-alert-") => {
                let kind = class.trim_start_matches("markdown-alert-").to_owned();
                vec![element("blockquote", &[("class", kind)], self.nodes(children, in_link))]
            }
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", _) => {
                vec![element(&name, &[], self.nodes(children, in_link))]
            }
            ("td" | "th", _) => {
                let side =
                    attribute("style").trim_start_matches("text-align: ").trim_end_matches(';');
                let side = [class, side, attribute("align")].concat();
                let side = if side.is_empty() { Vec::new() } else { vec![("class", side)] };
                vec![element(&name, &side, self.nodes(children, in_link))]
            }
            ("input", _) => {
                // What it is called is for those who do not see it, and no other has it.
                let attributes = attributes.into_iter().filter(|(name, _)| name != "aria-label");
                vec![Node::Element { attributes: attributes.collect(), children, name }]
            }
            ("tbody", _)
                if children.iter().all(|child| {
                    text(child).trim().is_empty() && matches!(child, Node::Text(_))
                }) =>
            {
                Vec::new()
            }
            _ => vec![Node::Element { attributes, children: self.nodes(children, in_link), name }],
        }
    }

    /// A link with its address as a browser reads it and its own title, or its text if it leads nowhere for us.
    fn link(&mut self, address: &str, title: &str, children: Vec<Node>) -> Vec<Node> {
        let title = match self.is_ours {
            true => title
                .split_once(" (")
                .map_or("", |(_, title)| title.strip_suffix(')').unwrap_or(title)),
            false => title,
        };
        let children = self.nodes(children, true);
        if !self.is_ours && !leads_somewhere(address, &["http", "https", "mailto"]) {
            return children;
        }
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        vec![element("a", &[("href", as_read(address)), ("title", title)], children)]
    }

    fn footnote(&mut self, id: &str) -> String {
        let id = id.trim_start_matches('#').trim_start_matches("note-").to_lowercase();
        let known = self.footnotes.iter().position(|other| *other == id);
        let number = known.unwrap_or_else(|| {
            self.footnotes.push(id);
            self.footnotes.len() - 1
        });
        number.to_string()
    }
}

fn leads_somewhere(address: &str, schemes: &[&str]) -> bool {
    Url::parse(address).is_ok_and(|url| schemes.contains(&url.scheme()))
}

fn as_read(address: &str) -> String {
    // Their writer encodes brackets, which browsers leave as they are.
    let address = address.replace("%5B", "[").replace("%5D", "]");
    Url::parse(&address).map_or(address, String::from)
}

fn element(name: &str, attributes: &[(&str, String)], children: Vec<Node>) -> Node {
    let attributes =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Node::Element { name: name.to_owned(), attributes, children }
}

fn image(address: &str, alt: &str) -> Node {
    element("img", &[("src", as_read(address)), ("alt", alt.to_owned())], Vec::new())
}

/// An item of a tight list, where only we have paragraphs.
fn without_paragraphs(item: Node) -> Node {
    let Node::Element { name, attributes, children } = item else { return item };
    let children = children.into_iter().flat_map(|child| match child {
        Node::Element { name, attributes, children } if name == "p" && attributes.is_empty() => {
            children
        }
        other => vec![other],
    });
    Node::Element { name, attributes, children: children.collect() }
}

fn text(node: &Node) -> String {
    match node {
        Node::Text(text) => text.clone(),
        Node::Element { children, .. } => children.iter().map(text).collect(),
    }
}

/// Without the white space that only keeps blocks apart in the source of a page.
fn tidy(nodes: Vec<Node>, in_block: bool) -> Vec<Node> {
    let mut joined: Vec<Node> = Vec::new();
    for node in nodes {
        match (joined.last_mut(), node) {
            (Some(Node::Text(last)), Node::Text(text)) => last.push_str(&text),
            (_, node) => joined.push(node),
        }
    }
    let ends_line = |node: Option<&Node>| match node {
        None => in_block,
        Some(Node::Element { name, .. }) => {
            is_block(name) || matches!(name.as_str(), "br" | "input")
        }
        Some(Node::Text(_)) => false,
    };
    let mut tidied = Vec::new();
    for (index, node) in joined.iter().enumerate() {
        match node {
            Node::Text(text) => {
                let before = index.checked_sub(1).and_then(|before| joined.get(before));
                let text = if ends_line(before) { text.trim_start() } else { text };
                let after = joined
                    .get(index + 1)
                    .filter(|node| !matches!(node, Node::Element { name, .. } if name == "input"));
                let is_last = index + 1 == joined.len();
                let ends = if is_last { in_block } else { ends_line(after) };
                let text = if ends { text.trim_end() } else { text };
                if !text.is_empty() {
                    tidied.push(Node::Text(text.to_owned()));
                }
            }
            Node::Element { name, .. } if name == "pre" => tidied.push(node.clone()),
            Node::Element { name, attributes, children } => tidied.push(Node::Element {
                name: name.clone(),
                attributes: attributes.clone(),
                children: tidy(children.clone(), is_block(name)),
            }),
        }
    }
    tidied
}

fn is_block(name: &str) -> bool {
    const BLOCKS: &str =
        "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table thead tbody tr td th div hr note";
    BLOCKS.split(' ').any(|block| block == name)
}
