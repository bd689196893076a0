//! What the page may hold, whatever a model writes: the one closed list of elements, attributes and values.

use std::collections::HashSet;

use url::{Host, Url};

use crate::page::Node;

/// The ids of a document begin with this in the tests of safety.
pub const ID_PREFIX: &str = "m-";

/// What an attribute may hold.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// One of these words, exactly.
    OneOf(&'static [&'static str]),
    /// One of the words of these lists, exactly.
    AnyOf(&'static [&'static [&'static str]]),
    /// A fence's language, as one class.
    LanguageClass,
    /// A fence's language.
    Language,
    /// Where a link leads: http, https, mailto, or a footnote of this document.
    Address,
    /// Where an image is loaded from when somebody asks for it: http or https.
    ImageAddress,
    /// The host that an address leads to, and after it, for links, the title in parentheses.
    Host,
    /// What a button is called or, of one that loads an image, the host that it comes from.
    NameOrHost,
    /// An id with the document's prefix, unique in the document.
    Id,
    /// A whole number.
    Number,
    /// Words in ASCII that say why a formula could not be typeset.
    Reason,
    /// A length that is not negative.
    Length,
    /// Any of these classes.
    Classes(&'static [&'static str]),
}

use Value::{
    Address, AnyOf, Classes, Host as ShownHost, Id, ImageAddress, Language, LanguageClass, Length,
    NameOrHost, Number, OneOf, Reason,
};

const BOOLEAN: Value = OneOf(&["true", "false"]);

/// The classes of a part of a formula: its colour, or how it is decorated.
const PART: Value = Classes(&[
    "blue",
    "boxed",
    "gray",
    "green",
    "mop-negated",
    "orange",
    "overline",
    "phantom",
    "purple",
    "red",
    "small",
    "teal",
    "underline",
]);

/// The classes of a span that is no piece of code.
const SPANS: &[&str] = &["alt", "host", "language", "line", "math", "math display"];

/// The classes of a piece of code.
pub const COLOURS: &[&str] = &[
    "hl-comment",
    "hl-deleted",
    "hl-function",
    "hl-inserted",
    "hl-keyword",
    "hl-name",
    "hl-number",
    "hl-string",
    "hl-type",
];

/// A part of a formula, with the attributes that any can have and some of its own.
macro_rules! part {
    ($name:literal $(, $attribute:literal: $value:expr)*) => {
        (
            $name,
            &[
                ("class", PART),
                ("displaystyle", BOOLEAN),
                ("scriptlevel", OneOf(&["0", "1", "2"])),
                $(($attribute, $value)),*
            ],
        )
    };
}

/// Every element that may appear, with every attribute it can have.
pub const ELEMENTS: &[(&str, &[(&str, Value)])] = &[
    (
        "a",
        &[
            ("href", Address),
            ("title", ShownHost),
            ("rel", OneOf(&["noopener noreferrer nofollow"])),
            ("target", OneOf(&["_blank"])),
        ],
    ),
    ("blockquote", &[]),
    ("br", &[]),
    (
        "button",
        &[
            ("type", OneOf(&["button"])),
            ("class", OneOf(&["copy", "download", "fold", "image", "wrap"])),
            ("aria-expanded", OneOf(&["false"])),
            ("aria-label", OneOf(&["Download", "Show all lines", "Wrap lines"])),
            ("aria-pressed", OneOf(&["false"])),
            ("data-src", ImageAddress),
            ("title", NameOrHost),
        ],
    ),
    ("code", &[("class", LanguageClass)]),
    ("del", &[]),
    (
        "div",
        &[
            (
                "class",
                OneOf(&[
                    "alert caution",
                    "alert important",
                    "alert note",
                    "alert tip",
                    "alert warning",
                    "footnote",
                    "table",
                ]),
            ),
            ("id", Id),
            ("role", OneOf(&["note", "region"])),
            ("tabindex", OneOf(&["0"])),
            ("aria-label", OneOf(&["Table"])),
        ],
    ),
    ("em", &[]),
    ("figcaption", &[("data-lines", Number), ("class", OneOf(&["long"]))]),
    ("figure", &[("class", OneOf(&["code"])), ("data-language", Language)]),
    ("h1", &[("id", Id)]),
    ("h2", &[("id", Id)]),
    ("h3", &[("id", Id)]),
    ("h4", &[("id", Id)]),
    ("h5", &[("id", Id)]),
    ("h6", &[("id", Id)]),
    ("hr", &[]),
    (
        "input",
        &[
            ("type", OneOf(&["checkbox"])),
            ("disabled", OneOf(&[""])),
            ("checked", OneOf(&[""])),
            ("aria-label", OneOf(&["Done", "To do"])),
        ],
    ),
    ("li", &[]),
    ("ol", &[("class", OneOf(&["tight"])), ("start", Number)]),
    ("p", &[("class", OneOf(&["html", "label", "title"]))]),
    ("pre", &[("tabindex", OneOf(&["0"]))]),
    (
        "span",
        &[("class", AnyOf(&[SPANS, COLOURS])), ("dir", OneOf(&["auto", "ltr"])), ("title", Reason)],
    ),
    ("strong", &[]),
    ("sup", &[("class", OneOf(&["footnote"]))]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &[("class", OneOf(&["center", "left", "right"]))]),
    ("th", &[("class", OneOf(&["center", "left", "right"]))]),
    ("thead", &[]),
    ("tr", &[]),
    ("ul", &[("class", OneOf(&["tight"]))]),
    ("math", &[("display", OneOf(&["block", "inline"]))]),
    ("semantics", &[]),
    ("annotation", &[("encoding", OneOf(&["application/x-tex"]))]),
    part!("mfrac", "linethickness": Length),
    part!("mi", "mathvariant": OneOf(&["normal"])),
    part!("mn"),
    part!(
        "mo",
        "stretchy": BOOLEAN,
        "symmetric": BOOLEAN,
        "largeop": BOOLEAN,
        "movablelimits": BOOLEAN,
        "minsize": Length,
        "maxsize": Length
    ),
    part!("mover", "accent": OneOf(&["true"])),
    part!("mroot"),
    part!("mrow"),
    (
        "mspace",
        &[("width", Length), ("height", Length), ("class", OneOf(&["back-3", "back-4", "back-5"]))],
    ),
    part!("msqrt"),
    part!("msub"),
    part!("msubsup"),
    part!("msup"),
    (
        "mtable",
        &[(
            "class",
            Classes(&[
                "menv-align",
                "menv-alignlike",
                "menv-arraylike",
                "menv-cases",
                "menv-cells-left",
                "menv-cells-right",
                "menv-multline",
            ]),
        )],
    ),
    (
        "mtd",
        &[(
            "class",
            Classes(&[
                "cell-left",
                "cell-right",
                "menv-border-only",
                "menv-left-dashed",
                "menv-left-solid",
                "menv-nonumber",
                "menv-right-dashed",
                "menv-right-solid",
            ]),
        )],
    ),
    part!("mtext"),
    ("mtr", &[("class", OneOf(&["menv-hdashline", "menv-hline"]))]),
    part!("munder"),
    part!("munderover"),
];

/// Checks a whole document.
pub fn check(nodes: &[Node]) -> Result<(), String> {
    let mut seen = Seen::default();
    seen.nodes(nodes, &mut Vec::new())?;
    match seen.references.difference(&seen.ids).next() {
        Some(missing) => Err(format!("#{missing} leads nowhere")),
        None => Ok(()),
    }
}

/// Ids and references to them, met so far.
#[derive(Default)]
struct Seen {
    ids: HashSet<String>,
    references: HashSet<String>,
}

impl Seen {
    fn nodes<'a>(&mut self, nodes: &'a [Node], inside: &mut Vec<&'a str>) -> Result<(), String> {
        for node in nodes {
            let Node::Element { name, attributes, children } = node else { continue };
            if matches!(name.as_str(), "a" | "button")
                && (inside.contains(&"a") || inside.contains(&"button"))
            {
                return Err(format!("<{name}> inside of {inside:?}"));
            }
            let allowed = ELEMENTS.iter().find(|(element, _)| element == name);
            let (_, allowed) = allowed.ok_or_else(|| format!("<{name}>"))?;
            for (attribute, value) in attributes {
                let kind = allowed.iter().find(|(allowed, _)| allowed == attribute);
                let (_, kind) = kind.ok_or_else(|| format!("{attribute} of <{name}>"))?;
                self.value(*kind, value, attributes)
                    .map_err(|error| format!("<{name} {attribute}={value:?}>: {error}"))?;
            }
            inside.push(name);
            self.nodes(children, inside)?;
            inside.pop();
        }
        Ok(())
    }

    fn value(
        &mut self,
        kind: Value,
        value: &str,
        attributes: &[(String, String)],
    ) -> Result<(), String> {
        let other = |name: &str| {
            attributes
                .iter()
                .find(|(other, _)| other == name)
                .map_or("", |(_, value)| value.as_str())
        };
        let holds = match kind {
            OneOf(words) => words.contains(&value),
            AnyOf(lists) => lists.iter().any(|words| words.contains(&value)),
            LanguageClass => value
                .strip_prefix("language-")
                .is_some_and(|name| is_word(name) && !name.is_empty()),
            Language => is_word(value),
            Address => match value.strip_prefix('#') {
                Some(id) => self.references.insert(id.to_owned()) || id.starts_with(ID_PREFIX),
                None => scheme(value)
                    .is_some_and(|scheme| ["http", "https", "mailto"].contains(&scheme)),
            },
            ImageAddress => scheme(value).is_some_and(|scheme| ["http", "https"].contains(&scheme)),
            NameOrHost if other("data-src").is_empty() => value == other("aria-label"),
            ShownHost | NameOrHost => {
                let address = [other("href"), other("data-src")].concat();
                tells_host(value.split(" (").next().unwrap_or_default(), &address)?;
                !value.contains(is_deceptive)
            }
            Id => {
                value.starts_with(ID_PREFIX)
                    && !value.contains(char::is_whitespace)
                    && self.ids.insert(value.to_owned())
            }
            Number => value.parse::<u64>().is_ok(),
            Reason => value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()),
            Length => {
                let unit = value.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(value.len());
                value[..unit].parse::<f64>().is_ok_and(|number| (0.0..=1000.0).contains(&number))
                    && ["em", "ex", "pt", "in", "cm", "mm"].contains(&&value[unit..])
            }
            Classes(words) => value.split(' ').all(|word| words.contains(&word)),
        };
        if holds { Ok(()) } else { Err(format!("is not {kind:?}")) }
    }
}

/// Whether a text is one word, which cannot become two classes.
fn is_word(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control() || is_deceptive(c))
}

/// A scheme, read without any of the repairs that a browser makes: what needs a repair is not allowed.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once(':')?;
    let needs_repair = address.contains(|c: char| c.is_control() || c == '\\' || c == ' ');
    let is_web = !scheme.eq_ignore_ascii_case("mailto");
    let scheme =
        ["http", "https", "mailto"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme))?;
    (!needs_repair && (!is_web || (rest.starts_with("//") && !rest.starts_with("///"))))
        .then_some(scheme)
}

/// Whether a text tells the host and port, or the receiver of a mail, that a browser makes of an address.
fn tells_host(shown: &str, address: &str) -> Result<(), String> {
    let url = match Url::parse(address) {
        Ok(url) => url,
        // Nothing opens.
        Err(url::ParseError::IdnaError) => return Ok(()),
        Err(error) => return Err(format!("the address is broken: {error}")),
    };
    let told = match url.scheme() {
        "mailto" => format!("mailto:{shown}"),
        scheme => format!("{scheme}://{shown}/"),
    };
    let told = Url::parse(&told).map_err(|error| format!("{shown:?} is no host: {error}"))?;
    let is_same = match told.host() {
        None => told.path() == url.path(),
        host => (host.as_ref(), told.port()) == (url.host().as_ref(), url.port()),
    };
    let is_literal = match url.host() {
        None => true,
        // The same number can be written in several ways.
        Some(Host::Ipv6(_)) => shown.starts_with('['),
        Some(host) => shown.to_ascii_lowercase().starts_with(&host.to_string()),
    };
    match is_same && is_literal {
        true => Ok(()),
        false => Err(format!("{:?} is opened", url.host_str().unwrap_or(url.path()))),
    }
}

/// Characters that change how text around them looks, or cannot be seen.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
