//! Documents as a browser's tokenizer sees them, so that no test has to guess what is a tag.

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::reply::Reply;

/// A document, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Document {
    pub tags: Vec<Tag>,
    /// What stands between the tags, scripts and styles included, with references resolved.
    pub text: String,
}

/// A start tag.
#[derive(Debug, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
}

impl Document {
    pub fn parse(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        // Without this, the content of scripts and titles would be taken for tags.
        emitter.naively_switch_states(true);
        let mut document = Self { tags: Vec::new(), text: String::new() };
        for token in Tokenizer::new_with_emitter(html, emitter) {
            match token.unwrap() {
                Token::StartTag(tag) => document.tags.push(Tag {
                    name: words(&tag.name),
                    attributes: tag
                        .attributes
                        .iter()
                        .map(|(name, value)| (words(name), words(value)))
                        .collect(),
                }),
                Token::String(text) => document.text.push_str(&words(&text)),
                _ => {}
            }
        }
        document
    }

    /// The tags of this name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Tag> {
        self.tags.iter().filter(move |tag| tag.name == name)
    }
}

impl Tag {
    /// The value of an attribute, empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Checks what holds for every page: it runs nothing but our scripts, loads nothing from
/// elsewhere, and sends forms nowhere else. Links in answers may lead away.
pub fn assert_harmless(page: &Reply) -> Document {
    let document = Document::parse(&page.text);
    for tag in &document.tags {
        assert_harmless_tag(tag);
    }
    for script in document.all("script") {
        assert_eq!(script.get("nonce"), page.nonce(), "{script:?}");
    }
    document
}

fn assert_harmless_tag(tag: &Tag) {
    // The only pictures are those that a person added.
    if tag.name == "img" {
        assert!(tag.get("src").starts_with("/api/files/"), "{tag:?}");
    }
    for forbidden in ["iframe", "object", "embed", "style", "base", "audio", "video"] {
        assert_ne!(tag.name, forbidden, "{tag:?}");
    }
    for (name, value) in &tag.attributes {
        let fine = match name.as_str() {
            "style" | "srcdoc" | "http-equiv" | "srcset" | "ping" => false,
            "href" if tag.name == "a" => {
                is_local(value)
                    || ["http:", "https:", "mailto:"].iter().any(|scheme| value.starts_with(scheme))
            }
            "href" | "src" | "action" | "formaction" | "data" | "poster" => is_local(value),
            name => !name.starts_with("on"),
        };
        assert!(fine, "{name} in {tag:?}");
    }
}

/// True for paths on this server and places on this page.
pub fn is_local(address: &str) -> bool {
    address.starts_with('#') || (address.starts_with('/') && !address.starts_with("//"))
}
