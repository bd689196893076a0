//! What the user sees: the page, its parts and its state.
//!
//! The server renders the whole page to HTML that can be read and used without scripts; the
//! browser then hydrates it from the same code. Reading and asking go through the thin server
//! functions in [`rpc`]; answers arrive as server-sent events, see `browser/events.rs`.
//!
//! There are two kinds of addresses, `/` and `/c/{id}`, and one component for both, so moving
//! between conversations is a signal and not a router.

pub mod view;
pub mod library_view;
pub mod rpc;
mod state;
mod page;
mod aside;
mod part;
mod sidebar;
mod menu;
mod conversation_menu;
mod transcript;
mod message;
mod outcome;
mod message_menu;
mod palette;
mod composer;
mod queue;
mod attachments;
mod estimate;
mod library_state;
mod begin;
mod fill_in;
mod slash;
mod model_picker;
mod settings_sheet;
mod theme;
pub mod words;
mod language;
mod look;
mod icon;
mod browser;
mod worker;
#[cfg(feature = "ssr")]
mod load;
#[cfg(feature = "ssr")]
mod renderer;
#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
mod plain_page;
#[cfg(feature = "ssr")]
mod keys_section;
#[cfg(feature = "ssr")]
mod settings;
#[cfg(feature = "ssr")]
mod prices_section;
#[cfg(feature = "ssr")]
mod usage_page;
#[cfg(feature = "ssr")]
mod archive;
#[cfg(feature = "ssr")]
mod inspect;
#[cfg(feature = "ssr")]
pub mod import_page;
#[cfg(feature = "ssr")]
mod plain_form;
#[cfg(feature = "ssr")]
mod parameters;
#[cfg(feature = "ssr")]
mod prompts_page;
#[cfg(feature = "ssr")]
mod tokens_page;
#[cfg(feature = "ssr")]
mod personas_page;
#[cfg(feature = "ssr")]
mod conversation_settings;
#[cfg(feature = "ssr")]
mod load_library;

#[cfg(feature = "ssr")]
pub use archive::archive_document;
#[cfg(feature = "ssr")]
pub use conversation_settings::{
    SettingsForm, change as change_settings, conversation_settings_page,
};
#[cfg(feature = "ssr")]
pub use document::{Assets, document, sign_in_document};
#[cfg(feature = "ssr")]
pub use inspect::inspect_document;
pub use language::{Language, words};
#[cfg(feature = "ssr")]
pub use load::{Extent, PageRequest, load_page, more};
pub use look::{CodeTheme, Density, Look, TextSize, Width};
pub use message::CONTINUES_HERE;
pub use page::Page;
#[cfg(feature = "ssr")]
pub use parameters::{ParametersSection, parameters_page};
#[cfg(feature = "ssr")]
pub use personas_page::{PersonaForm, persona_page, personas_page};
#[cfg(feature = "ssr")]
pub use plain_page::plain_page;
#[cfg(feature = "ssr")]
pub use prompts_page::{PromptsPage, exported, prompt_page, prompts_page};
#[cfg(feature = "ssr")]
pub use renderer::{Renderer, render_options};
#[cfg(feature = "ssr")]
pub use settings::settings_document;
pub use theme::Theme;
#[cfg(feature = "ssr")]
pub use tokens_page::{TOKEN_DAYS, TokensPage, tokens_page};
#[cfg(feature = "ssr")]
pub use usage_page::{UsageQuery, usage_page};
pub use worker::colour;
