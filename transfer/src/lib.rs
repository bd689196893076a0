//! Conversations in from elsewhere, and out again.
//!
//! [`read`] takes a file that another program exported, finds out by its content which one that was,
//! and gives its conversations in one neutral form, [`Conversation`]. [`markdown()`], [`html()`] and
//! [`json()`] write that form; [`Archive`] packs many of them into one ZIP.
//!
//! The crate knows neither a database nor HTTP, and it writes no file. What it reads is hostile: a
//! broken entry is left out and reported, nothing is done by recursion over the depth of the input,
//! and what a ZIP unpacks to is bounded.

mod model;
mod identity;
mod read;
mod write;

pub use identity::{conversation_id, message_id};
pub use model::{Conversation, Message, SentFile, Source};
pub use read::{Contents, Import, ImportError, Limits, Reason, Skipped, read};
pub use write::{Archive, Format, html, json, markdown};
