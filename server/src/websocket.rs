//! `GET /chat`: asking over a WebSocket, for programs without an HTTP client of their own to speak
//! of.
//!
//! | a text frame in | what it does |
//! | --- | --- |
//! | `Bearer ink_…` or `{"token": "ink_…"}` | shows a token; only as the first frame |
//! | `{"messages": […], …}` | asks, with a request as for `/v1/chat/completions` |
//! | `{"stop": true}` | stops the answer that is being written |
//! | anything else | is a question in a conversation that lasts as long as the socket |
//!
//! Frames out are the text of the answer as it comes. A last one says how it ended:
//! `{"end": {"status", "finish_reason", "model", "usage", "failure"}}`. No frame of an answer begins
//! with `{"end":`. Questions wait for their turn, a few of them; the token may also be in the header
//! `Authorization`.

mod conversation;
mod frame;

use std::{collections::VecDeque, time::Duration};

use axum::{
    Extension,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code},
    },
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use chat::{Caller, RelayBody, RelayError, RelayRequest, RelayedPieces, Scope};
use protocol::End;
use tokio::time::{Instant, Interval, interval_at, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    connections::Place,
    gate::bearer::{self, Denied},
    relay::{error::ApiError, wish},
    routes::App,
};
use conversation::Conversation;
use frame::{Frame, Outcome};

/// How long a client may take to read a frame. While it does, its upstream waits.
const LONGEST_STALL: Duration = Duration::from_secs(60);

/// How long a client may take to show its token.
const LONGEST_SILENCE_BEFORE_TOKEN: Duration = Duration::from_secs(10);

/// The longest frame that is looked at for a token, in bytes: who writes here has shown nothing yet.
const LONGEST_TOKEN: usize = 4 << 10;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Short enough for proxies that cut what is silent for half a minute.
const PING: Duration = Duration::from_secs(15);

/// How many questions wait while an answer is written.
const MOST_WAITING: usize = 4;

/// What is buffered of frames that are on their way out, in bytes.
const LARGEST_BUFFER: usize = 2 * frame::LONGEST;

/// Turns the connection into a socket.
pub async fn open(
    State(app): State<App>,
    Extension(ending): Extension<CancellationToken>,
    place: Option<Extension<Place>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Browsers ask for sockets of any site without asking first whether they may.
    let named = headers.get("origin").is_some_and(|origin| app.edge.cors_origins.contains(origin));
    if !named && app.gate.is_from_another_site(&headers) {
        return ApiError::from(Denied::AnotherSite).into_response();
    }
    let token_follows = match bearer::caller(&app, &headers, &[Scope::Relay]).await {
        Ok(_) => false,
        // It may still come as the first frame. What comes from a site that is named needs one.
        Err(Denied::NoToken | Denied::AnotherSite) => true,
        Err(denied) => return ApiError::from(denied).into_response(),
    };
    let limit = app.edge.max_relay_bytes;
    upgrade
        .max_message_size(limit)
        .max_frame_size(limit)
        .write_buffer_size(0)
        .max_write_buffer_size(LARGEST_BUFFER)
        .on_upgrade(move |socket| async move {
            // For the connection that it was, everything is over with the upgrade.
            let _place = place;
            let mut session = Session {
                app,
                ending: ending.child_token(),
                socket,
                token: None,
                headers,
                conversation: Conversation::default(),
                waiting: VecDeque::new(),
            };
            if let Err(Closing { code, reason }) = session.run(token_follows).await {
                let reason = reason.into();
                let goodbye = Message::Close(Some(CloseFrame { code, reason }));
                // Whoever is gone already needs no goodbye.
                let _ = timeout(LONGEST_STALL, session.socket.send(goodbye)).await;
            }
        })
}

/// A socket and what it is about.
struct Session {
    app: App,
    ending: CancellationToken,
    socket: WebSocket,
    /// The token, where a frame shows it and no header.
    token: Option<String>,
    /// The headers of the first request, which say who asks and where questions should go.
    headers: HeaderMap,
    conversation: Conversation,
    /// Questions that came while an answer was being written.
    waiting: VecDeque<Frame>,
}

/// Why a socket ends. See <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1>.
struct Closing {
    code: u16,
    reason: &'static str,
}

const GONE: Closing = Closing { code: close_code::NORMAL, reason: "" };
const STALLED: Closing = Closing { code: close_code::POLICY, reason: "frames were not read" };
const ENDING: Closing = Closing { code: close_code::AWAY, reason: "the server is ending" };
const NO_TOKEN: Closing = Closing { code: close_code::POLICY, reason: "a token is needed first" };
const TOO_MANY: Closing = Closing { code: close_code::POLICY, reason: "too many questions wait" };
const TOO_LONG: Closing = Closing { code: close_code::SIZE, reason: "a token is not so long" };
const NO_TEXT: Closing = Closing { code: close_code::UNSUPPORTED, reason: "only text is read" };

impl Session {
    /// Answers one question after the other.
    async fn run(&mut self, token_follows: bool) -> Result<(), Closing> {
        if token_follows {
            let shown = timeout(LONGEST_SILENCE_BEFORE_TOKEN, self.token()).await;
            self.token = Some(shown.unwrap_or(Err(NO_TOKEN))?);
            self.caller().await?;
        }
        loop {
            let frame = match self.waiting.pop_front() {
                Some(frame) => frame,
                None => self.next_frame().await?,
            };
            let (body, is_plain) = match frame {
                Frame::Question(text) => (self.conversation.ask(&text), true),
                Frame::Request(body) => (body, false),
                // There is nothing to stop, and one token is enough.
                Frame::Stop | Frame::Token(_) => continue,
            };
            let request = RelayRequest {
                caller: self.caller().await?,
                path: "chat/completions".to_owned(),
                headers: HeaderMap::from_iter([(header::CONTENT_TYPE, JSON)]),
                wish: wish(&self.headers),
                body: RelayBody::Json(body.into()),
            };
            let outcome = self.answer(request, is_plain).await?;
            self.send(outcome.to_json()).await?;
        }
    }

    /// Waits for the frame that shows a token.
    async fn token(&mut self) -> Result<String, Closing> {
        let text = self.next_text().await?;
        if text.len() > LONGEST_TOKEN {
            return Err(TOO_LONG);
        }
        match Frame::read(text.as_str()) {
            Frame::Token(token) => Ok(token),
            _ => Err(NO_TOKEN),
        }
    }

    /// Who asks. A token may expire or be revoked while the socket is open, so each question looks anew.
    async fn caller(&mut self) -> Result<Caller, Closing> {
        let caller = match &self.token {
            Some(token) => bearer::caller_with(&self.app, token, &[Scope::Relay]).await,
            None => bearer::caller(&self.app, &self.headers, &[Scope::Relay]).await,
        };
        match caller {
            Ok(caller) => Ok(caller),
            Err(denied) => {
                self.send(Outcome::refused(&denied.into()).to_json()).await?;
                Err(NO_TOKEN)
            }
        }
    }

    /// Has a question answered, and gives how that ended.
    async fn answer(&mut self, request: RelayRequest, is_plain: bool) -> Result<Outcome, Closing> {
        let chat = self.app.chat.clone();
        let asking = chat.relay_pieces(request);
        tokio::pin!(asking);
        let mut pings = pings();
        let pieces = loop {
            tokio::select! {
                asked = &mut asking => match asked {
                    Ok(pieces) => break pieces,
                    Err(error) => {
                        self.conversation.forget_question(is_plain);
                        return Ok(match error {
                            RelayError::Upstream(failure) => Outcome::failed(&failure),
                            error => Outcome::refused(&error.into()),
                        });
                    }
                },
                // Dropping the request closes the connection to the upstream.
                text = read(&mut self.socket) => if self.take_meanwhile(text?)? {
                    self.conversation.forget_question(is_plain);
                    return Ok(Outcome::stopped());
                },
                _ = pings.tick() => self.ping().await?,
                () = self.ending.cancelled() => return Err(ENDING),
            }
        };
        let (end, text) = self.pass_on(pieces).await?;
        if is_plain {
            self.conversation.answered(text);
        }
        Ok(Outcome::of(&end))
    }

    /// Sends the text of an answer as it comes, and gives it back as a whole.
    async fn pass_on(&mut self, mut pieces: RelayedPieces) -> Result<(End, String), Closing> {
        let mut whole = String::new();
        let mut pings = pings();
        loop {
            tokio::select! {
                piece = pieces.next() => match piece {
                    Ok(delta) if delta.content.is_empty() => {}
                    Ok(delta) => {
                        self.conversation.keep(&mut whole, &delta.content);
                        for part in frame::parts(&delta.content) {
                            self.send(part.to_owned()).await?;
                        }
                    }
                    Err(end) => return Ok((end, whole)),
                },
                text = read(&mut self.socket) => if self.take_meanwhile(text?)? {
                    return Ok((pieces.stop().await, whole));
                },
                _ = pings.tick() => self.ping().await?,
                () = self.ending.cancelled() => return Err(ENDING),
            }
        }
    }

    /// Takes a frame that came while an answer is being written. True if it stops the answer.
    fn take_meanwhile(&mut self, text: Option<Utf8Bytes>) -> Result<bool, Closing> {
        match text.map(|text| Frame::read(text.as_str())) {
            Some(Frame::Stop) => Ok(true),
            Some(_) if self.waiting.len() >= MOST_WAITING => Err(TOO_MANY),
            frame => {
                self.waiting.extend(frame);
                Ok(false)
            }
        }
    }

    /// The next frame that says something.
    async fn next_frame(&mut self) -> Result<Frame, Closing> {
        Ok(Frame::read(self.next_text().await?.as_str()))
    }

    async fn next_text(&mut self) -> Result<Utf8Bytes, Closing> {
        let mut pings = pings();
        loop {
            tokio::select! {
                text = read(&mut self.socket) => if let Some(text) = text? {
                    return Ok(text);
                },
                _ = pings.tick() => self.ping().await?,
                () = self.ending.cancelled() => return Err(ENDING),
            }
        }
    }

    async fn ping(&mut self) -> Result<(), Closing> {
        self.send_message(Message::Ping(Default::default())).await
    }

    async fn send(&mut self, text: String) -> Result<(), Closing> {
        self.send_message(Message::Text(text.into())).await
    }

    /// Returns when the frame is on its way, so that a slow client slows whoever sends.
    async fn send_message(&mut self, message: Message) -> Result<(), Closing> {
        match timeout(LONGEST_STALL, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(GONE),
            Err(_) => Err(STALLED),
        }
    }
}

fn pings() -> Interval {
    interval_at(Instant::now() + PING, PING)
}

/// The text of the next frame; `None` for those that only keep the connection alive.
async fn read(socket: &mut WebSocket) -> Result<Option<Utf8Bytes>, Closing> {
    match socket.recv().await {
        Some(Ok(Message::Text(text))) => Ok(Some(text)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        Some(Ok(Message::Binary(_))) => Err(NO_TEXT),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(GONE),
    }
}
