//! Files that people add to their questions: taken in, and given back.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chat::FileError;
use percent_encoding::percent_decode;
use protocol::{FileKind, FileProblem};

use crate::{disposition::Disposition, pages, routes::App};

/// Carries the name of a file, percent-encoded, since headers hold ASCII only.
pub const NAME: HeaderName = HeaderName::from_static("x-file-name");

/// A file never changes, but a shared cache would give it to whoever asks.
const FOR_EVER: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// For a picture that is opened by itself: it can load and run nothing, and has no origin. The
/// styles are the browser's own, with which it fits a picture into its window.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
);

/// `POST /api/files`: takes a file in. The body is its content, the header `x-file-name` its name.
/// Answers with a [`FileInfo`](protocol::FileInfo), or with a [`FileProblem`] that has its words in
/// the reader's language beside it as `message`.
pub async fn add(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let bytes = match body {
        Ok(bytes) => bytes,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let limit = app.chat.limits().max_file_bytes as u64;
            return refused(&headers, &FileProblem::TooLarge { limit });
        }
        Err(_) => return refused(&headers, &FileProblem::CutOff),
    };
    let name = name_in(headers.get(NAME).map(HeaderValue::as_bytes).unwrap_or_default());
    match app.chat.add_file(&name, bytes).await {
        Ok(info) => Json(info).into_response(),
        Err(FileError::Refused(problem)) => refused(&headers, &problem),
        Err(error) => {
            tracing::error!(%error, "a file could not be stored");
            refused(&headers, &FileProblem::Storage)
        }
    }
}

/// `GET /api/files/{id}`: a picture to be shown, anything else to be saved.
pub async fn get(State(app): State<App>, Path(id): Path<String>) -> Response {
    let found = match id.parse() {
        Ok(id) => app.chat.file(id).await,
        Err(_) => Ok(None),
    };
    let file = match found {
        Ok(Some(file)) => file,
        Ok(None) => return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
        Err(error) => return pages::failed(&error),
    };
    let (media_type, disposition) = match file.info.kind {
        FileKind::Text => ("text/plain; charset=utf-8".to_owned(), Disposition::Attachment),
        FileKind::Image => (file.media_type, Disposition::Inline),
        FileKind::Pdf => (file.media_type, Disposition::Attachment),
    };
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, FOR_EVER);
    headers.insert(header::CONTENT_SECURITY_POLICY, NOTHING);
    // Both are ASCII: the type is one of ours, and the name is encoded.
    if let Ok(media_type) = HeaderValue::try_from(media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    if let Ok(disposition) = HeaderValue::try_from(disposition.of(&file.info.name)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn refused(headers: &HeaderMap, problem: &FileProblem) -> Response {
    let status = match problem {
        FileProblem::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        FileProblem::NotAccepted => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        FileProblem::CutOff => StatusCode::BAD_REQUEST,
        FileProblem::Storage => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut body = serde_json::to_value(problem).unwrap_or_default();
    body["message"] = (pages::look(headers).language.words().attachment.problem)(problem).into();
    (status, Json(body)).into_response()
}

/// The name that a header carries. What is not UTF-8 in it is replaced.
fn name_in(encoded: &[u8]) -> String {
    percent_decode(encoded).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_travel_encoded() {
        let check = |encoded: &str, expected: &str| {
            assert_eq!(name_in(encoded.as_bytes()), expected, "{encoded}");
        };
        check("a.txt", "a.txt");
        check("%E6%8A%A5%E5%91%8A%201.pdf", "报告 1.pdf");
        check("100%", "100%");
        check("%zz%4", "%zz%4");
        check("%ff", "\u{FFFD}");
    }
}
