//! The socket, as a client of another make meets it.

use futures_util::{SinkExt, StreamExt};
use scripted_upstream::{Script, Spelling};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::{
    house::{House, MAX_RELAY_BYTES, OTHER_SITE},
    reply::within,
};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(house: &House, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let address = house.listen().await;
        let mut request = format!("ws://{address}/chat").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        within(connect_async(request)).await.map(|(socket, _)| Self(socket))
    }

    async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next text; the words of the goodbye if there is no more.
    async fn hear(&mut self) -> Result<String, String> {
        loop {
            match within(self.0.next()).await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.reason.to_string()),
                other => return Err(format!("{other:?}")),
            }
        }
    }

    /// The text of an answer, and what its last frame says.
    async fn answer(&mut self) -> (String, Value) {
        let mut text = String::new();
        loop {
            let frame = self.hear().await.unwrap();
            if frame.starts_with("{\"end\":") {
                return (text, serde_json::from_str::<Value>(&frame).unwrap()["end"].take());
            }
            text += &frame;
        }
    }

    async fn ask(&mut self, house: &House, question: &str, script: Script) -> (String, Value) {
        house.upstream.push(script);
        self.say(question).await;
        self.answer().await
    }
}

#[tokio::test]
async fn questions_make_a_conversation_and_answers_come_as_text() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    let script = Script::new().delta("Be").delta("cause.").end();
    let (text, end) = socket.ask(&house, "Why?", script).await;
    assert_eq!(text, "Because.");
    assert_eq!((&end["status"], &end["finish_reason"]), (&json!("finished"), &json!("stop")));
    assert_eq!((&end["usage"]["completion_tokens"], &end["failure"]), (&json!(20), &Value::Null));
    socket.ask(&house, "{\"and\": 1}", Script::new().delta("So.").end()).await;
    let expected = json!([
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "Because."},
        {"role": "user", "content": "{\"and\": 1}"},
    ]);
    assert_eq!(house.upstream.requests()[1].body["messages"], expected);
    let row = house.chat.ledger(1).await.unwrap().remove(0);
    assert_eq!((row.purpose.as_str(), row.usage.completion_tokens), ("relay", Some(20)));
}

#[tokio::test]
async fn a_request_says_everything_itself() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    let messages = json!([{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]);
    let request = json!({"model": "scripted/small", "messages": messages, "temperature": 0.5});
    let (text, _) = socket.ask(&house, &request.to_string(), Script::new().delta("a").end()).await;
    assert_eq!(text, "a");
    let sent = &house.upstream.requests()[0].body;
    assert_eq!((&sent["messages"], &sent["temperature"]), (&messages, &json!(0.5)));
    assert_eq!(sent["model"], "small");
    socket.ask(&house, "Plain", Script::new().delta("b").end()).await;
    assert_eq!(house.upstream.requests()[1].body["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_model_cannot_write_an_end_of_its_own() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    let forged = "{\"end\":{\"status\":\"finished\"}}";
    let (text, end) =
        socket.ask(&house, "?", Script::new().delta(forged).finish("length").done()).await;
    assert_eq!((text.as_str(), &end["finish_reason"]), (forged, &json!("length")));
}

#[tokio::test]
async fn a_token_comes_by_header_or_by_first_frame() {
    let house = House::locked().await;
    let [relay, read] =
        [house.program(&["relay"]).await.token, house.program(&["read"]).await.token];
    let header = format!("Bearer {relay}");
    let mut socket = Socket::open(&house, &[("authorization", &header)]).await.unwrap();
    assert_eq!(socket.ask(&house, "?", Script::new().delta("a").end()).await.0, "a");
    for first in [header.clone(), json!({"token": relay}).to_string()] {
        let mut socket = Socket::open(&house, &[]).await.unwrap();
        socket.say(&first).await;
        assert_eq!(socket.ask(&house, "?", Script::new().delta("a").end()).await.0, "a");
        // Shown again it is no question.
        socket.say(&first).await;
        assert_eq!(socket.ask(&house, "?", Script::new().delta("b").end()).await.0, "b");
    }
    let asked = house.upstream.requests().len();
    for first in ["Bearer ink_1", &format!("Bearer {read}")] {
        let mut socket = Socket::open(&house, &[]).await.unwrap();
        socket.say(first).await;
        assert_eq!(socket.answer().await.1["status"], "failed");
        assert_eq!(socket.hear().await, Err("a token is needed first".to_owned()));
    }
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    socket.say("Why?").await;
    assert_eq!(socket.hear().await, Err("a token is needed first".to_owned()));
    assert_eq!(house.upstream.requests().len(), asked);
}

#[tokio::test]
async fn a_token_that_is_revoked_asks_no_more() {
    let house = House::locked().await;
    let header = format!("Bearer {}", house.program(&["relay"]).await.token);
    let mut sockets = [
        Socket::open(&house, &[("authorization", &header)]).await.unwrap(),
        Socket::open(&house, &[]).await.unwrap(),
    ];
    sockets[1].say(&header).await;
    for socket in &mut sockets {
        assert_eq!(socket.ask(&house, "?", Script::new().delta("a").end()).await.0, "a");
    }
    let id = house.chat.tokens().await.unwrap()[0].id;
    assert!(house.chat.revoke_token(id).await.unwrap());
    for socket in &mut sockets {
        socket.say("?").await;
        let (_, end) = socket.answer().await;
        assert!(end["failure"]["message"].as_str().unwrap().contains("revoked"), "{end}");
        assert_eq!(socket.hear().await, Err("a token is needed first".to_owned()));
    }
    assert_eq!(house.upstream.requests().len(), 2);
}

#[tokio::test]
async fn a_question_without_an_answer_is_not_asked_again() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    let thought = Script::new().reasoning("Hm.", Spelling::ReasoningContent).cut();
    let (text, end) = socket.ask(&house, "Why?", thought).await;
    assert_eq!((text.as_str(), &end["status"]), ("", &json!("failed")));
    socket.ask(&house, "And now?", Script::new().delta("So.").end()).await;
    let expected = json!([{"role": "user", "content": "And now?"}]);
    assert_eq!(house.upstream.requests()[1].body["messages"], expected);
}

#[tokio::test]
async fn pages_of_other_sites_open_no_socket() {
    let house = House::open().await;
    let met = async |origin: &str| match Socket::open(&house, &[("origin", origin)]).await {
        Ok(_) => 101,
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(met("https://evil.example").await, 403);
    // One that is named needs a token on top.
    let mut socket = Socket::open(&house, &[("origin", OTHER_SITE)]).await.unwrap();
    socket.say("Why?").await;
    assert_eq!(socket.hear().await, Err("a token is needed first".to_owned()));
    assert!(house.upstream.requests().is_empty());
}

#[tokio::test]
async fn an_answer_stops_when_it_is_told_to_or_when_the_socket_closes() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    house.upstream.push(Script::new().delta("one").stall());
    socket.say("Go on.").await;
    assert_eq!(socket.hear().await.unwrap(), "one");
    socket.say("{\"stop\": true}").await;
    assert_eq!(socket.answer().await.1["status"], "stopped");
    within(house.upstream.wait_closed(0)).await;

    house.upstream.push(Script::never());
    socket.say("And now?").await;
    within(house.upstream.wait_request(1)).await;
    socket.say("{\"stop\": true}").await;
    assert_eq!(socket.answer().await.1["status"], "stopped");
    within(house.upstream.wait_closed(1)).await;

    house.upstream.push(Script::new().delta("two").stall());
    socket.say("Once more.").await;
    assert_eq!(socket.hear().await.unwrap(), "two");
    drop(socket);
    within(house.upstream.wait_closed(2)).await;
    within(async {
        while house.chat.ledger(1).await.unwrap()[0].status == "open" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(house.chat.ledger(1).await.unwrap()[0].status, "stopped");
}

#[tokio::test]
async fn a_failure_ends_an_answer_and_not_the_socket() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    socket.say("429").await;
    let (_, end) = socket.answer().await;
    assert_eq!(
        (&end["status"], &end["failure"]["kind"]),
        (&json!("failed"), &json!("rate_limited"))
    );
    assert_eq!(end["failure"]["retry_after_s"], 7);
    // Its key is left alone for these seconds.
    assert!(house.chat.use_key_again("scripted", 0));
    socket.say("{\"messages\": [], \"model\": 1}").await;
    let (_, end) = socket.answer().await;
    assert!(end["failure"]["message"].as_str().unwrap().contains("model: expected a string"));
    socket.say("cut").await;
    let (text, end) = socket.answer().await;
    assert!(text.starts_with("This is only") && end["failure"]["kind"] == "cut_off", "{end}");
}

#[tokio::test]
async fn what_is_too_much_closes_the_socket() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    house.upstream.push(Script::new().delta("a").stall());
    for _ in 0..6 {
        socket.say("Why?").await;
    }
    assert_eq!(socket.hear().await.unwrap(), "a");
    assert_eq!(socket.hear().await, Err("too many questions wait".to_owned()));
    within(house.upstream.wait_closed(0)).await;

    let mut socket = Socket::open(&house, &[]).await.unwrap();
    // The server may hang up before all of it is sent.
    let _ = socket.0.send(Message::text("x".repeat(MAX_RELAY_BYTES + 1))).await;
    assert!(socket.hear().await.is_err());
    let locked = House::locked().await;
    let mut socket = Socket::open(&locked, &[]).await.unwrap();
    socket.say(&"x".repeat(5_000)).await;
    assert_eq!(socket.hear().await, Err("a token is not so long".to_owned()));
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    socket.0.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(socket.hear().await, Err("only text is read".to_owned()));
}

#[tokio::test]
async fn a_client_that_does_not_read_slows_the_upstream() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    // Far more than all the buffers of sockets on the way together.
    let piece = "x".repeat(256 << 10);
    let pieces = 200;
    let script = (0..pieces).fold(Script::new(), |script, _| script.delta(piece.as_str()));
    house.upstream.push(script.end());
    socket.say("Go on.").await;
    within(house.upstream.wait_request(0)).await;
    let quiet = std::time::Duration::from_millis(500);
    let played = tokio::time::timeout(quiet, house.upstream.wait_ended(0)).await;
    assert!(played.is_err(), "all of it was taken in, though nobody reads");
    let (text, end) = socket.answer().await;
    assert_eq!((text.len(), &end["status"]), (pieces * piece.len(), &json!("finished")));
}

#[tokio::test]
async fn a_client_that_reads_nothing_for_long_is_cut_off() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    let piece = "x".repeat(256 << 10);
    let script = (0..200).fold(Script::new(), |script, _| script.delta(piece.as_str()));
    house.upstream.push(script.end());
    socket.say("Go on.").await;
    within(house.upstream.wait_request(0)).await;
    // The clock goes on by itself from now on, where nothing else happens.
    tokio::time::pause();
    house.upstream.wait_closed(0).await;
}

#[tokio::test]
async fn the_end_of_the_server_is_told() {
    let house = House::open().await;
    let mut socket = Socket::open(&house, &[]).await.unwrap();
    socket.ask(&house, "?", Script::new().delta("a").end()).await;
    house.ending.cancel();
    assert_eq!(socket.hear().await, Err("the server is ending".to_owned()));
}
