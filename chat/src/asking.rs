//! Asking: a question is stored, and its answer begun.

use protocol::{ConversationId, FileId, FileInfo, LimitReached, MessageId, QueuedId, Role};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    answer::{Job, Start, chat_call},
    auto::{AUTO, Decision, Subject},
    context::{self, Unfit},
    conversation_settings::ConversationSettings,
    engine::Chat,
    limits::AdmitError,
    providers::{Picked, Route},
    save::{self, SaveError},
    store::{Message, NewAnswer, NewMessage, StoreError, StoredText, now_ms},
    title,
};

/// Where a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a conversation that it begins.
    New {
        /// The conversation is in no list, and goes when its page is closed.
        temporary: bool,
    },
    /// At the end of the path that is shown.
    End(ConversationId),
    /// Beside a question that it says in another way.
    InsteadOf(MessageId),
}

/// A question.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Where it is asked.
    pub place: Place,
    /// Its text.
    pub text: &'a str,
    /// Who is to answer from here on, as `provider/model` or a model's name; `None` for whoever
    /// the conversation's settings name.
    pub model: Option<&'a str>,
    /// What it was while it waited in the queue, which it leaves.
    pub queued: Option<QueuedId>,
    /// The files that are sent with it, in this order. A question with files needs no text. One
    /// that is asked instead of another has the files of that before its own.
    pub files: &'a [FileId],
    /// How a conversation that is begun is answered. For one that exists this means nothing, see
    /// [`Chat::set_conversation_settings`].
    pub settings: Option<&'a ConversationSettings>,
}

impl<'a> Ask<'a> {
    /// A question to the default model, without files.
    pub const fn new(place: Place, text: &'a str) -> Self {
        Self { place, text, model: None, queued: None, files: &[], settings: None }
    }
}

/// A question that is stored, and the answer that is being written to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The conversation.
    pub conversation: ConversationId,
    /// The question.
    pub question: MessageId,
    /// The answer.
    pub answer: MessageId,
    /// Who answers, for a heading: the model, or the provider while the model is not known.
    pub model: String,
}

/// Why a question was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It has no text.
    #[error("there is nothing to send")]
    Empty,
    /// It is too long.
    #[error("the message has {bytes} bytes, and {limit} are allowed (limits.max_message_bytes)")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The longest allowed.
        limit: usize,
    },
    /// Too many answers are being written.
    #[error(
        "{limit} answers are being written, and no more are allowed at once (limits.max_open_answers); wait for one to end"
    )]
    Busy {
        /// The most allowed.
        limit: usize,
    },
    /// Too many questions wait already.
    #[error("{limit} questions wait in this conversation, and no more can")]
    QueueFull {
        /// The most allowed.
        limit: usize,
    },
    /// There is no such conversation, or no such answer.
    #[error("there is no such conversation")]
    NotFound,
    /// It has too many files.
    #[error("a question may have {limit} files (limits.max_files_per_message)")]
    TooManyFiles {
        /// The most allowed.
        limit: usize,
    },
    /// One of its files is not there: it was never added, or was removed after a day.
    #[error("one of the files is not there any more; add it again")]
    NoSuchFile,
    /// There are pictures in the conversation, and the model reads none.
    #[error("{model} cannot read pictures; choose a model that can, or leave them out")]
    CannotSee {
        /// The model.
        model: String,
    },
    /// The question alone does not fit into the model's context window.
    #[error(
        "the question takes about {tokens} tokens, and {model} reads {window} at most; shorten it, or choose a model with a larger context window"
    )]
    LargerThanWindow {
        /// About how many tokens it takes, instructions included.
        tokens: u64,
        /// The context window, in tokens.
        window: u64,
        /// The model.
        model: String,
    },
    /// It would go beyond a limit that the owner has set.
    #[error(transparent)]
    Limit(LimitReached),
    /// The settings for the conversation cannot be kept.
    #[error(transparent)]
    Settings(SaveError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AdmitError> for AskError {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Limit(reached) => Self::Limit(reached),
            AdmitError::Store(error) => Self::Store(error),
        }
    }
}

impl Chat {
    /// Stores a question with an empty answer, and has the answer written. When this returns, the
    /// question survives power loss.
    pub async fn ask(&self, ask: Ask<'_>) -> Result<Asked, AskError> {
        let files = self.files_to_send(&ask).await?;
        let text = checked(ask.text, &files, self.inner.limits.max_message_bytes)?;
        let store = &self.inner.store;
        let (conversation, leaf) = match ask.place {
            Place::New { .. } => (ConversationId(Uuid::now_v7()), None),
            Place::End(id) => {
                let (_, leaf) = store.conversation(id).await?.ok_or(AskError::NotFound)?;
                (id, leaf)
            }
            Place::InsteadOf(question) => {
                store.place_of(question).await?.ok_or(AskError::NotFound)?
            }
        };
        let stored = match ask.place {
            Place::New { .. } => ConversationSettings::default(),
            _ => store.conversation_settings(conversation).await?.unwrap_or_default(),
        };
        let mut settings = match (ask.place, ask.settings) {
            (Place::New { .. }, Some(settings)) => {
                settings.checked().map_err(AskError::Settings)?
            }
            _ => stored.clone(),
        };
        self.pick_model(&mut settings, ask.model)?;
        let now = now_ms();
        let question = MessageId(Uuid::now_v7());
        let mut path = match leaf {
            Some(leaf) => self.live_path(leaf).await?,
            None => Vec::new(),
        };
        let mut write = store.durable().await?;
        if let Some(queued) = ask.queued {
            // Another page may have sent it, or taken it back, in this moment.
            write.take_queued(queued).await?.ok_or(AskError::NotFound)?;
        }
        let mut is_findable = true;
        if let Place::New { temporary } = ask.place {
            let named_after =
                files.first().filter(|_| text.is_empty()).map_or(&text, |file| &file.name);
            let title = title::first_words(named_after);
            write.add_conversation(conversation, &title, temporary, now).await?;
            is_findable = !temporary;
            if is_findable {
                write.make_title_findable(conversation, &title).await?;
            }
        } else if let Some((summary, _)) = store.conversation(conversation).await? {
            is_findable = !summary.temporary;
        }
        if settings != stored {
            write.set_conversation_settings(conversation, &settings).await?;
        }
        write
            .add_message(NewMessage {
                id: question,
                conversation,
                parent: leaf,
                role: Role::User,
                content: &text,
                created_at: now,
            })
            .await?;
        write.attach_files(question, &files).await?;
        if is_findable {
            write.make_findable(conversation, question, &text).await?;
        }
        // A temporary conversation has no place where a title would stand.
        let title_from = (path.is_empty() && is_findable).then(|| text.clone());
        path.push(Message {
            id: question,
            parent: leaf,
            role: Role::User,
            content: text,
            created_at: now,
            answer: None,
            files,
        });
        self.begin_answer(write, conversation, path, settings, title_from).await
    }

    /// Keeps the model that was picked with a question. The default is not kept, so that the
    /// conversation follows when it changes: forms without scripts name it with every question.
    fn pick_model(
        &self,
        settings: &mut ConversationSettings,
        picked: Option<&str>,
    ) -> Result<(), AskError> {
        let picked = save::model(picked).map_err(AskError::Settings)?;
        if picked.is_some() && (settings.model.is_some() || picked != self.default_model()) {
            settings.model = picked;
        }
        Ok(())
    }

    /// Answers the same question again, beside the answer there is. A question whose answer was deleted
    /// is named itself.
    pub async fn retry(&self, message: MessageId, model: Option<&str>) -> Result<Asked, AskError> {
        let store = &self.inner.store;
        let (conversation, _) = store.place_of(message).await?.ok_or(AskError::NotFound)?;
        let mut path = self.live_path(message).await?;
        path.pop_if(|last| last.role == Role::Assistant);
        let mut settings = store.conversation_settings(conversation).await?.unwrap_or_default();
        // Another model for one answer is not another one for the conversation.
        if let Some(model) = model.filter(|model| !model.is_empty()) {
            settings.model = Some(model.to_owned());
        }
        let write = store.durable().await?;
        self.begin_answer(write, conversation, path, settings, None).await
    }

    /// Stores an open answer to the last message of `path`, together with what `write` holds, and
    /// has it written.
    async fn begin_answer(
        &self,
        mut write: crate::store::Write,
        conversation: ConversationId,
        mut path: Vec<Message>,
        settings: ConversationSettings,
        title_from: Option<String>,
    ) -> Result<Asked, AskError> {
        let inner = &self.inner;
        // Checked while nobody else can write, so that two cannot take the last place.
        if let Some(limit) = inner.full() {
            return Err(AskError::Busy { limit });
        }
        let question = path.last().map(|message| message.id).ok_or(AskError::NotFound)?;
        let answer = MessageId(Uuid::now_v7());
        let wanted = settings.model.clone().or_else(|| inner.preferred_model());
        context::instruct(&mut path, &settings.system_prompt);
        let subject = Subject::of_path(&path);
        let (start, route, picked, choice) = match inner.decide(wanted.as_deref(), &subject) {
            Decision::Made(wanted, choice) => {
                let (turn, route) = inner.providers.set_out(wanted.clone());
                let picked = turn.as_ref().ok().map(|turn| turn.picked.clone()).or(wanted);
                (Start::from(turn), route, picked, choice)
            }
            Decision::Open => (Start::Choose(subject), Route::default(), None, None),
        };
        let is_undecided = matches!(start, Start::Choose(_));
        let permit = inner.admit_answer(picked.as_ref(), Some(context::turns(&path))).await?;
        let parameters = inner.fields(&settings, picked.as_ref());
        let named =
            |picked: &Picked| (picked.upstream.provider().name.clone(), picked.model.clone());
        let (provider, model) = match is_undecided {
            true => (String::new(), Some(AUTO.to_owned())),
            false => picked.as_ref().map(named).unwrap_or_default(),
        };
        let left_out = match is_undecided {
            // The model that is chosen says what fits.
            true => 0,
            false => {
                let known = picked.as_ref().and_then(|picked| inner.providers.known(picked));
                context::fit(&mut path, known.as_ref())
                    .map_err(|unfit| refused(unfit, model.as_deref().unwrap_or(&provider)))?
            }
        };
        write
            .add_message(NewMessage {
                id: answer,
                conversation,
                parent: Some(question),
                role: Role::Assistant,
                content: "",
                created_at: now_ms(),
            })
            .await?;
        write
            .add_answer(NewAnswer {
                id: answer,
                provider: &provider,
                model: model.as_deref().unwrap_or_default(),
                parameters: &Value::from(parameters).to_string(),
                left_out,
                choice: choice.as_ref(),
            })
            .await?;
        let call = match &start {
            Start::Ask(turn) => {
                Some(write.open_call(chat_call(conversation, answer, turn), now_ms()).await?)
            }
            _ => None,
        };
        // Opened before the commit, so that whoever sees the stored answer can follow it.
        let open = inner.journal.open(answer, StoredText::default());
        let job = Job {
            conversation,
            answer: open,
            picked,
            route,
            call,
            permit,
            messages: path,
            left_out,
            settings,
            seams: Vec::new(),
            choice,
            title_from,
        };
        self.begin(write, job, start).await?;
        inner.notice_list();
        inner.notice_conversation(conversation);
        Ok(Asked { conversation, question, answer, model: model.unwrap_or(provider) })
    }

    /// The files that a question is sent with.
    async fn files_to_send(&self, ask: &Ask<'_>) -> Result<Vec<FileInfo>, AskError> {
        let mut files = match ask.place {
            Place::InsteadOf(question) => self.inner.store.files_of(question).await?,
            Place::New { .. } | Place::End(_) => Vec::new(),
        };
        files.extend(self.known_files(ask.files).await?);
        let limit = self.inner.limits.max_files_per_message;
        if files.len() > limit {
            return Err(AskError::TooManyFiles { limit });
        }
        Ok(files)
    }

    /// What is shown of these files, all of which must be there.
    pub(crate) async fn known_files(&self, ids: &[FileId]) -> Result<Vec<FileInfo>, AskError> {
        let limit = self.inner.limits.max_files_per_message;
        if ids.len() > limit {
            return Err(AskError::TooManyFiles { limit });
        }
        let files = self.inner.store.file_infos(ids).await?;
        if files.len() < ids.len() {
            return Err(AskError::NoSuchFile);
        }
        Ok(files)
    }
}

/// A question as it is stored, if it can be.
pub(crate) fn checked(text: &str, files: &[FileInfo], limit: usize) -> Result<String, AskError> {
    // SQLite's text functions end at a NUL, so one would cut the text off when it is read back.
    let text = text.replace('\0', "\u{FFFD}");
    let text = text.trim_end();
    if text.trim_start().is_empty() && files.is_empty() {
        return Err(AskError::Empty);
    }
    if text.len() > limit {
        return Err(AskError::TooLong { bytes: text.len(), limit });
    }
    Ok(text.to_owned())
}

/// Why a model is not asked, in the words of the door.
fn refused(unfit: Unfit, model: &str) -> AskError {
    let model = model.to_owned();
    match unfit {
        Unfit::CannotSee => AskError::CannotSee { model },
        Unfit::TooLong { tokens, window } => AskError::LargerThanWindow { tokens, window, model },
    }
}
