//! An upstream that plays a script in any of the dialects that upstreams speak, for tests.
//!
//! ```no_run
//! # async fn example() {
//! use scripted_upstream::{Script, Upstream};
//!
//! let upstream = Upstream::start().await;
//! upstream.push(Script::new().delta("Hel").pause(20).delta("lo").cut());
//! // … a client asks for POST {base_url}/chat/completions …
//! assert_eq!(upstream.requests()[0].body["model"], "some-model");
//! # }
//! ```
//!
//! Each request takes the next script that a test pushed. If there is none, the first words of the
//! last user message choose a [scenario](scenarios), so that browser tests can choose by what they
//! type; any other message is echoed in a short Markdown answer.
//!
//! `POST /v1/messages` plays the same scripts as Anthropic would, `POST /v1/responses` as OpenAI's
//! Responses API. One of those that is to be written in the background is kept: `GET
//! /v1/responses/{id}?starting_after=N` gives what is left of its script, at once, and `POST
//! /v1/responses/{id}/cancel` forgets it.
//! Any other address below `/v1` is answered with scripts too.
//!
//! Every request for an answer is recorded with its headers and body, and with how it ended: played to the end
//! of its script, or closed by the client before. Time is real time, and the server has a thread
//! of its own, so tests with a paused clock can use it too.
//!
//! # The binary
//!
//! `cargo run -p scripted-upstream -- [--port N] [--require-key KEY] [--models A,B] [--about-models JSON]` prints
//! `listening on http://127.0.0.1:PORT/v1` when it is ready. Besides the API, `GET /record` gives
//! what was recorded as JSON: a list of `{path, headers, body, ending, ended_after_ms}`, where
//! `ending` is `open`, `played` or `closed`.

mod script;
mod dialect;
pub mod scenarios;
mod record;
mod server;

pub use record::{Ending, Recorded};
pub use script::{Script, Spelling, Step};
pub use server::{Settings, Upstream};
