//! An answer as it comes.

use std::{collections::VecDeque, mem, sync::Arc};

use protocol::{Delta, Failure, FailureKind, Usage};

use super::{
    Inner, ResumePoint,
    body::Body,
    detail::words_of_body,
    dialect::{EventError, EventReader, Read},
    failure,
    sse::{Decoder, Event, LARGEST_EVENT, TooLarge},
};

/// The longest answer, in bytes: no model writes so much. One without an end would take all memory,
/// and all of the disk.
const LONGEST_ANSWER: usize = 64 << 20;

/// A piece of an answer. Several may come from one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The model that answers, as the upstream names it. Comes again only if it changes.
    Model(String),
    /// From where the answer can be resumed once what follows, up to the next of these, is stored.
    /// Comes only where the upstream writes in the background.
    Resumable(ResumePoint),
    /// Text; never empty.
    Delta(Delta),
    /// Why the answer ends, in the words of chat completions, `stop`, `length`, …, where they have
    /// one. An open set.
    Finish(String),
    /// Tokens so far. Each count replaces the one before.
    Usage(Usage),
}

impl Piece {
    fn text_length(&self) -> usize {
        match self {
            Self::Delta(delta) => delta.content.len() + delta.reasoning.len(),
            _ => 0,
        }
    }
}

/// An answer being received. Dropping it closes the connection to the upstream.
#[derive(Debug)]
pub struct Completion {
    upstream: Arc<Inner>,
    state: State,
    form: Form,
    reader: Box<dyn EventReader>,
    /// Pieces that came and were not taken yet.
    ready: VecDeque<Piece>,
    /// How much text has come, in bytes.
    length: usize,
}

#[derive(Debug)]
enum State {
    Open(Body),
    Ended(Result<(), Failure>),
}

/// What the body is. Its first byte tells: the headers are often wrong.
#[derive(Debug)]
enum Form {
    Unknown,
    Events(Decoder),
    /// One JSON document, from an upstream that does not stream, or a page, from a server that is
    /// no upstream.
    Document(Vec<u8>),
}

impl Completion {
    pub(super) fn new(upstream: Arc<Inner>, body: Body, reader: Box<dyn EventReader>) -> Self {
        Self {
            upstream,
            state: State::Open(body),
            form: Form::Unknown,
            reader,
            ready: VecDeque::new(),
            length: 0,
        }
    }

    /// The next piece. `Ok(None)` after a clean end: the upstream said that it is done, or the
    /// stream ended after it had given a reason to finish.
    ///
    /// A failure comes after every piece that was received before it, and comes again if asked
    /// again. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Option<Piece>, Failure> {
        self.wait().await?;
        Ok(self.ready.pop_front())
    }

    /// Waits for the first piece, and says from where the answer can be resumed, if it can. Takes
    /// nothing.
    pub(crate) async fn begun(&mut self) -> Result<Option<ResumePoint>, Failure> {
        self.wait().await?;
        Ok(match self.ready.front() {
            Some(Piece::Resumable(point)) => Some(point.clone()),
            _ => None,
        })
    }

    /// Waits until there is a piece to be taken, or a clean end.
    async fn wait(&mut self) -> Result<(), Failure> {
        while self.ready.is_empty() {
            let body = match &mut self.state {
                State::Open(body) => body,
                State::Ended(outcome) => return outcome.clone(),
            };
            let read = match body.next().await {
                Ok(Some(bytes)) => self.read(&bytes),
                Ok(None) => self.read_end(),
                // The answer is whole: at worst its count of tokens is missing.
                Err(_) if self.reader.finished() => Ok(Read::Done),
                Err(failure) => Err(failure),
            };
            match read {
                Ok(Read::On) if self.length > LONGEST_ANSWER => {
                    let words = "it has more than 64 MB, and there is no end of it";
                    self.end(Err(self.malformed(words)));
                }
                Ok(Read::On) => {}
                Ok(Read::Done) => self.end(Ok(())),
                Err(failure) => self.end(Err(failure)),
            }
        }
        Ok(())
    }

    fn end(&mut self, outcome: Result<(), Failure>) {
        let held = self.reader.finish();
        self.ready.extend((!held.is_empty()).then_some(Piece::Delta(held)));
        let State::Open(body) = mem::replace(&mut self.state, State::Ended(outcome.clone())) else {
            return;
        };
        match outcome {
            Ok(()) => body.release(),
            Err(failure) => body.report(&failure),
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Read, Failure> {
        let mut bytes = bytes;
        if matches!(self.form, Form::Unknown) {
            // Some upstreams send white space to keep the connection alive until they answer.
            bytes = bytes.trim_ascii_start();
            self.form = match bytes.first() {
                None => Form::Unknown,
                Some(b'{' | b'[' | b'<') => Form::Document(Vec::new()),
                Some(_) => Form::Events(Decoder::default()),
            };
        }
        let mut events = Vec::new();
        let decoded = match &mut self.form {
            Form::Unknown => Ok(()),
            Form::Events(decoder) => decoder.push(bytes, &mut events),
            Form::Document(document) if document.len() + bytes.len() > LARGEST_EVENT => {
                Err(TooLarge)
            }
            Form::Document(document) => {
                document.extend_from_slice(bytes);
                Ok(())
            }
        };
        for event in events {
            if let Read::Done = self.read_event(&event)? {
                return Ok(Read::Done);
            }
        }
        decoded.map_err(|error| self.malformed(&error.to_string()))?;
        Ok(Read::On)
    }

    fn read_event(&mut self, event: &Event) -> Result<Read, Failure> {
        match self.read_data(&event.data) {
            Ok(read) => Ok(read),
            Err(EventError::Upstream(error)) => {
                Err(failure::of_error(&self.upstream.provider, &error))
            }
            Err(EventError::Malformed) if !self.reader.knows(&event.name) => Ok(Read::On),
            Err(EventError::Malformed) => {
                Err(self.malformed(&format!("an event is not JSON: {}", event.data)))
            }
        }
    }

    fn read_data(&mut self, data: &str) -> Result<Read, EventError> {
        let mut pieces = Vec::new();
        let read = self.reader.read(data, &mut pieces);
        self.length += pieces.iter().map(Piece::text_length).sum::<usize>();
        self.ready.extend(pieces);
        read
    }

    /// Reads what is left when the upstream has closed the connection.
    fn read_end(&mut self) -> Result<Read, Failure> {
        match mem::replace(&mut self.form, Form::Unknown) {
            Form::Unknown => {}
            Form::Events(mut decoder) => {
                // An event that was cut in two does not read as JSON, and is dropped: the missing
                // end is a failure anyway.
                if let Some(event) = decoder.finish()
                    && let Err(EventError::Upstream(error)) = self.read_data(&event.data)
                {
                    return Err(failure::of_error(&self.upstream.provider, &error));
                }
            }
            Form::Document(document) => return self.read_document(&document),
        }
        if self.reader.finished() {
            return Ok(Read::Done);
        }
        let words = "the stream ended before the answer did";
        Err(failure::failure(&self.upstream.provider, FailureKind::CutOff, words))
    }

    fn read_document(&mut self, document: &[u8]) -> Result<Read, Failure> {
        let document = String::from_utf8_lossy(document);
        match self.read_data(&document) {
            Ok(_) if self.ready.iter().any(|piece| matches!(piece, Piece::Delta(_))) => {
                Ok(Read::Done)
            }
            Ok(_) if self.reader.finished() => Ok(Read::Done),
            Err(EventError::Upstream(error)) => {
                Err(failure::of_error(&self.upstream.provider, &error))
            }
            Ok(_) | Err(EventError::Malformed) => {
                let words = words_of_body(&document);
                Err(self.malformed(&format!("this came in place of an answer: {words}")))
            }
        }
    }

    fn malformed(&self, words: &str) -> Failure {
        failure::failure(&self.upstream.provider, FailureKind::Malformed, words)
    }
}
