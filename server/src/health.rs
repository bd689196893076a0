//! `GET /health`: whether the server can do its work, for whatever watches over it.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::routes::App;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    open_answers: usize,
}

/// 200 while the store can be read, 503 otherwise. Says nothing that a visitor may not know.
pub async fn health(State(app): State<App>) -> Response {
    let healthy = app.chat.folders().await.is_ok();
    let (code, status) = match healthy {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the store cannot be read"),
    };
    let health = Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
        open_answers: app.chat.open_answers(),
    };
    (code, Json(health)).into_response()
}
