//! `GET /api/answers/{id}/events`: an answer as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use chat::Follower;
use futures_util::{StreamExt, stream};
use protocol::{AnswerEvent, MessageId, Sequence};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::{pages, routes::App};

/// Short enough for proxies that cut what is silent for half a minute.
const PING: Duration = Duration::from_secs(15);

/// Where a reader begins.
#[derive(Debug, Deserialize)]
pub struct Cursor {
    #[serde(default)]
    after: Sequence,
}

/// Follows an answer from `Last-Event-ID`, which the browser sends when it reconnects, or from
/// `?after=`.
pub async fn follow(
    State(app): State<App>,
    Extension(ending): Extension<CancellationToken>,
    Path(id): Path<String>,
    Query(cursor): Query<Cursor>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<MessageId>() else {
        return (StatusCode::NOT_FOUND, "There is no such answer.\n").into_response();
    };
    let resumed =
        headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let follower = match app.chat.follow(id, resumed.unwrap_or(cursor.after)).await {
        Ok(Some(follower)) => follower,
        Ok(None) => return (StatusCode::NOT_FOUND, "There is no such answer.\n").into_response(),
        Err(error) => return pages::failed(&error),
    };
    // A first comment makes proxies and browsers see the response before the first token.
    let opened = stream::once(async { Ok::<_, Infallible>(Event::default().comment("open")) });
    let events = stream::unfold(follower, next_event).take_until(ending.cancelled_owned());
    let sse =
        Sse::new(opened.chain(events)).keep_alive(KeepAlive::new().interval(PING).text("ping"));
    let mut response = sse.into_response();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn next_event(mut follower: Follower) -> Option<(Result<Event, Infallible>, Follower)> {
    let (sequence, event) = follower.next().await?;
    let json = match serde_json::to_string(&event) {
        Ok(json) => json,
        Err(error) => {
            tracing::error!(%error, "an event could not be written");
            return None;
        }
    };
    let named = Event::default().event(event.name()).data(json);
    let named = match event {
        // The end comes after everything that has a number, and moves no cursor.
        AnswerEvent::End(_) => named,
        AnswerEvent::Delta(_) | AnswerEvent::Snapshot(_) => named.id(sequence.to_string()),
    };
    Some((Ok(named), follower))
}
