//! The personas: their pages and the forms on them.

use app::{PersonaForm, words::shipped};
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use chat::{ParameterTexts, Profile, SaveError};
use protocol::PersonaId;

use crate::{
    pages::{failed, look, show_plain},
    routes::App,
};

/// `GET /personas`.
pub async fn list(State(app): State<App>, headers: HeaderMap) -> Response {
    show(&app, &headers, StatusCode::OK, PersonaForm::default()).await
}

/// `POST /personas`: adds one.
pub async fn add(
    State(app): State<App>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let form = match read(&fields) {
        Ok(profile) => match app.chat.add_persona(&profile).await {
            Ok(id) => return Redirect::to(&format!("/personas#{id}")).into_response(),
            Err(SaveError::Store(error)) => return failed(&error),
            Err(error) => refused(&headers, profile, &error),
        },
        Err(form) => *form,
    };
    show(&app, &headers, StatusCode::UNPROCESSABLE_ENTITY, form).await
}

/// `GET /personas/{id}`.
pub async fn edit(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let found = match id.parse() {
        Ok(id) => app.chat.persona(id).await,
        Err(_) => Ok(None),
    };
    match found {
        Ok(found) => {
            let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
            let language = look(&headers).language;
            let found = found.map(|persona| shipped::persona(language, persona));
            let persona = found.map(|persona| (persona.id, PersonaForm::from(persona.profile)));
            show_one(&app, &headers, status, persona).await
        }
        Err(error) => failed(&error),
    }
}

/// `POST /personas/{id}`: changes one.
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let Ok(id) = id.parse::<PersonaId>() else {
        return show_one(&app, &headers, StatusCode::NOT_FOUND, None).await;
    };
    let form = match read(&fields) {
        Ok(profile) => match app.chat.change_persona(id, &profile).await {
            Ok(()) => return Redirect::to(&format!("/personas#{id}")).into_response(),
            Err(SaveError::Store(error)) => return failed(&error),
            Err(SaveError::NotFound) => {
                return show_one(&app, &headers, StatusCode::NOT_FOUND, None).await;
            }
            Err(error) => refused(&headers, profile, &error),
        },
        Err(form) => *form,
    };
    show_one(&app, &headers, StatusCode::UNPROCESSABLE_ENTITY, Some((id, form))).await
}

/// `POST /personas/{id}/delete`. One that is gone already is gone.
pub async fn remove(State(app): State<App>, Path(id): Path<String>) -> Response {
    if let Ok(id) = id.parse()
        && let Err(SaveError::Store(error)) = app.chat.remove_persona(id).await
    {
        return failed(&error);
    }
    Redirect::to("/personas").into_response()
}

/// Reads a form, or gives it back with what is wrong with its parameters.
fn read(fields: &[(String, String)]) -> Result<Profile, Box<PersonaForm>> {
    let mut profile = Profile::default();
    let mut texts = ParameterTexts::default();
    for (name, text) in fields {
        let text = text.clone();
        match name.as_str() {
            "name" => profile.name = text,
            "emoji" => profile.emoji = text,
            "description" => profile.description = text,
            "system_prompt" => profile.system_prompt = text,
            "model" => profile.model = Some(text).filter(|model| !model.is_empty()),
            "starters" => profile.starters = text.lines().map(str::to_owned).collect(),
            name => texts.set(name, &text),
        }
    }
    match texts.read() {
        Ok(parameters) => Ok(Profile { parameters, ..profile }),
        Err(mistakes) => Err(Box::new(PersonaForm { profile, texts, mistakes, refusal: None })),
    }
}

fn refused(headers: &HeaderMap, profile: Profile, error: &SaveError) -> PersonaForm {
    let refusal = (look(headers).language.words().library_pages.save_error)(error);
    PersonaForm { refusal: Some(refusal), ..PersonaForm::from(profile) }
}

async fn show(app: &App, headers: &HeaderMap, status: StatusCode, form: PersonaForm) -> Response {
    let personas = match app.chat.personas().await {
        Ok(personas) => personas,
        Err(error) => return failed(&error),
    };
    let (look, models) = (look(headers), app.chat.model_names());
    let personas: Vec<_> =
        personas.into_iter().map(|persona| shipped::persona(look.language, persona)).collect();
    show_plain(app, status, move |assets| {
        app::personas_page(assets, look, personas.clone(), models.clone(), form.clone())
    })
    .await
}

async fn show_one(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    persona: Option<(PersonaId, PersonaForm)>,
) -> Response {
    let (look, models) = (look(headers), app.chat.model_names());
    show_plain(app, status, move |assets| {
        app::persona_page(assets, look, persona.clone(), models.clone())
    })
    .await
}
