//! Reads a message aloud with the browser's own voices.

use std::cell::RefCell;

use leptos::prelude::*;
use protocol::MessageId;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::SpeechSynthesisUtterance;

use super::readable::Readable;
use crate::state::State;

/// What is being read, with what is called at its end.
struct Reading {
    utterance: SpeechSynthesisUtterance,
    _on_end: Closure<dyn Fn()>,
}

impl Drop for Reading {
    fn drop(&mut self) {
        // Its end would be taken for that of what is read next.
        self.utterance.set_onend(None);
        self.utterance.set_onerror(None);
    }
}

thread_local! {
    /// Kept, because Chromium does not tell the end of what nothing refers to.
    static READING: RefCell<Option<Reading>> = const { RefCell::new(None) };
}

/// Reads a message, in place of another one that is being read.
pub(crate) fn read_aloud(state: State, message: MessageId) {
    let Ok(voice) = window().speech_synthesis() else { return };
    stop_reading(state);
    let Some(Readable { text, .. }) = Readable::of(message) else { return };
    let Ok(utterance) = SpeechSynthesisUtterance::new_with_text(&text) else { return };
    // Voices read no language that they are not told of.
    utterance.set_lang(spoken(&text).unwrap_or(state.language.tag()));
    let on_end = Closure::<dyn Fn()>::new(move || state.reading.set(None));
    utterance.set_onend(Some(on_end.as_ref().unchecked_ref()));
    utterance.set_onerror(Some(on_end.as_ref().unchecked_ref()));
    voice.speak(&utterance);
    state.reading.set(Some(message));
    READING.replace(Some(Reading { utterance, _on_end: on_end }));
}

/// Falls silent.
pub(crate) fn stop_reading(state: State) {
    READING.take();
    if let Ok(voice) = window().speech_synthesis() {
        voice.cancel();
    }
    state.reading.set(None);
}

/// The language of a text whose letters are those of few languages.
fn spoken(text: &str) -> Option<&'static str> {
    let has = |letters: std::ops::RangeInclusive<char>| text.chars().any(|c| letters.contains(&c));
    // Japanese has Chinese letters, too.
    [
        ('\u{3040}'..='\u{30FF}', "ja"),
        ('\u{AC00}'..='\u{D7AF}', "ko"),
        ('\u{4E00}'..='\u{9FFF}', "zh-CN"),
    ]
    .into_iter()
    .find_map(|(letters, language)| has(letters).then_some(language))
}
