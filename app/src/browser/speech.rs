//! Reads a message aloud with the browser's own voices.

use leptos::prelude::*;
use protocol::MessageId;
use web_sys::SpeechSynthesisUtterance;

use crate::Language;

/// Reads a message, or falls silent if something is being read.
pub(crate) fn read_aloud(message: MessageId, language: Language) {
    let Ok(voice) = window().speech_synthesis() else { return };
    if voice.speaking() {
        voice.cancel();
        return;
    }
    let selector = format!("#m-{message} > .prose, #m-{message} .bubble");
    let Ok(Some(body)) = document().query_selector(&selector) else { return };
    let text = body.text_content().unwrap_or_default();
    let Ok(utterance) = SpeechSynthesisUtterance::new_with_text(&text) else { return };
    // Voices read no language that they are not told of; Chinese text is told by its letters.
    let is_chinese = text.chars().any(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'));
    utterance.set_lang(if is_chinese { Language::Chinese.tag() } else { language.tag() });
    voice.speak(&utterance);
}
