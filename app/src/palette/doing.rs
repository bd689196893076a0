//! What the palette does with what is shown: the conversation, its last answer, and the next question.

use leptos::prelude::*;
use protocol::{ConversationId, MessageId};

use crate::{
    browser,
    conversation_menu::CONVERSATION_MENU,
    model_picker::{MODELS, is_choice},
    rpc::{Arrange, Branch},
    settings_sheet::SHEET,
    state::{Answer, Arrangement, Message, State},
    words::PaletteWords,
};

/// Something that can be done with what is shown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doing {
    Retry(MessageId),
    Fork(MessageId),
    ReadAloud(MessageId),
    StopReading,
    PickFiles,
    /// Presses the button of the composer that opens this.
    Open(&'static str),
    /// Opens the menu of the conversation with this field to be written in.
    Write(&'static str),
    Arrange(ConversationId, Arrange),
    Export(ConversationId, &'static str),
}

/// What can be done now, each with its name.
pub(super) fn doings(state: State) -> Vec<(Doing, String)> {
    let words = state.language.words();
    let says = PaletteWords::of(state.language);
    let mut doings = Vec::new();
    let mut add = |doing, name: &str| doings.push((doing, name.to_owned()));
    let last = state.messages.with(|messages| messages.last().cloned());
    let is_open = |message: &Message| message.answer.as_ref().is_some_and(Answer::is_open);
    let is_read = state.reading.with(Option::is_some);
    if let Some(last) = last.filter(|last| !is_open(last)) {
        add(Doing::Retry(last.id), words.message.answer_again);
        if last.answer.is_some() {
            add(Doing::Fork(last.id), says.fork);
        }
        if last.answer.is_some() && !is_read {
            add(Doing::ReadAloud(last.id), says.read_aloud);
        }
    }
    if is_read {
        add(Doing::StopReading, words.message.stop_reading);
    }
    add(Doing::PickFiles, words.attachment.add);
    if is_choice(state) {
        add(Doing::Open(MODELS), words.library.choose_model);
    }
    add(Doing::Open(SHEET), words.library.settings);
    let Some(id) = state.shown.get() else { return doings };
    let (is_temporary, is_pinned, is_archived) =
        state.link.with(|link| (link.temporary, link.pinned, link.archived));
    if is_temporary {
        add(Doing::Arrange(id, Arrange::End), words.page.end_temporary);
        return doings;
    }
    add(Doing::Write("[name=title]"), says.rename);
    match is_pinned {
        true => add(Doing::Arrange(id, Arrange::Unpin), says.unpin),
        false => add(Doing::Arrange(id, Arrange::Pin), says.pin),
    }
    match is_archived {
        true => add(Doing::Arrange(id, Arrange::Unarchive), says.unarchive),
        false => add(Doing::Arrange(id, Arrange::Archive), says.archive),
    }
    add(Doing::Write("[name=folder]"), says.move_);
    for (format, name) in [("markdown", "Markdown"), ("html", "HTML"), ("json", "JSON")] {
        add(Doing::Export(id, format), &(says.export_as)(name));
    }
    add(Doing::Arrange(id, Arrange::Delete), says.delete);
    doings
}

impl Doing {
    /// Does it.
    pub(super) fn act(self, state: State) {
        match self {
            Self::Retry(answer) => browser::spawn(state.retry(answer, None)),
            Self::Fork(answer) => browser::spawn(state.branch(answer, Branch::Fork)),
            Self::ReadAloud(answer) => browser::read_aloud(state, answer),
            Self::StopReading => browser::stop_reading(state),
            Self::PickFiles => browser::pick_files(),
            Self::Open(panel) => browser::press_button_of(panel),
            Self::Write(field) => {
                state.menu.set(Some(state.link.get_untracked()));
                browser::open_menu_of_page(CONVERSATION_MENU, field);
            }
            Self::Arrange(id, what) => {
                browser::spawn(state.arrange(id, what, Arrangement::default()));
            }
            Self::Export(id, format) => {
                browser::save(&format!("/export/{id}?as={format}"), "").ok();
            }
        }
    }
}
