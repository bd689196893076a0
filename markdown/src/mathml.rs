//! A typeset formula: MathML elements and attributes from a short list, nothing else.

use crate::node::{Element, Node};

/// Everything that lays a formula out. There is nothing here that leads anywhere, runs anything or loads anything.
const ELEMENTS: &[&str] = &[
    "math",
    "mfrac",
    "mi",
    "mn",
    "mo",
    "mover",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
];

const ATTRIBUTES: &[&str] = &[
    "depth",
    "display",
    "displaystyle",
    "height",
    "largeop",
    "linethickness",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "scriptlevel",
    "stretchy",
    "symmetric",
    "width",
];

/// The classes that the style sheet knows, for what the typesetter says in classes.
const CLASSES: &[&str] = &[
    "cell-left",
    "cell-right",
    "menv-align",
    "menv-alignlike",
    "menv-arraylike",
    "menv-border-only",
    "menv-cases",
    "menv-cells-left",
    "menv-cells-right",
    "menv-hdashline",
    "menv-hline",
    "menv-left-dashed",
    "menv-left-solid",
    "menv-multline",
    "menv-nonumber",
    "menv-right-dashed",
    "menv-right-solid",
    "mop-negated",
    "small",
];

/// The classes for what it says in styles, which a strict Content-Security-Policy would not let through. A colour is
/// one of a few names, so that both themes can show it, or a mark for something that the typesetter has no words for.
const STYLES: &[(&str, &str)] = &[
    ("color: rgb(255 0 0)", "red"),
    ("color: rgb(255 165 0)", "orange"),
    ("color: rgb(0 128 0)", "green"),
    ("color: rgb(0 128 128)", "teal"),
    ("color: rgb(0 0 255)", "blue"),
    ("color: rgb(128 0 128)", "purple"),
    ("color: rgb(128 128 128)", "gray"),
    ("color: rgb(255 255 255)", "boxed"),
    ("color: rgb(0 0 0)", "phantom"),
    ("color: rgb(192 192 192)", "overline"),
    ("color: rgb(255 215 0)", "underline"),
    ("margin-left: -0.16666667em", "back-3"),
    ("margin-left: -0.22222222em", "back-4"),
    ("margin-left: -0.2777778em", "back-5"),
];

/// Browsers give up on deeper trees.
const DEEPEST: usize = 100;

/// A typeset formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MathMl(Element);

impl MathMl {
    /// Takes over a `<math>` element as markup. Attributes that are not on the list are left out; styles become classes
    /// where there are such. `None` if anything else is not as it should be.
    pub fn parse(markup: &str) -> Option<Self> {
        let mut open: Vec<Element> = Vec::new();
        let mut rest = markup;
        loop {
            let (text, tag) = split_at_tag(rest)?;
            match open.last_mut() {
                Some(element) => element.push_text(&unescape(text)),
                None if text.is_empty() => {}
                None => return None,
            }
            let (inside, after) = tag.split_once('>')?;
            rest = after;
            let closed = match inside.strip_prefix('/') {
                Some(name) => Some(open.pop().filter(|element| element.name == name)?),
                None => {
                    let is_empty = inside.ends_with('/');
                    let element = element(inside.strip_suffix('/').unwrap_or(inside))?;
                    if is_empty {
                        Some(element)
                    } else if open.len() < DEEPEST {
                        open.push(element);
                        None
                    } else {
                        return None;
                    }
                }
            };
            match (closed, open.last_mut()) {
                (Some(element), Some(parent)) => parent.children.push(element.into()),
                (Some(element), None) => {
                    return (element.name == "math" && rest.is_empty()).then_some(MathMl(element));
                }
                (None, _) => {}
            }
        }
    }

    #[cfg(feature = "maths")]
    pub(crate) fn root(&mut self) -> &mut Element {
        &mut self.0
    }

    /// The element, with its source for whoever copies it.
    pub(crate) fn annotated(self, latex: &str) -> Element {
        let MathMl(Element { name, attributes, children, label }) = self;
        let row = Element { children, ..Element::new("mrow") };
        let source = Element::new("annotation").with("encoding", "application/x-tex").child(latex);
        let semantics = Element::new("semantics").child(row).child(source);
        Element { name, attributes, children: vec![Node::Element(semantics)], label }
    }
}

/// The text before the next tag, and what follows the tag's `<`. A `<` that begins no tag is text.
fn split_at_tag(markup: &str) -> Option<(&str, &str)> {
    let at = markup.match_indices('<').map(|(at, _)| at).find(|at| {
        markup[at + 1..].starts_with(|next: char| next == '/' || next.is_ascii_alphabetic())
    })?;
    Some((&markup[..at], &markup[at + 1..]))
}

fn element(tag: &str) -> Option<Element> {
    let name_end = tag.find(' ').unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(name_end);
    let mut element = Element::new(ELEMENTS.iter().find(|known| **known == name)?);
    let mut classes = String::new();
    while !rest.trim().is_empty() {
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        match name.trim() {
            "class" => value.split(' ').for_each(|class| add_class(&mut classes, class)),
            "style" => value.split(';').filter_map(styled).for_each(|c| add_class(&mut classes, c)),
            name => {
                let known = ATTRIBUTES.iter().find(|known| **known == name);
                let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '%');
                if let Some(known) = known.filter(|_| value.chars().all(is_plain)) {
                    element.attributes.push((known, value.to_owned()));
                }
            }
        }
    }
    if !classes.is_empty() {
        element.attributes.push(("class", classes));
    }
    Some(element)
}

fn add_class(classes: &mut String, class: &str) {
    if CLASSES.contains(&class) || STYLES.iter().any(|(_, known)| *known == class) {
        if !classes.is_empty() {
            classes.push(' ');
        }
        classes.push_str(class);
    }
}

/// The class that stands for a style.
fn styled(declaration: &str) -> Option<&'static str> {
    let (_, class) = STYLES.iter().find(|(style, _)| *style == declaration.trim())?;
    Some(class)
}

fn unescape(text: &str) -> String {
    text.replace("&nbsp;", "\u{a0}").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, MathMl, STYLES};
    use crate::node::{Node, html};

    fn check(markup: &str, expected: Option<&str>) {
        let found = MathMl::parse(markup).map(|MathMl(math)| html(&[Node::Element(math)]));
        assert_eq!(found.as_deref(), expected, "{markup}");
    }

    #[test]
    fn what_is_on_the_list_is_taken_over() {
        let markup =
            "<math display=\"block\"><mi mathvariant=\"normal\">Γ</mi><mo>&lt;</mo></math>";
        check(markup, Some(markup));
        check(
            "<math><mspace width=\"1em\" /></math>",
            Some("<math><mspace width=\"1em\"></mspace></math>"),
        );
        check("<math><mo><</mo></math>", Some("<math><mo>&lt;</mo></math>"));
        check(
            "<math><mo stretchy=\"true\"minsize=\"2em\" class=\"small evil\">(</mo></math>",
            Some("<math><mo stretchy=\"true\" minsize=\"2em\" class=\"small\">(</mo></math>"),
        );
    }

    #[test]
    fn styles_become_classes_or_nothing() {
        check(
            "<math><mi style=\"color: rgb(255 0 0); border: 1em\" class=\"small\">x</mi></math>",
            Some("<math><mi class=\"red small\">x</mi></math>"),
        );
        check(
            "<math><mi style=\"color: rgb(255 0 10)\">x</mi></math>",
            Some("<math><mi>x</mi></math>"),
        );
        check(
            "<math><mi style=\"background: url(//e.x)\" onclick=\"x\" href=\"y\">x</mi></math>",
            Some("<math><mi>x</mi></math>"),
        );
    }

    #[test]
    fn every_class_is_in_the_style_sheet() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../style/maths.css");
        let sheet = std::fs::read_to_string(path).expect("style/maths.css");
        for class in CLASSES.iter().copied().chain(STYLES.iter().map(|(_, class)| *class)) {
            let is_known =
                [' ', ':', ',', ')'].iter().any(|end| sheet.contains(&format!(".{class}{end}")));
            assert!(is_known, ".{class} has no rule");
        }
    }

    #[test]
    fn anything_else_is_no_formula() {
        for markup in [
            "",
            "x",
            "<math>",
            "<mi>x</mi>",
            "<math></mi>",
            "<math><script>x</script></math>",
            "<math><img src=\"x\" /></math>",
            "<math></math><math></math>",
            "<math><mi x</math>",
        ] {
            check(markup, None);
        }
        check(&"<math>".repeat(101), None);
    }
}
