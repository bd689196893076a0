//! The events of answers.

use std::time::{Duration, Instant};

use protocol::{AnswerEvent, AnswerStatus, End, Notice, Sequence};
use scripted_upstream::Script;

use super::{
    actors::{Actor, data, events, page, with},
    house::House,
    reply::Reply,
};

/// One event, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: Option<Sequence>,
    pub event: AnswerEvent,
}

/// All that a reader was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Heard {
    pub events: Vec<Event>,
    pub content: String,
    pub cursor: Sequence,
    pub end: Option<End>,
}

impl Heard {
    /// The names of the events in their order.
    fn names(&self) -> Vec<&str> {
        self.events.iter().map(|heard| heard.event.name()).collect()
    }
}

impl Reply {
    /// The events in this response, with what is promised of all of them checked.
    pub fn heard(&self) -> Heard {
        let mut heard = Heard::default();
        for event in self.text.split("\n\n").filter_map(parse) {
            assert_eq!(heard.end, None, "nothing comes after the end");
            if let Some(id) = event.id {
                assert!(id > heard.cursor, "ids grow: {id} after {}", heard.cursor);
                heard.cursor = id;
            }
            match &event.event {
                AnswerEvent::Delta(delta) => heard.content += &delta.content,
                AnswerEvent::Snapshot(whole) => heard.content.clone_from(&whole.content),
                AnswerEvent::End(end) => heard.end = Some(end.clone()),
            }
            heard.events.push(event);
        }
        heard
    }
}

/// Reads an event of an answer; comments and notices are none.
fn parse(text: &str) -> Option<Event> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let (name, data) = (field("event: ")?, field("data: ")?);
    if name == Notice::NAME {
        return None;
    }
    let event: AnswerEvent = serde_json::from_str(data).unwrap();
    assert_eq!(name, event.name(), "{text}");
    Some(Event { id: field("id: ").map(|id| id.parse().unwrap()), event })
}

#[tokio::test]
async fn the_stream_opens_before_the_first_token() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.ask("Are you there?", Script::never()).await;
    let mut stream = user.open(events(asked.answer, "")).await;
    assert_eq!(stream.status, 200);
    assert_eq!(stream.header("content-type"), "text/event-stream");
    assert_eq!(stream.header("cache-control"), "no-cache, no-transform");
    assert_eq!(stream.header("x-accel-buffering"), "no");
    assert_eq!(stream.next().await.unwrap(), ": open\n\n");
}

#[tokio::test]
async fn silence_is_filled_with_pings_every_15_seconds() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.ask("Are you there?", Script::never()).await;
    let mut stream = user.open(events(asked.answer, "")).await;
    stream.next().await;
    // From here on nothing is under way but the silence, so the clock can be moved: it goes on to
    // the next timer whenever all tasks wait.
    house.upstream.wait_request(0).await;
    tokio::time::pause();
    for _ in 0..3 {
        let before = tokio::time::Instant::now();
        assert_eq!(stream.next().await.unwrap(), ": ping\n\n");
        let waited = before.elapsed();
        assert!((14..=16).contains(&waited.as_secs()), "{waited:?}");
    }
}

#[tokio::test]
async fn readers_get_what_is_stored() {
    let house = House::open().await;
    let user = house.local_user();
    let text = "Quinces, medlars – 漢字 and 👩‍👩‍👧.\nTwo lines.";
    let asked = user.ask("What grows?", Script::new().words(text, 5).end()).await;
    let heard = user.hear(asked.answer).await;
    assert_eq!(heard.content, text);
    assert_eq!(heard.end.as_ref().unwrap().status, AnswerStatus::Finished);
    assert_eq!(heard.events.last().unwrap().id, None, "the end moves no cursor");

    let stored = user.send(data("/rpc/markdown", &[("answer", &asked.answer.to_string())])).await;
    assert_eq!(stored.json::<String>(), heard.content);
}

#[tokio::test]
async fn two_readers_of_an_open_answer_get_the_same_from_wherever_they_begin() {
    let house = House::open().await;
    let user = house.local_user();
    let script = Script::new().words("one two three four five six seven eight", 10).end();
    let asked = user.ask("Count.", script).await;
    let mut early = user.open(events(asked.answer, "")).await;
    early.until("event: delta").await;
    let late = user.open(events(asked.answer, "?after=1")).await;
    let (early, late) = (early.whole().await.heard(), late.whole().await.heard());
    assert_eq!(early.content, "one two three four five six seven eight");
    assert!(early.content.ends_with(&late.content), "{early:?} {late:?}");
    assert_eq!((early.cursor, &early.end), (late.cursor, &late.end));
}

#[tokio::test]
async fn after_the_end_a_reader_gets_what_it_lacks_in_one_piece() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Count.", Script::new().words("one two three", 5).end()).await;
    let end = user.hear(asked.answer).await.cursor;
    let check = async |query: &str, last_event_id: Option<&str>, expected: &[&str]| {
        let mut request = events(asked.answer, query);
        if let Some(id) = last_event_id {
            request = with(request, "last-event-id", id);
        }
        let heard = user.send(request).await.heard();
        assert_eq!(heard.names(), expected, "{query} {last_event_id:?}");
        if expected.contains(&"snapshot") {
            assert_eq!((heard.content.as_str(), heard.cursor), ("one two three", end));
        }
    };
    let at_end = end.to_string();
    let after_end = format!("?after={end}");
    check("", None, &["snapshot", "end"]).await;
    check("?after=0", None, &["snapshot", "end"]).await;
    check(&after_end, None, &["end"]).await;
    // What the browser repeats is newer than what stands in the address.
    check("?after=0", Some(&at_end), &["end"]).await;
    check(&after_end, Some("0"), &["snapshot", "end"]).await;
    check(&after_end, Some("nonsense"), &["end"]).await;
    // A cursor that was never handed out.
    check("?after=99999", None, &["snapshot", "end"]).await;
}

#[tokio::test]
async fn there_are_events_of_answers_only() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Hello", Script::new().delta("Hi.").end()).await;
    for id in [
        "0193a5c0000070008000000000000001".to_owned(),
        asked.question.to_string(),
        asked.conversation.to_string(),
        "1".to_owned(),
        "..%2F..%2Fetc%2Fpasswd".to_owned(),
        "%FF".to_owned(),
        "x".repeat(5_000),
    ] {
        let reply = user.visit(&format!("/api/answers/{id}/events")).await;
        assert!(reply.status == 404 || (id == "%FF" && reply.status == 400), "{id}: {reply:?}");
    }
    let reply = user.send(events(asked.answer, "?after=nonsense")).await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn streams_end_with_the_server() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.ask("Are you there?", Script::never()).await;
    let stream = user.open(events(asked.answer, "")).await;
    house.ending.cancel();
    assert_eq!(stream.whole().await.heard(), Default::default());
}

#[tokio::test]
async fn a_page_hears_of_changes_and_its_answer_in_one_stream() {
    let house = House::open().await;
    let user = house.local_user();
    let seen = house.chat.version();
    let asked = user.ask("What grows?", Script::new().words("Quinces and medlars.", 5).end()).await;
    let address = format!("/api/events?seen={seen}&answer={}&after=0", asked.answer);
    let mut stream = user.open(page(&address)).await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    assert_eq!(stream.header("cache-control"), "no-cache, no-transform");
    // It was not there when the question was asked, so it is told to look at everything.
    stream.until("\"everything\"").await;
    stream.until("event: end").await;
    // The stream goes on after the answer.
    let conversation = asked.conversation.to_string();
    let renamed = [("conversation", &*conversation), ("what", "rename"), ("title", "Fruit")];
    assert_eq!(user.send(data("/rpc/arrange", &renamed)).await.status, 200);
    stream.until("\"list\"").await;
}

#[tokio::test]
async fn a_page_hears_of_a_fast_answer_in_few_events() {
    let house = House::open().await;
    let user = house.local_user();
    let seen = house.chat.version();
    let text = "Quinces and medlars. ".repeat(20);
    let asked = user.ask("What grows?", Script::new().words(&text, 2).end()).await;
    let address = format!("/api/events?seen={seen}&answer={}&after=0", asked.answer);
    let mut stream = user.open(page(&address)).await;
    let (mut content, mut told) = (String::new(), Vec::new());
    loop {
        let heard = stream.next().await.unwrap();
        match parse(&heard).map(|heard| heard.event) {
            Some(AnswerEvent::Delta(delta)) => content += &delta.content,
            Some(AnswerEvent::Snapshot(_)) => panic!("{heard}"),
            Some(AnswerEvent::End(_)) => break,
            // A notice.
            None => continue,
        }
        told.push(Instant::now());
    }
    assert_eq!(content, text);
    for pair in told.windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(50), "{told:?}");
    }
}

#[tokio::test]
async fn a_page_that_is_up_to_date_is_told_nothing() {
    let house = House::open().await;
    let user = house.local_user();
    let address = format!("/api/events?seen={}", house.chat.version());
    let mut stream = user.open(page(&address)).await;
    assert_eq!(stream.next().await.unwrap(), ": open\n\n");
    tokio::time::pause();
    assert_eq!(stream.next().await.unwrap(), ": ping\n\n");
}
