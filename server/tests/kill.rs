//! The server is killed without warning, at random moments of many answers. Whatever anyone had
//! been told is there after the next start.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]

// The files of an integration test lie beside it by default, where each would be a test of its own.
#[path = "kill/process.rs"]
mod process;
#[path = "kill/reader.rs"]
mod reader;
#[path = "kill/script.rs"]
mod script;

use std::{
    collections::HashSet,
    net::SocketAddr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use chat::{Chat, Limits, Settings};
use fastrand::Rng;
use process::Server;
use protocol::AnswerStatus;
use reader::{Asked, Heard};
use script::Question;
use scripted_upstream::Upstream;

/// Two processes at once, as many as the smallest machine that runs this has cores. Each is killed
/// once for each of its seeds, and what starts again is the next to be killed.
const SEEDS: [std::ops::Range<u64>; 2] = [0..50, 50..100];

/// How many answers are written when the server is killed.
const ANSWERS: usize = 6;

#[test]
fn whatever_a_reader_received_is_stored() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let upstream = runtime.block_on(Upstream::start());
    let told = thread::scope(|scope| {
        let kill = |seeds| scope.spawn(|| kill_again_and_again(&upstream.base_url(), seeds));
        let killing = SEEDS.map(kill);
        killing.map(|killing| killing.join().expect("the seed is printed above"))
    });
    for (folder, told) in told {
        runtime.block_on(check_store(&folder.path().join("data"), &told));
        let cut = told.iter().filter(|told| told.is_cut()).count();
        assert!(cut > 20, "only {cut} answers were cut while someone read: nothing was tried");
    }
}

/// An answer that someone was told of.
struct Told {
    question: String,
    asked: Asked,
    status: AnswerStatus,
    /// How many bytes its reader had when the server was killed.
    received: usize,
}

impl Told {
    /// True if the kill came while it was being read.
    fn is_cut(&self) -> bool {
        self.received > 0 && self.status == AnswerStatus::Interrupted
    }
}

fn kill_again_and_again(
    upstream: &str,
    seeds: std::ops::Range<u64>,
) -> (tempfile::TempDir, Vec<Told>) {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), upstream);
    let latest_kill = time_to_the_end(&server);
    let mut told = Vec::new();
    for seed in seeds {
        let _seed = Seed(seed);
        let mut random = Rng::with_seed(seed);
        let questions: Vec<_> = (0..ANSWERS).map(|_| Question::random(&mut random)).collect();
        let moment = latest_kill.mul_f64(random.f64());

        let heard = ask_and_kill(&mut server, &questions, moment);
        server = Server::start(folder.path(), upstream);
        for (question, heard) in questions.iter().zip(heard) {
            if let Some((asked, heard)) = heard {
                let status = check_answer(&server, question, asked, &heard);
                let received = heard.content.len() + heard.reasoning.len();
                told.push(Told { question: question.text.clone(), asked, status, received });
            }
        }
    }
    server.kill();
    (folder, told)
}

/// How long it takes from the first request to the end of the last answer, on this machine and as
/// busy as it is. A kill comes at any moment of that.
fn time_to_the_end(server: &Server) -> Duration {
    let mut random = Rng::with_seed(0);
    let questions: Vec<_> = (0..ANSWERS).map(|_| Question::random(&mut random)).collect();
    let begun = Instant::now();
    thread::scope(|scope| {
        for question in &questions {
            scope.spawn(|| ask_and_read(server.address, question));
        }
    });
    begun.elapsed()
}

/// Asks and reads everything at once, until the server is killed. Nothing for a question whose
/// asker was not told that it was taken.
fn ask_and_kill(
    server: &mut Server,
    questions: &[Question],
    moment: Duration,
) -> Vec<Option<(Asked, Heard)>> {
    let address = server.address;
    thread::scope(|scope| {
        let read = |question| scope.spawn(move || ask_and_read(address, question));
        let reading: Vec<_> = questions.iter().map(read).collect();
        thread::sleep(moment);
        server.kill();
        reading.into_iter().map(|reading| reading.join().unwrap()).collect()
    })
}

fn ask_and_read(address: SocketAddr, question: &Question) -> Option<(Asked, Heard)> {
    let asked = reader::ask(address, &question.text)?;
    let mut heard = Heard::default();
    heard.follow(address, asked.answer);
    Some((asked, heard))
}

/// Compares what a reader was told before the kill with what is told after it.
fn check_answer(
    server: &Server,
    question: &Question,
    asked: Asked,
    before: &Heard,
) -> AnswerStatus {
    let mut after = Heard::default();
    after.follow(server.address, asked.answer);
    for (whole, stored, received) in [
        (&question.content, &after.content, &before.content),
        (&question.reasoning, &after.reasoning, &before.reasoning),
    ] {
        assert!(stored.starts_with(received), "{received:?} was told, and {stored:?} is stored");
        assert!(whole.starts_with(stored), "{whole:?} was said, and {stored:?} is stored");
    }
    let end = after.end.clone().expect("no answer is open after a start");
    match end.status {
        AnswerStatus::Interrupted => {}
        AnswerStatus::Finished => {
            assert_eq!(
                (&after.content, &after.reasoning),
                (&question.content, &question.reasoning)
            );
        }
        other => panic!("the answer is {other:?}: {end:?}"),
    }
    if let Some(told) = &before.end {
        assert_eq!(*told, end, "what was told of the end is stored too");
    }
    // The reader itself comes back from its cursor, as a browser does.
    let mut back = before.clone();
    back.follow(server.address, asked.answer);
    assert_eq!(back, after);
    end.status
}

/// Every question is there, each with its answer, and each call is accounted for.
async fn check_store(data: &Path, told: &[Told]) {
    let settings = Settings {
        data: data.to_owned(),
        providers: Vec::new(),
        model: None,
        title_model: None,
        continue_when_cut: true,
        auto: None,
        rules: Vec::new(),
        limits: Limits::default(),
    };
    let chat = Chat::open(settings).await.unwrap();
    for told in told {
        let conversation = chat.conversation(told.asked.conversation).await.unwrap().unwrap();
        let [question, answer] = conversation.messages.as_slice() else {
            panic!("{conversation:?}")
        };
        assert_eq!((question.id, &question.content), (told.asked.question, &told.question));
        assert_eq!(answer.id, told.asked.answer);
        assert_eq!(answer.answer.as_ref().unwrap().status, told.status);
    }
    let ledger = chat.ledger(u32::MAX).await.unwrap();
    let answers: HashSet<_> = ledger.iter().filter_map(|row| row.answer).collect();
    assert_eq!(answers.len(), ledger.len(), "no call has two rows");
    assert!(told.iter().all(|told| answers.contains(&told.asked.answer)), "each call has one");
    assert!(ledger.iter().all(|row| ["finished", "interrupted"].contains(&row.status.as_str())));
    // A question whose asker was told nothing is stored as a whole, or not at all.
    assert_eq!(chat.list(chat::Listed::Loose, None, u32::MAX).await.unwrap().len(), ledger.len());
    chat.shut_down().await;
}

/// Says which seed it was when a test fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("this was seed {}", self.0);
        }
    }
}
