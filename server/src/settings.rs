//! The pages beside the conversation: settings and the archive. They work without scripts and get
//! none.

use app::{Look, archive_document, inspect_document, settings_document};
use axum::{
    Form,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use chat::InspectError;
use protocol::{ConversationId, MessageId};
use serde::Deserialize;

use crate::{pages, routes::App};

/// What the address of the settings may carry.
#[derive(Debug, Default, Deserialize)]
pub struct SettingsQuery {
    /// What is looked for.
    #[serde(default)]
    q: String,
    /// Present after something was saved.
    saved: Option<String>,
}

/// `GET /settings`.
pub async fn show(
    State(app): State<App>,
    Query(query): Query<SettingsQuery>,
    request: Request,
) -> Response {
    let look = pages::look(request.headers());
    // Only a browser that asks for this page certainly has the cookies it was given before. Had they
    // been told with the cookies, its other tabs could look for them before it has taken them.
    if query.saved.is_some() {
        app.chat.notice_look();
    }
    let parameters = chat::ParameterTexts::of(&app.chat.preferences().parameters);
    let providers = app.chat.provider_health();
    let prices = app.chat.prices();
    pages::render(app.assets.clone(), request, move |assets| {
        let saved = query.saved.is_some();
        let (typed, parameters) = (query.q.clone(), parameters.clone());
        let (providers, prices) = (providers.clone(), prices.clone());
        settings_document(assets, look, saved, typed, parameters, providers, prices)
    })
    .await
}

/// `POST /settings`: keeps the choices for a year.
pub async fn save(Form(look): Form<Look>) -> Response {
    let mut headers = HeaderMap::new();
    for (name, value) in look.cookies() {
        let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
        // Names and values are words of ours, so every one is a header.
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    (headers, Redirect::to("/settings?saved")).into_response()
}

/// A key, as the page of settings names it.
#[derive(Debug, Deserialize)]
pub struct KeyToUse {
    provider: String,
    /// Its place among the provider's keys.
    key: usize,
}

/// `POST /settings/keys`: lets a key be used again that was set aside.
pub async fn use_key_again(State(app): State<App>, Form(wanted): Form<KeyToUse>) -> Response {
    match app.chat.use_key_again(&wanted.provider, wanted.key) {
        true => Redirect::to("/settings?saved#keys").into_response(),
        false => (StatusCode::NOT_FOUND, "There is no such key.\n").into_response(),
    }
}

/// Where a part of the archive begins.
#[derive(Debug, Default, Deserialize)]
pub struct ArchiveQuery {
    after: Option<ConversationId>,
    #[serde(default)]
    updated_at: i64,
}

/// `GET /archive`.
pub async fn archive(
    State(app): State<App>,
    Query(query): Query<ArchiveQuery>,
    request: Request,
) -> Response {
    let look = pages::look(request.headers());
    let after = query.after.map(|id| (query.updated_at, id));
    let (links, has_more) = match app::more(&app.chat, after, true).await {
        Ok(part) => part,
        Err(problem) => return pages::failed(&(app::Language::English.words().problem)(&problem)),
    };
    pages::render(app.assets.clone(), request, move |assets| {
        archive_document(assets, look, links.clone(), has_more)
    })
    .await
}

/// `GET /inspect/{answer}`: what exactly was sent for an answer.
pub async fn inspect(
    State(app): State<App>,
    Path(answer): Path<MessageId>,
    request: Request,
) -> Response {
    let look = pages::look(request.headers());
    let sent = match app.chat.sent(answer).await {
        Ok(sent) => sent,
        Err(InspectError::Store(error)) => return pages::failed(&error),
        Err(error) => return (StatusCode::NOT_FOUND, format!("{error}\n")).into_response(),
    };
    let models = app.chat.model_names();
    pages::render(app.assets.clone(), request, move |assets| {
        inspect_document(assets, look, answer, sent.clone(), models.clone())
    })
    .await
}
