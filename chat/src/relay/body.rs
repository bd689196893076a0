//! The body of a program's request: what we must know of it, and the little that is changed.
//!
//! A JSON body is never written anew, since that would change what we do not know of. The few
//! values that must be others are replaced where they stand, and every other byte stays as it is.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::{json, value::RawValue};

/// Why a body cannot be sent on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is not a JSON object, or one of the fields that must be read is something else.
    #[error("the body is not a JSON object as this address wants it: {words}")]
    NotJson {
        /// What is wrong and where.
        words: String,
    },
}

/// A JSON body as it came, with the places of what may be changed.
#[derive(Debug)]
pub(super) struct JsonBody {
    text: Arc<str>,
    /// The model asked for; `None` if none is.
    pub(super) model: Option<String>,
    /// The answer is to come as a stream of events.
    pub(super) streams: bool,
    /// The program itself asks for a count of tokens at the end of the stream.
    pub(super) wants_usage: bool,
    model_at: Option<Place>,
    options_at: Option<Place>,
}

/// Where a value stands, in bytes.
#[derive(Debug, Clone, Copy)]
struct Place {
    begin: usize,
    end: usize,
}

/// What is changed in a body.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Changes<'a> {
    /// Another name for the model.
    pub(super) model: Option<&'a str>,
    /// Asks for a count of tokens at the end of the stream.
    pub(super) adds_usage: bool,
}

/// The fields that are looked at. A field that stands twice is an error, since readers of JSON
/// differ in which of the two they take.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default, deserialize_with = "as_written")]
    model: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "as_written")]
    stream: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "as_written")]
    stream_options: Option<&'a RawValue>,
}

/// Keeps a null apart from a field that is not there.
fn as_written<'de, D: Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(value).map(Some)
}

#[derive(Default, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

impl JsonBody {
    pub(super) fn read(bytes: &Bytes) -> Result<Self, BodyError> {
        let not_json = |words: String| BodyError::NotJson { words };
        let text = std::str::from_utf8(bytes).map_err(|error| not_json(error.to_string()))?;
        let fields: Fields<'_> =
            serde_json::from_str(text).map_err(|error| not_json(error.to_string()))?;
        // A list would be read by the order of its values.
        if !text.trim_ascii_start().starts_with('{') {
            return Err(not_json("it begins with something else".to_owned()));
        }
        let place = |value: &RawValue| {
            let begin = value.get().as_ptr() as usize - text.as_ptr() as usize;
            Place { begin, end: begin + value.get().len() }
        };
        let model = match fields.model {
            Some(model) => serde_json::from_str::<Option<String>>(model.get())
                .map_err(|_| not_json("model: expected a string".to_owned()))?,
            None => None,
        };
        let wants_usage = fields.stream_options.is_some_and(|options| {
            match serde_json::from_str::<Option<StreamOptions>>(options.get()) {
                Ok(options) => options.unwrap_or_default().include_usage.unwrap_or_default(),
                // What is wrong with them is for the upstream to say, so they are left alone.
                Err(_) => true,
            }
        });
        Ok(Self {
            model: model.filter(|name| !name.is_empty()),
            streams: fields.stream.is_some_and(|stream| stream.get() == "true"),
            wants_usage,
            model_at: fields.model.map(place),
            options_at: fields.stream_options.map(place),
            text: text.into(),
        })
    }

    /// The body as it came.
    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The body with its changes; without any, the very bytes that came.
    pub(super) fn changed(&self, changes: Changes<'_>) -> Bytes {
        let mut edits: Vec<(Place, String)> = Vec::new();
        let mut first = String::new();
        if let Some(model) = changes.model {
            let model = json!(model);
            match self.model_at {
                Some(place) => edits.push((place, model.to_string())),
                None => first += &format!("\"model\":{model},"),
            }
        }
        if changes.adds_usage {
            match self.options_at {
                Some(place) => edits.push((place, self.options_with_usage(place))),
                None => first += "\"stream_options\":{\"include_usage\":true},",
            }
        }
        // Behind the brace there is at least `stream`, or no field at all: then no comma may stand.
        let behind_brace = self.text.find('{').map_or(0, |brace| brace + 1);
        if self.text[behind_brace..].trim_ascii_start().starts_with('}') {
            first.truncate(first.trim_end_matches(',').len());
        }
        if !first.is_empty() {
            edits.push((Place { begin: behind_brace, end: behind_brace }, first));
        }
        edits.sort_by_key(|(place, _)| place.begin);
        let mut text = String::with_capacity(self.text.len() + 64);
        let mut at = 0;
        for (place, new) in edits {
            text += &self.text[at..place.begin];
            text += &new;
            at = place.end;
        }
        text += &self.text[at..];
        text.into()
    }

    /// The program's other options stay.
    fn options_with_usage(&self, place: Place) -> String {
        let written = &self.text[place.begin..place.end];
        let mut options =
            serde_json::from_str::<serde_json::Map<_, _>>(written).unwrap_or_default();
        options.insert("include_usage".to_owned(), json!(true));
        json!(options).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<JsonBody, BodyError> {
        JsonBody::read(&Bytes::copy_from_slice(text.as_bytes()))
    }

    #[track_caller]
    fn check(text: &str, model: Option<&str>, adds_usage: bool, expected: &str) {
        let body = read(text).unwrap();
        let changed = body.changed(Changes { model, adds_usage });
        assert_eq!(std::str::from_utf8(&changed).unwrap(), expected);
    }

    #[test]
    fn only_what_must_be_changed_is() {
        let odd =
            "\n{ \"x\" : 1.10e2, \"model\":\t\"p\\/m\",\"stream\":true , \"é\":[{\"model\":1}] }\n";
        check(odd, None, false, odd);
        check(odd, Some("m"), false, &odd.replace("\"p\\/m\"", "\"m\""));
        let added = odd.replace("{ \"x\"", "{\"stream_options\":{\"include_usage\":true}, \"x\"");
        check(odd, None, true, &added);
        check(odd, Some("m"), true, &added.replace("\"p\\/m\"", "\"m\""));
        check("{\"a\":1}", Some("m\""), false, "{\"model\":\"m\\\"\",\"a\":1}");
        check("{}", Some("m"), false, "{\"model\":\"m\"}");
        check("{\"model\":null}", Some("m"), false, "{\"model\":\"m\"}");
    }

    #[test]
    fn other_options_of_the_stream_stay() {
        let check = |options: &str, expected: &str| {
            let text =
                |options: &str| format!("{{\"stream\":true,\"stream_options\":{options},\"a\":1}}");
            check(&text(options), None, true, &text(expected));
        };
        check("null", "{\"include_usage\":true}");
        check("{}", "{\"include_usage\":true}");
        check("{\"include_usage\":false}", "{\"include_usage\":true}");
        check("{\"x\":1}", "{\"include_usage\":true,\"x\":1}");
    }

    #[test]
    fn what_is_asked_for_is_read() {
        let body =
            read(r#"{"model":"p\u002fm","stream":true,"stream_options":{"include_usage":true}}"#);
        let body = body.unwrap();
        assert_eq!(
            (body.model.as_deref(), body.streams, body.wants_usage),
            (Some("p/m"), true, true)
        );
        let body = read(r#"{"stream":false,"stream_options":null}"#).unwrap();
        assert_eq!((body.model, body.streams, body.wants_usage), (None, false, false));
        assert!(read(r#"{"stream":true,"stream_options":"odd"}"#).unwrap().wants_usage);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in [
            "",
            "[]",
            "[\"m\", true, null]",
            "null",
            "{\"model\":1}",
            "{\"model\":\"a\",\"model\":\"b\"}",
            "{\"a\":}",
            "{\"a\":1} {}",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(JsonBody::read(&Bytes::from_static(b"{\"a\":\"\xff\"}")).is_err());
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(read(&deep).is_ok(), "what nobody looks into may be as deep as it likes");
        let deep = deep.replace("\"a\"", "\"model\"");
        assert!(read(&deep).is_err());
    }
}
