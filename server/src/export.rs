//! Conversations as files to keep: one, or all of them in a ZIP. As JSON the contents of the files that
//! were sent with questions come along.

use std::io;

use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chat::Chat;
use futures_util::stream;
use protocol::ConversationId;
use serde::Deserialize;
use tokio::{sync::mpsc, task};
use transfer::{Archive, Conversation, Format};

use crate::{disposition::download, pages, routes::App};

/// How many pieces of a ZIP wait for a slow reader. Each is one conversation, or one file.
const WAITING: usize = 4;

/// What the address of an export carries.
#[derive(Debug, Deserialize)]
pub struct ExportQuery {
    /// The word for a format.
    #[serde(rename = "as")]
    format: Option<String>,
}

impl ExportQuery {
    fn format(&self) -> Option<Format> {
        self.format.as_deref().map_or(Some(Format::Markdown), Format::from_word)
    }
}

/// `GET /export/{id}?as=markdown|json|html`.
pub async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<ExportQuery>,
    request: Request,
) -> Response {
    let Some(format) = query.format() else { return unknown_format() };
    let conversation = match id.parse::<ConversationId>() {
        Ok(id) => app.chat.export(id).await,
        Err(_) => Ok(None),
    };
    let conversation = match conversation {
        Ok(Some(conversation)) => conversation,
        Ok(None) => return pages::not_found(State(app), request).await,
        Err(error) => return pages::failed(&error),
    };
    // Contents of files have no place in a JSON file.
    if format == Format::Json && conversation.files().next().is_some() {
        let name = format!("{}.zip", format.file_name(&conversation));
        return pack(name, format, move |archive, pieces| async move {
            send_conversation(&app.chat, archive, conversation, &pieces).await
        });
    }
    let name = format.file_name(&conversation);
    // A long conversation takes a while to render.
    match task::spawn_blocking(move || format.write(&conversation)).await {
        Ok(text) => download(format.media_type(), &name, Body::from(text)),
        Err(error) => pages::failed(&error),
    }
}

/// `GET /export?as=markdown|json|html`: a ZIP of all conversations, which is sent as it grows.
pub async fn all(State(app): State<App>, Query(query): Query<ExportQuery>) -> Response {
    let Some(format) = query.format() else { return unknown_format() };
    let name = format!("inglenook-{}.zip", format.word());
    pack(
        name,
        format,
        move |archive, pieces| async move { send_all(&app.chat, archive, &pieces).await },
    )
}

type Pieces = mpsc::Sender<io::Result<Bytes>>;

/// What is left to send of a ZIP, or nothing once nobody wants it any more.
type Sent = io::Result<Option<Archive>>;

/// A ZIP that is sent as it grows.
fn pack<F>(name: String, format: Format, send: impl FnOnce(Archive, Pieces) -> F) -> Response
where
    F: Future<Output = Sent> + Send + 'static,
{
    let (pieces, received) = mpsc::channel(WAITING);
    let sending = send(Archive::new(format), pieces.clone());
    tokio::spawn(async move {
        let ended = match sending.await {
            Ok(Some(archive)) => archive.finish().map(Bytes::from).map_err(io::Error::from),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        if let Err(error) = &ended {
            // The reader learns that the file is not whole.
            tracing::error!(%error, "an export was cut off");
        }
        pieces.send(ended).await.ok();
    });
    let body = stream::unfold(received, async |mut received| {
        let piece = received.recv().await?;
        Some((piece, received))
    });
    download("application/zip", &name, Body::from_stream(body))
}

/// Sends all conversations piece by piece.
async fn send_all(chat: &Chat, mut archive: Archive, pieces: &Pieces) -> Sent {
    let mut last = None;
    loop {
        let ids = chat.ids_to_export(last).await.map_err(io::Error::other)?;
        if ids.is_empty() {
            break;
        }
        for id in ids {
            last = Some(id);
            let conversation = chat.export(id).await.map_err(io::Error::other)?;
            // It may have been deleted meanwhile.
            let Some(conversation) = conversation else { continue };
            match send_conversation(chat, archive, conversation, pieces).await? {
                Some(grown) => archive = grown,
                None => return Ok(None),
            }
        }
    }
    Ok(Some(archive))
}

/// Sends a conversation, and the contents of its files that were not sent before.
async fn send_conversation(
    chat: &Chat,
    mut archive: Archive,
    conversation: Conversation,
    pieces: &Pieces,
) -> Sent {
    let wanted = archive.wants(&conversation);
    let added = task::spawn_blocking(move || {
        let piece = archive.add(&conversation);
        (archive, piece)
    });
    let piece;
    (archive, piece) = added.await.map_err(io::Error::other)?;
    if pieces.send(Ok(Bytes::from(piece?))).await.is_err() {
        return Ok(None);
    }
    for sha256 in wanted {
        // It may have gone with its conversation meanwhile.
        let Some(content) = chat.content(&sha256).await.map_err(io::Error::other)? else {
            continue;
        };
        let piece = archive.add_content(&sha256, &content)?;
        if pieces.send(Ok(Bytes::from(piece))).await.is_err() {
            return Ok(None);
        }
    }
    Ok(Some(archive))
}

fn unknown_format() -> Response {
    let formats = Format::ALL.map(Format::word).join(", ");
    (StatusCode::BAD_REQUEST, format!("Choose one of these with ?as=…: {formats}\n"))
        .into_response()
}
