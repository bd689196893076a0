//! The committed text of an open answer, cut at any cursor in constant time.

use protocol::{AnswerEvent, Delta, End, Sequence, Snapshot};

use crate::store::StoredText;

/// Where the texts ended at a commit.
#[derive(Debug, Clone, Copy)]
struct Mark {
    content: usize,
    reasoning: usize,
}

/// What is committed of an answer. It only grows until it ends.
#[derive(Debug)]
pub(crate) struct Written {
    /// The sequence that `marks[0]` stands for.
    base: Sequence,
    content: String,
    reasoning: String,
    /// One for each commit after `base`, and one for `base` itself.
    marks: Vec<Mark>,
    /// Set when the answer has ended: nothing more will come.
    pub(crate) end: Option<End>,
}

impl Written {
    /// An answer that has this text already.
    pub(crate) fn starting_from(text: StoredText) -> Self {
        let mark = Mark { content: text.content.len(), reasoning: text.reasoning.len() };
        Self {
            base: text.sequence,
            content: text.content,
            reasoning: text.reasoning,
            marks: vec![mark],
            end: None,
        }
    }

    /// The number of the last commit.
    pub(crate) fn sequence(&self) -> Sequence {
        self.base + self.marks.len() as Sequence - 1
    }

    /// Adds what a commit added.
    pub(crate) fn append(&mut self, content: &str, reasoning: &str) {
        self.content.push_str(content);
        self.reasoning.push_str(reasoning);
        self.marks.push(Mark { content: self.content.len(), reasoning: self.reasoning.len() });
    }

    /// The whole text.
    pub(crate) fn text(&self) -> StoredText {
        StoredText {
            sequence: self.sequence(),
            content: self.content.clone(),
            reasoning: self.reasoning.clone(),
        }
    }

    /// What a reader lacks that has seen everything up to `cursor`: one event however much it is,
    /// or none. A cursor from before the answer was continued, or one that never was handed out,
    /// gets the whole text.
    pub(crate) fn since(&self, cursor: Sequence) -> Option<AnswerEvent> {
        let now = self.sequence();
        if cursor == now {
            return None;
        }
        let mark = cursor
            .checked_sub(self.base)
            .and_then(|index| usize::try_from(index).ok())
            .and_then(|index| self.marks.get(index));
        Some(match mark {
            Some(mark) => AnswerEvent::Delta(Delta {
                content: self.content[mark.content..].to_owned(),
                reasoning: self.reasoning[mark.reasoning..].to_owned(),
            }),
            None => AnswerEvent::Snapshot(Snapshot {
                content: self.content.clone(),
                reasoning: self.reasoning.clone(),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(content: &str) -> Option<AnswerEvent> {
        Some(AnswerEvent::Delta(Delta { content: content.into(), ..Delta::default() }))
    }

    #[test]
    fn a_cursor_gets_exactly_what_it_lacks() {
        let mut written = Written::starting_from(StoredText::default());
        assert_eq!(written.since(0), None);
        for word in ["one ", "two ", "three"] {
            written.append(word, "");
        }
        assert_eq!(written.since(0), delta("one two three"));
        assert_eq!(written.since(1), delta("two three"));
        assert_eq!(written.since(3), None);
    }

    #[test]
    fn a_cursor_from_elsewhere_gets_the_whole() {
        let mut written = Written::starting_from(StoredText {
            sequence: 7,
            content: "before ".into(),
            reasoning: String::new(),
        });
        written.append("after", "");
        assert_eq!(written.since(7), delta("after"));
        for cursor in [0, 6, 9, Sequence::MAX] {
            let whole = Snapshot { content: "before after".into(), reasoning: String::new() };
            assert_eq!(written.since(cursor), Some(AnswerEvent::Snapshot(whole)), "{cursor}");
        }
    }
}
