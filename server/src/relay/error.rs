//! Errors of our own as programs know them from OpenAI:
//! <https://platform.openai.com/docs/guides/error-codes>. The errors of upstreams go through as they
//! are.

use std::{error::Error, io};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chat::{RelayError, WishError};
use protocol::{Failure, FailureKind};
use serde::Serialize;

use crate::gate::bearer::Denied;

/// An error, as a program gets it.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    body: ErrorBody,
    /// Seconds after which it is worth trying again.
    retry_after_s: Option<u64>,
}

#[derive(Debug, Serialize)]
struct ErrorBody {
    error: Words,
}

#[derive(Debug, Serialize)]
struct Words {
    message: String,
    r#type: &'static str,
    param: Option<&'static str>,
    code: &'static str,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: String) -> Self {
        let kind = match status.as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            400..=499 => "invalid_request_error",
            _ => "server_error",
        };
        let error = Words { message, r#type: kind, param: None, code };
        Self { status, body: ErrorBody { error }, retry_after_s: None }
    }

    fn about(mut self, param: &'static str) -> Self {
        self.body.error.param = Some(param);
        self
    }

    fn retry_after(self, seconds: Option<u64>) -> Self {
        Self { retry_after_s: seconds, ..self }
    }

    /// What went wrong, in words.
    pub fn message(&self) -> &str {
        &self.body.error.message
    }

    /// Seconds after which it is worth trying again.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }

    /// An address that nothing is behind.
    pub fn no_such_address() -> Self {
        let words = "there is nothing at this address, or it wants another method; the README \
                     lists what is passed on";
        Self::new(StatusCode::NOT_FOUND, "unknown_url", words.to_owned())
    }

    /// A model that no provider has.
    pub fn no_such_model(id: &str) -> Self {
        let words = format!("the model {id:?} does not exist, see /v1/models");
        Self::new(StatusCode::NOT_FOUND, "model_not_found", words).about("model")
    }

    /// A body that is longer than it may be.
    pub fn too_long() -> Self {
        let words = "the body of the request is longer than limits.max_relay_bytes allows";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", words.to_owned())
    }

    /// A body that broke off.
    pub fn unread(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::FileTooLarge {
            return Self::too_long();
        }
        let (status, code) = match is_timeout(error) {
            true => (StatusCode::REQUEST_TIMEOUT, "request_timeout"),
            false => (StatusCode::BAD_REQUEST, "request_broken"),
        };
        Self::new(status, code, "the body of the request did not come to its end".to_owned())
    }
}

/// True if a body was not waited for any longer.
fn is_timeout(error: &io::Error) -> bool {
    let mut source: Option<&(dyn Error + 'static)> = error.get_ref().map(|inner| inner as _);
    while let Some(error) = source {
        let error_of_body = error.downcast_ref::<io::Error>();
        if error_of_body.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        source = error.source();
    }
    false
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        let words = denied.to_string();
        match denied {
            Denied::NoToken => Self::new(StatusCode::UNAUTHORIZED, "missing_api_key", words),
            Denied::Unknown => Self::new(StatusCode::UNAUTHORIZED, "invalid_api_key", words),
            Denied::Scope(_) => Self::new(StatusCode::FORBIDDEN, "insufficient_scope", words),
            Denied::AnotherSite => Self::new(StatusCode::FORBIDDEN, "cross_site", words),
            Denied::Store(error) => inside(&error),
        }
    }
}

impl From<RelayError> for ApiError {
    fn from(error: RelayError) -> Self {
        let words = error.to_string();
        match error {
            RelayError::Wish(wish) => of_wish(&wish, words),
            RelayError::Body(_) => Self::new(StatusCode::BAD_REQUEST, "invalid_json", words),
            RelayError::Request(error) => Self::unread(&error),
            RelayError::Full { .. } => {
                let full = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", words);
                full.retry_after(Some(1))
            }
            RelayError::Ending => {
                let ending = Self::new(StatusCode::SERVICE_UNAVAILABLE, "server_ending", words);
                ending.retry_after(Some(1))
            }
            RelayError::Limit(reached) => {
                let seconds = reached.retry_after_s;
                Self::new(StatusCode::TOO_MANY_REQUESTS, "limit_reached", words)
                    .retry_after(seconds)
            }
            RelayError::Upstream(failure) => of_failure(&failure),
            RelayError::Store(error) => inside(&error),
        }
    }
}

fn of_wish(error: &WishError, words: String) -> ApiError {
    let bad = StatusCode::BAD_REQUEST;
    match error {
        WishError::NoProvider => {
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "no_provider", words)
        }
        WishError::UnknownProvider | WishError::DifferentProviders => {
            ApiError::new(bad, "unknown_provider", words).about("x-inglenook-provider")
        }
        WishError::UnknownEndPoint => {
            ApiError::new(bad, "unknown_end_point", words).about("end_point")
        }
        WishError::UnknownProxy => ApiError::new(bad, "unknown_proxy", words).about("proxy_url"),
        WishError::KeyNotTaken | WishError::OddKey => {
            ApiError::new(bad, "upstream_key_refused", words).about("x-upstream-key")
        }
        WishError::OtherDialect { .. } => ApiError::new(bad, "other_dialect", words).about("model"),
        WishError::AutoChooses => ApiError::new(bad, "unknown_provider", words).about("model"),
        WishError::KeyNeeded => {
            let needed = ApiError::new(StatusCode::UNAUTHORIZED, "upstream_key_needed", words);
            needed.about("x-upstream-key")
        }
    }
}

/// An upstream that gave no answer of its own to pass on.
fn of_failure(failure: &Failure) -> ApiError {
    let (status, code) = match failure.kind {
        FailureKind::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "upstream_timed_out"),
        FailureKind::ModelNotFound => (StatusCode::NOT_FOUND, "model_not_found"),
        FailureKind::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "upstream_rate_limited"),
        FailureKind::Unreachable => (StatusCode::BAD_GATEWAY, "upstream_unreachable"),
        _ => (StatusCode::BAD_GATEWAY, "upstream_failed"),
    };
    let mut words = failure.words();
    if let Some(detail) = &failure.detail {
        words += &format!(" ({detail})");
    }
    ApiError::new(status, code, words).retry_after(failure.retry_after_s)
}

/// Something failed within. The log has the reason; the program learns that it is not to blame.
fn inside(error: &impl std::fmt::Display) -> ApiError {
    tracing::error!(%error, "a request of a program failed");
    let words = "Inglenook could not read or store its data; its log says why";
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", words.to_owned())
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
