//! A JSON text: finds the conversations in it, of whichever program each is.
//!
//! The text is taken apart one level at a time, and only single conversations become values, with
//! the depth that the JSON parser allows. So an entry that is broken or too deep costs only itself.

use std::collections::HashMap;

use serde_json::{Value, value::RawValue};

use super::{
    Entry, Found, Reason, Skipped, chatgpt, inglenook, librechat, nextchat, open_webui, text,
};
use crate::Source;

/// The fields of an object, none of them looked into.
pub type Fields<'a> = HashMap<String, &'a RawValue>;

/// Reads the conversations of a JSON text. `name` is that of the file in its ZIP, or empty.
pub fn read(name: &str, json: &str, found: &mut Found) -> Result<(), serde_json::Error> {
    if let Ok(entries) = serde_json::from_str::<Vec<&RawValue>>(json) {
        list(name, &entries, found);
        return Ok(());
    }
    let document: &RawValue = serde_json::from_str(json)?;
    if let Some(sessions) = nextchat::sessions(document) {
        for (index, session) in sessions.iter().enumerate() {
            let place = place(name, index);
            found.take(
                Source::NextChat,
                value(session, &place).and_then(|session| {
                    nextchat::conversation(&session).map_err(|why| skipped(&session, place, why))
                }),
            );
        }
    } else if let Some(source) = source_of(document) {
        found.take(source, entry(source, document, place(name, 0)));
    }
    Ok(())
}

/// Reads a list of conversations. A list without any is some other file of an export.
fn list(name: &str, entries: &[&RawValue], found: &mut Found) {
    let sources: Vec<Option<Source>> = entries.iter().map(|entry| source_of(entry)).collect();
    let Some(main) = sources.iter().find_map(|source| *source) else { return };
    for (index, (raw, source)) in entries.iter().zip(sources).enumerate() {
        let place = place(name, index);
        match source {
            Some(source) => found.take(source, entry(source, raw, place)),
            None => {
                found.take(main, Err(Skipped { what: place, why: Reason::NotAConversation }));
            }
        }
    }
}

/// The program that wrote an object, by the fields that only its conversations have.
fn source_of(raw: &RawValue) -> Option<Source> {
    let fields: Fields<'_> = serde_json::from_str(raw.get()).ok()?;
    let has = |name: &str| fields.contains_key(name);
    if has(inglenook::MARK) {
        Some(Source::Inglenook)
    } else if has("mapping") {
        Some(Source::ChatGpt)
    } else if has("conversationId") && (has("messages") || has("messagesTree")) {
        Some(Source::LibreChat)
    } else if has("chat") || (has("history") && has("title")) {
        Some(Source::OpenWebUi)
    } else {
        None
    }
}

fn entry(source: Source, raw: &RawValue, place: String) -> Result<Entry, Skipped> {
    // Its messages may be nested in each other, deeper than a value can be.
    if source == Source::LibreChat {
        return librechat::conversation(raw).map_err(|why| Skipped { what: place, why });
    }
    let value = value(raw, &place)?;
    let read = match source {
        Source::ChatGpt => chatgpt::conversation(&value),
        Source::OpenWebUi => open_webui::conversation(&value),
        Source::Inglenook => inglenook::conversation(&value),
        Source::LibreChat | Source::NextChat => Err(Reason::NotAConversation),
    };
    read.map_err(|why| skipped(&value, place, why))
}

fn value(raw: &RawValue, place: &str) -> Result<Value, Skipped> {
    text::value(raw.get()).map_err(|error| Skipped {
        what: place.to_owned(),
        why: Reason::NotJson(error.to_string()),
    })
}

/// Names a conversation that could not be read by its title, or else by its place.
fn skipped(value: &Value, place: String, why: Reason) -> Skipped {
    let titles = [&value["title"], &value["topic"], &value["chat"]["title"]];
    let title = titles.into_iter().find_map(Value::as_str);
    let what = title.map(text::line).filter(|title| !title.is_empty()).unwrap_or(place);
    Skipped { what, why }
}

fn place(name: &str, index: usize) -> String {
    match name {
        "" => format!("#{}", index + 1),
        name => format!("{} #{}", text::line(name), index + 1),
    }
}
