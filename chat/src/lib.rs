//! The engine: conversations, the answers in them, and the upstreams that write those.
//!
//! It knows nothing of HTTP servers and nothing of pages. [`Chat`] is the door: it stores what a
//! person asks, has an upstream answer, and lets any number of readers follow. Nothing is shown
//! before it is stored.

mod engine;
mod conversation;
mod answer;
mod journal;
mod context;
mod title;
mod providers;
pub mod upstream;
pub mod ledger;
mod store;

pub use answer::{ContinueError, Continued, StopOutcome};
pub use conversation::{Ask, AskError, Asked, Conversation};
pub use engine::{Chat, Limits, OpenError, Settings};
pub use journal::Follower;
pub use providers::ProviderModels;
pub use store::{Answer, ConversationSummary, Message, StoreError, now_ms};
