//! Every word of the page, in each language.
//!
//! A language is one static: a word that is missing in one does not compile. Words that depend on
//! a number or a name are functions, because plurals and order are the language's own business.

mod attachments;
mod chinese;
#[cfg(feature = "ssr")]
mod inspect;
mod english;
#[cfg(feature = "ssr")]
mod keys;
mod library;
#[cfg(feature = "ssr")]
mod library_pages;
mod palette;
#[cfg(feature = "ssr")]
pub mod shipped;
#[cfg(feature = "ssr")]
mod tokens;
#[cfg(feature = "ssr")]
pub mod transfer;
#[cfg(feature = "ssr")]
mod usage;

pub use attachments::AttachmentWords;
pub use chinese::CHINESE;
pub use english::ENGLISH;
#[cfg(feature = "ssr")]
pub use keys::KeyWords;
pub use library::LibraryWords;
#[cfg(feature = "ssr")]
pub use library_pages::LibraryPageWords;
pub(crate) use palette::PaletteWords;
use protocol::{Choice, Failure, Seam};
#[cfg(feature = "ssr")]
pub use tokens::TokenWords;
#[cfg(feature = "ssr")]
pub use usage::UsageWords;

use crate::rpc::Problem;

/// A piece of text.
type Text = &'static str;

/// The words of a language, by where they stand.
#[derive(Debug)]
pub struct Words {
    /// Around everything.
    pub page: PageWords,
    /// The list of conversations.
    pub list: ListWords,
    /// The conversation and its messages.
    pub message: MessageWords,
    /// Where questions are written.
    pub composer: ComposerWords,
    /// Files, and what a question will take.
    pub attachment: AttachmentWords,
    /// Prompts, personas and models.
    pub library: LibraryWords,
    /// The pages for these, which only the server has.
    #[cfg(feature = "ssr")]
    pub library_pages: LibraryPageWords,
    /// Signing in.
    pub sign_in: SignInWords,
    /// The page of settings.
    #[cfg(feature = "ssr")]
    pub settings: SettingsWords,
    /// Import and export.
    #[cfg(feature = "ssr")]
    pub transfer: &'static transfer::TransferWords,
    /// What was sent for an answer.
    #[cfg(feature = "ssr")]
    pub inspect: &'static inspect::InspectWords,
    /// The providers' keys.
    #[cfg(feature = "ssr")]
    pub keys: &'static KeyWords,
    /// What was spent, and what models cost.
    #[cfg(feature = "ssr")]
    pub usage: &'static UsageWords,
    /// The tokens of programs.
    #[cfg(feature = "ssr")]
    pub tokens: &'static TokenWords,
    /// Why an answer failed, and what can be done.
    pub failure: fn(&Failure) -> (String, String),
    /// Why the server did not do what it was asked, and what can be done.
    pub problem: fn(&Problem) -> String,
}

/// Words around everything.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct PageWords {
    pub skip: Text,
    pub conversations: Text,
    pub new_chat: Text,
    pub answer_is_being_written: Text,
    pub answer_is_complete: Text,
    pub theme_system: Text,
    pub theme_light: Text,
    pub theme_dark: Text,
    pub sign_out: Text,
    pub settings: Text,
    pub close: Text,
    pub cancel: Text,
    pub save: Text,
    pub undo: Text,
    pub back: Text,
    pub temporary: Text,
    pub end_temporary: Text,
    pub prompts: Text,
    pub personas: Text,
    pub import: Text,
    pub usage: Text,
    pub palette: Text,
    pub palette_placeholder: Text,
    pub shortcuts: Text,
    pub write: Text,
    pub stop: Text,
    pub copy_last: Text,
    pub next_theme: Text,
    pub not_loaded: Text,
    pub not_copied: Text,
}

/// Words of the list of conversations.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct ListWords {
    pub close: Text,
    pub today: Text,
    pub yesterday: Text,
    pub last_7_days: Text,
    pub last_30_days: Text,
    pub older: Text,
    pub search: Text,
    pub nothing_found: Text,
    pub pinned: Text,
    pub folders: Text,
    pub archive_link: Text,
    pub menu: Text,
    pub title: Text,
    pub rename: Text,
    pub pin: Text,
    pub unpin: Text,
    pub archive: Text,
    pub unarchive: Text,
    pub folder: Text,
    pub no_folder: Text,
    pub new_folder: Text,
    pub move_: Text,
    pub export: Text,
    pub delete: Text,
    pub deleted: Text,
    pub archived: Text,
    pub manage_folder: Text,
    pub folder_name: Text,
    pub remove_folder: Text,
    pub archive_empty: Text,
    pub more: Text,
}

/// Words of the conversation and its messages.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct MessageWords {
    /// What the renderer puts beside the text of an answer.
    pub labels: markdown::Labels,
    pub you: Text,
    pub answer: Text,
    pub thinking: Text,
    pub thinking_for: fn(&str) -> String,
    pub thought_for: fn(&str) -> String,
    pub reasoning: Text,
    pub waiting: Text,
    pub offline: Text,
    pub reconnecting: Text,
    pub stop: Text,
    pub show_as_it_comes: Text,
    pub copied: Text,
    pub copy_answer: Text,
    pub answer_again: Text,
    pub continue_: Text,
    pub retry: Text,
    pub reached_limit: Text,
    pub filtered: Text,
    pub stopped: Text,
    pub interrupted: Text,
    /// Where another upstream went on with an answer.
    pub seam: fn(&Seam) -> String,
    /// A length of time in milliseconds, as a person says it.
    pub duration: fn(u64) -> String,
    pub to_latest: Text,
    pub show_with_buttons: Text,
    pub welcome: Text,
    pub add_a_key: Text,
    pub add_a_key_how: Text,
    pub add_a_key_more: Text,
    pub not_found: Text,
    pub not_found_why: Text,
    pub begin_new: Text,
    pub copy: Text,
    pub copy_refused: Text,
    pub edit: Text,
    pub more: Text,
    pub versions: Text,
    pub version_before: Text,
    pub version_after: Text,
    pub copy_rich: Text,
    pub read_aloud: Text,
    pub stop_reading: Text,
    pub fork: Text,
    pub delete: Text,
    pub delete_asks: Text,
    pub delete_really: Text,
    pub inspect: Text,
    pub answer_with: Text,
    pub model: Text,
    pub went_on: Text,
    pub chosen: Text,
    pub choice: fn(&Choice) -> String,
    pub first_token: Text,
    pub speed: Text,
    pub tokens_in: Text,
    pub tokens_cached: Text,
    pub tokens_out: Text,
    pub tokens_reasoning: Text,
    pub cost: Text,
    /// What it costs to ask a model of one's own.
    pub free: Text,
    pub older: Text,
    pub quote: Text,
}

/// Words of the composer.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct ComposerWords {
    pub message: Text,
    pub placeholder: Text,
    pub send: Text,
    pub stop: Text,
    pub model: Text,
    pub queue: Text,
    pub queued: Text,
    pub send_now: Text,
    pub take_back: Text,
    pub editing: Text,
}

/// Words for signing in.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct SignInWords {
    pub title: Text,
    pub password: Text,
    pub submit: Text,
}

/// Words of the page of settings.
#[cfg(feature = "ssr")]
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct SettingsWords {
    pub search: Text,
    pub nothing: Text,
    pub saved: Text,
    pub appearance: Text,
    pub theme: Text,
    pub theme_effect: Text,
    pub theme_system: Text,
    pub theme_light: Text,
    pub theme_dark: Text,
    pub language: Text,
    pub language_effect: Text,
    pub size: Text,
    pub size_effect: Text,
    /// In the order of `TextSize::ALL`; the same holds for the others.
    pub sizes: [Text; 4],
    pub density: Text,
    pub density_effect: Text,
    pub densities: [Text; 2],
    pub width: Text,
    pub width_effect: Text,
    pub widths: [Text; 3],
    pub code: Text,
    pub code_effect: Text,
    pub codes: [Text; 3],
    pub data: Text,
    pub prompts_effect: Text,
    pub personas_effect: Text,
    pub archive_effect: Text,
    pub import_effect: Text,
    pub usage_effect: Text,
    pub export_all: Text,
    pub export_all_effect: Text,
}
