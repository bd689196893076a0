//! Reads a message aloud with the browser's own voices.

use leptos::prelude::*;
use protocol::MessageId;
use web_sys::SpeechSynthesisUtterance;

use super::readable::Readable;
use crate::Language;

/// Reads a message, or falls silent if something is being read.
pub(crate) fn read_aloud(message: MessageId, language: Language) {
    let Ok(voice) = window().speech_synthesis() else { return };
    if voice.speaking() {
        voice.cancel();
        return;
    }
    let Some(Readable { text, .. }) = Readable::of(message) else { return };
    let Ok(utterance) = SpeechSynthesisUtterance::new_with_text(&text) else { return };
    // Voices read no language that they are not told of.
    utterance.set_lang(spoken(&text).unwrap_or(language.tag()));
    voice.speak(&utterance);
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
