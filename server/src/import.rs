//! Conversations from other programs: a file is uploaded, looked at, and then imported.
//!
//! Three pages with plain forms. The first takes the file, the second shows what would come in,
//! the third what did. Nothing is stored before the second is confirmed.

pub mod uploads;

use std::{
    fs::File,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use app::import_page::{ImportPage, ImportProblem, Line, Outcome, Part, import_page};
use axum::{
    Form,
    body::Body,
    extract::{Multipart, Path, Request, State, multipart::MultipartRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use chat::{FindContent, ImportOutcome, ImportedFiles};
use serde::Deserialize;
use tokio::{sync::OwnedSemaphorePermit, task};
use transfer::{Contents, Import, ImportError, Limits};
use uploads::{UploadError, UploadId, Uploads};

use crate::{pages, routes::App};

/// How many titles, and how many reasons, a page lists for each program.
const LISTED: usize = 200;

/// `GET /import`.
pub async fn choose(State(app): State<App>, headers: HeaderMap) -> Response {
    let page = ImportPage::Choose { max_bytes: app.uploads.max_bytes, problem: None };
    show(&app, &headers, StatusCode::OK, page).await
}

/// `POST /import`: keeps the file and leads to what is in it.
pub async fn upload(
    State(app): State<App>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let kept = match form {
        // A browser whose file is far too large would send for minutes in vain.
        Ok(_) if announced(&headers) > app.uploads.max_bytes.saturating_mul(2) => {
            Err(UploadError::TooLarge { limit: app.uploads.max_bytes })
        }
        Ok(form) => keep_file(&app.uploads, form).await,
        Err(_) => Err(UploadError::NoFile),
    };
    let (status, problem) = match kept {
        Ok(id) => return Redirect::to(&format!("/import/{id}")).into_response(),
        Err(UploadError::NoFile) => (StatusCode::BAD_REQUEST, ImportProblem::NoFile),
        Err(UploadError::TooLarge { limit }) => {
            (StatusCode::PAYLOAD_TOO_LARGE, ImportProblem::TooLarge { limit })
        }
        Err(UploadError::CutOff(_)) => (StatusCode::BAD_REQUEST, ImportProblem::CutOff),
        Err(UploadError::Io(error)) => return pages::failed(&error),
    };
    refuse(&app, &headers, status, problem).await
}

fn announced(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

async fn keep_file(uploads: &Uploads, mut form: Multipart) -> Result<UploadId, UploadError> {
    while let Some(field) = form.next_field().await? {
        if field.name() == Some("file") {
            return uploads.keep(field).await;
        }
    }
    Err(UploadError::NoFile)
}

/// `GET /import/{id}`: what would come in.
pub async fn preview(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Uploaded { id, imports, turn: _turn } = match read(&app.uploads, &id).await {
        Ok(read) => read,
        Err(refused) => return refused.answer(&app, &headers).await,
    };
    let contents = match contents(&app, &id) {
        Ok(contents) => contents,
        Err(error) => return pages::failed(&error),
    };
    let mut parts = Vec::new();
    for import in imports {
        match app.chat.preview_import(import.source, &import.conversations).await {
            Ok(outcome) => {
                let is_there =
                    |sha256: &str| contents.as_ref().is_some_and(|contents| contents.has(sha256));
                let conversations = &import.conversations;
                match app.chat.preview_files(import.source, conversations, is_there).await {
                    Ok(files) => parts.push(part(import, &outcome, files, false)),
                    Err(error) => return pages::failed(&error),
                }
            }
            Err(error) => return pages::failed(&error),
        }
    }
    let page = ImportPage::Preview { id: id.to_string(), parts };
    show(&app, &headers, StatusCode::OK, page).await
}

/// What the form below the preview sends.
#[derive(Debug, Deserialize)]
pub struct Decision {
    /// Present if nothing is to be imported.
    cancel: Option<String>,
}

/// `POST /import/{id}`: imports the file, or forgets it.
pub async fn confirm(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(decision): Form<Decision>,
) -> Response {
    if decision.cancel.is_some() {
        if let Ok(id) = id.parse() {
            app.uploads.remove(&id).await;
        }
        return Redirect::to("/import").into_response();
    }
    let Uploaded { id, imports, turn } = match read(&app.uploads, &id).await {
        Ok(read) => read,
        Err(refused) => return refused.answer(&app, &headers).await,
    };
    // A task, so that it goes on to its end when the browser does not wait for it.
    let importing = tokio::spawn({
        let app = app.clone();
        async move {
            let _turn = turn;
            let mut parts = Vec::new();
            let contents = finder(contents(&app, &id)?);
            for import in imports {
                let outcome = app.chat.import(import.source, &import.conversations).await?;
                let (source, conversations) = (import.source, &import.conversations);
                let files = app.chat.import_files(source, conversations, &contents).await?;
                parts.push(part(import, &outcome, files, true));
            }
            app.uploads.remove(&id).await;
            Ok::<_, chat::FileError>(parts)
        }
    });
    match importing.await {
        Ok(Ok(parts)) => show(&app, &headers, StatusCode::OK, ImportPage::Done { parts }).await,
        Ok(Err(error)) => pages::failed(&error),
        Err(error) => pages::failed(&error),
    }
}

/// The contents of files in what was uploaded. There are some only in a ZIP of ours.
fn contents(app: &App, id: &UploadId) -> io::Result<Option<Contents<File>>> {
    let largest = app.chat.limits().max_file_bytes as u64;
    Ok(app.uploads.open(id)?.and_then(|file| Contents::of(file, largest)))
}

fn finder(contents: Option<Contents<File>>) -> Arc<FindContent> {
    let contents = Mutex::new(contents);
    Arc::new(move |sha256| {
        let mut contents = contents.lock().unwrap_or_else(PoisonError::into_inner);
        contents.as_mut()?.read(sha256).unwrap_or_else(|error| {
            tracing::info!(%error, "a file of an import cannot be unpacked");
            None
        })
    })
}

/// Why a file that was uploaded cannot be read.
enum Refused {
    /// It is no longer there.
    Gone,
    Import(ImportError),
    /// The reader itself failed.
    Task(task::JoinError),
}

impl Refused {
    async fn answer(self, app: &App, headers: &HeaderMap) -> Response {
        let (status, problem) = match self {
            Self::Gone => (StatusCode::NOT_FOUND, ImportProblem::Gone),
            Self::Task(error) => return pages::failed(&error),
            Self::Import(ImportError::Io(error)) => return pages::failed(&error),
            Self::Import(ImportError::TooLarge { limit }) => {
                (StatusCode::PAYLOAD_TOO_LARGE, ImportProblem::UnpacksTooLarge { limit })
            }
            Self::Import(ImportError::TooManyFiles { limit, .. }) => {
                (StatusCode::PAYLOAD_TOO_LARGE, ImportProblem::TooManyFiles { limit })
            }
            Self::Import(ImportError::Zip(_)) => {
                (StatusCode::UNPROCESSABLE_ENTITY, ImportProblem::Damaged)
            }
            Self::Import(ImportError::NotJson(_) | ImportError::Unknown) => {
                (StatusCode::UNPROCESSABLE_ENTITY, ImportProblem::Unknown)
            }
        };
        refuse(app, headers, status, problem).await
    }
}

/// What was read of an uploaded file.
struct Uploaded {
    id: UploadId,
    imports: Vec<Import>,
    /// Nothing else is read while this is in memory.
    turn: OwnedSemaphorePermit,
}

/// Reads an uploaded file, beside the threads that answer requests.
async fn read(uploads: &Uploads, id: &str) -> Result<Uploaded, Refused> {
    let id: UploadId = id.parse().map_err(|()| Refused::Gone)?;
    // It is never closed.
    let Ok(turn) = Arc::clone(&uploads.reading).acquire_owned().await else {
        return Err(Refused::Gone);
    };
    let file = uploads.open(&id).map_err(|error| Refused::Import(error.into()))?;
    let file = file.ok_or(Refused::Gone)?;
    // Reading goes on where the browser does not wait for it, and so does its turn.
    let reading = task::spawn_blocking(move || (transfer::read(file, Limits::default()), turn));
    let (imports, turn) = reading.await.map_err(Refused::Task)?;
    match imports {
        Ok(imports) => Ok(Uploaded { id, imports, turn }),
        Err(error) => {
            uploads.remove(&id).await;
            Err(Refused::Import(error))
        }
    }
}

/// What a page shows of a program's conversations.
fn part(import: Import, outcome: &ImportOutcome, files: ImportedFiles, is_done: bool) -> Part {
    let line = |(conversation, imported): (transfer::Conversation, &chat::Imported)| Line {
        title: conversation.title,
        address: is_done.then(|| format!("/c/{}", imported.id)),
        outcome: match imported.new_messages {
            messages if imported.is_new => Outcome::New { messages },
            0 => Outcome::AlreadyThere,
            messages => Outcome::Extended { messages },
        },
    };
    let (found, skipped) = (import.conversations.len(), import.skipped.len());
    Part {
        program: import.source.name(),
        added: outcome.added(),
        extended: outcome.extended(),
        already_there: outcome.already_there(),
        messages: outcome.messages(),
        files: files.came,
        files_left_out: files.left_out,
        lines: import
            .conversations
            .into_iter()
            .zip(&outcome.conversations)
            .take(LISTED)
            .map(line)
            .collect(),
        more_lines: found.saturating_sub(LISTED),
        skipped: import.skipped.into_iter().take(LISTED).collect(),
        more_skipped: skipped.saturating_sub(LISTED),
    }
}

async fn refuse(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    problem: ImportProblem,
) -> Response {
    let page = ImportPage::Choose { max_bytes: app.uploads.max_bytes, problem: Some(problem) };
    show(app, headers, status, page).await
}

async fn show(app: &App, headers: &HeaderMap, status: StatusCode, page: ImportPage) -> Response {
    let look = pages::look(headers);
    let document = move |assets| import_page(assets, look, page.clone());
    let request = Request::new(Body::empty());
    let mut response = pages::render(app.assets.clone(), request, document).await;
    *response.status_mut() = status;
    response
}
