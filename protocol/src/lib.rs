//! What the browser and the server say to each other: ids, messages, the events of an answer.
//!
//! The types here are wire types. They know neither the database nor the page, and a field
//! appears in them only because a browser needs it.

mod choice;
mod event;
mod failure;
mod file;
mod id;
mod limit;
mod message;
mod model;
pub mod money;
mod notice;
pub mod tokens;
mod usage;

pub use choice::{Choice, ChosenBy};
pub use event::{AnswerEvent, Delta, End, Seam, Sequence, Snapshot};
pub use failure::{Failure, FailureKind, in_words};
pub use file::{Bytes, FileInfo, FileKind, FileProblem};
pub use id::{
    ConversationId, FileId, FolderId, InvalidId, MessageId, PersonaId, PromptId, QueuedId,
};
pub use limit::{LimitKind, LimitReached};
pub use message::{AnswerStatus, Role};
pub use model::{ModelInfo, Price};
pub use notice::{Changed, Notice};
pub use usage::{Timings, Usage};
