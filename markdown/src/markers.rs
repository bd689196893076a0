//! What stands before the content of a line: the markers of quotes, lists, tasks and footnotes.

use std::ops::Range;

/// An ordered list's number has no more digits.
pub(crate) const LONGEST_NUMBER: usize = 9;

/// The characters that could begin another block, or turn a paragraph into one, at the start of a formula's line.
const BLOCK_STARTS: &[u8] = b"=-+#*_<|:>";

/// Where a line's content begins, after the markers of containers, and how many of them are quotes. The
/// first line of a text stands behind `quotes` already.
pub(crate) fn after_markers(bytes: &[u8], line: &Range<usize>, quotes: usize) -> (usize, usize) {
    let mut at = line.start;
    let mut quotes = if line.start == 0 { quotes } else { 0 };
    while let Some(byte) = bytes[at..line.end].first() {
        let rest = &bytes[at..line.end];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_box = [b"[ ] ", b"[x] ", b"[X] "].iter().any(|mark| rest.starts_with(*mark));
        match byte {
            b' ' | b'\t' => at += 1,
            b'>' => {
                quotes += 1;
                at += 1;
            }
            b'-' | b'+' | b'*' if rest[1..].starts_with(b" ") => at += 2,
            b'0'..=b'9'
                if digits <= LONGEST_NUMBER
                    && matches!(rest[digits..], [b'.' | b')', b' ', ..]) =>
            {
                at += digits + 2
            }
            b'[' if is_box => at += 4,
            b'[' if rest.starts_with(b"[^") => {
                let Some(end) = rest.windows(2).position(|pair| pair == b"]:") else { break };
                at += end + 2;
            }
            _ => break,
        }
    }
    (at, quotes)
}

/// Where a line begins after its indentation and so many quote markers.
pub(crate) fn after_quotes(bytes: &[u8], line: &Range<usize>, mut quotes: usize) -> usize {
    let mut at = line.start;
    while let Some(byte) = bytes[at..line.end].first() {
        match byte {
            b' ' | b'\t' | b'\r' => at += 1,
            b'>' if quotes > 0 => {
                quotes -= 1;
                at += 1;
            }
            _ => break,
        }
    }
    at
}

/// Whether a line's content could begin another block, or turn a paragraph into one.
pub(crate) fn begins_block(rest: &[u8]) -> bool {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    rest.first().is_some_and(|first| BLOCK_STARTS.contains(first))
        || rest.starts_with(b"[^")
        || (digits > 0 && rest[digits..].first().is_some_and(|after| b".)".contains(after)))
}

/// Whether a line begins a code block or ends one, and so any formula.
pub(crate) fn is_fence(line: &[u8]) -> bool {
    line.starts_with(b"```") || line.starts_with(b"~~~")
}
