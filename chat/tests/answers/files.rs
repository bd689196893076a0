//! Files, and what of a conversation a model is sent.

use chat::{AskError, FileError};
use protocol::{FileId, FileInfo, FileKind, FileProblem};
use serde_json::{Value, json};

use super::*;

/// The beginning of a PNG of 3 by 2 pixels, which is all that is looked at.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0";
const PNG_URL: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAA=";

const PDF: &[u8] = include_bytes!("hello.pdf");

impl House {
    async fn add(&self, name: &str, bytes: &'static [u8]) -> FileInfo {
        self.chat.add_file(name, bytes.into()).await.unwrap()
    }

    /// Asks with files, and waits for the answer's end.
    async fn ask_with(
        &self,
        conversation: Option<ConversationId>,
        text: &str,
        files: &[FileId],
    ) -> Asked {
        self.scripted.push(Script::new().delta("This.").end());
        let place = conversation.map_or(Place::New { temporary: false }, Place::End);
        let ask = Ask { files, ..Ask::new(place, text) };
        let asked = self.chat.ask(ask).await.unwrap();
        self.hear(asked.answer).await;
        asked
    }

    /// The messages of the last request.
    fn messages_sent(&self) -> Value {
        self.completions().pop().unwrap().body["messages"].take()
    }
}

fn ids(files: &[&FileInfo]) -> Vec<FileId> {
    files.iter().map(|file| file.id).collect()
}

#[tokio::test]
async fn a_file_is_what_its_content_says() {
    let house = House::open().await;
    let check = async |name: &str, bytes: &'static [u8], kind, size, media_type: &str| {
        let added = house.add(name, bytes).await;
        assert_eq!((added.kind, added.size, added.bytes), (kind, size, bytes.len() as u64));
        assert!(added.tokens > 0);
        let file = house.chat.file(added.id).await.unwrap().unwrap();
        assert_eq!((file.info, file.media_type.as_str()), (added, media_type));
        assert_eq!(file.bytes, bytes);
    };
    check("cat.txt", PNG, FileKind::Image, Some((3, 2)), "image/png").await;
    check("notes.png", b"\xef\xbb\xbfa,b\n", FileKind::Text, None, "text/plain").await;
    check("hello.doc", PDF, FileKind::Pdf, None, "application/pdf").await;

    let refused = async |bytes: Vec<u8>, expected: FileProblem| {
        let refused = house.chat.add_file("a.txt", bytes.into()).await.unwrap_err();
        assert!(matches!(&refused, FileError::Refused(found) if *found == expected), "{refused}");
    };
    refused(Vec::new(), FileProblem::Empty).await;
    refused(b"PK\x03\x04\0".to_vec(), FileProblem::NotAccepted).await;
    refused(b"%PDF-1.4 and no more".to_vec(), FileProblem::BrokenPdf).await;
    refused(vec![b'x'; 100_001], FileProblem::TooLarge { limit: 100_000 }).await;
    assert_eq!(house.chat.file(FileId(uuid::Uuid::nil())).await.unwrap(), None);
}

#[tokio::test]
async fn files_are_sent_before_the_question() {
    let house = House::open().await;
    let files = [
        house.add("cat.png", PNG).await,
        house.add("notes.md", b"\xef\xbb\xbf# Notes\n").await,
        house.add("hello.pdf", PDF).await,
    ];
    let asked = house.ask_with(None, "What is it?", &ids(&files.each_ref())).await;
    let with_files = json!({"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": PNG_URL}},
        {"type": "text", "text": "<file name=\"notes.md\">\n# Notes\n</file>"},
        {"type": "text", "text": "<file name=\"hello.pdf\">\nHello, PDF\n</file>"},
        {"type": "text", "text": "What is it?"},
    ]});
    assert_eq!(house.messages_sent(), json!([with_files]));

    // The next question goes without, and the files of the first are sent again.
    house.ask_with(Some(asked.conversation), "Sure?", &[]).await;
    let answer = json!({"role": "assistant", "content": "This."});
    assert_eq!(
        house.messages_sent(),
        json!([with_files, answer, {"role": "user", "content": "Sure?"}])
    );

    let conversation = house.conversation(asked.conversation).await;
    assert_eq!(conversation.messages[0].files, files);
    assert_eq!(conversation.messages[2].files, []);
}

#[tokio::test]
async fn answering_again_and_going_on_keep_the_files() {
    let mut house = House::open().await;
    let file = house.add("notes.md", b"Notes").await;
    let asked = house.ask_with(None, "", &[file.id]).await;
    let alone = json!({"role": "user", "content": [
        {"type": "text", "text": "<file name=\"notes.md\">\nNotes\n</file>"},
    ]});
    assert_eq!(house.messages_sent(), json!([alone]));
    let named = house.conversation(asked.conversation).await.summary.title;
    assert_eq!(named, "notes.md", "after its file, where a question has no text");

    house.restart().await;
    house.scripted.push(Script::new().delta("That").cut());
    let again = house.chat.retry(asked.answer, None).await.unwrap();
    house.hear(again.answer).await;
    assert_eq!(house.messages_sent(), json!([alone]));

    house.scripted.push(Script::new().delta(" it is.").end());
    house.chat.continue_answer(again.answer).await.unwrap();
    assert_eq!(house.hear(again.answer).await.text.content, "That it is.");
    let sent = house.messages_sent();
    assert_eq!(sent[0], alone);
    assert_eq!(sent[1], json!({"role": "assistant", "content": "That"}));
    assert_eq!(sent.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_question_said_anew_and_a_copied_conversation_keep_the_files() {
    let house = House::open().await;
    let (old, new) = (house.add("old.md", b"Old").await, house.add("new.md", b"New").await);
    let first = house.ask_with(None, "What?", &[old.id]).await;
    house.scripted.push(Script::new().delta("That.").end());
    let place = Place::InsteadOf(first.question);
    let anew = house.chat.ask(Ask { files: &[new.id], ..Ask::new(place, "Which?") }).await.unwrap();
    house.hear(anew.answer).await;
    let messages = house.conversation(first.conversation).await.messages;
    assert_eq!(messages[0].files, [old, new]);

    let copy = house.chat.fork(anew.answer).await.unwrap();
    assert_eq!(house.conversation(copy).await.messages[0].files, messages[0].files);
}

#[tokio::test]
async fn a_question_that_waits_keeps_its_files() {
    let mut house = House::open().await;
    let file = house.add("notes.md", b"Notes").await;
    let asked = house.ask(Script::new().stall()).await;
    let queue = async |house: &House| {
        house.chat.queue(asked.conversation, "", None, &[file.id]).await.unwrap()
    };
    let taken = house.chat.unqueue(queue(&house).await).await.unwrap().unwrap();
    assert_eq!(taken.files, std::slice::from_ref(&file));
    let waiting = queue(&house).await;
    house.restart().await;
    assert_eq!(house.chat.queued(asked.conversation).await.unwrap()[0].files, taken.files);

    house.scripted.push(Script::new().delta("Well.").end());
    let asked = house.chat.ask_queued(waiting).await.unwrap();
    house.hear(asked.answer).await;
    let sent = house.messages_sent();
    let last = sent.as_array().unwrap().last().unwrap();
    assert_eq!(last["content"][0]["text"], "<file name=\"notes.md\">\nNotes\n</file>");
}

#[tokio::test]
async fn questions_with_unknown_or_too_many_files_are_refused() {
    let house = House::open().await;
    let file = house.add("a.txt", b"a").await;
    let ask = async |files: &[FileId]| {
        house.chat.ask(Ask { files, ..question("What is it?") }).await.unwrap_err()
    };
    let refused = ask(&[file.id; 4]).await;
    assert!(matches!(refused, AskError::TooManyFiles { limit: 3 }), "{refused}");
    let refused = ask(&[file.id, FileId(uuid::Uuid::nil())]).await;
    assert!(matches!(refused, AskError::NoSuchFile), "{refused}");
    assert_eq!(house.list().await, [], "nothing is stored");
}

#[tokio::test]
async fn a_file_that_was_lost_is_said_to_be() {
    let house = House::open().await;
    let file = house.add("notes.md", b"Notes").await;
    std::fs::remove_dir_all(house.folder.path().join("files")).unwrap();
    let asked = house.chat.ask(Ask { files: &[file.id], ..question("Well?") }).await.unwrap();
    let heard = house.hear(asked.answer).await;
    let failure = heard.end().failure.as_ref().unwrap();
    assert_eq!(failure.kind, protocol::FailureKind::FileMissing);
    assert_eq!(failure.detail.as_deref(), Some("notes.md"));
    assert!(house.completions().is_empty(), "nothing is sent without it");
}

#[tokio::test]
async fn pictures_are_refused_where_the_model_does_not_see() {
    let house = House::open_with(|settings| {
        settings.providers[0].facts.sees.each.insert("small".to_owned(), false);
    })
    .await;
    let (image, text) = (house.add("cat.png", PNG).await, house.add("a.txt", b"a").await);
    let refused =
        house.chat.ask(Ask { files: &[image.id], ..question("What?") }).await.unwrap_err();
    assert!(matches!(&refused, AskError::CannotSee { model } if model == "small"), "{refused}");
    assert!(house.completions().is_empty());
    house.ask_with(None, "What?", &[text.id]).await;

    // Another model may see, and the blind one is refused the conversation then.
    house.scripted.push(Script::new().delta("A cat.").end());
    let ask = Ask { files: &[image.id], model: Some("large"), ..question("What?") };
    let asked = house.chat.ask(ask).await.unwrap();
    house.hear(asked.answer).await;
    let refused = house.chat.retry(asked.answer, Some("small")).await.unwrap_err();
    assert!(matches!(refused, AskError::CannotSee { .. }), "{refused}");
}

#[tokio::test]
async fn what_does_not_fit_is_left_out_and_said() {
    let house = House::open_with(|settings| {
        settings.providers[0].facts.context_window.all = Some(60);
    })
    .await;
    let first = house.ask_with(None, "One two three four five six seven eight.", &[]).await;
    assert_eq!(house.answer(first.conversation).await.1.left_out, 0);
    let conversation = Some(first.conversation);
    house.ask_with(conversation, "One two three four five six seven.", &[]).await;
    let third = "Nine ten eleven twelve thirteen.";
    let asked = house.ask_with(conversation, third, &[]).await;
    let sent = house.messages_sent();
    assert_eq!(sent[0]["content"], "One two three four five six seven.", "{sent}");
    assert_eq!(sent.as_array().unwrap().len(), 3);
    assert_eq!(house.answer(first.conversation).await.1.left_out, 2);
    assert_eq!(house.hear(asked.answer).await.end().left_out, 2);

    let long = "word ".repeat(70);
    let ask = Ask::new(Place::End(first.conversation), &long);
    let refused = house.chat.ask(ask).await.unwrap_err();
    let AskError::LargerThanWindow { tokens, window, model } = &refused else {
        panic!("{refused}");
    };
    assert_eq!((*window, model.as_str()), (60, "small"));
    assert!((70..80).contains(tokens), "{tokens}");
    assert_eq!(house.conversation(first.conversation).await.messages.len(), 6, "nothing is stored");
}

#[tokio::test]
async fn the_provider_says_what_its_models_can_read() {
    let scripted = Scripted::start_with(scripted_upstream::Settings {
        models: vec!["small".to_owned()],
        about_models: json!({"context_length": 30, "capabilities": ["completion"]}),
        ..scripted_upstream::Settings::default()
    });
    let scripted = scripted.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let chat = open_chat(folder.path(), &scripted, |_| {}).await;
    while chat.models()[0].models[0].context_window.is_none() {
        // The list is asked for in the background.
        tokio::task::yield_now().await;
    }
    let small = &chat.models()[0].models[0];
    assert_eq!((small.context_window, small.sees), (Some(30), Some(false)));
    let long = "word ".repeat(40);
    let refused = chat.ask(question(&long)).await.unwrap_err();
    assert!(matches!(refused, AskError::LargerThanWindow { window: 30, .. }), "{refused}");
    let image = chat.add_file("cat.png", PNG.into()).await.unwrap();
    let refused = chat.ask(Ask { files: &[image.id], ..question("What?") }).await.unwrap_err();
    assert!(
        matches!(refused, AskError::LargerThanWindow { .. }),
        "a picture takes room: {refused}"
    );
}
