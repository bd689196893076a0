//! The life of answers, through the engine's own door, against an upstream that plays scripts.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]

// The files of an integration test lie beside it by default, where each would be a test of its own.
#[path = "answers/house.rs"]
mod house;
#[path = "answers/endings.rs"]
mod endings;
#[path = "answers/stopping.rs"]
mod stopping;
#[path = "answers/continuing.rs"]
mod continuing;
#[path = "answers/accounts.rs"]
mod accounts;
#[path = "answers/taking_over.rs"]
mod taking_over;
#[path = "answers/choosing.rs"]
mod choosing;
#[path = "answers/background.rs"]
mod background;
#[path = "answers/asking.rs"]
mod asking;
#[path = "answers/files.rs"]
mod files;
#[path = "answers/leaving.rs"]
mod leaving;
#[path = "answers/titles.rs"]
mod titles;
#[path = "answers/storage.rs"]
mod storage;
#[path = "answers/money.rs"]
mod money;
#[path = "answers/limits.rs"]
mod limits;
#[path = "answers/readers.rs"]
mod readers;
#[path = "answers/branches.rs"]
mod branches;
#[path = "answers/inspecting.rs"]
mod inspecting;
#[path = "answers/organising.rs"]
mod organising;
#[path = "answers/waiting.rs"]
mod waiting;
#[path = "answers/searching.rs"]
mod searching;
#[path = "answers/settings.rs"]
mod settings;
#[path = "answers/library.rs"]
mod library;
#[path = "answers/relaying.rs"]
mod relaying;
#[path = "answers/relaying_elsewhere.rs"]
mod relaying_elsewhere;
#[path = "answers/costs.rs"]
mod costs;

use house::*;
