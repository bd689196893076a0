//! The section `[limits]`: what the server takes on at most.

use super::layers::Layers;
use super::setting;

/// What the server takes on at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest message, in bytes of UTF-8.
    pub max_message_bytes: usize,
    /// How many answers may be written at the same time.
    pub max_open_answers: usize,
    /// The largest file that can be imported, in bytes.
    pub max_import_bytes: u64,
    /// The longest file, in bytes.
    pub max_file_bytes: usize,
    /// How many files may be sent with a question.
    pub max_files_per_message: usize,
    /// How many requests of programs may be answered at the same time.
    pub max_relay_calls: usize,
    /// The longest body of a program's request, in bytes.
    pub max_relay_bytes: usize,
    /// How many connections may be open at the same time.
    pub max_connections: usize,
}

impl Limits {
    /// The longest body of a request that carries one message, in bytes: a form may turn every
    /// byte into three, and some room is left for the other fields.
    pub fn max_request_bytes(&self) -> usize {
        3 * self.max_message_bytes + 64 * 1024
    }
}

impl Default for Limits {
    fn default() -> Self {
        let engine = chat::Limits::default();
        Self {
            max_message_bytes: engine.max_message_bytes,
            max_open_answers: engine.max_open_answers,
            max_import_bytes: 512 << 20,
            max_file_bytes: engine.max_file_bytes,
            max_files_per_message: engine.max_files_per_message,
            max_relay_calls: engine.max_relay_calls,
            max_relay_bytes: 32 << 20,
            max_connections: 16_384,
        }
    }
}

/// Reads the section, with the defaults for what it leaves out.
pub fn read(layers: &mut Layers<'_>) -> Limits {
    let defaults = Limits::default();
    Limits {
        max_message_bytes: layers.pick_or(
            &setting::MAX_MESSAGE_BYTES,
            defaults.max_message_bytes,
            ToString::to_string,
        ),
        max_open_answers: layers.pick_or(
            &setting::MAX_OPEN_ANSWERS,
            defaults.max_open_answers,
            ToString::to_string,
        ),
        max_import_bytes: layers.pick_or(
            &setting::MAX_IMPORT_BYTES,
            defaults.max_import_bytes,
            ToString::to_string,
        ),
        max_file_bytes: layers.pick_or(
            &setting::MAX_FILE_BYTES,
            defaults.max_file_bytes,
            ToString::to_string,
        ),
        max_files_per_message: layers.pick_or(
            &setting::MAX_FILES_PER_MESSAGE,
            defaults.max_files_per_message,
            ToString::to_string,
        ),
        max_relay_calls: layers.pick_or(
            &setting::MAX_RELAY_CALLS,
            defaults.max_relay_calls,
            ToString::to_string,
        ),
        max_relay_bytes: layers.pick_or(
            &setting::MAX_RELAY_BYTES,
            defaults.max_relay_bytes,
            ToString::to_string,
        ),
        max_connections: layers.pick_or(
            &setting::MAX_CONNECTIONS,
            defaults.max_connections,
            ToString::to_string,
        ),
    }
}
