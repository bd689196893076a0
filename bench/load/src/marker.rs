//! What every delta says: its number and the time at which it was sent.
//!
//! Written as `17.1764182342342342 `, in characters that JSON leaves as they are, so that a reader
//! finds markers without a parser, whatever has encoded the frame again on the way.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970. Both ends run on one machine, so they share this clock.
pub fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// The text of a delta that is sent now.
pub fn written(number: u64) -> String {
    format!("{number}.{} ", now_us())
}

/// The markers of one text, as (number, time sent).
pub fn read(content: &str) -> impl Iterator<Item = (u64, u64)> + '_ {
    content.split_ascii_whitespace().filter_map(|word| {
        let (number, sent) = word.split_once('.')?;
        Some((number.parse().ok()?, sent.parse().ok()?))
    })
}

/// The text of the field `content` of a JSON object, if it has one that is a text.
pub fn content(json: &str) -> Option<&str> {
    let (_, rest) = json.split_once("\"content\":")?;
    let (text, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    Some(text)
}

/// Checks that every marker comes once, in order. What is missing is what has not been seen.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sequence {
    /// How many have come, each counted once.
    pub seen: u64,
    /// How many came twice or too late.
    pub wrong: u64,
    /// The number of the next one, if nothing is missing.
    next: u64,
}

impl Sequence {
    /// Takes note of the next marker.
    pub fn note(&mut self, number: u64) {
        if number < self.next {
            self.wrong += 1;
        } else {
            self.seen += 1;
            self.next = number + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_read_out_of_any_encoding() {
        let check = |json: &str, expected: &[(u64, u64)]| {
            let found: Vec<_> = content(json).into_iter().flat_map(read).collect();
            assert_eq!(found, expected, "{json}");
        };
        check(r#"{"choices":[{"delta":{"content":"3.17 "}}]}"#, &[(3, 17)]);
        check(r#"{"delta": {"content": "3.17 4.18 "}}"#, &[(3, 17), (4, 18)]);
        check(r#"{"delta":{"role":"assistant","content":""}}"#, &[]);
        check(r#"{"delta":{"content":null}}"#, &[]);
        check("[DONE]", &[]);
    }

    #[test]
    fn what_is_missing_or_doubled_is_noticed() {
        let check = |numbers: &[u64], seen, wrong| {
            let mut sequence = Sequence::default();
            numbers.iter().for_each(|&number| sequence.note(number));
            assert_eq!((sequence.seen, sequence.wrong), (seen, wrong), "{numbers:?}");
        };
        check(&[0, 1, 2], 3, 0);
        check(&[0, 2, 3], 3, 0);
        check(&[0, 0, 1], 2, 1);
        check(&[1, 0, 2], 2, 1);
    }
}
