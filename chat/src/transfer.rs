//! Conversations in from elsewhere, and out again, in the form of the `transfer` crate.
//!
//! An import is idempotent: ids follow from the source's own, so importing a file twice adds nothing,
//! and a later export of a conversation adds the messages that are new in it.

mod files;

use std::collections::{HashMap, HashSet};

use protocol::{ConversationId, FolderId, MessageId, Role};
use transfer::{Conversation, SentFile, Source};
use uuid::Uuid;

pub use files::{FindContent, ImportedFiles};

use crate::{
    engine::Chat,
    store::{Message, NewConversation, Store, StoreError, StoredTree, WholeMessage, Write, now_ms},
};

/// How many messages are stored in one transaction at most. Questions wait while one is written.
const BATCH_MESSAGES: usize = 500;

/// How many bytes of text a transaction holds before the next one begins.
const BATCH_BYTES: usize = 1 << 20;

/// How many ids of conversations are read at once.
const PAGE: u32 = 200;

/// What an import does, or would do, with one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// The id it has here.
    pub id: ConversationId,
    /// It was not here before, or in the bin.
    pub is_new: bool,
    /// How many of its messages were not here before.
    pub new_messages: usize,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOutcome {
    /// Each conversation, in the order given.
    pub conversations: Vec<Imported>,
}

impl ImportOutcome {
    /// How many conversations were not here before.
    pub fn added(&self) -> usize {
        self.conversations.iter().filter(|one| one.is_new).count()
    }

    /// How many were here and got messages.
    pub fn extended(&self) -> usize {
        self.conversations.iter().filter(|one| !one.is_new && one.new_messages > 0).count()
    }

    /// How many were here with everything in them.
    pub fn already_there(&self) -> usize {
        self.conversations.iter().filter(|one| !one.is_new && one.new_messages == 0).count()
    }

    /// How many messages were not here before.
    pub fn messages(&self) -> usize {
        self.conversations.iter().map(|one| one.new_messages).sum()
    }
}

impl Chat {
    /// What [`import`](Self::import) would do. Nothing is stored.
    pub async fn preview_import(
        &self,
        source: Source,
        conversations: &[Conversation],
    ) -> Result<ImportOutcome, StoreError> {
        let mut outcome = ImportOutcome::default();
        let mut named = HashSet::new();
        for conversation in conversations {
            let plan = Plan::new(&self.inner.store, source, conversation, &mut named).await?;
            outcome.conversations.push(plan.outcome(plan.new_messages()));
        }
        Ok(outcome)
    }

    /// Stores what is new in these conversations. It may take a while, but stores in small steps,
    /// each of which survives power loss; if it is cut off, the same import again completes it.
    pub async fn import(
        &self,
        source: Source,
        conversations: &[Conversation],
    ) -> Result<ImportOutcome, StoreError> {
        let store = &self.inner.store;
        let mut outcome = ImportOutcome::default();
        let mut batch = Batch::new(store);
        let mut named = HashSet::new();
        for conversation in conversations {
            let plan = Plan::new(store, source, conversation, &mut named).await?;
            let added = plan.store(&mut batch, source, conversation).await?;
            outcome.conversations.push(plan.outcome(added));
        }
        batch.commit().await?;
        self.inner.notice_list();
        for one in outcome.conversations.iter().filter(|one| !one.is_new && one.new_messages > 0) {
            self.inner.notice_conversation(one.id);
        }
        Ok(outcome)
    }

    /// A conversation with all its branches, or `None` if there is none of that id.
    pub async fn export(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        let Some((conversation, leaf, mut messages)) =
            self.inner.store.whole_conversation(id).await?
        else {
            return Ok(None);
        };
        self.bring_up_to_date(&mut messages).await?;
        let files = self.inner.store.sent_files(id).await?;
        Ok(Some(exported(conversation, leaf, messages, files)))
    }

    /// The ids of the conversations behind the one given, for an export of all: some of them, and
    /// none at the end.
    pub async fn ids_to_export(
        &self,
        after: Option<ConversationId>,
    ) -> Result<Vec<ConversationId>, StoreError> {
        self.inner.store.conversation_ids(after, PAGE).await
    }
}

/// What is to be done with a conversation.
struct Plan {
    id: ConversationId,
    /// The ids of its messages, in their order.
    messages: Vec<MessageId>,
    stored: Option<StoredTree>,
}

impl Plan {
    /// `named` are the messages that files of our own have named so far.
    async fn new(
        store: &Store,
        source: Source,
        conversation: &Conversation,
        named: &mut HashSet<MessageId>,
    ) -> Result<Self, StoreError> {
        let id = transfer::conversation_id(source, &conversation.key);
        let stored = store.stored_tree(id).await?;
        let mut messages = Vec::with_capacity(conversation.messages.len());
        for message in &conversation.messages {
            let mut message = transfer::message_id(source, id, &message.key);
            let is_here = stored.as_ref().is_some_and(|stored| stored.messages.contains(&message));
            // Only a file of our own can name messages of another conversation, if it was edited.
            if source == Source::Inglenook
                && !is_here
                && (!named.insert(message) || store.place_of(message).await?.is_some())
            {
                message = MessageId(Uuid::new_v5(&id.0, message.0.as_bytes()));
            }
            messages.push(message);
        }
        Ok(Self { id, messages, stored })
    }

    fn is_stored(&self, message: MessageId) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.messages.contains(&message))
    }

    fn new_messages(&self) -> usize {
        self.messages.iter().filter(|message| !self.is_stored(**message)).count()
    }

    fn outcome(&self, new_messages: usize) -> Imported {
        let is_new = self.stored.as_ref().is_none_or(|stored| stored.in_bin);
        Imported { id: self.id, is_new, new_messages }
    }

    /// Stores what is not stored yet. Returns how many messages that were.
    async fn store(
        &self,
        batch: &mut Batch<'_>,
        source: Source,
        conversation: &Conversation,
    ) -> Result<usize, StoreError> {
        let now = now_ms();
        // What is said to come from the future would stand above everything for as long.
        let or_now = |time: i64| if (1..=now).contains(&time) { time } else { now };
        if self.stored.as_ref().is_none_or(|stored| stored.in_bin) {
            let folder = match &conversation.folder {
                Some(name) => Some(batch.folder(name).await?),
                None => None,
            };
            let new = NewConversation {
                id: self.id,
                title: &conversation.title,
                created_at: or_now(conversation.created_at),
                updated_at: or_now(conversation.updated_at),
                pinned: conversation.pinned,
                archived: conversation.archived,
                folder,
                system: conversation.system.as_deref().unwrap_or_default(),
            };
            let write = batch.write(0).await?;
            write.import_conversation(new).await?;
            write.make_title_findable(self.id, &conversation.title).await?;
        }
        let mut added = 0;
        for (message, id) in conversation.messages.iter().zip(&self.messages) {
            if self.is_stored(*id) {
                continue;
            }
            let new = WholeMessage {
                id: *id,
                conversation: self.id,
                parent: message.parent.and_then(|parent| self.messages.get(parent).copied()),
                role: message.role,
                content: &message.content,
                reasoning: &message.reasoning,
                provider: source.name(),
                model: message.model.as_deref().unwrap_or_default(),
                created_at: or_now(message.created_at),
            };
            let write = batch.write(message.content.len() + message.reasoning.len()).await?;
            if write.import_message(new).await? {
                write.make_findable(self.id, *id, &message.content).await?;
                added += 1;
            }
        }
        // Whoever went on here with an imported conversation stays where they are.
        let before = self.stored.as_ref().and_then(|stored| stored.leaf);
        let goes_on = before.is_none_or(|before| self.messages.contains(&before));
        let leaf = conversation.active.and_then(|active| self.messages.get(active).copied());
        if let Some(leaf) = leaf
            && goes_on
            && (added > 0 || before.is_none())
        {
            let write = batch.write(0).await?;
            write.show_imported(self.id, before, leaf, or_now(conversation.updated_at)).await?;
        }
        Ok(added)
    }
}

/// Transactions one after the other, none of them large.
struct Batch<'a> {
    store: &'a Store,
    write: Option<Write>,
    messages: usize,
    bytes: usize,
    /// Folders that were found or made, by their names.
    folders: HashMap<String, FolderId>,
}

impl<'a> Batch<'a> {
    fn new(store: &'a Store) -> Self {
        Self { store, write: None, messages: 0, bytes: 0, folders: HashMap::new() }
    }

    /// The folder of a name, which is made if there is none.
    async fn folder(&mut self, name: &str) -> Result<FolderId, StoreError> {
        if let Some(known) = self.folders.get(name) {
            return Ok(*known);
        }
        let id = match self.store.folder_named(name).await? {
            Some(id) => id,
            None => {
                let id = FolderId(Uuid::now_v7());
                self.write(0).await?.add_folder(id, name, now_ms()).await?;
                id
            }
        };
        self.folders.insert(name.to_owned(), id);
        Ok(id)
    }

    /// The transaction for a message with so many bytes.
    async fn write(&mut self, bytes: usize) -> Result<&mut Write, StoreError> {
        if self.messages >= BATCH_MESSAGES || self.bytes >= BATCH_BYTES {
            self.commit().await?;
        }
        self.messages += 1;
        self.bytes += bytes;
        if self.write.is_none() {
            self.write = Some(self.store.durable().await?);
        }
        self.write.as_mut().ok_or(StoreError::Unreadable { what: "transaction" })
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        (self.messages, self.bytes) = (0, 0);
        match self.write.take() {
            Some(write) => write.commit().await,
            None => Ok(()),
        }
    }
}

/// Puts the messages of a tree, given in any order, behind their parents.
fn exported(
    mut conversation: Conversation,
    leaf: Option<MessageId>,
    messages: Vec<Message>,
    mut files: HashMap<MessageId, Vec<SentFile>>,
) -> Conversation {
    let mut replies: HashMap<Option<MessageId>, Vec<Message>> = HashMap::new();
    for message in messages {
        replies.entry(message.parent).or_default().push(message);
    }
    let mut open: Vec<(Option<usize>, Message)> = Vec::new();
    let mut below = |open: &mut Vec<_>, id: Option<MessageId>, parent: Option<usize>| {
        let replies = replies.remove(&id).unwrap_or_default();
        open.extend(replies.into_iter().rev().map(|message| (parent, message)));
    };
    below(&mut open, None, None);
    while let Some((parent, message)) = open.pop() {
        let index = conversation.messages.len();
        if leaf == Some(message.id) {
            conversation.active = Some(index);
        }
        below(&mut open, Some(message.id), Some(index));
        let files = files.remove(&message.id).unwrap_or_default();
        conversation.messages.push(exported_message(parent, message, files));
    }
    conversation
}

fn exported_message(
    parent: Option<usize>,
    message: Message,
    files: Vec<SentFile>,
) -> transfer::Message {
    let (reasoning, model) = match message.answer {
        Some(answer) if message.role == Role::Assistant => (answer.reasoning, answer.model),
        _ => Default::default(),
    };
    transfer::Message {
        key: message.id.to_string(),
        parent,
        role: message.role,
        content: message.content,
        reasoning,
        model: (!model.is_empty()).then_some(model),
        created_at: message.created_at,
        files,
    }
}
