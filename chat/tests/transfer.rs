//! Conversations in from elsewhere and out again, through the engine's own door.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]

use std::sync::Arc;

use chat::{
    Ask, AskError, Change, Chat, ImportOutcome, ImportedFiles, Limits, Listed, Place, Settings,
};
use protocol::{AnswerStatus, ConversationId, Role};
use tempfile::TempDir;
use transfer::{Conversation, Message, SentFile, Source};

/// An engine without providers, on a folder of its own.
struct House {
    chat: Chat,
    _folder: TempDir,
}

impl House {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let chat = Chat::open(Settings {
            data: folder.path().to_owned(),
            providers: Vec::new(),
            model: None,
            title_model: None,
            continue_when_cut: true,
            auto: None,
            rules: Vec::new(),
            limits: Limits::default(),
        })
        .await
        .unwrap();
        Self { chat, _folder: folder }
    }

    async fn import(&self, conversations: &[Conversation]) -> ImportOutcome {
        let preview = self.chat.preview_import(Source::ChatGpt, conversations).await.unwrap();
        let outcome = self.chat.import(Source::ChatGpt, conversations).await.unwrap();
        assert_eq!(preview, outcome, "what was promised is done");
        outcome
    }

    /// The texts of the path that is shown.
    async fn shown(&self, id: ConversationId) -> Vec<String> {
        let conversation = self.chat.conversation(id).await.unwrap().unwrap();
        conversation.messages.into_iter().map(|message| message.content).collect()
    }
}

/// A conversation whose messages are given as `parent text`, with `-` at the root. Questions and
/// answers take turns by depth.
fn conversation(key: &str, active: usize, messages: &[&str]) -> Conversation {
    let mut made: Vec<Message> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let (parent, text) = message.split_once(' ').unwrap();
        let parent: Option<usize> = parent.parse().ok();
        let role = match parent.map(|parent| made[parent].role) {
            Some(Role::User) => Role::Assistant,
            _ => Role::User,
        };
        made.push(Message {
            key: format!("{key}-{index}"),
            parent,
            role,
            content: text.to_owned(),
            reasoning: if role == Role::Assistant { format!("on {text}") } else { String::new() },
            model: (role == Role::Assistant).then(|| "big".to_owned()),
            created_at: 1_700_000_000_000 + index as i64,
            files: Vec::new(),
        });
    }
    Conversation {
        key: key.to_owned(),
        title: format!("About {key}"),
        created_at: 1_700_000_000_000,
        updated_at: 1_700_000_000_000 + made.len() as i64,
        active: Some(active),
        messages: made,
        ..Conversation::default()
    }
}

fn counts(outcome: &ImportOutcome) -> [usize; 4] {
    [outcome.added(), outcome.extended(), outcome.already_there(), outcome.messages()]
}

#[tokio::test]
async fn what_comes_in_stands_as_if_it_had_been_asked_here() {
    let house = House::open().await;
    let outcome = house.import(&[conversation("oak", 2, &["- q", "0 a", "0 b"])]).await;
    assert_eq!(counts(&outcome), [1, 0, 0, 3]);
    let id = outcome.conversations[0].id;
    assert_eq!(house.shown(id).await, ["q", "b"]);
    let shown = house.chat.conversation(id).await.unwrap().unwrap();
    assert_eq!(shown.summary.title, "About oak");
    let answer = shown.messages[1].answer.as_ref().unwrap();
    assert_eq!(answer.status, AnswerStatus::Finished);
    assert_eq!((answer.model.as_str(), answer.reasoning.as_str()), ("big", "on b"));
}

#[tokio::test]
async fn branches_stand_in_the_order_in_which_they_were_written() {
    let house = House::open().await;
    let mut oak =
        conversation("oak", 8, &["- q", "0 a", "0 b", "0 c", "0 d", "0 e", "2 x", "2 y", "0 f"]);
    let timed = oak.clone();
    // Without times it is the order of the file.
    oak.key = "untimed".to_owned();
    oak.messages.iter_mut().for_each(|message| message.created_at = 0);
    for oak in [timed, oak] {
        let id = house.import(&[oak]).await.conversations[0].id;
        let page = house.chat.page(id, None, 9).await.unwrap().unwrap();
        let siblings = page.messages[1].siblings.clone();
        let mut texts = String::new();
        for sibling in &siblings {
            house.chat.show_branch(*sibling).await.unwrap();
            texts += &house.shown(id).await[1];
        }
        assert_eq!(texts, "abcdef");
        // Of what was said after an answer, the latest is shown with it.
        house.chat.show_branch(siblings[1]).await.unwrap();
        assert_eq!(house.shown(id).await, ["q", "b", "y"]);
    }
}

#[tokio::test]
async fn its_place_comes_with_it_and_it_is_found() {
    let house = House::open().await;
    let mut oak = conversation("oak", 1, &["- beechwood", "0 ash"]);
    (oak.pinned, oak.folder) = (true, Some("Home".to_owned()));
    oak.system = Some("Be warm.".to_owned());
    let mut elm = conversation("elm", 0, &["- x"]);
    (elm.archived, elm.folder) = (true, Some("Home".to_owned()));
    let outcome = house.import(&[oak, elm]).await;
    let [oak, elm] = outcome.conversations.as_slice() else { panic!("{outcome:?}") };
    let folders = house.chat.folders().await.unwrap();
    assert_eq!(folders.iter().map(|folder| folder.name.as_str()).collect::<Vec<_>>(), ["Home"]);
    let pinned = house.chat.list(Listed::Pinned, None, 9).await.unwrap();
    assert_eq!((pinned[0].id, pinned[0].folder), (oak.id, Some(folders[0].id)));
    let archived = house.chat.list(Listed::Archived, None, 9).await.unwrap();
    assert_eq!(archived[0].id, elm.id);
    for (typed, expected) in [("beechwood", oak.id), ("ash", oak.id), ("about elm", elm.id)] {
        let hits = house.chat.search(typed).await.unwrap();
        assert_eq!(hits.iter().map(|hit| hit.conversation).collect::<Vec<_>>(), [expected]);
    }
    let exported = house.chat.export(oak.id).await.unwrap().unwrap();
    assert_eq!((exported.pinned, exported.folder.as_deref()), (true, Some("Home")));
    assert_eq!(exported.system.as_deref(), Some("Be warm."));
}

#[tokio::test]
async fn what_is_in_the_bin_comes_back() {
    let house = House::open().await;
    let oak = [conversation("oak", 1, &["- q", "0 a"])];
    let id = house.import(&oak).await.conversations[0].id;
    house.chat.change(id, Change::Deleted(true)).await.unwrap();
    assert!(house.chat.export(id).await.unwrap().is_none());
    assert!(house.chat.ids_to_export(None).await.unwrap().is_empty());
    assert_eq!(counts(&house.import(&oak).await), [1, 0, 0, 0]);
    assert_eq!(house.shown(id).await, ["q", "a"]);
}

#[tokio::test]
async fn nothing_comes_in_twice_and_a_later_export_adds_what_is_new() {
    let house = House::open().await;
    let first = conversation("oak", 1, &["- q", "0 a"]);
    let other = conversation("elm", 0, &["- x"]);
    house.import(&[first.clone(), other.clone()]).await;
    let again = house.import(&[first, other.clone()]).await;
    assert_eq!(counts(&again), [0, 0, 2, 0]);
    let later = conversation("oak", 3, &["- q", "0 a", "1 q2", "2 a2"]);
    let outcome = house.import(&[later, other]).await;
    assert_eq!(counts(&outcome), [0, 1, 1, 2]);
    assert_eq!(house.shown(outcome.conversations[0].id).await, ["q", "a", "q2", "a2"]);
}

#[tokio::test]
async fn who_went_on_here_stays_there() {
    let house = House::open().await;
    let id = house.import(&[conversation("oak", 1, &["- q", "0 a"])]).await.conversations[0].id;
    let asked = house.chat.ask(Ask::new(Place::End(id), "here")).await;
    assert!(!matches!(asked, Err(AskError::NotFound)), "{asked:?}");
    house.import(&[conversation("oak", 2, &["- q", "0 a", "1 there"])]).await;
    assert_eq!(house.shown(id).await[..3], ["q", "a", "here"]);
}

#[tokio::test]
async fn many_messages_come_in_over_several_transactions() {
    let house = House::open().await;
    let texts: Vec<String> = (0..1_500)
        .map(|n: i32| if n == 0 { "- 0".to_owned() } else { format!("{} {n}", n - 1) })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let outcome = house.import(&[conversation("long", 1_499, &texts)]).await;
    assert_eq!(outcome.messages(), 1_500);
    assert_eq!(house.shown(outcome.conversations[0].id).await.len(), 1_500);
}

#[tokio::test]
async fn what_goes_out_comes_in_elsewhere_as_it_was() {
    let here = House::open().await;
    let made = conversation("oak", 4, &["- q", "0 a", "0 b", "1 q2", "3 a2"]);
    let id = here.import(std::slice::from_ref(&made)).await.conversations[0].id;
    let exported = here.chat.export(id).await.unwrap().unwrap();
    let texts = |one: &Conversation| -> Vec<String> {
        one.active_path().iter().map(|message| message.content.clone()).collect()
    };
    assert_eq!(texts(&exported), texts(&made));
    assert_eq!(exported.messages.len(), 5);

    let elsewhere = House::open().await;
    let imported =
        |house: &House, outcome: ImportOutcome| (house.chat.clone(), outcome.conversations[0].id);
    let outcome =
        elsewhere.chat.import(Source::Inglenook, std::slice::from_ref(&exported)).await.unwrap();
    let (chat, there) = imported(&elsewhere, outcome);
    assert_eq!(there, id, "ids are kept");
    assert_eq!(chat.export(there).await.unwrap().unwrap(), exported);

    // Where it came from, everything is there already.
    let back = here.chat.import(Source::Inglenook, &[exported]).await.unwrap();
    assert_eq!(counts(&back), [0, 0, 1, 0]);
}

#[tokio::test]
async fn a_file_of_our_own_changes_no_other_conversation() {
    let house = House::open().await;
    let id = house.import(&[conversation("oak", 1, &["- q", "0 a"])]).await.conversations[0].id;
    let mut forged = house.chat.export(id).await.unwrap().unwrap();
    forged.key = "0193a5c0000070008000000000000001".to_owned();
    forged.messages[1].content = "forged".to_owned();
    let outcome = house.chat.import(Source::Inglenook, &[forged.clone()]).await.unwrap();
    assert_eq!(counts(&outcome), [1, 0, 0, 2]);
    assert_eq!(house.shown(id).await, ["q", "a"]);
    assert_eq!(house.shown(outcome.conversations[0].id).await, ["q", "forged"]);
    let again = house.chat.import(Source::Inglenook, &[forged]).await.unwrap();
    assert_eq!(counts(&again), [0, 0, 1, 0]);
}

#[tokio::test]
async fn conversations_of_one_file_share_no_messages() {
    let elsewhere = House::open().await;
    let made = conversation("oak", 1, &["- q", "0 a"]);
    let id = elsewhere.import(std::slice::from_ref(&made)).await.conversations[0].id;
    let one = elsewhere.chat.export(id).await.unwrap().unwrap();
    let other = Conversation { key: "another".to_owned(), ..one.clone() };

    let house = House::open().await;
    let outcome = house.chat.import(Source::Inglenook, &[one, other]).await.unwrap();
    assert_eq!(counts(&outcome), [2, 0, 0, 4]);
    for imported in outcome.conversations {
        assert_eq!(house.shown(imported.id).await, ["q", "a"]);
        let exported = house.chat.export(imported.id).await.unwrap().unwrap();
        assert_eq!(exported.messages.len(), 2);
    }
}

#[tokio::test]
async fn nothing_comes_from_the_future() {
    let house = House::open().await;
    let mut oak = conversation("oak", 0, &["- q"]);
    oak.updated_at = i64::MAX;
    let id = house.import(&[oak]).await.conversations[0].id;
    assert!(house.chat.export(id).await.unwrap().unwrap().updated_at <= chat::now_ms());
}

#[tokio::test]
async fn all_of_them_can_be_listed() {
    let house = House::open().await;
    let keys: Vec<String> = (0..450).map(|n| format!("c{n}")).collect();
    let all: Vec<Conversation> = keys.iter().map(|key| conversation(key, 0, &["- q"])).collect();
    house.import(&all).await;
    let mut seen = Vec::new();
    loop {
        let page = house.chat.ids_to_export(seen.last().copied()).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    seen.dedup();
    assert_eq!(seen.len(), 450);
}

#[tokio::test]
async fn files_come_back_with_their_messages_and_only_once() {
    const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let from = House::open().await;
    let added = [
        from.chat.add_file("note.txt", "remember".into()).await.unwrap(),
        from.chat.add_file("pixel.gif", PIXEL.into()).await.unwrap(),
    ];
    let mut oak = conversation("oak", 1, &["- q", "0 a"]);
    oak.messages[0].files = vec![
        SentFile { name: "../note.txt".to_owned(), sha256: "0".repeat(64) },
        SentFile { name: "gone.txt".to_owned(), sha256: "1".repeat(64) },
        SentFile { name: "refused.bin".to_owned(), sha256: "2".repeat(64) },
        SentFile { name: "pixel.gif".to_owned(), sha256: "3".repeat(64) },
    ];
    let find: Arc<chat::FindContent> = Arc::new(|sha256: &str| match &sha256[..1] {
        "0" => Some(b"remember".to_vec()),
        "2" => Some(vec![0, 159, 146, 150]),
        "3" => Some(PIXEL.to_vec()),
        _ => None,
    });

    let house = House::open().await;
    let conversations = [oak];
    let id = house.import(&conversations).await.conversations[0].id;
    let files = async || house.chat.import_files(Source::ChatGpt, &conversations, &find).await;
    let preview = async |is_there: fn(&str) -> bool| {
        house.chat.preview_files(Source::ChatGpt, &conversations, is_there).await.unwrap()
    };
    let would = |came, left_out| ImportedFiles { came, left_out };
    assert_eq!(preview(|sha256| !sha256.starts_with('1')).await, would(3, 1));
    assert_eq!(preview(|_| false).await, would(0, 4));
    assert_eq!(files().await.unwrap(), would(2, 2));
    assert_eq!(files().await.unwrap(), would(0, 0), "they are there");
    assert_eq!(preview(|_| true).await, would(0, 0), "they are there");
    let shown = house.chat.conversation(id).await.unwrap().unwrap();
    let names: Vec<_> = shown.messages[0].files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["note.txt", "pixel.gif"]);

    // What goes out names contents by what they are.
    let exported = house.chat.export(id).await.unwrap().unwrap();
    for (file, info) in exported.files().zip(&added) {
        assert_eq!(file.name, info.name);
        let here = house.chat.content(&file.sha256).await.unwrap().unwrap();
        let there = from.chat.content(&file.sha256).await.unwrap().unwrap();
        assert_eq!(here, there);
    }
    for nothing in ["", "..", "zz", &"0".repeat(64)] {
        assert_eq!(house.chat.content(nothing).await.unwrap(), None, "{nothing}");
    }
}
