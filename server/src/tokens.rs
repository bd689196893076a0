//! The tokens that programs carry: the page where their owner makes and revokes them.

use app::TokensPage;
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use chat::{NewToken, SaveError, Scope, TokenId, now_ms};

use crate::{
    pages::{failed, look, show_plain},
    routes::App,
};

/// `GET /tokens`.
pub async fn list(State(app): State<App>, headers: HeaderMap) -> Response {
    show(&app, &headers, StatusCode::OK, TokensPage::default()).await
}

/// `POST /tokens`: makes one. Its text is in this response and nowhere else, which is why it does not
/// lead on to another page.
pub async fn add(
    State(app): State<App>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let new = read(&fields);
    let page = match app.chat.add_token(&new).await {
        Ok(text) => {
            let made = Some((text, address(&app, &headers)));
            return show(
                &app,
                &headers,
                StatusCode::CREATED,
                TokensPage { made, ..TokensPage::default() },
            )
            .await;
        }
        Err(SaveError::Store(error)) => return failed(&error),
        Err(error) => {
            let refusal = (look(&headers).language.words().library_pages.save_error)(&error);
            TokensPage { written: new, refusal: Some(refusal), ..TokensPage::default() }
        }
    };
    show(&app, &headers, StatusCode::UNPROCESSABLE_ENTITY, page).await
}

/// `POST /tokens/{id}/revoke`. One that is gone already is gone.
pub async fn revoke(State(app): State<App>, Path(id): Path<String>) -> Response {
    if let Some(id) = TokenId::from_number(&id)
        && let Err(error) = app.chat.revoke_token(id).await
    {
        return failed(&error);
    }
    Redirect::to("/tokens").into_response()
}

fn read(fields: &[(String, String)]) -> NewToken {
    let mut new = NewToken::default();
    for (name, text) in fields {
        match name.as_str() {
            "name" => new.name = text.clone(),
            "money_per_day" => new.money_per_day = text.clone(),
            "tokens_per_day" => new.tokens_per_day = text.clone(),
            "requests_per_minute" => new.requests_per_minute = text.clone(),
            "scope" => new.scopes.extend(Scope::from_word(text)),
            // Nobody types a number here, so what is none is what stands first.
            "days" => new.days = text.parse().ok().filter(|days| app::TOKEN_DAYS.contains(days)),
            _ => {}
        }
    }
    new
}

/// Where programs reach this server: as configured, or as this very browser does.
fn address(app: &App, headers: &HeaderMap) -> String {
    match app.gate.public_url() {
        Some(url) => url.origin().ascii_serialization(),
        None => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            format!("http://{}", host.unwrap_or("127.0.0.1:3000"))
        }
    }
}

async fn show(app: &App, headers: &HeaderMap, status: StatusCode, page: TokensPage) -> Response {
    let tokens = match app.chat.tokens().await {
        Ok(tokens) => tokens,
        Err(error) => return failed(&error),
    };
    let (look, now) = (look(headers), now_ms());
    let page = TokensPage { tokens, ..page };
    show_plain(app, status, move |assets| app::tokens_page(assets, look, page.clone(), now)).await
}
