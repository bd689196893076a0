//! The engine: conversations, the answers in them, and the upstreams that write those.
//!
//! It knows nothing of HTTP servers and nothing of pages. [`Chat`] is the door: it stores what a
//! person asks, has an upstream answer, and lets any number of readers follow. Nothing is shown
//! before it is stored.

mod engine;
mod accounts;
mod conversation;
mod asking;
mod branches;
mod inspect;
mod organise;
mod queue;
mod search;
mod notices;
mod answer;
mod journal;
mod resume;
mod context;
mod files;
pub mod auto;
mod aside;
mod title;
mod transfer;
mod providers;
pub mod prices;
pub mod limits;
pub mod usage;
mod parameters;
mod conversation_settings;
mod personas;
mod prompts;
mod preferences;
mod save;
mod relay;
pub mod upstream;
pub mod ledger;
mod store;

pub use accounts::{ApiToken, Caller, NewToken, PersonId, Scope, TokenId, TokenText};
pub use answer::{ContinueError, Continued, StopOutcome};
pub use asking::{Ask, AskError, Asked, Place};
pub use branches::{BranchError, Page, Shown};
pub use conversation::Conversation;
pub use conversation_settings::ConversationSettings;
pub use engine::{Chat, Limits, OpenError, Settings};
pub use files::{File, FileError};
pub use inspect::{InspectError, Sent};
pub use journal::Follower;
pub use limits::{Admission, AdmitError, Allowance, Permit};
pub use notices::NoticeReader;
pub use organise::{MAX_NAME_CHARS, NameError, Watching};
pub use parameters::{ParameterError, ParameterField, ParameterTexts, Parameters, ReasoningEffort};
pub use personas::{Persona, Profile};
pub use preferences::Preferences;
pub use prompts::{
    ImportError, ImportedPrompts, MOST_PROMPTS, PromptText, SavedPrompt, read_prompts, variables,
    with_plain_variables,
};
pub use providers::ProviderModels;
pub use relay::{
    BodyError, RelayBody, RelayError, RelayRequest, Relayed, RelayedBody, RelayedPieces, Wish,
    WishError,
};
pub use save::SaveError;
pub use search::{Hit, Part};
pub use store::{
    Answer, Change, ConversationSummary, Folder, ListCursor, Listed, Message, Queued, StoreError,
    now_ms,
};
pub use transfer::{FindContent, ImportOutcome, Imported, ImportedFiles};
