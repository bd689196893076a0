//! What any reader of an answer is told, tried on thousands of random histories in memory.

use futures_util::FutureExt;
use proptest::{collection::vec, prelude::*};
use protocol::{AnswerEvent, AnswerStatus, Delta, End, Sequence, Snapshot, Timings, Usage};
use tokio::sync::watch;

use super::{Follower, Written};
use crate::store::StoredText;

/// What happens to an answer and its readers, in any order.
#[derive(Debug, Clone)]
enum Step {
    Append(Delta),
    /// A reader takes what there is for it.
    Read(usize),
    /// A reader loses its connection, and comes back from its cursor when it reads again.
    Cut(usize),
    /// A reader begins anew with nothing.
    Reload(usize),
    /// The answer ends and is folded.
    End,
    /// The answer goes on.
    Continue,
}

const READERS: usize = 3;

fn step() -> impl Strategy<Value = Step> {
    let text = || prop_oneof![2 => any::<char>().prop_map(String::from), 1 => Just(String::new())];
    prop_oneof![
        6 => (text(), text()).prop_map(|(content, reasoning)| Step::Append(Delta { content, reasoning })),
        6 => (0..READERS).prop_map(Step::Read),
        2 => (0..READERS).prop_map(Step::Cut),
        1 => (0..READERS).prop_map(Step::Reload),
        1 => Just(Step::End),
        1 => Just(Step::Continue),
    ]
}

/// An answer with everything it ever was.
struct History {
    /// The text at each sequence.
    texts: Vec<Delta>,
    /// Where the answer was last opened.
    base: Sequence,
    /// `None` once it has been folded.
    open: Option<watch::Sender<Written>>,
}

impl History {
    fn begun() -> Self {
        let open = Some(opened(StoredText::default()));
        Self { texts: vec![Delta::default()], base: 0, open }
    }

    fn sequence(&self) -> Sequence {
        self.texts.len() as Sequence - 1
    }

    fn stored(&self) -> StoredText {
        let Delta { content, reasoning } = self.texts[self.texts.len() - 1].clone();
        StoredText { sequence: self.sequence(), content, reasoning }
    }

    fn append(&mut self, delta: &Delta) {
        let Some(open) = &self.open else { return };
        open.send_modify(|written| written.append(&delta.content, &delta.reasoning));
        let mut text = self.texts[self.texts.len() - 1].clone();
        text.content += &delta.content;
        text.reasoning += &delta.reasoning;
        self.texts.push(text);
    }

    fn end(&mut self) {
        if let Some(open) = self.open.take() {
            assert_eq!(open.borrow().text(), self.stored());
            open.send_modify(|written| written.end = Some(ending()));
        }
    }

    fn go_on(&mut self) {
        if self.open.is_none() {
            self.base = self.sequence();
            self.open = Some(opened(self.stored()));
        }
    }

    /// As the engine does it, for an open answer and for one that has been folded.
    fn follow(&self, cursor: Sequence) -> Follower {
        match &self.open {
            Some(open) => Follower::of_open(open.subscribe(), cursor),
            None => {
                let StoredText { sequence, content, reasoning } = self.stored();
                let whole = AnswerEvent::Snapshot(Snapshot { content, reasoning });
                Follower::of_ended(sequence, (cursor != sequence).then_some(whole), ending())
            }
        }
    }

    /// True if a reader that comes with this cursor has to be told the whole text.
    fn knows_nothing_of(&self, cursor: Sequence) -> bool {
        match self.open {
            Some(_) => cursor < self.base,
            None => cursor != self.sequence(),
        }
    }
}

fn opened(text: StoredText) -> watch::Sender<Written> {
    watch::channel(Written::starting_from(text)).0
}

fn ending() -> End {
    End {
        status: AnswerStatus::Finished,
        failure: None,
        finish_reason: None,
        model: String::new(),
        usage: Usage::default(),
        cost: None,
        estimated: false,
        timings: Timings::default(),
        left_out: 0,
        seams: Vec::new(),
        choice: None,
    }
}

/// One who reads, with all that it was told.
#[derive(Default)]
struct Reader {
    text: Delta,
    cursor: Sequence,
    connection: Option<Connection>,
}

struct Connection {
    follower: Follower,
    /// The whole text is due as the first event, and never later.
    snapshot_is_due: bool,
    ended: bool,
}

impl Reader {
    /// Takes everything there is, and compares it with what was appended.
    fn read(&mut self, history: &History) {
        let connection = self.connection.get_or_insert_with(|| Connection {
            follower: history.follow(self.cursor),
            snapshot_is_due: history.knows_nothing_of(self.cursor),
            ended: false,
        });
        while let Some(told) = connection.follower.next().now_or_never() {
            let Some((sequence, event)) = told else {
                assert!(connection.ended, "nothing more comes, though no end was told");
                break;
            };
            assert!(!connection.ended, "nothing comes after the end");
            match event {
                AnswerEvent::End(_) => {
                    assert!(!connection.snapshot_is_due);
                    assert_eq!(sequence, self.cursor, "the end comes after everything");
                    connection.ended = true;
                    continue;
                }
                AnswerEvent::Delta(delta) => {
                    assert!(!connection.snapshot_is_due);
                    self.text.content += &delta.content;
                    self.text.reasoning += &delta.reasoning;
                }
                AnswerEvent::Snapshot(Snapshot { content, reasoning }) => {
                    assert!(connection.snapshot_is_due, "the whole text was not needed");
                    connection.snapshot_is_due = false;
                    self.text = Delta { content, reasoning };
                }
            }
            assert!(sequence > self.cursor, "ids grow");
            self.cursor = sequence;
            assert_eq!(self.text, history.texts[sequence as usize], "no gap, nothing twice");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 5_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_reader_is_told_what_was_appended(steps in vec(step(), 0..60)) {
        let mut history = History::begun();
        let mut readers: [Reader; READERS] = Default::default();
        for step in steps {
            match step {
                Step::Append(delta) => history.append(&delta),
                Step::Read(reader) => readers[reader].read(&history),
                Step::Cut(reader) => readers[reader].connection = None,
                Step::Reload(reader) => readers[reader] = Reader::default(),
                Step::End => history.end(),
                Step::Continue => history.go_on(),
            }
        }
        history.end();
        for mut reader in readers {
            // Once more for a connection from before the answer was continued, which is told only of
            // the end that it had then.
            reader.read(&history);
            reader.connection = None;
            reader.read(&history);
            let connection = reader.connection.unwrap();
            assert!(connection.ended);
            assert_eq!(reader.cursor, history.sequence());
            assert_eq!(reader.text, history.texts[history.texts.len() - 1]);
        }
    }
}
