//! A reader of one answer.

use protocol::{AnswerEvent, End, Sequence};
use tokio::sync::watch;

use super::Written;

/// Follows an answer from a cursor to its end. It holds no text of its own: however slowly it is
/// asked, it costs nothing, and gets fewer and larger events.
#[derive(Debug)]
pub struct Follower {
    source: Source,
    cursor: Sequence,
}

#[derive(Debug)]
enum Source {
    /// The answer is being written.
    Open(watch::Receiver<Written>),
    /// The answer had ended when it was asked for: what is left to be said, last first.
    Ended(Vec<(Sequence, AnswerEvent)>),
}

impl Follower {
    pub(crate) fn of_open(written: watch::Receiver<Written>, cursor: Sequence) -> Self {
        Self { source: Source::Open(written), cursor }
    }

    /// Follows an answer that has been folded: the whole text where the cursor is not at its end,
    /// and then the end.
    pub(crate) fn of_ended(sequence: Sequence, snapshot: Option<AnswerEvent>, end: End) -> Self {
        let mut left = vec![(sequence, AnswerEvent::End(end))];
        left.extend(snapshot.map(|snapshot| (sequence, snapshot)));
        Self { source: Source::Ended(left), cursor: sequence }
    }

    /// The next event and the cursor after it, or `None` after the end. It may be dropped while it
    /// waits, and asked again.
    pub async fn next(&mut self) -> Option<(Sequence, AnswerEvent)> {
        let written = match &mut self.source {
            Source::Ended(left) => return left.pop(),
            Source::Open(written) => written,
        };
        loop {
            {
                let written = written.borrow_and_update();
                if let Some(event) = written.since(self.cursor) {
                    self.cursor = written.sequence();
                    return Some((self.cursor, event));
                }
                if let Some(closing) = &written.end {
                    let event = AnswerEvent::End(closing.clone());
                    drop(written);
                    self.source = Source::Ended(Vec::new());
                    return Some((self.cursor, event));
                }
            }
            // An error means that the server is going down without having folded the answer. The
            // reader asks again and finds it interrupted.
            written.changed().await.ok()?;
        }
    }
}
