//! The relay for programs: OpenAI's API below `/v1`, passed on to the provider of the request's model.

pub mod error;
mod models;

pub use models::{list, one};

use std::io;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use chat::{Caller, RelayBody, RelayRequest, RelayedBody, Wish};
use futures_util::{StreamExt, stream};

use crate::routes::App;
use error::ApiError;

/// `POST /v1/…`: whatever is passed on.
pub async fn pass(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: MatchedPath,
    request: Request,
) -> Response {
    let path = path.as_str().trim_start_matches("/v1/").to_owned();
    let (parts, body) = request.into_parts();
    let limit = app.edge.max_relay_bytes;
    let body = match read(&parts.headers, body, limit).await {
        Ok(body) => body,
        Err(error) => return error.into_response(),
    };
    let wish = wish(&parts.headers);
    let request = RelayRequest { caller, path, headers: parts.headers, wish, body };
    let relayed = match app.chat.relay(request).await {
        Ok(relayed) => relayed,
        Err(error) => return ApiError::from(error).into_response(),
    };
    let mut response = Response::new(Body::from_stream(stream::unfold(relayed.body, next)));
    *response.status_mut() = relayed.status;
    *response.headers_mut() = relayed.headers;
    // Proxies in front must not hold events back.
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(unbuffered, HeaderValue::from_static("no"));
    response
}

/// Any other address below `/v1`.
pub async fn unknown() -> Response {
    ApiError::no_such_address().into_response()
}

async fn next(mut body: RelayedBody) -> Option<(io::Result<Bytes>, RelayedBody)> {
    let bytes = body.next().await?;
    Some((bytes, body))
}

/// What the headers say of where a request should go.
pub fn wish(headers: &HeaderMap) -> Wish {
    let text = |name: &str| {
        // What is no text equals nothing that is configured, and is refused as such.
        let text = headers.get(name).map(|value| value.to_str().unwrap_or("?").trim());
        text.map(str::to_owned)
    };
    Wish {
        provider: text("x-inglenook-provider"),
        end_point: text("end_point"),
        proxy_url: text("proxy_url"),
        key: text("x-upstream-key").map(Into::into),
    }
}

/// Reads a body, or its beginning, within a limit.
async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<RelayBody, ApiError> {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::too_long());
    }
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/"));
    if is_form {
        return Ok(RelayBody::Form(bounded(body, limit), length));
    }
    let mut whole = Vec::new();
    let mut coming = bounded(body, limit);
    while let Some(bytes) = coming.next().await {
        whole.extend_from_slice(&bytes.map_err(|error| ApiError::unread(&error))?);
    }
    Ok(RelayBody::Json(whole.into()))
}

/// A body that breaks off where it becomes too long.
fn bounded(body: Body, limit: usize) -> stream::BoxStream<'static, io::Result<Bytes>> {
    let mut left = limit;
    let counted = body.into_data_stream().map(move |bytes| {
        let bytes = bytes.map_err(io::Error::other)?;
        left = left.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes)
    });
    counted.boxed()
}
