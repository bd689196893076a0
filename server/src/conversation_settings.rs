//! How a conversation is answered, and with which parameters all are: forms without scripts.

use app::{SettingsForm, change_settings, rpc::Problem};
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use chat::{ConversationSettings, ParameterTexts, SaveError};
use protocol::ConversationId;

use crate::{
    pages::{failed, look, show_plain},
    routes::App,
};

/// `GET /c/{id}/settings`.
pub async fn open(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let (id, settings) = match stored(&app, &id).await {
        Ok(Some(found)) => found,
        Ok(None) => return show(&app, &headers, StatusCode::NOT_FOUND, None).await,
        Err(response) => return response,
    };
    match SettingsForm::open(&app.chat, look(&headers).language, settings).await {
        Ok(form) => show(&app, &headers, StatusCode::OK, Some((id, form))).await,
        Err(problem) => refused(&app, &headers, &problem).await,
    }
}

/// `POST /c/{id}/settings`.
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let (id, before) = match stored(&app, &id).await {
        Ok(Some(found)) => found,
        Ok(None) => return show(&app, &headers, StatusCode::NOT_FOUND, None).await,
        Err(response) => return response,
    };
    let language = look(&headers).language;
    match change_settings(&app.chat, language, Some(id), before, &fields).await {
        Ok(form) => {
            let saved = form.is_saved();
            let status = if saved { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            show(&app, &headers, status, Some((id, form))).await
        }
        Err(problem) => refused(&app, &headers, &problem).await,
    }
}

/// `POST /settings/parameters`: the parameters of conversations that set none of their own. What is
/// wrong is shown in the same form on a page of its own.
pub async fn change_defaults(
    State(app): State<App>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let mut texts = ParameterTexts::default();
    fields.iter().for_each(|(name, text)| texts.set(name, text));
    let mistakes = match texts.read() {
        Ok(parameters) => match app.chat.set_default_parameters(parameters).await {
            Ok(()) => return Redirect::to("/settings?saved#parameters").into_response(),
            Err(SaveError::Parameter(mistake)) => vec![mistake],
            Err(error) => return failed(&error),
        },
        Err(mistakes) => mistakes,
    };
    let look = look(&headers);
    show_plain(&app, StatusCode::UNPROCESSABLE_ENTITY, move |assets| {
        app::parameters_page(assets, look, texts.clone(), mistakes.clone())
    })
    .await
}

async fn stored(
    app: &App,
    id: &str,
) -> Result<Option<(ConversationId, ConversationSettings)>, Response> {
    let Ok(id) = id.parse() else { return Ok(None) };
    match app.chat.conversation_settings(id).await {
        Ok(settings) => Ok(settings.map(|settings| (id, settings))),
        Err(error) => Err(failed(&error)),
    }
}

async fn refused(app: &App, headers: &HeaderMap, problem: &Problem) -> Response {
    match problem {
        Problem::NotFound => show(app, headers, StatusCode::NOT_FOUND, None).await,
        problem => failed(&(app::Language::English.words().problem)(problem)),
    }
}

async fn show(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    shown: Option<(ConversationId, SettingsForm)>,
) -> Response {
    let look = look(headers);
    show_plain(app, status, move |assets| {
        app::conversation_settings_page(assets, look, shown.clone())
    })
    .await
}
