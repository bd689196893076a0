//! What is written: exact where it is to be read again, safe where it is to be looked at.

use std::{
    fs,
    io::{Cursor, Read},
};

use html5ever::{parse_document, tendril::TendrilSink};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use protocol::Role;
use transfer::{
    Archive, Contents, Conversation, Format, Limits, Message, SentFile, Source, html, json,
    markdown, read,
};
use zip::ZipArchive;

use crate::fixtures;

fn conversations() -> Vec<Conversation> {
    let read = |path| read(Cursor::new(fs::read(path).unwrap()), Limits::default()).unwrap();
    fixtures().into_iter().flat_map(read).flat_map(|import| import.conversations).collect()
}

/// A conversation of a question and an answer.
fn exchange(question: &str, answer: &str) -> Conversation {
    let message = |key: &str, parent, role, content: &str| Message {
        key: key.to_owned(),
        parent,
        role,
        content: content.to_owned(),
        reasoning: String::new(),
        model: None,
        created_at: 1_700_000_000_000,
        files: Vec::new(),
    };
    Conversation {
        key: "k".to_owned(),
        title: "Fire".to_owned(),
        created_at: 1_700_000_000_000,
        updated_at: 1_700_000_000_000,
        active: Some(1),
        messages: vec![
            message("q", None, Role::User, question),
            message("a", Some(0), Role::Assistant, answer),
        ],
        ..Conversation::default()
    }
}

#[test]
fn json_is_read_back_exactly() {
    for conversation in conversations() {
        let imports = read(Cursor::new(json(&conversation)), Limits::default()).unwrap();
        assert_eq!(imports[0].source, Source::Inglenook);
        assert_eq!(imports[0].conversations, [conversation]);
        assert!(imports[0].skipped.is_empty());
    }
}

#[test]
fn files_lie_once_beside_our_own_json() {
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let file = |name: &str| SentFile { name: name.to_owned(), sha256: sha256.to_owned() };
    let mut conversation = exchange("q", "a");
    conversation.messages[0].files = vec![file("one.txt"), file("two.txt")];

    assert!(Archive::new(Format::Markdown).wants(&conversation).is_empty());
    let mut archive = Archive::new(Format::Json);
    assert_eq!(archive.wants(&conversation).into_iter().collect::<Vec<_>>(), [sha256]);
    let mut zip = archive.add(&conversation).unwrap();
    zip.extend(archive.add_content(sha256, b"abc").unwrap());
    assert!(archive.add_content(sha256, b"abc").unwrap().is_empty());
    assert!(archive.wants(&conversation).is_empty());
    zip.extend(archive.finish().unwrap());

    let imports = read(Cursor::new(&zip), Limits::default()).unwrap();
    assert_eq!(imports[0].conversations, [conversation]);
    let content =
        |largest, sha256| Contents::of(Cursor::new(&zip), largest).unwrap().read(sha256).unwrap();
    assert_eq!(content(3, sha256).as_deref(), Some(&b"abc"[..]));
    assert_eq!(content(2, sha256), None, "too large");
    assert_eq!(content(3, &"0".repeat(64)), None, "not there");
    assert!(Contents::of(Cursor::new("{}"), 3).is_none(), "no ZIP");
}

#[test]
fn markdown_holds_the_path_that_is_shown() {
    let mut conversation = exchange("Which *wood*?\n", "# Oak\n\nIt is **hard**.");
    conversation.title = "On <wood> & *fire*".to_owned();
    conversation.messages[1].model = Some("big_model".to_owned());
    conversation.messages[1].reasoning = "Oak…\n\nor beech".to_owned();
    conversation.messages.push(Message { key: "b".to_owned(), ..conversation.messages[1].clone() });
    let expected = "# On \\<wood\\> \\& \\*fire\\*\n\n*2023-11-14 22:13 UTC*\n\n## You\n\nWhich *wood*?\n\n\
                    ## big\\_model\n\n> **Reasoning**\n>\n> Oak…\n>\n> or beech\n\n# Oak\n\nIt is **hard**.\n";
    assert_eq!(markdown(&conversation), expected);
}

#[test]
fn a_page_holds_no_html_of_a_stranger_and_loads_nothing() {
    let attacks = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<style>@import url(http://evil.example)</style></style>",
        "![pixel](http://evil.example/p.png)",
        "[go](javascript:alert(1))",
        "</div></article></main><iframe src=http://evil.example></iframe>",
        "<meta http-equiv=refresh content=0;url=http://evil.example>",
        "```html\n</code></pre><script>1</script>\n```",
        "$\\href{javascript:alert(1)}{x}$",
        "\"><svg onload=alert(1)>",
    ];
    for attack in attacks {
        let mut conversation = exchange(attack, attack);
        conversation.title = attack.to_owned();
        conversation.system = Some(attack.to_owned());
        conversation.messages[1].model = Some(attack.to_owned());
        conversation.messages[1].reasoning = attack.to_owned();
        let page = html(&conversation);
        let dom = parse_document(RcDom::default(), Default::default()).one(page.as_str());
        let mut open = vec![dom.document.clone()];
        let mut articles = 0;
        while let Some(node) = open.pop() {
            open.extend(node.children.borrow().iter().cloned());
            articles += usize::from(assert_harmless(&node, attack));
        }
        assert_eq!(articles, 2, "{attack}: {page}");
    }
}

/// Only elements and attributes that our writer and renderer make. True for an article.
fn assert_harmless(node: &Handle, attack: &str) -> bool {
    let NodeData::Element { name, attrs, .. } = &node.data else { return false };
    let element = &*name.local;
    let refused =
        ["script", "img", "iframe", "svg", "link", "object", "embed", "base", "form", "input"];
    assert!(!refused.contains(&element), "{attack}: <{element}>");
    for attribute in attrs.borrow().iter() {
        let (name, value) = (&*attribute.name.local, &*attribute.value);
        assert!(!name.starts_with("on") && name != "style" && name != "src", "{attack}: {name}");
        if name == "href" {
            assert!(
                value.starts_with("http") || value.starts_with("mailto:") || value.starts_with('#')
            );
        }
        if name == "http-equiv" {
            assert_eq!(value, "Content-Security-Policy", "{attack}");
        }
    }
    if element == "style" {
        let children = node.children.borrow();
        let NodeData::Text { contents } = &children[0].data else { panic!("a style is text") };
        let style = contents.borrow();
        assert!(!style.contains("url(") && !style.contains("@import"), "{style}");
    }
    element == "article"
}

#[test]
fn a_page_shows_what_was_said() {
    let page = html(&exchange("a < b\n  indented", "It is **hard** & [dry](https://example.org)."));
    assert!(page.contains("a &lt; b\n  indented"), "{page}");
    assert!(html(&exchange("q", "$x^2$")).contains("<math"), "formulas are typeset");
    assert!(page.contains("<strong>hard</strong> &amp; <a "), "{page}");
    assert!(
        page.contains("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
    );
}

#[test]
fn an_archive_has_a_file_of_its_own_for_each() {
    for format in Format::ALL {
        let mut archive = Archive::new(format);
        let mut bytes = Vec::new();
        let mut one = exchange("q", "a");
        for title in ["Fire", "fire", "FIRE", "../up"] {
            one.title = title.to_owned();
            let grown = archive.add(&one).unwrap();
            assert!(!grown.is_empty(), "what is written is given at once");
            bytes.extend(grown);
        }
        bytes.extend(archive.finish().unwrap());
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut names: Vec<String> = zip.file_names().map(str::to_owned).collect();
        names.sort();
        let extension = format.extension();
        let expected = ["Fire", "FIRE-3", "fire-2", "up"];
        let mut expected = expected.map(|stem| format!("2023-11-14-{stem}.{extension}"));
        expected.sort();
        assert_eq!(names, expected);
        let mut text = String::new();
        zip.by_name(&format!("2023-11-14-up.{extension}"))
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, format.write(&one));
    }
}

#[test]
fn an_archive_of_json_is_a_backup() {
    let mut archive = Archive::new(Format::Json);
    let mut bytes = Vec::new();
    let conversations = conversations();
    for conversation in &conversations {
        bytes.extend(archive.add(conversation).unwrap());
    }
    bytes.extend(archive.finish().unwrap());
    let imports = read(Cursor::new(bytes), Limits::default()).unwrap();
    let [import] = imports.as_slice() else { panic!("{imports:?}") };
    assert_eq!(import.conversations.len(), conversations.len());
    assert!(conversations.iter().all(|one| import.conversations.contains(one)));
}
