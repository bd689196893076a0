//! The door for programs: who shows a token, and what that lets them do.
//!
//! Where there is no password, programs on this machine need no token, as its people need none. But
//! then every page that a browser shows here could act in their name, so what comes from a page of
//! another site needs one all the same.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chat::{Caller, Scope, StoreError, TokenText};

use super::require_owner;
use crate::{relay::error::ApiError, routes::App};

/// Why a program is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// It shows nothing.
    #[error("a token is needed: send `Authorization: Bearer ink_…`, made on the page /tokens")]
    NoToken,
    /// What it shows is no token, or one that has expired or was revoked.
    #[error("the token is unknown, expired or revoked: make another one on the page /tokens")]
    Unknown,
    /// The token is good, but for other things.
    #[error("the token does not have the scope `{}`", .0.as_str())]
    Scope(Scope),
    /// A page of another site asks.
    #[error("a page of another site needs a token, and its address among cors_origins")]
    AnotherSite,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The token in a request's headers: where OpenAI's clients put it, or Anthropic's.
fn shown(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.or_else(|| text(header::HeaderName::from_static("x-api-key")))
}

/// Who calls, where one of the scopes is needed.
///
/// # Errors
/// Nobody who may.
pub async fn caller(app: &App, headers: &HeaderMap, scopes: &[Scope]) -> Result<Caller, Denied> {
    let shown = shown(headers);
    if !app.gate.is_locked() && !shown.is_some_and(TokenText::is_meant_by) {
        // Clients insist on sending some key. On one's own machine any will do.
        return match app.gate.is_from_another_site(headers) {
            true => Err(Denied::AnotherSite),
            false => Ok(Caller::OWNER),
        };
    }
    caller_with(app, shown.ok_or(Denied::NoToken)?, scopes).await
}

/// Who calls with a token, where one of the scopes is needed.
///
/// # Errors
/// Nobody who may.
pub async fn caller_with(app: &App, token: &str, scopes: &[Scope]) -> Result<Caller, Denied> {
    let text = TokenText::read(token).ok_or(Denied::Unknown)?;
    let token = app.chat.token(&text).await?.ok_or(Denied::Unknown)?;
    match scopes.iter().any(|scope| token.scopes.contains(scope)) {
        true => Ok(token.caller()),
        false => Err(Denied::Scope(scopes.first().copied().unwrap_or(Scope::Relay))),
    }
}

/// Lets programs through that may ask models, and tells the routes who they are.
pub async fn require_relay(State(app): State<App>, request: Request, next: Next) -> Response {
    require(&app, &[Scope::Relay], request, next).await
}

/// Lets programs through that may ask models or read.
pub async fn require_any(State(app): State<App>, request: Request, next: Next) -> Response {
    require(&app, &Scope::ALL, request, next).await
}

async fn require(app: &App, scopes: &[Scope], mut request: Request, next: Next) -> Response {
    match caller(app, request.headers(), scopes).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(denied) => ApiError::from(denied).into_response(),
    }
}

/// Lets the owner through, and programs that may read.
pub async fn require_reader(state: State<App>, request: Request, next: Next) -> Response {
    let token = shown(request.headers()).filter(|token| TokenText::is_meant_by(token));
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match token {
        Some(token) if reads => match caller_with(&state, token, &[Scope::Read]).await {
            Ok(_) => next.run(request).await,
            Err(denied) => ApiError::from(denied).into_response(),
        },
        _ => require_owner(state, request, next).await,
    }
}
