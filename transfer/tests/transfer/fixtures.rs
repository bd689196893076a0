//! Every fixture is read as its `.expected` file says. The fixtures are written after the shapes that
//! each program documents or publishes; those called `broken` hold what nobody documents.

use std::{fmt::Write, fs, io::Cursor};

use transfer::{Conversation, Import, Limits, read};

use crate::{fixtures, packed};

#[test]
fn every_fixture_is_read_as_expected() {
    let mut seen = 0;
    for path in fixtures() {
        let read = read(Cursor::new(fs::read(&path).unwrap()), Limits::default());
        let expected = fs::read_to_string(path.with_extension("expected")).unwrap();
        assert_eq!(described(&read.unwrap()), expected, "{}", path.display());
        seen += 1;
    }
    assert_eq!(seen, 11);
}

#[test]
fn a_zip_may_hold_files_of_several_programs() {
    let files = fixtures().into_iter().filter(|path| !path.ends_with("broken.json"));
    let files = files.map(|path| (path.display().to_string(), fs::read(path).unwrap()));
    let imports = read(Cursor::new(packed(files)), Limits::default()).unwrap();
    let names: Vec<&str> = imports.iter().map(|import| import.source.name()).collect();
    assert_eq!(names, ["ChatGPT", "Open WebUI", "LibreChat", "NextChat", "Inglenook"]);
    assert_eq!(imports.iter().map(|import| import.conversations.len()).sum::<usize>(), 7);
}

#[test]
fn chatgpt_exports_in_numbered_files_are_read_in_their_order() {
    let conversation = |id: &str| {
        format!(
            r#"[{{"id":"{id}","title":"{id}","mapping":{{"a":{{"message":{{"author":{{"role":"user"}},"content":{{"parts":["x"]}}}}}}}}}}]"#
        )
    };
    let imports = packed([
        ("export/conversations-001.json".to_owned(), conversation("b").into_bytes()),
        ("export/conversations-000.json".to_owned(), conversation("a").into_bytes()),
        ("export/user.json".to_owned(), b"{\"id\":\"u\",\"email\":\"e\"}".to_vec()),
        ("export/message_feedback.json".to_owned(), b"[]".to_vec()),
        ("export/chat.html".to_owned(), b"<html>".to_vec()),
        ("export/conversations-002.json".to_owned(), b"[{\"id\":".to_vec()),
    ]);
    let imports = read(Cursor::new(imports), Limits::default()).unwrap();
    let [import] = imports.as_slice() else { panic!("{imports:?}") };
    let titles: Vec<&str> = import.conversations.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["a", "b"]);
    assert_eq!(import.skipped.len(), 1);
    assert_eq!(import.skipped[0].what, "export/conversations-002.json");
}

/// Imports as the `.expected` files have them.
fn described(imports: &[Import]) -> String {
    let mut out = String::new();
    for import in imports {
        for conversation in &import.conversations {
            describe(&mut out, import, conversation);
        }
        for skipped in &import.skipped {
            writeln!(out, "skipped {:?}: {}", skipped.what, skipped.why).unwrap();
        }
    }
    out
}

fn describe(out: &mut String, import: &Import, conversation: &Conversation) {
    let Conversation { key, title, created_at, updated_at, messages, .. } = conversation;
    write!(out, "{} {key} {title:?} {created_at} {updated_at}", import.source).unwrap();
    out.push_str(if conversation.pinned { " pinned" } else { "" });
    out.push_str(if conversation.archived { " archived" } else { "" });
    if let Some(folder) = &conversation.folder {
        write!(out, " in {folder:?}").unwrap();
    }
    out.push('\n');
    if let Some(system) = &conversation.system {
        writeln!(out, "system {system:?}").unwrap();
    }
    let key = |index: Option<usize>| index.map_or("-", |index| messages[index].key.as_str());
    writeln!(out, "active {}", key(conversation.active)).unwrap();
    for message in messages {
        let parent = key(message.parent);
        let role = message.role.as_str();
        let model = message.model.as_deref().unwrap_or("-");
        write!(out, "{} < {parent} {role} {model} ", message.key).unwrap();
        write!(out, "{} {:?}", message.created_at, message.content).unwrap();
        if !message.reasoning.is_empty() {
            write!(out, " thought {:?}", message.reasoning).unwrap();
        }
        out.push('\n');
    }
}
