//! Files that nobody would export.

use std::{fs, io::Cursor};

use transfer::{Conversation, Import, ImportError, Limits, read};

use crate::{fixtures, packed};

fn read_bytes(bytes: &[u8]) -> Result<Vec<Import>, ImportError> {
    read(Cursor::new(bytes), Limits::default())
}

/// What holds of every conversation that was read, whatever from.
fn assert_sound(conversation: &Conversation) {
    assert!(!conversation.title.is_empty() && !conversation.title.contains('\n'));
    assert!(!conversation.messages.is_empty());
    assert!(conversation.active.is_some_and(|active| active < conversation.messages.len()));
    assert!(!conversation.active_path().is_empty());
    for (index, message) in conversation.messages.iter().enumerate() {
        assert!(message.parent.is_none_or(|parent| parent < index), "{message:?}");
        assert!(!message.content.contains('\0') && !message.reasoning.contains('\0'));
        assert!(message.created_at >= 0);
    }
}

#[test]
fn what_is_no_export_is_told_apart() {
    let check = |bytes: &[u8], expected: &str| {
        let error = read_bytes(bytes).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    check(b"", "the file is neither a ZIP nor JSON");
    check(b"Hello", "the file is neither a ZIP nor JSON");
    check(b"{\"a\":1}", "no conversations of a known program");
    check(b"[]", "no conversations of a known program");
    check(b"[1,2]", "no conversations of a known program");
    check(b"\"words\"", "no conversations of a known program");
    check(b"PK\x03\x04 and no more", "the ZIP file is damaged");
    check(&packed([("photo.png".to_owned(), vec![1])]), "no conversations of a known program");
    check(&packed([("a.json".to_owned(), vec![b'{'])]), "no conversations of a known program");
}

#[test]
fn broken_letters_and_marks_of_byte_order_cost_no_conversation() {
    let conversation = |title: &str| {
        format!(
            "{{\"inglenook\":1,\"conversation\":{{\"key\":\"k\",\"title\":\"{title}\",\"messages\":[{{\"key\":\"m\",\"role\":\"user\",\"content\":\"x\"}}]}}}}"
        )
    };
    let mut bytes = "\u{FEFF}".as_bytes().to_vec();
    bytes.extend(conversation("fire?").replace('?', "\u{1}").into_bytes());
    let broken = bytes.iter_mut().find(|byte| **byte == 1).unwrap();
    *broken = 0xFF;
    let imports = read_bytes(&bytes).unwrap();
    assert_eq!(imports[0].conversations[0].title, "fire\u{FFFD}");
}

#[test]
fn thoughts_stand_at_one_answer_however_many_follow_on_them() {
    let node = |key: &str, parent: &str, role: &str, content: &str| {
        format!(
            r#""{key}":{{"parent":"{parent}","message":{{"author":{{"role":"{role}"}},"content":{content}}}}}"#
        )
    };
    let words = |words: &str| format!(r#"{{"content_type":"text","parts":["{words}"]}}"#);
    let thoughts = r#"{"content_type":"thoughts","thoughts":[{"content":"Hm."}]}"#;
    let mut nodes =
        vec![node("q", "", "user", &words("Why?")), node("t", "q", "assistant", thoughts)];
    nodes.extend((0..9).map(|n| node(&format!("a{n}"), "t", "assistant", &words("So."))));
    let file = format!(r#"[{{"id":"c","title":"t","mapping":{{{}}}}}]"#, nodes.join(","));
    let imports = read_bytes(file.as_bytes()).unwrap();
    let messages = &imports[0].conversations[0].messages;
    assert_eq!(messages.len(), 10);
    assert_eq!(messages.iter().filter(|message| message.reasoning == "Hm.").count(), 1);
}

#[test]
fn what_a_zip_unpacks_to_is_bounded() {
    let limits = Limits { unpacked_bytes: 1000, files: 2 };
    let zeros = |bytes| vec![b' '; bytes];
    let check = |files: &[usize]| {
        let files = files.iter().enumerate().map(|(n, bytes)| (format!("{n}.json"), zeros(*bytes)));
        read(Cursor::new(packed(files)), limits).unwrap_err()
    };
    assert!(matches!(check(&[1001]), ImportError::TooLarge { limit: 1000 }));
    assert!(matches!(check(&[600, 600]), ImportError::TooLarge { limit: 1000 }));
    assert!(matches!(check(&[500, 500]), ImportError::Unknown));
    assert!(matches!(check(&[1, 1, 1]), ImportError::TooManyFiles { files: 3, limit: 2 }));
    let plain = read(Cursor::new(zeros(1001)), limits).unwrap_err();
    assert!(matches!(plain, ImportError::TooLarge { limit: 1000 }), "{plain}");
}

#[test]
fn names_in_a_zip_lead_nowhere() {
    let conversation =
        b"{\"inglenook\":1,\"conversation\":{\"key\":\"\",\"messages\":[]}}".to_vec();
    let imports =
        read_bytes(&packed([("../../etc/passwd\n.json".to_owned(), conversation)])).unwrap();
    assert_eq!(imports[0].skipped[0].what, "../../etc/passwd .json #1");
}

#[test]
fn depth_ends_neither_the_stack_nor_the_patience() {
    let deep = 500_000;
    let arrays = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    assert!(read_bytes(arrays.as_bytes()).is_err());
    let field = format!("{{\"mapping\":{{\"a\":{arrays}}},\"id\":\"x\"}}");
    let imports = read_bytes(field.as_bytes()).unwrap();
    assert_eq!(imports[0].skipped.len(), 1);

    let nested = |depth: usize| {
        let open = "{\"messageId\":\"\",\"isCreatedByUser\":true,\"text\":\"x\",\"children\":[";
        let messages = format!("[{}{}]", open.repeat(depth), "]}".repeat(depth));
        let file = format!("{{\"conversationId\":\"c\",\"messagesTree\":{messages}}}");
        read_bytes(file.as_bytes()).unwrap().remove(0)
    };
    assert_eq!(nested(100_000).conversations[0].active_path().len(), 100_000);
}

/// Fixtures with bytes changed, cut, doubled and exchanged, as text and inside a ZIP.
#[test]
fn no_mutation_brings_the_readers_down() {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    println!("seed {seed}");
    let fixtures: Vec<Vec<u8>> = fixtures().iter().map(|path| fs::read(path).unwrap()).collect();
    for round in 0..3_000 {
        let mut bytes = fixtures[random.usize(..fixtures.len())].clone();
        let as_zip = round % 4 == 0;
        if as_zip {
            bytes = packed([("conversations.json".to_owned(), bytes)]);
        }
        for _ in 0..random.usize(1..8) {
            mutate(&mut bytes, &fixtures, &mut random);
        }
        for import in read_bytes(&bytes).unwrap_or_default() {
            import.conversations.iter().for_each(assert_sound);
        }
    }
}

fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], random: &mut fastrand::Rng) {
    const TOKENS: [&str; 14] = [
        "null",
        "\"\"",
        "[]",
        "{}",
        "-1",
        "1e999",
        "true",
        "\\u0000",
        "\\ud800",
        "\"mapping\"",
        "\"parentId\":\"m1\"",
        ",",
        "}",
        "]",
    ];
    let start = random.usize(..=bytes.len());
    let end = (start + random.usize(..40)).min(bytes.len());
    match random.u8(..5) {
        0 if start < bytes.len() => bytes[start] = random.u8(..),
        1 => drop(bytes.drain(start..end)),
        2 => drop(bytes.splice(start..start, bytes[start..end].to_vec())),
        3 => drop(bytes.splice(start..end, random.choice(TOKENS).unwrap().bytes())),
        _ => {
            let other = &others[random.usize(..others.len())];
            let from = random.usize(..other.len());
            let piece = &other[from..(from + 60).min(other.len())];
            bytes.splice(start..end, piece.iter().copied());
        }
    }
}
