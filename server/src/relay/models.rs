//! `GET /v1/models`: what programs may ask for, as OpenAI lists it:
//! <https://platform.openai.com/docs/api-reference/models>.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chat::auto::AUTO;
use serde::Serialize;

use super::error::ApiError;
use crate::routes::App;

#[derive(Debug, Serialize)]
struct Model {
    id: String,
    object: &'static str,
    /// Nobody says when; the field is one that clients insist on.
    created: u64,
    owned_by: String,
}

#[derive(Debug, Serialize)]
struct Models {
    object: &'static str,
    data: Vec<Model>,
}

/// `auto` where there is one, then each model by its name, where the first provider that has it answers, and as `provider/model`.
fn models(app: &App) -> Vec<Model> {
    let model = |id: String, provider: &str| Model {
        id,
        object: "model",
        created: 0,
        owned_by: provider.to_owned(),
    };
    let (mut plain, mut full, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    if app.chat.has_auto() {
        plain.push(model(AUTO.to_owned(), "inglenook"));
    }
    for (provider, names) in app.chat.relay_models() {
        for name in names {
            full.push(model(format!("{provider}/{name}"), &provider));
            if seen.insert(name.clone()) {
                plain.push(model(name, &provider));
            }
        }
    }
    plain.extend(full);
    plain
}

/// `GET /v1/models`.
pub async fn list(State(app): State<App>) -> Response {
    Json(Models { object: "list", data: models(&app) }).into_response()
}

/// `GET /v1/models/{id}`.
pub async fn one(State(app): State<App>, Path(id): Path<String>) -> Response {
    match models(&app).into_iter().find(|model| model.id == id) {
        Some(model) => Json(model).into_response(),
        None => ApiError::no_such_model(&id).into_response(),
    }
}
