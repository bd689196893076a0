use protocol::{FileId, MessageId};
use uuid::Uuid;

use super::*;

/// A message of a letter for who speaks (`s`, `u` or `a`) and so many words, each one token.
fn message(letter: char, words: usize) -> Message {
    let role = match letter {
        's' => Role::System,
        'u' => Role::User,
        _ => Role::Assistant,
    };
    Message {
        id: MessageId(Uuid::nil()),
        parent: None,
        role,
        content: "word ".repeat(words).trim_end().to_owned(),
        created_at: 0,
        answer: None,
        files: Vec::new(),
    }
}

fn path(messages: &[(char, usize)]) -> Vec<Message> {
    messages.iter().map(|&(letter, words)| message(letter, words)).collect()
}

/// Who speaks in what is left, or why nothing is sent.
fn left(mut path: Vec<Message>, model: &ModelInfo) -> Result<(String, u64), Unfit> {
    let left_out = fit(&mut path, Some(model))?;
    let letter = |message: &Message| message.role.as_str().chars().next();
    Ok((path.iter().filter_map(letter).collect(), left_out))
}

#[test]
fn the_oldest_questions_are_left_out_with_their_answers() {
    let check = |messages: &[(char, usize)], window, expected: &str, left_out: u64| {
        let model = ModelInfo { context_window: Some(window), ..ModelInfo::named("m") };
        let found = left(path(messages), &model);
        assert_eq!(found, Ok((expected.to_owned(), left_out)), "{messages:?} in {window}");
    };
    // Each message takes 4 tokens more than its words, and a quarter of the window is the answer's.
    let three = [('u', 16), ('a', 16), ('u', 16), ('a', 16), ('u', 16)];
    check(&three, 1_000, "uauau", 0);
    check(&three, 134, "uauau", 0);
    check(&three, 132, "uau", 2);
    check(&three, 80, "uau", 2);
    check(&three, 78, "u", 4);
    check(&three, 20, "u", 4);
    // Instructions stay.
    check(&[('s', 6), ('u', 16), ('a', 16), ('u', 16)], 94, "suau", 0);
    check(&[('s', 6), ('u', 16), ('a', 16), ('u', 16)], 60, "su", 2);
    // A question that was asked twice, and one that is being continued.
    check(&[('u', 16), ('u', 16), ('a', 16), ('u', 16)], 80, "uau", 1);
    check(&[('u', 16), ('a', 16), ('u', 16), ('a', 16)], 60, "ua", 2);
    // What stayed empty is not sent and does not count.
    check(&[('u', 16), ('a', 0), ('u', 16)], 1_000, "uu", 0);
    check(&[('u', 16), ('a', 0), ('u', 16)], 30, "u", 1);
    // Room for the answer is bounded.
    check(&[('u', 40_000), ('a', 40_000), ('u', 16)], 88_400, "uau", 0);
}

#[test]
fn a_question_larger_than_the_window_is_refused() {
    let model = ModelInfo { context_window: Some(20), ..ModelInfo::named("m") };
    let check = |messages: &[(char, usize)], tokens| {
        let expected = Err(Unfit::TooLong { tokens, window: 20 });
        assert_eq!(left(path(messages), &model), expected, "{messages:?}");
    };
    check(&[('u', 17)], 21);
    check(&[('u', 1), ('a', 1), ('u', 17)], 21);
    check(&[('s', 6), ('u', 7)], 21);
    assert_eq!(left(path(&[('u', 16)]), &model), Ok(("u".to_owned(), 0)));
}

#[test]
fn files_take_room_and_pictures_want_eyes() {
    let file = |kind| FileInfo {
        id: FileId(Uuid::nil()),
        name: "a".to_owned(),
        kind,
        bytes: 1,
        tokens: 50,
        size: None,
    };
    let with = |kind| {
        let mut path = path(&[('u', 1), ('a', 1), ('u', 1)]);
        path[0].files.push(file(kind));
        path
    };
    let model = |context_window, sees| ModelInfo { context_window, sees, ..ModelInfo::named("m") };
    let whole = Ok(("uau".to_owned(), 0));
    assert_eq!(left(with(FileKind::Image), &model(None, Some(false))), Err(Unfit::CannotSee));
    assert_eq!(left(with(FileKind::Image), &model(None, Some(true))), whole);
    assert_eq!(left(with(FileKind::Image), &model(None, None)), whole, "nobody says it is blind");
    assert_eq!(left(with(FileKind::Pdf), &model(None, Some(false))), whole);
    // A picture that does not fit is not sent, so nobody need see it.
    let small = model(Some(40), Some(false));
    assert_eq!(left(with(FileKind::Image), &small), Ok(("u".to_owned(), 2)));
    // Nothing is known of a model that no list has.
    let mut path = with(FileKind::Image);
    assert_eq!(fit(&mut path, None), Ok(0));
}

#[test]
fn a_text_is_named() {
    assert_eq!(named("a \"b\".txt", "one\n\n"), "<file name=\"a 'b'.txt\">\none\n</file>");
}
