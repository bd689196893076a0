//! The way of an answer's bytes through the relay: as they come, but for the one event that the
//! program did not ask for.

use bytes::Bytes;

use super::meter::Meter;

/// The longest event that is held until it is clear what it is. One that only counts tokens has a
/// few hundred bytes.
const LONGEST_HELD: usize = 16 << 10;

/// Lets bytes pass, reads them by the way, and holds back a chunk that only counts tokens.
#[derive(Debug, Default)]
pub(super) struct Passage {
    pub(super) meter: Meter,
    /// Tokens are counted for our own sake, so the chunk that counts them stays here.
    holds_count_back: bool,
    /// The beginning of an event that has not ended.
    held: Vec<u8>,
    /// The beginning of the event has passed, so the rest must pass, too.
    passing: bool,
    /// The last bytes ended an event with a CR, so an LF that follows is a part of it, whether it
    /// passed or not.
    after_cr: Option<Fate>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Passed,
    HeldBack,
}

impl Passage {
    pub(super) fn new(holds_count_back: bool) -> Self {
        Self { holds_count_back, ..Self::default() }
    }

    /// Takes bytes in, and gives those that go on, in at most three pieces for most input.
    pub(super) fn push(&mut self, bytes: Bytes, on: &mut impl Extend<Bytes>) {
        if !self.holds_count_back {
            let mut at = 0;
            while let Some(event) = self.meter.read(&bytes[at..]) {
                at += event.length;
            }
            return extend(on, bytes);
        }
        let (mut begin, mut at) = (0, 0);
        if let Some(fate) = self.after_cr.take()
            && bytes.first() == Some(&b'\n')
        {
            // The meter knows of the CR, too, and passes over the LF.
            self.meter.read(&bytes[..1]);
            at = 1;
            begin = if fate == Fate::HeldBack { 1 } else { 0 };
        }
        while let Some(event) = self.meter.read(&bytes[at..]) {
            let end = at + event.length;
            let is_short = self.held.len() + event.length <= LONGEST_HELD;
            let fate = if event.is_count_alone && is_short && !self.passing {
                self.held.clear();
                extend(on, bytes.slice(begin..at));
                begin = end;
                Fate::HeldBack
            } else {
                extend(on, std::mem::take(&mut self.held).into());
                Fate::Passed
            };
            let ends_with_cr = end == bytes.len() && bytes[end - 1] == b'\r';
            self.after_cr = ends_with_cr.then_some(fate);
            self.passing = false;
            at = end;
        }
        extend(on, bytes.slice(begin..at));
        let rest = bytes.slice(at..);
        if self.passing || self.held.len() + rest.len() > LONGEST_HELD {
            self.passing |= !rest.is_empty();
            extend(on, std::mem::take(&mut self.held).into());
            extend(on, rest);
        } else {
            self.held.extend_from_slice(&rest);
        }
    }

    /// What is left when nothing more comes.
    pub(super) fn finish(&mut self) -> Option<Bytes> {
        let held = std::mem::take(&mut self.held);
        let is_count_alone = self.meter.finish().is_some_and(|event| event.is_count_alone);
        (!held.is_empty() && !is_count_alone).then(|| held.into())
    }
}

fn extend(on: &mut impl Extend<Bytes>, bytes: Bytes) {
    if !bytes.is_empty() {
        on.extend([bytes]);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn pass<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> (String, protocol::Usage) {
        let mut passage = Passage::new(true);
        let mut on = VecDeque::new();
        for part in parts {
            passage.push(Bytes::copy_from_slice(part), &mut on);
            assert!(passage.held.len() <= LONGEST_HELD);
        }
        on.extend(passage.finish());
        let passed: Vec<u8> = on.into_iter().flatten().collect();
        (String::from_utf8_lossy(&passed).into_owned(), passage.meter.told().usage)
    }

    fn delta(text: &str) -> String {
        let delta = json!({"choices": [{"index": 0, "delta": {"content": text}}], "usage": null});
        format!("data: {delta}")
    }

    fn count() -> String {
        let usage = json!({"prompt_tokens": 3, "completion_tokens": 5});
        format!("data: {}", json!({"id": "x", "choices": [], "usage": usage}))
    }

    #[test]
    fn only_the_chunk_that_counts_is_held_back() {
        for end in ["\n\n", "\r\n\r\n", "\r\r"] {
            let [a, b] = [delta("a"), delta("b")];
            let stream = [&a, ": ping", &count(), &b, "data: [DONE]", ""].join(end);
            let expected = [&a, ": ping", &b, "data: [DONE]", ""].join(end);
            let whole = pass([stream.as_bytes()]);
            assert_eq!(whole.0, expected, "{end:?}");
            assert_eq!((whole.1.prompt_tokens, whole.1.completion_tokens), (Some(3), Some(5)));
            assert_eq!(pass(stream.as_bytes().chunks(1)), whole, "byte by byte, {end:?}");
            for at in 0..stream.len() {
                let (one, other) = stream.as_bytes().split_at(at);
                assert_eq!(pass([one, other]), whole, "cut at {at}, {end:?}");
            }
        }
    }

    #[test]
    fn everything_else_passes_byte_for_byte() {
        let counted = json!({"prompt_tokens": 1, "completion_tokens": 1});
        let text = json!({"choices": [{"delta": {"content": "x"}}], "usage": counted});
        let odd = json!({"choices": [{"finish_reason": 1}], "usage": counted});
        let error = json!({"choices": [], "usage": counted, "error": {"message": "x"}});
        let long = "x".repeat(3 * LONGEST_HELD);
        for stream in [
            format!("data: {text}\n\n"),
            format!("data: {error}\n\n"),
            format!("data: {odd}\n\n"),
            "data: {\"choices\":[],\"usage\":null}\n\n".to_owned(),
            "data: oops\n\nevent: x\nid: 1\n\n\n\n\n".to_owned(),
            format!("data: {long}\n\n"),
            format!(
                "data: {{\"x\":\"{long}\",\"choices\":[],\"usage\":{counted}}}\n\ndata: [DONE]"
            ),
            "data: {\"choi".to_owned(),
            "\n\r\n\r".to_owned(),
            json!({"choices": [], "usage": counted}).to_string(),
        ] {
            assert_eq!(pass([stream.as_bytes()]).0, stream);
            assert_eq!(pass(stream.as_bytes().chunks(7)).0, stream);
        }
    }

    #[test]
    fn a_count_without_its_end_is_one_all_the_same() {
        let (passed, usage) = pass([count().as_bytes()]);
        assert_eq!((passed.as_str(), usage.completion_tokens), ("", Some(5)));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_bytes(
            events in prop::collection::vec(
                (prop::sample::select(vec![0, 1, 2, 3]), prop::sample::select(vec!["\n\n", "\r\n\r\n", "\r\r", "\n"])),
                0..8,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let write = |kind: &i32| match kind {
                0 => delta("é🔥"),
                1 => count(),
                2 => ": comment".to_owned(),
                _ => "data: [DONE]".to_owned(),
            };
            let stream: String = events.iter().map(|(kind, end)| write(kind) + end).collect();
            let stream = stream.as_bytes();
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let parts = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
            prop_assert_eq!(pass(parts), pass([stream]));
        }
    }
}
