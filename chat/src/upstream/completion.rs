//! An answer as it comes.

use std::{collections::VecDeque, mem, sync::Arc};

use protocol::{Delta, Failure, FailureKind, Usage};

use super::{
    Inner,
    body::Body,
    chat_completions::{ChunkError, ChunkReader},
    detail::words_of_body,
    failure,
    sse::{Decoder, Event, LARGEST_EVENT, TooLarge},
};

/// A piece of an answer. Several may come from one chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The model that answers, as the upstream names it. Comes again only if it changes.
    Model(String),
    /// Text; never empty.
    Delta(Delta),
    /// Why the answer ends, in the upstream's word: `stop`, `length`, … An open set.
    Finish(String),
    /// Tokens so far. Each count replaces the one before.
    Usage(Usage),
}

/// An answer being received. Dropping it closes the connection to the upstream.
#[derive(Debug)]
pub struct Completion {
    upstream: Arc<Inner>,
    state: State,
    form: Form,
    reader: ChunkReader,
    /// Pieces that came and were not taken yet.
    ready: VecDeque<Piece>,
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

/// Whether more of the answer is to be read.
enum Read {
    On,
    Done,
}

impl Completion {
    pub(super) fn new(upstream: Arc<Inner>, body: Body) -> Self {
        Self {
            upstream,
            state: State::Open(body),
            form: Form::Unknown,
            reader: ChunkReader::default(),
            ready: VecDeque::new(),
        }
    }

    /// The next piece. `Ok(None)` after a clean end: the upstream said `[DONE]`, or the stream
    /// ended after it had given a reason to finish.
    ///
    /// A failure comes after every piece that was received before it, and comes again if asked
    /// again. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Option<Piece>, Failure> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            let body = match &mut self.state {
                State::Open(body) => body,
                State::Ended(outcome) => return outcome.clone().map(|()| None),
            };
            let read = match body.next().await {
                Ok(Some(bytes)) => self.read(&bytes),
                Ok(None) => self.read_end(),
                // The answer is whole: at worst its count of tokens is missing.
                Err(_) if self.reader.finished() => Ok(Read::Done),
                Err(failure) => Err(failure),
            };
            match read {
                Ok(Read::On) => {}
                Ok(Read::Done) => self.end(Ok(())),
                Err(failure) => self.end(Err(failure)),
            }
        }
    }

    fn end(&mut self, outcome: Result<(), Failure>) {
        self.ready.extend(self.reader.finish());
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
        match self.read_chunk(&event.data) {
            Ok(read) => Ok(read),
            Err(ChunkError::Upstream(error)) => {
                Err(failure::of_error(&self.upstream.provider, &error))
            }
            // Events of other types need not be JSON: they are some upstream's own affair.
            Err(ChunkError::Malformed) if !matches!(event.name.as_str(), "" | "message") => {
                Ok(Read::On)
            }
            Err(ChunkError::Malformed) => {
                Err(self.malformed(&format!("an event is not JSON: {}", event.data)))
            }
        }
    }

    fn read_chunk(&mut self, data: &str) -> Result<Read, ChunkError> {
        let mut pieces = Vec::new();
        let done = self.reader.read(data, &mut pieces);
        self.ready.extend(pieces);
        Ok(if done? { Read::Done } else { Read::On })
    }

    /// Reads what is left when the upstream has closed the connection.
    fn read_end(&mut self) -> Result<Read, Failure> {
        match mem::replace(&mut self.form, Form::Unknown) {
            Form::Unknown => {}
            Form::Events(mut decoder) => {
                // An event that was cut in two does not read as JSON, and is dropped: the missing
                // end is a failure anyway.
                if let Some(event) = decoder.finish()
                    && let Err(ChunkError::Upstream(error)) = self.read_chunk(&event.data)
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
        match self.read_chunk(&document) {
            Ok(_) if self.ready.iter().any(|piece| matches!(piece, Piece::Delta(_))) => {
                Ok(Read::Done)
            }
            Ok(_) if self.reader.finished() => Ok(Read::Done),
            Err(ChunkError::Upstream(error)) => {
                Err(failure::of_error(&self.upstream.provider, &error))
            }
            Ok(_) | Err(ChunkError::Malformed) => {
                let words = words_of_body(&document);
                Err(self.malformed(&format!("this came in place of an answer: {words}")))
            }
        }
    }

    fn malformed(&self, words: &str) -> Failure {
        failure::failure(&self.upstream.provider, FailureKind::Malformed, words)
    }
}
