//! Streams an open answer into the HTML of a page, for browsers without scripts.
//!
//! HTML can only be appended to. A finished block is sent once; a block that still grows is sent
//! again each time, and a rule of the style sheet hides all but the last (`.tail`).

use std::time::Duration;

use app::{CONTINUES_HERE, Language, view::PageView};
use axum::{
    body::{Body, Bytes},
    http::{Extensions, header},
    response::Response,
};
use chat::{Chat, Follower};
use futures_util::{StreamExt, stream};
use protocol::{AnswerEvent, ConversationId, End, MessageId, Sequence};
use tokio::{
    task::{JoinError, spawn_blocking},
    time::Instant,
};

use crate::pages;

/// How often a growing block is sent again. Each time costs its length.
const PACE: Duration = Duration::from_millis(400);

/// Marks a response that is streamed, since a compressor would hold it back.
#[derive(Debug, Clone, Copy)]
struct Streamed;

/// True for responses that must be sent as they come.
pub fn is_streamed(extensions: &Extensions) -> bool {
    extensions.get::<Streamed>().is_some()
}

/// The answer that a page is to be continued with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerToStream {
    conversation: ConversationId,
    language: Language,
    answer: MessageId,
    sequence: Sequence,
    source: String,
}

/// Finds the open answer that a page was rendered for.
pub fn answer_to_stream(page: &PageView) -> Option<AnswerToStream> {
    let conversation = page.conversation.as_ref().filter(|_| page.streams)?;
    conversation.messages.iter().find_map(|message| {
        let answer = message.answer.as_ref().filter(|answer| answer.is_open())?;
        let growing = answer.growing.as_ref()?;
        Some(AnswerToStream {
            conversation: conversation.link.id,
            language: page.language,
            answer: message.id,
            sequence: answer.sequence,
            source: growing.content.clone(),
        })
    })
}

/// Sends the page up to where its answer goes on, then the answer as it grows, then the rest.
pub async fn stream_into(response: Response, chat: &Chat, answer: AnswerToStream) -> Response {
    let (mut parts, body) = response.into_parts();
    let page = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(page) => page,
        Err(error) => return pages::failed(&error),
    };
    let Some(place) = find(&page, CONTINUES_HERE.as_bytes()) else {
        return Response::from_parts(parts, Body::from(page));
    };
    let follower = match chat.follow(answer.answer, answer.sequence).await {
        Ok(Some(follower)) => follower,
        Ok(None) => return Response::from_parts(parts, Body::from(page)),
        Err(error) => return pages::failed(&error),
    };
    let growing = match Growing::new(follower, answer).await {
        Ok(growing) => growing,
        Err(error) => return pages::failed(&error),
    };
    let before = page.slice(..place);
    let after = page.slice(place + CONTINUES_HERE.len()..);
    let growing = stream::unfold(Some(growing), |growing| async {
        let mut growing = growing?;
        let (html, goes_on) = growing.next().await;
        Some((Bytes::from(html), goes_on.then_some(growing)))
    });
    let whole = stream::once(async { before }).chain(growing).chain(stream::once(async { after }));
    parts.extensions.insert(Streamed);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert("x-accel-buffering", header::HeaderValue::from_static("no"));
    Response::from_parts(parts, Body::from_stream(whole.map(Ok::<_, std::convert::Infallible>)))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// An answer as HTML that is only ever appended to.
struct Growing {
    follower: Follower,
    conversation: ConversationId,
    language: Language,
    /// `None` if it could not be rendered any further.
    text: Option<markdown::Stream>,
    /// How many bytes of its source have come.
    received: usize,
    /// How many blocks have been sent for good.
    finished: usize,
    last_sent: Option<Instant>,
}

impl Growing {
    async fn new(follower: Follower, answer: AnswerToStream) -> Result<Self, JoinError> {
        let received = answer.source.len();
        let prefix = format!("s-{}-", answer.answer);
        let language = answer.language;
        let text = spawn_blocking(move || {
            let mut text = markdown::Stream::new(app::render_options(prefix, language));
            text.push(&answer.source);
            text
        })
        .await?;
        Ok(Self {
            follower,
            conversation: answer.conversation,
            language,
            text: Some(text),
            received,
            finished: 0,
            last_sent: None,
        })
    }

    /// What to append next, and whether more will come.
    async fn next(&mut self) -> (String, bool) {
        // What was stored before does not wait for more to come.
        if self.last_sent.is_none() && self.received > 0 {
            self.last_sent = Some(Instant::now());
            return (self.grown(), true);
        }
        loop {
            let end = match self.follower.next().await {
                Some((_, AnswerEvent::Delta(delta))) => {
                    self.push(delta.content).await;
                    None
                }
                // The whole comes if the answer has ended since the page was made.
                Some((_, AnswerEvent::Snapshot(whole))) => {
                    let rest = whole.content.get(self.received..).unwrap_or_default();
                    self.push(rest.to_owned()).await;
                    None
                }
                Some((_, AnswerEvent::End(end))) => Some(end),
                None => return (String::new(), false),
            };
            if let Some(end) = end {
                if let Some(text) = &mut self.text {
                    text.finish();
                }
                let rest = self.blocks().concat();
                return (format!("{rest}{}", self.farewell(&end)), false);
            }
            if let Some(last) = self.last_sent {
                tokio::time::sleep_until(last + PACE).await;
            }
            let html = self.grown();
            if !html.is_empty() {
                self.last_sent = Some(Instant::now());
                return (html, true);
            }
        }
    }

    /// Colouring code takes milliseconds, which the async threads have not got.
    async fn push(&mut self, source: String) {
        self.received += source.len();
        let Some(mut text) = self.text.take() else { return };
        let pushed = spawn_blocking(move || {
            text.push(&source);
            text
        });
        match pushed.await {
            Ok(text) => self.text = Some(text),
            Err(error) => tracing::error!(%error, "an answer could not be rendered any further"),
        }
    }

    /// The blocks that have not been sent for good.
    fn blocks(&self) -> Vec<String> {
        self.text.as_ref().map(|text| text.blocks(self.finished)).unwrap_or_default()
    }

    /// The blocks that have been finished since, and the one that grows.
    fn grown(&mut self) -> String {
        let mut blocks = self.blocks();
        let Some(growing) = blocks.pop() else { return String::new() };
        self.finished += blocks.len();
        format!("{}<div class=\"tail\">{growing}</div>", blocks.concat())
    }

    /// What is said below the text, as plain as everything on such a page.
    fn farewell(&self, end: &End) -> String {
        let words = end.failure.as_ref().map(|failure| {
            let (words, remedy) = (self.language.words().failure)(failure);
            let said = format!("{words} {remedy}");
            format!(
                "<p class=\"note failed\" role=\"alert\">{}</p>",
                html_escape::encode_text(&said)
            )
        });
        format!(
            "{}<p class=\"note\"><a class=\"plain\" href=\"/c/{}\">{}</a></p>",
            words.unwrap_or_default(),
            self.conversation,
            self.language.words().message.show_with_buttons
        )
    }
}
