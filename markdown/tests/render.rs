//! What one-shot rendering gives for each construct.

use markdown::{Labels, Options, render};

#[track_caller]
fn check(source: &str, html: &str) {
    assert_eq!(
        render(source, &Options { id_prefix: "m1-".to_owned(), ..Options::default() }),
        html,
        "{source:?}"
    );
}

#[test]
fn paragraphs_and_inline_elements() {
    check(
        "Hello *there*, **you** ~~old~~ `x < y`",
        "<p>Hello <em>there</em>, <strong>you</strong> <del>old</del> <code>x &lt; y</code></p>",
    );
    check("a\nb  \nc", "<p>a\nb<br>c</p>");
    check("# One\n\nTwo\n===", "<h1 id=\"m1-section-1\">One</h1><h1 id=\"m1-section-2\">Two</h1>");
    check("---", "<hr>");
}

#[test]
fn raw_html_is_text() {
    check("a <b onclick=x>c</b>", "<p>a &lt;b onclick=x&gt;c&lt;/b&gt;</p>");
    check(
        "<script>\nalert(1)\n</script>\n",
        "<p class=\"html\">&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>",
    );
}

#[test]
fn lists_change_by_an_attribute_when_they_turn_loose() {
    check("- a\n- b", "<ul class=\"tight\"><li><p>a</p></li><li><p>b</p></li></ul>");
    check("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>");
    check(
        "3. a\n   - b",
        "<ol class=\"tight\" start=\"3\"><li><p>a</p><ul class=\"tight\"><li><p>b</p></li></ul></li></ol>",
    );
    check(
        "- [x] a\n- [ ] b",
        "<ul class=\"tight\"><li><p><input type=\"checkbox\" disabled=\"\" checked=\"\" aria-label=\"Done\">a</p></li><li><p><input type=\"checkbox\" disabled=\"\" aria-label=\"To do\">b</p></li></ul>",
    );
}

#[test]
fn tables_have_every_element_written_out() {
    check(
        "| a | b |\n|---|--:|\n| 1 | 2 |",
        "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table><thead><tr><th>a</th><th class=\"right\">b</th></tr></thead><tbody><tr><td>1</td><td class=\"right\">2</td></tr></tbody></table></div>",
    );
}

#[test]
fn code_is_one_element_per_line() {
    check(
        "```rust\nfn a() {}\nlet",
        "<figure class=\"code\" data-language=\"rust\"><figcaption data-lines=\"2\"><span class=\"language\">rust</span><button type=\"button\" class=\"fold\" aria-label=\"Show all lines\" title=\"Show all lines\" aria-expanded=\"false\"></button><button type=\"button\" class=\"wrap\" aria-label=\"Wrap lines\" title=\"Wrap lines\" aria-pressed=\"false\"></button><button type=\"button\" class=\"download\" aria-label=\"Download\" title=\"Download\"></button><button type=\"button\" class=\"copy\">Copy</button></figcaption><pre tabindex=\"0\"><code class=\"language-rust\"><span class=\"line\">fn a() {}\n</span><span class=\"line\">let</span></code></pre></figure>",
    );
}

#[test]
fn links_and_images() {
    let rel = "rel=\"noopener noreferrer nofollow\" target=\"_blank\"";
    check(
        "[a](https://example.com/x \"t\")",
        &format!("<p><a href=\"https://example.com/x\" title=\"example.com (t)\" {rel}>a</a></p>"),
    );
    check(
        "see https://example.com.",
        &format!(
            "<p>see <a href=\"https://example.com\" title=\"example.com\" {rel}>https://example.com</a>.</p>"
        ),
    );
    check("[a *b*](javascript:x) c", "<p>a <em>b</em> c</p>");
    check(
        "![alt](https://example.com/i.png)",
        "<p><button type=\"button\" class=\"image\" data-src=\"https://example.com/i.png\" title=\"example.com\"><span class=\"alt\" dir=\"auto\">alt</span><span class=\"host\" dir=\"ltr\">example.com</span></button></p>",
    );
    check("![alt](/i.png)", "<p>alt</p>");
}

#[test]
fn alerts_and_footnotes() {
    check(
        "> [!NOTE]\n> a",
        "<div class=\"alert note\" role=\"note\"><p class=\"title\">Note</p><p>a</p></div>",
    );
    check(
        "a[^x]\n\n[^x]: b",
        "<p>a<sup class=\"footnote\"><a href=\"#m1-note-x\">x</a></sup></p><div class=\"footnote\" id=\"m1-note-x\" role=\"note\"><p class=\"label\">x</p><p>b</p></div>",
    );
}

#[test]
fn the_words_beside_the_text_are_the_page_s() {
    const LABELS: Labels =
        Labels {
            copy: "复制", table: "表格", to_do: "待办", note: "注意", ..Labels::ENGLISH
        };
    let options = Options { labels: &LABELS, ..Options::default() };
    for (source, expected) in [
        ("```\na\n```", ">复制</button>"),
        ("| a |\n|---|\n| b |", "aria-label=\"表格\""),
        ("- [ ] a", "aria-label=\"待办\""),
        ("> [!NOTE]\n> a", "<p class=\"title\">注意</p>"),
    ] {
        let html = render(source, &options);
        assert!(html.contains(expected), "{html}");
    }
}
