//! The body of a program's request: JSON that is held as a whole, or a form with files that goes on
//! while it comes.

use std::{fmt, io};

use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};

use super::{RelayError, body::JsonBody, form};
use crate::upstream::OutgoingBody;

/// The body of a program's request.
pub enum RelayBody {
    /// JSON, whole.
    Json(Bytes),
    /// A form with files, as it comes, with its length if that is known.
    Form(BoxStream<'static, io::Result<Bytes>>, Option<u64>),
}

impl fmt::Debug for RelayBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(…)",
            Self::Form(..) => "Form(…)",
        })
    }
}

/// A body that has been looked at.
pub(super) enum Incoming {
    Json(JsonBody),
    Form(Form),
}

/// A form of which the beginning has come.
pub(super) struct Form {
    beginning: Bytes,
    /// Where in the beginning the model stands, and its name.
    model: Option<(usize, String)>,
    rest: BoxStream<'static, io::Result<Bytes>>,
    length: Option<u64>,
}

impl Incoming {
    pub(super) async fn read(body: RelayBody) -> Result<Self, RelayError> {
        match body {
            RelayBody::Json(bytes) => Ok(Self::Json(JsonBody::read(&bytes)?)),
            RelayBody::Form(mut rest, length) => {
                let mut beginning = Vec::new();
                while beginning.len() < form::LOOKED_AT
                    && let Some(bytes) = rest.next().await
                {
                    beginning.extend_from_slice(&bytes.map_err(RelayError::Request)?);
                }
                let model = form::model(&beginning).map(|(at, name)| (at, name.to_owned()));
                Ok(Self::Form(Form { beginning: beginning.into(), model, rest, length }))
            }
        }
    }

    /// The model that is asked for.
    pub(super) fn model(&self) -> Option<&str> {
        match self {
            Self::Json(json) => json.model.as_deref(),
            Self::Form(form) => form.model.as_ref().map(|(_, name)| name.as_str()),
        }
    }
}

impl Form {
    /// The body to send on: as it came, but for a provider's name before the model's.
    pub(super) fn with_model(self, model: &str) -> OutgoingBody {
        let Self { beginning, model: written, rest, mut length } = self;
        let beginning = match written {
            Some((at, name)) if name != model => {
                length = length
                    .map(|length| (length + model.len() as u64).saturating_sub(name.len() as u64));
                let behind = &beginning[at + name.len()..];
                [&beginning[..at], model.as_bytes(), behind].concat().into()
            }
            _ => beginning,
        };
        let whole = stream::once(async { Ok(beginning) }).chain(rest);
        OutgoingBody::Coming(reqwest::Body::wrap_stream(whole), length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_length_of_a_form_is_that_of_what_is_sent() {
        let form = |model: &str| format!("--b\r\nname=\"model\"\r\n\r\n{model}\r\n--b--");
        for (written, sent) in
            [("whisper-1", "whisper-1"), ("a/whisper", "whisper"), ("w", "whisper-1")]
        {
            let bytes = form(written);
            let length = Some(bytes.len() as u64);
            let body = stream::once(async { Ok(Bytes::from(bytes)) }).boxed();
            let Incoming::Form(read) = Incoming::read(RelayBody::Form(body, length)).await.unwrap()
            else {
                panic!("a form is a form");
            };
            let OutgoingBody::Coming(_, length) = read.with_model(sent) else {
                panic!("a form goes on while it comes");
            };
            assert_eq!(length, Some(form(sent).len() as u64), "{written} as {sent}");
        }
    }
}
