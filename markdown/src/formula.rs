//! Finds formulas in Markdown before it is parsed: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`.
//!
//! The rules look at one line only, except for a display formula whose delimiter begins a line (or whose `\[` ends
//! one), which goes on until its closing delimiter or a blank line. So what a line means follows from the lines before
//! it and from itself, and a growing document can go on from a [`Mode`].
//!
//! What a single dollar opens is said in [`crate::dollars`].

mod found;

use std::ops::Range;

use crate::{
    autolink,
    dollars::{self, End, is_price},
    markers::{after_markers, after_quotes, begins_block, is_fence},
};
pub(crate) use found::{Delimiter, Found, NEUTRAL};

/// The longest formula, in bytes. What is open is parsed again with every delta, so this bounds the work.
const LONGEST_DISPLAY: usize = 10_000;
const LONGEST_INLINE: usize = 2_000;

/// What the lines before a line leave open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    #[default]
    Text,
    /// A display formula, opened behind so many quote markers and so many bytes ago.
    Display { delimiter: Delimiter, quotes: usize, length: usize },
}

/// Finds the formulas of a text that begins in `mode`, its first line behind so many quote markers.
pub(crate) fn find(text: &str, mode: Mode, quotes: usize) -> Found {
    let mut scan = Scan::new(text, mode, quotes);
    let has_formulas = mode != Mode::Text || may_begin_in(text);
    if !has_formulas && !text.contains('`') {
        return scan.found;
    }
    let mut start = 0;
    loop {
        if scan.mode != Mode::Text {
            scan.found.modes.push((start, scan.mode));
        }
        let Some(newline) = text[start..].find('\n') else { break };
        scan.line(start..start + newline);
        start += newline + 1;
    }
    scan.line(start..text.len());
    scan.give_up(text.len() + 1);
    if !has_formulas {
        scan.found.code = std::mem::take(&mut scan.found.unsettled);
    }
    scan.found
}

/// The quote markers before a place on its line, if the text's first line stands behind so many.
pub(crate) fn quotes_before(text: &str, at: usize, quotes: usize) -> usize {
    markers(text, at, quotes).1
}

/// Where the content begins of the line that a place lies in.
pub(crate) fn content(text: &str, at: usize) -> usize {
    markers(text, at, 0).0
}

fn markers(text: &str, at: usize, quotes: usize) -> (usize, usize) {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    after_markers(text.as_bytes(), &(start..end), quotes)
}

/// Whether a text has what may open or close a formula.
pub(crate) fn may_begin_in(text: &str) -> bool {
    text.contains('$') || text.contains("\\(") || text.contains("\\[")
}

struct Scan<'a> {
    bytes: &'a [u8],
    mode: Mode,
    /// The quote markers before the text's first line.
    quotes: usize,
    /// Where the display formula that `mode` is in was opened, if that is in this text.
    opened: Option<usize>,
    /// For each delimiter, where the next closing one begins, as last searched for; the end of the line if nowhere.
    next: [Option<usize>; 4],
    found: Found,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, mode: Mode, quotes: usize) -> Self {
        let found = Found::default();
        Scan { bytes: text.as_bytes(), mode, quotes, opened: None, next: [None; 4], found }
    }

    fn line(&mut self, line: Range<usize>) {
        self.next = [None; 4];
        let from = match self.mode {
            Mode::Text => Some(line.start),
            Mode::Display { delimiter, quotes, length } => {
                let after = self.display_line(&line, delimiter, quotes, length);
                if self.mode != Mode::Text {
                    let length = length + line.len() + 1;
                    self.mode = Mode::Display { delimiter, quotes, length };
                }
                after
            }
        };
        if let Some(from) = from {
            self.text_line(from, &line);
        }
    }

    /// A line that a display formula reaches into. Gives back from where on the line is ordinary text.
    fn display_line(
        &mut self,
        line: &Range<usize>,
        delimiter: Delimiter,
        quotes: usize,
        length: usize,
    ) -> Option<usize> {
        let content = after_quotes(self.bytes, line, quotes);
        let is_blank = self.bytes[after_quotes(self.bytes, line, usize::MAX)..line.end].is_empty();
        let rest = &self.bytes[content..line.end];
        if is_blank || is_fence(rest) || length + line.len() > LONGEST_DISPLAY {
            // The last line may go on, and be blank no more.
            let goes_on = is_blank && line.end == self.bytes.len();
            self.give_up(if goes_on { line.end + 1 } else { line.start });
            return Some(line.start);
        }
        if begins_block(&self.bytes[content..line.end]) {
            self.found.mask(content, NEUTRAL);
        }
        match self.closing(delimiter, content, line.end) {
            Some(close) => {
                self.mode = Mode::Text;
                match self.opened.take() {
                    Some(open) => self.found.confirm(self.bytes, open, close, delimiter),
                    // It was opened in text that is finished, as a part of something else.
                    None => {
                        self.found.mask_inside(self.bytes, content..close);
                        self.found.mask_delimiter(self.bytes, close);
                        self.found.unsettle(0..close + delimiter.len() + 1);
                    }
                }
                Some(close + delimiter.len())
            }
            None => {
                self.found.mask_dollars(self.bytes, content..line.end);
                None
            }
        }
    }

    /// A line, or the rest of one, without an open display formula.
    fn text_line(&mut self, from: usize, line: &Range<usize>) {
        let (content, quotes) = after_markers(self.bytes, line, self.quotes);
        let mut at = from;
        while at < line.end {
            let byte = self.bytes[at];
            let next = self.bytes[at + 1..line.end].first().copied();
            let delimiter = match (byte, next) {
                (b'$', _) => match self.run(at, line.end) {
                    1 => Delimiter::Dollar,
                    2 => Delimiter::Dollars,
                    run => {
                        self.found.mask_dollars(self.bytes, at..at + run);
                        at += run;
                        continue;
                    }
                },
                (b'\\', Some(b'(')) => Delimiter::Parenthesis,
                (b'\\', Some(b'[')) => Delimiter::Bracket,
                (b'\\', Some(next)) if next.is_ascii_punctuation() => {
                    at += 2;
                    continue;
                }
                (b'`', _) => {
                    at = self.code(at, line.end);
                    continue;
                }
                (b'<', Some(next)) if next.is_ascii_alphanumeric() => {
                    at = self.address(at, line.end);
                    continue;
                }
                (b']', Some(next))
                    if next == b'('
                        || (next == b':' && content < at && self.bytes[content] == b'[') =>
                {
                    let rest = &self.bytes[at + 2..line.end];
                    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
                    at = self.address(at + 2 + spaces, line.end);
                    continue;
                }
                (b':', Some(b'/')) => {
                    at = self.bare_address(at, line.end);
                    continue;
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            let end = match delimiter {
                Delimiter::Dollar => self.dollar_end(at, line),
                _ => self.pair_end(delimiter, at, content, line),
            };
            match end {
                End::Closed(close) => {
                    self.found.confirm(self.bytes, at, close, delimiter);
                    at = close + delimiter.len();
                    continue;
                }
                End::Open if self.begins_display(delimiter, at, content, line.end) => {
                    self.opened = Some(at);
                    let length = line.end + 1 - at;
                    self.mode = Mode::Display { delimiter, quotes, length };
                    self.found.mask_dollars(self.bytes, at + delimiter.len()..line.end);
                    return;
                }
                End::Open => {
                    let longest =
                        if delimiter.is_display() { LONGEST_DISPLAY } else { LONGEST_INLINE };
                    self.found.unsettle(at..(line.end + 1).min(at + longest + 3));
                }
                End::Impossible => {}
            }
            self.found.mask_dollars(self.bytes, at..at + delimiter.len());
            at += delimiter.len();
        }
    }

    /// Whether a formula that its line does not close goes on in the next lines.
    fn begins_display(&self, delimiter: Delimiter, at: usize, content: usize, end: usize) -> bool {
        let ends_line = self.bytes[at + delimiter.len()..end].trim_ascii().is_empty();
        let begins = match delimiter {
            Delimiter::Dollars => at == content,
            Delimiter::Bracket => at == content || ends_line,
            _ => false,
        };
        begins && !is_fence(&self.bytes[content..end])
    }

    fn dollar_end(&self, open: usize, line: &Range<usize>) -> End {
        let before = (open > line.start).then(|| char::from(self.bytes[open - 1]));
        if is_price(&self.bytes[open + 1..line.end]) {
            return End::Impossible;
        }
        let last = line.end.min(open + LONGEST_INLINE + 1);
        match dollars::end_of_formula(&self.bytes[open..], last - open, before) {
            End::Closed(close) => End::Closed(open + close),
            End::Open if last < line.end => End::Impossible,
            met => met,
        }
    }

    fn pair_end(
        &mut self,
        delimiter: Delimiter,
        open: usize,
        content: usize,
        line: &Range<usize>,
    ) -> End {
        let start = open + 2;
        if delimiter == Delimiter::Dollars
            && self.bytes[start..line.end].first().is_some_and(|next| b"),;?'\"".contains(next))
        {
            return End::Impossible;
        }
        let longest = if delimiter.is_display() { LONGEST_DISPLAY } else { LONGEST_INLINE };
        let Some(close) = self.closing(delimiter, start, line.end) else {
            return if line.end - open > longest { End::Impossible } else { End::Open };
        };
        let inside = &self.bytes[start..close];
        let is_bare = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_punctuation();
        // Brackets are also escaped to be read as brackets.
        let is_meant = delimiter != Delimiter::Bracket
            || ((open == content
                || inside.starts_with(b" ")
                || inside.iter().any(|byte| b"\\^_={+<>".contains(byte)))
                && !inside.iter().all(u8::is_ascii_digit)
                && !inside.windows(2).any(|pair| pair == b"]("));
        if inside.iter().all(is_bare) || !is_meant || close - open > longest {
            return End::Impossible;
        }
        End::Closed(close)
    }

    /// Where the next closing delimiter begins on the line that ends at `end`.
    fn closing(&mut self, delimiter: Delimiter, from: usize, end: usize) -> Option<usize> {
        let cached = self.next[delimiter as usize].filter(|next| *next >= from);
        let next = cached.unwrap_or_else(|| {
            let mut at = from;
            while at < end {
                match self.bytes[at] {
                    b'\\' if self.bytes[at..end].starts_with(delimiter.closing()) => return at,
                    b'\\' => at += 2,
                    b'$' => {
                        let run = self.run(at, end);
                        if run == 2 && delimiter == Delimiter::Dollars {
                            return at;
                        }
                        at += run;
                    }
                    _ => at += 1,
                }
            }
            end
        });
        self.next[delimiter as usize] = Some(next);
        (next < end).then_some(next)
    }

    /// Skips a code span, or a run of backticks that its line does not close.
    fn code(&mut self, at: usize, end: usize) -> usize {
        let run = self.run(at, end);
        let mut close = at + run;
        while close < end {
            let length = if self.bytes[close] == b'`' { self.run(close, end) } else { 0 };
            if length == run {
                self.found.mask_dollars(self.bytes, at..close);
                self.found.unsettle(at..close + length);
                return close + length;
            }
            close += length.max(1);
        }
        self.found.unsettle(at..end + 1);
        at + run
    }

    /// Skips an address, which holds no formula.
    fn address(&mut self, at: usize, end: usize) -> usize {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b")>".contains(byte);
        let rest = &self.bytes[at.min(end)..end];
        let length = rest.iter().position(is_end).unwrap_or(rest.len()).max(1);
        self.found.mask_dollars(self.bytes, at..(at + length).min(end));
        at + length
    }

    /// Skips an address in running text, which ends where the one does that is shown as a link.
    fn bare_address(&mut self, at: usize, end: usize) -> usize {
        let rest = std::str::from_utf8(&self.bytes[at..end]).unwrap_or_default();
        let until_mark = rest.find(autolink::is_wide_mark).unwrap_or(rest.len());
        self.address(at, at + until_mark)
    }

    /// Ends a display formula that is not closed before `end`.
    fn give_up(&mut self, end: usize) {
        if let Mode::Display { delimiter, .. } = self.mode {
            let open = self.opened.take();
            if let Some(open) = open {
                self.found.mask_dollars(self.bytes, open..open + delimiter.len());
            }
            self.found.unsettle(open.unwrap_or(0)..end);
            self.mode = Mode::Text;
        }
    }

    /// How often the byte at a place is repeated there.
    fn run(&self, at: usize, end: usize) -> usize {
        self.bytes[at..end].iter().take_while(|byte| **byte == self.bytes[at]).count()
    }
}
