//! Server-sent events: `GET /api/answers/{id}/events` is one answer, and `GET /api/events` is
//! everything that an open page listens to.
//!
//! Browsers allow six connections to a host over HTTP/1.1, for all tabs together, so a page has
//! one: notices of what has changed, and the answer that it follows, if there is one.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

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
use futures_util::{Stream, StreamExt, stream};
use protocol::{AnswerEvent, ConversationId, MessageId, Notice, Sequence};
use serde::Deserialize;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

use crate::{pages, routes::App};

/// Short enough for proxies that cut what is silent for half a minute.
const PING: Duration = Duration::from_secs(15);

/// Counts the event streams that are open. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct OpenStreams(Arc<AtomicUsize>);

impl OpenStreams {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn enter(&self) -> OpenStream {
        self.0.fetch_add(1, Ordering::Relaxed);
        OpenStream(Arc::clone(&self.0))
    }
}

/// One open stream; it is counted until it is dropped.
struct OpenStream(Arc<AtomicUsize>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where a reader begins.
#[derive(Debug, Deserialize)]
pub struct Cursor {
    #[serde(default)]
    after: Sequence,
}

/// What a page listens to.
#[derive(Debug, Deserialize)]
pub struct Listening {
    /// The version of what it shows.
    #[serde(default)]
    seen: u64,
    /// The conversation it shows, which stays while it does if it is a temporary one.
    conversation: Option<ConversationId>,
    /// The answer that it follows.
    answer: Option<MessageId>,
    /// Where in the answer it begins.
    #[serde(default)]
    after: Sequence,
}

/// Tells an open page what has changed, and the answer that it follows.
pub async fn listen(
    State(app): State<App>,
    Extension(ending): Extension<CancellationToken>,
    Query(listening): Query<Listening>,
    headers: HeaderMap,
) -> Response {
    let notices = app.chat.notices(listening.seen);
    let watching = listening.conversation.map(|id| app.chat.watch(id));
    let follower = match listening.answer {
        Some(id) => match app.chat.follow(id, resumed(&headers).unwrap_or(listening.after)).await {
            Ok(follower) => follower,
            Err(error) => return pages::failed(&error),
        },
        None => None,
    };
    let notices = stream::unfold((notices, watching), |(mut notices, watching)| async {
        let notice = notices.next().await?;
        let json = serde_json::to_string(&notice).ok()?;
        let event = Event::default().event(Notice::NAME).data(json);
        Some((Ok(event), (notices, watching)))
    });
    let answer = stream::iter(follower).flat_map(apart);
    let events = stream::select(notices, answer).take_until(ending.child_token().cancelled_owned());
    respond(app.event_streams.enter(), events)
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
    let after = resumed(&headers).unwrap_or(cursor.after);
    let follower = match app.chat.follow(id, after).await {
        Ok(Some(follower)) => follower,
        Ok(None) => return (StatusCode::NOT_FOUND, "There is no such answer.\n").into_response(),
        Err(error) => return pages::failed(&error),
    };
    let events =
        stream::unfold(follower, next_event).take_until(ending.child_token().cancelled_owned());
    respond(app.event_streams.enter(), events)
}

/// The cursor that a browser repeats when it reconnects by itself.
fn resumed(headers: &HeaderMap) -> Option<Sequence> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

fn respond(
    open: OpenStream,
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
) -> Response {
    let events = events.map(move |event| {
        // Held for as long as there is the stream.
        let _ = &open;
        event
    });
    // A first comment makes proxies and browsers see the response before the first event.
    let opened = stream::once(async { Ok::<_, Infallible>(Event::default().comment("open")) });
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

/// How far apart an open page is told of its answer's text. It shows what it is told, and each showing takes the browser
/// the same for a letter as for a line; text that comes a word at a time reads no smoother for twice as many of them. With
/// the millisecond or two that a timer is late these are four frames of most screens, so one showing follows the other
/// evenly. A follower that waits gets one event for all that came meanwhile.
const APART: Duration = Duration::from_millis(65);

/// An answer's events for an open page. The first comes at once, as does every one that comes after a pause.
fn apart(follower: Follower) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((follower, interval(APART)), |(follower, mut due)| async {
        due.tick().await;
        let (event, follower) = next_event(follower).await?;
        due.reset();
        Some((event, (follower, due)))
    })
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
