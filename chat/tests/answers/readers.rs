//! Readers that come, leave, return and dawdle as they like all read the same: a property, tried
//! on random answers with random readers, through the engine's own door.

use futures_util::future::join_all;
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use scripted_upstream::Spelling;
use tokio::runtime::Runtime;

use super::*;

/// Each case asks, stores and continues for real, which takes milliseconds. The journal's own tests
/// try thousands without a store.
const CASES: u32 = 150;

/// What an upstream says at once, or how many milliseconds it waits.
#[derive(Debug, Clone)]
enum Said {
    Content(String),
    Reasoning(String),
    Pause(u64),
}

/// After how many events a reader is cut, again and again, and how often it yields before each.
#[derive(Debug, Clone)]
struct Manner {
    cuts: Vec<usize>,
    dawdles: usize,
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => "\\PC{1,6}".prop_map(Said::Content),
        1 => "\\PC{1,6}".prop_map(Said::Reasoning),
        2 => (0..3_u64).prop_map(Said::Pause),
    ]
}

fn manner() -> impl Strategy<Value = Manner> {
    (vec(0..4_usize, 0..6), 0..30_usize).prop_map(|(cuts, dawdles)| Manner { cuts, dawdles })
}

fn script(said: &[Said]) -> Script {
    let play = |script: Script, said: &Said| match said {
        Said::Content(text) => script.delta(text),
        Said::Reasoning(text) => script.reasoning(text, Spelling::default()),
        Said::Pause(ms) => script.pause(*ms),
    };
    said.iter().fold(Script::new(), play).end()
}

fn joined(said: &[Said]) -> Delta {
    let mut joined = Delta::default();
    for said in said {
        match said {
            Said::Content(text) => joined.content += text,
            Said::Reasoning(text) => joined.reasoning += text,
            Said::Pause(_) => {}
        }
    }
    joined
}

/// Reads an answer to its end, from what `heard` has already, cut as its manner says.
async fn read(chat: &Chat, answer: MessageId, manner: &Manner, heard: &mut Heard) {
    for &events in &manner.cuts {
        connect(chat, answer, events, manner.dawdles, heard).await;
        if heard.end.is_some() {
            return;
        }
    }
    connect(chat, answer, usize::MAX, manner.dawdles, heard).await;
    assert!(heard.end.is_some(), "an end comes");
}

/// Reads on from what `heard` has already, until so many events have come, or all.
async fn connect(chat: &Chat, answer: MessageId, events: usize, dawdles: usize, heard: &mut Heard) {
    let mut follower = chat.follow(answer, heard.cursor).await.unwrap().unwrap();
    let mut snapshots = 0;
    for _ in 0..events {
        for _ in 0..dawdles {
            tokio::task::yield_now().await;
        }
        let Some((sequence, event)) = within(follower.next()).await else { break };
        snapshots += usize::from(matches!(event, AnswerEvent::Snapshot(_)));
        if let AnswerEvent::End(_) = event {
            assert_eq!(sequence, heard.cursor, "the end comes after everything");
        }
        heard.note(sequence, event);
    }
    assert!(snapshots <= 1, "a connection needs one snapshot at most");
}

/// An answer in several lives, each continuing the one before, with readers that stay through all
/// of them and one that comes afterwards.
async fn check(house: &House, lives: &[Vec<Said>], manners: &[Manner]) {
    let mut asked: Option<Asked> = None;
    let mut readers: Vec<Heard> = manners.iter().map(|_| Heard::default()).collect();
    let mut expected = Delta::default();
    for life in lives {
        let answer = match &asked {
            None => asked.insert(house.ask(script(life)).await).answer,
            Some(asked) => {
                house.scripted.push(script(life));
                house.chat.continue_answer(asked.answer).await.unwrap();
                asked.answer
            }
        };
        let more = joined(life);
        expected.content += &more.content;
        expected.reasoning += &more.reasoning;
        let reading = readers.iter_mut().zip(manners).map(|(heard, manner)| {
            heard.end = None;
            read(&house.chat, answer, manner, heard)
        });
        join_all(reading).await;
        let afterwards = house.hear(answer).await;
        assert_eq!(afterwards.text, expected);
        for reader in &readers {
            assert_eq!(reader.text, expected);
            assert_eq!((reader.cursor, &reader.end), (afterwards.cursor, &afterwards.end));
        }
    }
}

#[test]
fn every_reader_reads_the_same_bytes() {
    // Several threads, so that writing and reading truly overlap.
    let runtime = Runtime::new().unwrap();
    let house = runtime.block_on(House::open());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let case = (vec(vec(said(), 0..12), 1..4), vec(manner(), 1..4));
    let outcome = runner.run(&case, |(lives, manners)| {
        runtime.block_on(check(&house, &lives, &manners));
        Ok(())
    });
    outcome.unwrap();
    runtime.block_on(house.chat.shut_down());
}
