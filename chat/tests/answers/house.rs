//! An engine on a folder of its own, in front of an upstream that plays scripts.

pub(crate) use std::{path::Path, time::Duration};

pub(crate) use chat::{
    Answer, Ask, Asked, Chat, Conversation, ConversationSummary, Follower, Limits, Listed, Message,
    Place, Settings,
    ledger::LedgerEntry,
    upstream::{Dialect, ModelFacts, Provider},
};
pub(crate) use protocol::{AnswerEvent, ConversationId, Delta, End, MessageId, Sequence};
pub(crate) use scripted_upstream::{Recorded, Script, Upstream as Scripted};
pub(crate) use tempfile::TempDir;

/// Longer than anything here takes, so that what never comes fails a test instead of hanging it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An engine on a folder of its own, with one provider that plays scripts.
pub(crate) struct House {
    pub(crate) chat: Chat,
    pub(crate) scripted: Scripted,
    pub(crate) folder: TempDir,
    pub(crate) change: fn(&mut Settings),
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// With other settings than [`settings`], which a restart keeps.
    pub(crate) async fn open_with(change: fn(&mut Settings)) -> Self {
        let scripted = Scripted::start().await;
        let folder = tempfile::tempdir().unwrap();
        let chat = open_chat(folder.path(), &scripted, change).await;
        Self { chat, scripted, folder, change }
    }

    /// Ends the engine in order and starts another on the same folder.
    pub(crate) async fn restart(&mut self) {
        self.chat.shut_down().await;
        self.chat = open_chat(self.folder.path(), &self.scripted, self.change).await;
    }

    /// Asks in a new conversation and has the script played.
    pub(crate) async fn ask(&self, script: Script) -> Asked {
        self.scripted.push(script);
        self.chat.ask(question("What is it?")).await.unwrap()
    }

    /// Everything of an answer, from its beginning to its end.
    pub(crate) async fn hear(&self, answer: MessageId) -> Heard {
        self.hear_after(answer, 0).await
    }

    pub(crate) async fn hear_after(&self, answer: MessageId, after: Sequence) -> Heard {
        hear(self.chat.follow(answer, after).await.unwrap().unwrap()).await
    }

    /// The list of conversations.
    pub(crate) async fn list(&self) -> Vec<ConversationSummary> {
        self.chat.list(Listed::Loose, None, 100).await.unwrap()
    }

    pub(crate) async fn conversation(&self, id: ConversationId) -> Conversation {
        self.chat.conversation(id).await.unwrap().unwrap()
    }

    /// The last message of a conversation, which is an answer, with its own part.
    pub(crate) async fn answer(&self, id: ConversationId) -> (Message, Answer) {
        let last = self.conversation(id).await.messages.pop().unwrap();
        let answer = last.answer.clone().unwrap();
        (last, answer)
    }

    /// The latest calls, the oldest of them first.
    pub(crate) async fn ledger(&self) -> Vec<LedgerEntry> {
        let mut rows = self.chat.ledger(1_000).await.unwrap();
        rows.reverse();
        rows
    }

    /// What the upstream was asked, lists of models not counted.
    pub(crate) fn completions(&self) -> Vec<Recorded> {
        let mut requests = self.scripted.requests();
        requests.retain(|request| request.path.ends_with("/chat/completions"));
        requests
    }
}

pub(crate) async fn open_chat(data: &Path, scripted: &Scripted, change: fn(&mut Settings)) -> Chat {
    let mut settings = settings(data, scripted);
    change(&mut settings);
    Chat::open(settings).await.unwrap()
}

/// The provider has a model configured, so it is not asked for its list, and the first request it
/// records is that of the first answer.
pub(crate) fn settings(data: &Path, scripted: &Scripted) -> Settings {
    Settings {
        data: data.to_owned(),
        providers: vec![Provider {
            name: "scripted".to_owned(),
            base_url: scripted.base_url().parse().unwrap(),
            dialect: Dialect::default(),
            keys: Vec::new(),
            fallback: None,
            models: vec!["small".to_owned(), "large".to_owned()],
            facts: ModelFacts::default(),
            proxy: None,
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(5),
            max_tokens_field: None,
            client_key: false,
            note: None,
        }],
        model: None,
        title_model: None,
        continue_when_cut: true,
        auto: None,
        rules: Vec::new(),
        limits: Limits {
            max_message_bytes: 1_000,
            max_file_bytes: 100_000,
            max_files_per_message: 3,
            ..Limits::default()
        },
    }
}

/// A question that begins a conversation.
pub(crate) fn question(text: &str) -> Ask<'_> {
    Ask::new(Place::New { temporary: false }, text)
}

/// All that a reader was told.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) text: Delta,
    pub(crate) snapshots: usize,
    pub(crate) cursor: Sequence,
    pub(crate) end: Option<End>,
}

impl Heard {
    pub(crate) fn note(&mut self, sequence: Sequence, event: AnswerEvent) {
        assert_eq!(self.end, None, "nothing comes after the end");
        let is_end = matches!(event, AnswerEvent::End(_));
        assert!(is_end || sequence > self.cursor, "ids grow");
        self.cursor = sequence;
        match event {
            AnswerEvent::Delta(delta) => {
                self.text.content += &delta.content;
                self.text.reasoning += &delta.reasoning;
            }
            AnswerEvent::Snapshot(whole) => {
                self.text = Delta { content: whole.content, reasoning: whole.reasoning };
                self.snapshots += 1;
            }
            AnswerEvent::End(end) => self.end = Some(end),
        }
    }

    /// How the answer ended.
    pub(crate) fn end(&self) -> &End {
        self.end.as_ref().expect("the answer ended")
    }
}

/// Listens until nothing more comes.
pub(crate) async fn hear(mut follower: Follower) -> Heard {
    let mut heard = Heard::default();
    while let Some((sequence, event)) = within(follower.next()).await {
        heard.note(sequence, event);
    }
    heard
}

/// Listens until this much content has come.
pub(crate) async fn hear_content(follower: &mut Follower, content: &str) -> Heard {
    let mut heard = Heard::default();
    while heard.text.content.len() < content.len() {
        let (sequence, event) = within(follower.next()).await.expect("more content");
        heard.note(sequence, event);
    }
    assert_eq!(heard.text.content, content);
    heard
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it comes in time")
}
