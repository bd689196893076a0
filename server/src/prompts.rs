//! The prompt library: its pages and the forms on them.

use app::{Language, PromptsPage, words::shipped};
use axum::{
    Form,
    extract::{Multipart, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use chat::{Chat, MOST_PROMPTS, PromptText, SaveError, SavedPrompt, StoreError};
use protocol::PromptId;
use serde::Deserialize;

use crate::{
    disposition::download,
    pages::{failed, look, show_plain},
    routes::App,
};

/// What the page's address may carry.
#[derive(Debug, Default, Deserialize)]
pub struct PromptsQuery {
    /// What is looked for.
    #[serde(default)]
    q: String,
    /// How many prompts were added, stood there already, and were refused, after an import.
    imported: Option<String>,
}

/// A prompt as its form sends it.
#[derive(Debug, Default, Deserialize)]
pub struct PromptForm {
    title: String,
    command: String,
    text: String,
    description: String,
}

impl From<PromptForm> for PromptText {
    fn from(form: PromptForm) -> Self {
        Self {
            title: form.title,
            command: Some(form.command).filter(|command| !command.trim().is_empty()),
            text: form.text,
            description: form.description,
        }
    }
}

/// `GET /prompts`.
pub async fn list(
    State(app): State<App>,
    Query(query): Query<PromptsQuery>,
    headers: HeaderMap,
) -> Response {
    let words = &look(&headers).language.words().library_pages;
    let done = query.imported.as_deref().and_then(read_imported).map(words.imported);
    let page = |prompts| PromptsPage {
        prompts,
        query: query.q.clone(),
        written: PromptText::default(),
        pasted: String::new(),
        outcome: Ok(done),
    };
    show(&app, &headers, StatusCode::OK, &query.q, page).await
}

/// `POST /prompts`: adds one.
pub async fn add(
    State(app): State<App>,
    headers: HeaderMap,
    Form(form): Form<PromptForm>,
) -> Response {
    let written = PromptText::from(form);
    match app.chat.add_prompt(&written).await {
        Ok(id) => Redirect::to(&format!("/prompts#{id}")).into_response(),
        Err(SaveError::Store(error)) => failed(&error),
        Err(error) => {
            let refusal = (look(&headers).language.words().library_pages.save_error)(&error);
            let page = |prompts| PromptsPage {
                prompts,
                query: String::new(),
                written,
                pasted: String::new(),
                outcome: Err(refusal),
            };
            show(&app, &headers, StatusCode::UNPROCESSABLE_ENTITY, "", page).await
        }
    }
}

/// `GET /prompts/{id}`.
pub async fn edit(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match find(&app.chat, &id).await {
        Ok(found) => {
            let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
            let language = look(&headers).language;
            let found = found.map(|saved| shipped::prompt(language, saved));
            let prompt = found.map(|saved| (saved.id, saved.prompt));
            show_one(&app, &headers, status, prompt, None).await
        }
        Err(error) => failed(&error),
    }
}

/// `POST /prompts/{id}`: changes one.
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<PromptForm>,
) -> Response {
    let Ok(id) = id.parse::<PromptId>() else {
        return show_one(&app, &headers, StatusCode::NOT_FOUND, None, None).await;
    };
    let written = PromptText::from(form);
    match app.chat.change_prompt(id, &written).await {
        Ok(()) => Redirect::to(&format!("/prompts#{id}")).into_response(),
        Err(SaveError::Store(error)) => failed(&error),
        Err(SaveError::NotFound) => {
            show_one(&app, &headers, StatusCode::NOT_FOUND, None, None).await
        }
        Err(error) => {
            let refusal = (look(&headers).language.words().library_pages.save_error)(&error);
            let prompt = Some((id, written));
            show_one(&app, &headers, StatusCode::UNPROCESSABLE_ENTITY, prompt, Some(refusal)).await
        }
    }
}

/// `POST /prompts/{id}/delete`. One that is gone already is gone.
pub async fn remove(State(app): State<App>, Path(id): Path<String>) -> Response {
    if let Ok(id) = id.parse()
        && let Err(SaveError::Store(error)) = app.chat.remove_prompt(id).await
    {
        return failed(&error);
    }
    Redirect::to("/prompts").into_response()
}

/// `GET /prompts/export`.
pub async fn export(State(app): State<App>) -> Response {
    match app.chat.prompts(MOST_PROMPTS).await {
        Ok(prompts) => download("application/json", "prompts.json", app::exported(&prompts)),
        Err(error) => failed(&error),
    }
}

/// `POST /prompts/import`: adds those of a file, or of a text that was pasted.
pub async fn import(State(app): State<App>, headers: HeaderMap, form: Multipart) -> Response {
    let language = look(&headers).language;
    let (file, pasted) = match read_form(form).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let source = if file.trim().is_empty() { &pasted } else { &file };
    let refusal = match chat::read_prompts(source) {
        Ok(prompts) => match app.chat.import_prompts(&prompts).await {
            Ok(done) => {
                let counts = format!("{}-{}-{}", done.added, done.known, done.refused);
                return Redirect::to(&format!("/prompts?imported={counts}")).into_response();
            }
            Err(error) => return failed(&error),
        },
        Err(error) => refused_import(language, &error),
    };
    let page = |prompts| PromptsPage {
        prompts,
        query: String::new(),
        written: PromptText::default(),
        pasted,
        outcome: Err(refusal),
    };
    show(&app, &headers, StatusCode::UNPROCESSABLE_ENTITY, "", page).await
}

fn refused_import(language: Language, error: &chat::ImportError) -> String {
    (language.words().library_pages.import_error)(error)
}

/// The counts that an import leads on with.
fn read_imported(counts: &str) -> Option<chat::ImportedPrompts> {
    let mut counts = counts.split('-').map(str::parse);
    let mut next = || counts.next()?.ok();
    Some(chat::ImportedPrompts { added: next()?, known: next()?, refused: next()? })
}

/// The file and the text of an import.
async fn read_form(
    mut form: Multipart,
) -> Result<(String, String), axum::extract::multipart::MultipartError> {
    let (mut file, mut pasted) = (String::new(), String::new());
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        // What is not UTF-8 is neither JSON nor a CSV that can be read, and is refused as such.
        let text = String::from_utf8_lossy(&field.bytes().await?).into_owned();
        match name.as_str() {
            "file" => file = text,
            "pasted" => pasted = text,
            _ => {}
        }
    }
    Ok((file, pasted))
}

async fn find(chat: &Chat, id: &str) -> Result<Option<SavedPrompt>, StoreError> {
    match id.parse() {
        Ok(id) => chat.prompt(id).await,
        Err(_) => Ok(None),
    }
}

async fn show(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    query: &str,
    page: impl FnOnce(Vec<SavedPrompt>) -> PromptsPage,
) -> Response {
    let prompts = match app.chat.prompts(MOST_PROMPTS).await {
        Ok(prompts) => prompts,
        Err(error) => return failed(&error),
    };
    let look = look(headers);
    let shown = prompts.into_iter().map(|saved| shipped::prompt(look.language, saved));
    let page = page(shown.filter(|saved| saved.prompt.matches(query)).collect());
    show_plain(app, status, move |assets| app::prompts_page(assets, look, page.clone())).await
}

async fn show_one(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    prompt: Option<(PromptId, PromptText)>,
    refusal: Option<String>,
) -> Response {
    let look = look(headers);
    show_plain(app, status, move |assets| {
        app::prompt_page(assets, look, prompt.clone(), refusal.clone())
    })
    .await
}
