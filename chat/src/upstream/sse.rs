//! Decoding of server-sent events, as the HTML standard has it.
//!
//! It knows nothing of what the events say. Its work is linear in the bytes that come, however
//! they are split: each byte is looked at once, and copied once into its line and once into its
//! event.

/// The largest event that is read, in bytes. Far above anything real, far below the memory that a
/// broken upstream could otherwise take.
pub(super) const LARGEST_EVENT: usize = 16 << 20;

/// An event that was not read because it is larger than [`LARGEST_EVENT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event is larger than {} MB", LARGEST_EVENT >> 20)]
pub(super) struct TooLarge;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// The type; empty where none was given.
    pub name: String,
    /// The data, its lines joined by LF. Bytes that are not UTF-8 became U+FFFD.
    pub data: String,
}

/// Turns bytes, split anywhere, into events.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The bytes of the line that has not ended yet.
    line: Vec<u8>,
    /// The type of the event that has not ended yet.
    name: Vec<u8>,
    /// The data of that event, with an LF after each line.
    data: Vec<u8>,
    /// The last byte was a CR, so an LF that follows belongs to the same line end.
    after_cr: bool,
    /// The first line has ended, so a byte order mark is no longer one.
    begun: bool,
    /// Bytes looked at or copied, so that a test can hold this file to its promise.
    #[cfg(test)]
    work: usize,
}

impl Decoder {
    /// Reads further bytes, and adds the events that they end to `events`.
    pub(super) fn push(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), TooLarge> {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &rest[..end.unwrap_or(rest.len())];
            if self.line.len() + self.data.len() + part.len() > LARGEST_EVENT {
                return Err(TooLarge);
            }
            self.line.extend_from_slice(part);
            self.count(2 * part.len() + 1);
            let Some(end) = end else { break };
            self.after_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
            events.extend(self.end_line());
        }
        Ok(())
    }

    /// The event that was left without a blank line when the stream ended, if any.
    ///
    /// The standard discards it. Some upstreams forget the last blank line, or even the last line
    /// end, so it is handed out here, and the caller must take it only if it reads well.
    pub(super) fn finish(&mut self) -> Option<Event> {
        if !self.line.is_empty()
            && let Some(event) = self.end_line()
        {
            return Some(event);
        }
        self.end_event()
    }

    /// Takes the finished line in; a blank one ends the event.
    fn end_line(&mut self) -> Option<Event> {
        let mut line = std::mem::take(&mut self.line);
        let text = match std::mem::replace(&mut self.begun, true) {
            false => line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line),
            true => &line,
        };
        if text.is_empty() {
            return self.end_event();
        }
        let colon = text.iter().position(|&byte| byte == b':').unwrap_or(text.len());
        let value = text.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let work = colon + value.len();
        match &text[..colon] {
            b"data" => {
                self.data.extend_from_slice(value);
                self.data.push(b'\n');
            }
            b"event" => self.name = value.to_owned(),
            // An empty field name is a comment. `id` and `retry` serve reconnects, which
            // completions do not have.
            _ => {}
        }
        self.count(work);
        // The buffer is kept: the next line is likely of the same length.
        line.clear();
        self.line = line;
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let mut data = std::mem::take(&mut self.data);
        // Every data line added an LF, so no LF means no data, and then there is no event.
        data.pop()?;
        self.count(data.len());
        Some(Event { name: text(name), data: text(data) })
    }

    #[cfg(test)]
    fn count(&mut self, work: usize) {
        self.work += work;
    }

    #[cfg(not(test))]
    fn count(&mut self, _: usize) {}
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Option<Event>) {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        for part in parts {
            decoder.push(part, &mut events).unwrap();
        }
        (events, decoder.finish())
    }

    /// The data of the events in `stream`, and of what is left at its end, whole and byte by byte.
    #[track_caller]
    fn check(stream: impl AsRef<[u8]>, expected: &[&str], left: Option<&str>) {
        let stream = stream.as_ref();
        let whole = decode([stream]);
        let data: Vec<_> = whole.0.iter().map(|event| event.data.as_str()).collect();
        assert_eq!(data, expected);
        assert_eq!(whole.1.as_ref().map(|event| event.data.as_str()), left);
        assert_eq!(decode(stream.chunks(1)), whole, "byte by byte");
    }

    #[test]
    fn line_ends() {
        check("data: a\n\ndata: b\n\n", &["a", "b"], None);
        check("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"], None);
        check("data: a\r\rdata: b\r\r", &["a", "b"], None);
        check("data: a\r\n\ndata: b\n\r\n", &["a", "b"], None);
        check("data: a\n\r\rdata: b\r\n\n", &["a", "b"], None);
    }

    #[test]
    fn fields() {
        check("data:a\n\ndata:  b\n\n", &["a", " b"], None);
        check("data: a\ndata: b\n\n", &["a\nb"], None);
        check("data\n\ndata\ndata\n\ndata:", &["", "\n"], Some(""));
        check(": comment\n:\nid: 1\nretry: 5\nother: x\ndata: a\n\n", &["a"], None);
        check("event: x\n\ndata: a\n\n", &["a"], None);
        check("dataset: a\n Data: b\n data: c\n\n", &[], None);
        check("data: a: b\n\n", &["a: b"], None);
    }

    #[test]
    fn names_last_for_one_event() {
        let (events, _) = decode([b"event: error\ndata: a\n\ndata: b\n\n".as_slice()]);
        assert_eq!(events[0], Event { name: "error".into(), data: "a".into() });
        assert_eq!(events[1], Event { name: String::new(), data: "b".into() });
    }

    #[test]
    fn byte_order_mark() {
        check("\u{feff}data: a\n\n\u{feff}data: b\n\n", &["a"], None);
        check("\u{feff}\u{feff}data: a\n\n", &[], None);
        check("\u{feff}\n\ndata: a\n\n", &["a"], None);
    }

    #[test]
    fn utf8() {
        check("data: né 漢字 🔥\n\n", &["né 漢字 🔥"], None);
        check(b"data: a\xFFb\xE6\xBC\n\n", &["a\u{fffd}b\u{fffd}"], None);
        check("data: a\0b\n\n", &["a\0b"], None);
    }

    #[test]
    fn the_end_without_a_blank_line() {
        check("data: a\n\ndata: b\n", &["a"], Some("b"));
        check("data: a\n\ndata: b", &["a"], Some("b"));
        check("data: a\ndata: b", &[], Some("a\nb"));
        check("data: a\n\n: b", &["a"], None);
        check("", &[], None);
    }

    #[test]
    fn an_event_of_more_than_the_limit_is_an_error() {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        let line = [b"data: ".as_slice(), &vec![b'a'; 1 << 20], b"\n"].concat();
        for _ in 0..15 {
            decoder.push(&line, &mut events).unwrap();
        }
        assert_eq!(decoder.push(&line, &mut events), Err(TooLarge));
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(&vec![b'a'; LARGEST_EVENT + 1], &mut events), Err(TooLarge));
        assert_eq!(events, []);
    }

    #[test]
    fn work_is_linear_however_the_bytes_are_split() {
        let stream = [b"data: ".as_slice(), &vec![b'a'; 2 << 20], b"\n\n"].concat();
        for size in [1, 7, 1400, stream.len()] {
            let mut decoder = Decoder::default();
            let mut events = Vec::new();
            for part in stream.chunks(size) {
                decoder.push(part, &mut events).unwrap();
            }
            assert_eq!(events.len(), 1);
            assert!(decoder.work <= 5 * stream.len(), "{} in parts of {size}", decoder.work);
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_events(
            lines in prop::collection::vec(
                ("(data|data:|data: |event: |: |\u{feff}data: |x)[ a🔥é]{0,6}|", "(\n|\r|\r\n)"),
                0..12,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let stream: String = lines.iter().map(|(line, end)| format!("{line}{end}")).collect();
            let stream = stream.as_bytes();
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let parts = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
            prop_assert_eq!(decode(parts), decode([stream]));
        }

        #[test]
        fn no_bytes_panic(stream in prop::collection::vec(any::<u8>(), 0..200)) {
            decode(stream.chunks(3));
        }
    }
}
