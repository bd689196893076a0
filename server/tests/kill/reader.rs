//! One who asks and reads over HTTP, and is cut off at any moment.
//!
//! HTTP/1.0 says everything in plain bytes and ends with the connection, so what came before a kill
//! is known to the byte.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
};

use protocol::{AnswerEvent, ConversationId, End, MessageId, Sequence};
use serde::Deserialize;
use url::form_urlencoded;

/// What one is told who has asked.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Asked {
    pub conversation: ConversationId,
    pub question: MessageId,
    pub answer: MessageId,
}

/// Asks as the page does. Nothing if the server was killed before it had said that all is stored.
pub fn ask(address: SocketAddr, question: &str) -> Option<Asked> {
    let form =
        form_urlencoded::Serializer::new(String::new()).append_pair("text", question).finish();
    let length = form.len();
    let request = format!(
        "POST /rpc/ask HTTP/1.0\r\nHost: {address}\r\nAccept: application/json\r\n\
         Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{form}"
    );
    serde_json::from_str(&exchange(address, &request)).ok()
}

/// All that a reader of an answer was told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    pub content: String,
    pub reasoning: String,
    pub end: Option<End>,
    cursor: Sequence,
}

impl Heard {
    /// Reads on from what it has, until the end or until the connection is lost.
    pub fn follow(&mut self, address: SocketAddr, answer: MessageId) {
        let after = self.cursor;
        let request = format!(
            "GET /api/answers/{answer}/events?after={after} HTTP/1.0\r\nHost: {address}\r\n\r\n"
        );
        let stream = exchange(address, &request);
        // An event that was cut off is one that never came.
        let whole = stream.rfind("\n\n").map_or("", |end| &stream[..end]);
        whole.split("\n\n").for_each(|event| self.note(event));
    }

    fn note(&mut self, event: &str) {
        let field = |name| event.lines().find_map(|line| line.strip_prefix(name));
        let Some(data) = field("data: ") else { return };
        match serde_json::from_str(data).unwrap() {
            AnswerEvent::Delta(delta) => {
                self.content += &delta.content;
                self.reasoning += &delta.reasoning;
            }
            AnswerEvent::Snapshot(whole) => {
                self.content = whole.content;
                self.reasoning = whole.reasoning;
            }
            AnswerEvent::End(end) => self.end = Some(end),
        }
        if let Some(id) = field("id: ") {
            self.cursor = id.parse().unwrap();
        }
    }
}

/// The body of the response, as much of it as came.
fn exchange(address: SocketAddr, request: &str) -> String {
    let mut response = Vec::new();
    // An error is the kill; what came before it has been kept.
    let _ = send_and_receive(address, request, &mut response);
    // Only characters of events that were cut off can be cut themselves.
    let response = String::from_utf8_lossy(&response).into_owned();
    let Some((head, body)) = response.split_once("\r\n\r\n") else { return String::new() };
    assert!(head.split(' ').nth(1) == Some("200"), "{response}");
    body.to_owned()
}

fn send_and_receive(address: SocketAddr, request: &str, response: &mut Vec<u8>) -> io::Result<()> {
    let mut connection = TcpStream::connect(address)?;
    connection.write_all(request.as_bytes())?;
    connection.read_to_end(response)?;
    Ok(())
}
