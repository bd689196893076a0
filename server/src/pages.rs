//! The pages, rendered by the `app` crate from what the engine knows.

use std::fmt;

use app::{
    Assets, Extent, Language, Look, PageRequest, Theme, load_page, rpc::Problem, view::PageView,
};
use axum::{
    Form,
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use leptos::{
    nonce::use_nonce,
    prelude::{IntoView, expect_context, provide_context},
};
use protocol::{ConversationId, MessageId};
use serde::Deserialize;

use crate::{continued, edge::content_security_policy, gate, routes::App};

/// What a page's address may carry.
#[derive(Debug, Default, Deserialize)]
pub struct PageQuery {
    /// Present if the open answer is to be streamed into the HTML.
    stream: Option<String>,
    /// Present if all of a conversation is to be shown, and not only its end.
    all: Option<String>,
    /// The message that is to be seen.
    at: Option<MessageId>,
    /// What is looked for.
    q: Option<String>,
    /// The question that is to be asked otherwise.
    edit: Option<MessageId>,
    /// Present if the conversation to be begun is a temporary one.
    temporary: Option<String>,
    /// The prompt of the library that is to stand in the field.
    prompt: Option<String>,
    /// The persona that is picked for a new conversation.
    persona: Option<String>,
}

/// A form that was sent without scripts and refused, as far as a page can be shown from it.
#[derive(Debug, Default)]
pub struct RefusedForm {
    /// Where a question was asked.
    pub conversation: Option<ConversationId>,
    /// The answer that something was to be done with.
    pub answer: Option<MessageId>,
    /// What was written.
    pub text: String,
}

/// `GET /`.
pub async fn new_chat(
    State(app): State<App>,
    Query(query): Query<PageQuery>,
    request: Request,
) -> Response {
    show(app, query, PageRequest::default(), request).await
}

/// `GET /c/{id}`.
pub async fn conversation(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
    request: Request,
) -> Response {
    let page = match id.parse() {
        Ok(id) => PageRequest { conversation: Some(id), ..PageRequest::default() },
        Err(_) => PageRequest { not_found: true, ..PageRequest::default() },
    };
    show(app, query, page, request).await
}

/// Any other address.
pub async fn not_found(State(app): State<App>, request: Request) -> Response {
    let page = PageRequest { not_found: true, ..PageRequest::default() };
    show(app, PageQuery::default(), page, request).await
}

/// The page of a form that was refused, with the reason and with what was written. It is shown at
/// the form's address, because no address is long enough to lead to it.
pub async fn refused(
    app: App,
    headers: &HeaderMap,
    form: RefusedForm,
    problem: Problem,
) -> Response {
    let conversation = match (form.conversation, form.answer) {
        (None, Some(answer)) => match app.chat.conversation_of(answer).await {
            Ok(conversation) => conversation,
            Err(error) => return failed(&error),
        },
        (conversation, _) => conversation,
    };
    let page = PageRequest {
        conversation,
        problem: Some(problem),
        written: form.text,
        ..PageRequest::default()
    };
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers.clone();
    let mut response = show(app, PageQuery::default(), page, request).await;
    if response.status().is_success() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

async fn show(app: App, query: PageQuery, page: PageRequest, request: Request) -> Response {
    let look = look(request.headers());
    let page = PageRequest {
        look,
        can_sign_out: app.gate.is_locked(),
        streams: query.stream.is_some(),
        // What is no id names nothing.
        prompt: query.prompt.and_then(|id| id.parse().ok()),
        persona: query.persona.and_then(|id| id.parse().ok()),
        typed: query.q.filter(|typed| !typed.trim().is_empty()),
        extent: match (query.at.or(query.edit), query.all) {
            (Some(message), _) => Extent::BackTo(message),
            (None, Some(_)) => Extent::Whole,
            (None, None) => Extent::End,
        },
        editing: query.edit,
        temporary: query.temporary.is_some() && page.conversation.is_none(),
        ..page
    };
    let page = match load_page(&app.chat, &app.renderer.in_language(look.language), page).await {
        Ok(page) => page,
        Err(problem) => return failed(&(Language::English.words().problem)(&problem)),
    };
    let status = if page.not_found { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let follows = continued::answer_to_stream(&page);
    let mut response = render(app.assets.clone(), request, move |assets| {
        app::document(assets, look, PageView::clone(&page))
    })
    .await;
    *response.status_mut() = status;
    match follows {
        Some(answer) => continued::stream_into(response, &app.chat, answer).await,
        None => response,
    }
}

/// Shows a page beside the conversations.
pub async fn show_plain<V: IntoView + 'static>(
    app: &App,
    status: StatusCode,
    document: impl Fn(Assets) -> V + Clone + Send + Sync + 'static,
) -> Response {
    let mut response = render(app.assets.clone(), Request::new(Body::empty()), document).await;
    *response.status_mut() = status;
    response
}

/// Renders a document, with the policy that its nonce belongs to.
pub async fn render<V: IntoView + 'static>(
    assets: Assets,
    request: Request,
    document: impl Fn(Assets) -> V + Clone + Send + Sync + 'static,
) -> Response {
    let provide = move || provide_context(assets.clone());
    let view = move || {
        let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
        if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&nonce)) {
            expect_context::<leptos_axum::ResponseOptions>()
                .insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        document(expect_context::<Assets>())
    };
    leptos_axum::render_app_async_with_context(provide, view)(request).await
}

/// The sign-in page, as `gate` wants it.
pub async fn sign_in(
    app: &App,
    look: Look,
    status: StatusCode,
    problem: Option<String>,
    next: &str,
) -> Response {
    let next = next.to_owned();
    let document = move |assets| app::sign_in_document(assets, look, problem.clone(), next.clone());
    let request = Request::new(Body::empty());
    let mut response = render(app.assets.clone(), request, document).await;
    *response.status_mut() = status;
    response
}

/// What the theme form sends.
#[derive(Debug, Deserialize)]
pub struct ThemeChoice {
    theme: Theme,
}

/// `POST /theme`: for browsers without scripts; the others set the cookie themselves. Other tabs are
/// not told, since no scripts run in them that could hear of it.
pub async fn choose_theme(headers: HeaderMap, Form(choice): Form<ThemeChoice>) -> Response {
    let cookie = format!(
        "{}={}; Path=/; Max-Age=31536000; SameSite=Lax",
        Theme::COOKIE,
        choice.theme.as_str()
    );
    // The referrer is from here, since posts of other sites are refused before. Its path may still
    // be anything that a link to this server held.
    let back = headers
        .get(header::REFERER)
        .and_then(|referrer| referrer.to_str().ok())
        .and_then(|referrer| referrer.parse::<url::Url>().ok())
        .map_or_else(|| "/".to_owned(), |url| gate::path_here(url.path()).to_owned());
    ([(header::SET_COOKIE, cookie)], Redirect::to(&back)).into_response()
}

/// What the reader chose about looks, in cookies; the language where none was chosen is what the
/// browser asks for.
pub fn look(headers: &HeaderMap) -> Look {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
    let accepted = accepted.map(Language::accepted).unwrap_or_default();
    Look::from_cookies(|name| cookie(headers, name), accepted)
}

/// What a cookie holds.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(this, _)| *this == name)
        .map(|(_, value)| value)
}

/// The answer to a request that failed inside. The log has the reason; the person gets a remedy.
pub fn failed(error: &impl fmt::Display) -> Response {
    tracing::error!(%error, "a request failed");
    let words = "Inglenook could not read or store its data. Make room on the disk that holds the \
                 data folder, and see the server's log.\n";
    (StatusCode::INTERNAL_SERVER_ERROR, words).into_response()
}
