//! Finds formulas in Markdown before it is parsed: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`.
//!
//! The rules look at one line only, except for a display formula whose delimiter begins a line (or whose `\[` ends
//! one), which goes on until its closing delimiter or a blank line. So what a line means follows from the lines before
//! it and from itself, and a growing document can go on from a [`Mode`].
//!
//! A single dollar opens a formula as in Pandoc and on GitHub: no letter or digit before it, no space after it; the
//! next dollar must close it, with no space before it and no digit after it. `$5 per` and `$5/month` are prices.

use std::ops::Range;

/// The longest formula, in bytes. What is open is parsed again with every delta, so this bounds the work.
const LONGEST_DISPLAY: usize = 10_000;
const LONGEST_INLINE: usize = 2_000;

/// An ordered list's number has no more digits.
pub(crate) const LONGEST_NUMBER: usize = 9;

/// The characters that could begin another block, or turn a paragraph into one, at the start of a formula's line.
const BLOCK_STARTS: &[u8] = b"=-+#*_<|:>";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Dollar,
    Dollars,
    Parenthesis,
    Bracket,
}

impl Delimiter {
    pub(crate) fn is_display(self) -> bool {
        matches!(self, Delimiter::Dollars | Delimiter::Bracket)
    }

    pub(crate) fn len(self) -> usize {
        if self == Delimiter::Dollar { 1 } else { 2 }
    }

    fn closing(self) -> &'static [u8] {
        match self {
            Delimiter::Dollar => b"$",
            Delimiter::Dollars => b"$$",
            Delimiter::Parenthesis => b"\\)",
            Delimiter::Bracket => b"\\]",
        }
    }
}

/// What the lines before a line leave open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    #[default]
    Text,
    /// A display formula, opened behind so many quote markers and so many bytes ago.
    Display { delimiter: Delimiter, quotes: usize, length: usize },
}

/// A formula with its delimiters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Formula {
    pub(crate) range: Range<usize>,
    pub(crate) delimiter: Delimiter,
}

/// What was found in a text.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) formulas: Vec<Formula>,
    /// Bytes that the parser must see as something else, in no particular order.
    pub(crate) masks: Vec<(usize, u8)>,
    /// Where text to come may still change what is a formula, or where one is; in order.
    pub(crate) unsettled: Vec<Range<usize>>,
    /// In a text without formulas: the code of its lines, where one to come would be none.
    pub(crate) code: Vec<Range<usize>>,
    /// The starts of lines that a formula reaches into.
    pub(crate) modes: Vec<(usize, Mode)>,
}

/// What stands for a byte that means nothing to the parser: punctuation, as a dollar is.
pub(crate) const NEUTRAL: u8 = b'%';

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
    Scan::new(text, Mode::Text, quotes).after_markers(&(start..end))
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

/// What the search for the end of a `$` formula met.
enum End {
    Closed(usize),
    /// The next dollar cannot close it, or something else rules it out.
    Impossible,
    Open,
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
        let content = self.after_quotes(line, quotes);
        let is_blank = self.bytes[self.after_quotes(line, usize::MAX)..line.end].is_empty();
        let rest = &self.bytes[content..line.end];
        if is_blank || is_fence(rest) || length + line.len() > LONGEST_DISPLAY {
            // The last line may go on, and be blank no more.
            let goes_on = is_blank && line.end == self.bytes.len();
            self.give_up(if goes_on { line.end + 1 } else { line.start });
            return Some(line.start);
        }
        if self.begins_block(content, line.end) {
            self.mask(content, NEUTRAL);
        }
        match self.closing(delimiter, content, line.end) {
            Some(close) => {
                self.mode = Mode::Text;
                match self.opened.take() {
                    Some(open) => self.confirm(open, close, delimiter),
                    // It was opened in text that is finished, as a part of something else.
                    None => {
                        self.mask_inside(content..close);
                        self.mask_delimiter(close);
                        self.unsettle(0..close + delimiter.len() + 1);
                    }
                }
                Some(close + delimiter.len())
            }
            None => {
                self.mask_dollars(content..line.end);
                None
            }
        }
    }

    /// A line, or the rest of one, without an open display formula.
    fn text_line(&mut self, from: usize, line: &Range<usize>) {
        let (content, quotes) = self.after_markers(line);
        let mut at = from;
        while at < line.end {
            let byte = self.bytes[at];
            let next = self.bytes[at + 1..line.end].first().copied();
            let delimiter = match (byte, next) {
                (b'$', _) => match self.run(at, line.end) {
                    1 => Delimiter::Dollar,
                    2 => Delimiter::Dollars,
                    run => {
                        self.mask_dollars(at..at + run);
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
                    at = self.address(at, line.end);
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
                    self.confirm(at, close, delimiter);
                    at = close + delimiter.len();
                    continue;
                }
                End::Open if self.begins_display(delimiter, at, content, line.end) => {
                    self.opened = Some(at);
                    let length = line.end + 1 - at;
                    self.mode = Mode::Display { delimiter, quotes, length };
                    self.mask_dollars(at + delimiter.len()..line.end);
                    return;
                }
                End::Open => {
                    let longest =
                        if delimiter.is_display() { LONGEST_DISPLAY } else { LONGEST_INLINE };
                    self.unsettle(at..(line.end + 1).min(at + longest + 3));
                }
                End::Impossible => {}
            }
            self.mask_dollars(at..at + delimiter.len());
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
        let bytes = self.bytes;
        let rest = &bytes[open + 1..line.end];
        let follows_word = open > line.start && bytes[open - 1].is_ascii_alphanumeric();
        let begins_badly = rest
            .first()
            .is_some_and(|next| next.is_ascii_whitespace() || b"),;?'\"".contains(next));
        if follows_word || begins_badly || is_price(rest) {
            return End::Impossible;
        }
        let mut depth = 0;
        let mut at = open + 1;
        while at < line.end {
            if at - open > LONGEST_INLINE {
                return End::Impossible;
            }
            match bytes[at] {
                b'\\' => at += 1,
                // A label must look the same wherever it stands.
                b']' if matches!(bytes.get(at + 1), Some(b'(' | b'[' | b':')) => {
                    return End::Impossible;
                }
                b'{' => depth += 1,
                b'}' if depth == 0 => return End::Impossible,
                b'}' => depth -= 1,
                b'$' => {
                    let closes = depth == 0
                        && !bytes[at - 1].is_ascii_whitespace()
                        && self.run(at, line.end) == 1
                        && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
                    return if closes { End::Closed(at) } else { End::Impossible };
                }
                _ => {}
            }
            at += 1;
        }
        End::Open
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
                self.mask_dollars(at..close);
                self.unsettle(at..close + length);
                return close + length;
            }
            close += length.max(1);
        }
        self.unsettle(at..end + 1);
        at + run
    }

    /// Skips an address, which holds no formula.
    fn address(&mut self, at: usize, end: usize) -> usize {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b")>".contains(byte);
        let rest = &self.bytes[at.min(end)..end];
        let length = rest.iter().position(is_end).unwrap_or(rest.len()).max(1);
        self.mask_dollars(at..(at + length).min(end));
        at + length
    }

    /// Shows the parser a formula: dollars around something in which nothing disturbs them.
    fn confirm(&mut self, open: usize, close: usize, delimiter: Delimiter) {
        self.mask_inside(open + delimiter.len()..close);
        self.mask_delimiter(open);
        self.mask_delimiter(close);
        let range = open..close + delimiter.len();
        self.unsettle(range.start..range.end + 1);
        self.found.formulas.push(Formula { range, delimiter });
    }

    /// Ends a display formula that is not closed before `end`.
    fn give_up(&mut self, end: usize) {
        if let Mode::Display { delimiter, .. } = self.mode {
            let open = self.opened.take();
            if let Some(open) = open {
                self.mask_dollars(open..open + delimiter.len());
            }
            self.unsettle(open.unwrap_or(0)..end);
            self.mode = Mode::Text;
        }
    }

    /// Braces matter to the parser, too.
    fn mask_inside(&mut self, range: Range<usize>) {
        for at in range {
            if matches!(self.bytes[at], b'$' | b'{' | b'}') {
                self.mask(at, NEUTRAL);
            }
        }
    }

    fn mask_delimiter(&mut self, at: usize) {
        if self.bytes[at] == b'\\' {
            self.mask(at, b'$');
            self.mask(at + 1, b'$');
        }
    }

    fn mask_dollars(&mut self, range: Range<usize>) {
        for at in range {
            if self.bytes.get(at) == Some(&b'$') {
                self.mask(at, NEUTRAL);
            }
        }
    }

    fn mask(&mut self, at: usize, byte: u8) {
        self.found.masks.push((at, byte));
    }

    fn unsettle(&mut self, range: Range<usize>) {
        match self.found.unsettled.last_mut() {
            Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
            _ => self.found.unsettled.push(range),
        }
    }

    /// How often the byte at a place is repeated there.
    fn run(&self, at: usize, end: usize) -> usize {
        self.bytes[at..end].iter().take_while(|byte| **byte == self.bytes[at]).count()
    }

    fn begins_block(&self, at: usize, end: usize) -> bool {
        let rest = &self.bytes[at..end];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        rest.first().is_some_and(|first| BLOCK_STARTS.contains(first))
            || rest.starts_with(b"[^")
            || (digits > 0 && rest[digits..].first().is_some_and(|after| b".)".contains(after)))
    }

    fn after_quotes(&self, line: &Range<usize>, mut quotes: usize) -> usize {
        let mut at = line.start;
        while let Some(byte) = self.bytes[at..line.end].first() {
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

    /// Where a line's content begins, after the markers of containers, and how many of them are quotes.
    fn after_markers(&self, line: &Range<usize>) -> (usize, usize) {
        let mut at = line.start;
        let mut quotes = if line.start == 0 { self.quotes } else { 0 };
        while let Some(byte) = self.bytes[at..line.end].first() {
            let rest = &self.bytes[at..line.end];
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
}

/// Whether a line begins a code block or ends one, and so any formula.
fn is_fence(line: &[u8]) -> bool {
    line.starts_with(b"```") || line.starts_with(b"~~~")
}

/// Whether what follows a dollar makes it a currency sign: an amount of something that is said in words.
fn is_price(rest: &[u8]) -> bool {
    let amount =
        rest.iter().take_while(|byte| byte.is_ascii_digit() || b".,".contains(byte)).count();
    let rest = &rest[amount..];
    let unit = rest.iter().take_while(|byte| b"kKMBbn".contains(byte)).count().min(2);
    let is_word = |rest: &[u8]| {
        matches!(rest, [b' ' | b'/', a, b, ..] | [b' ', b'(', a, b, ..]
            if a.is_ascii_alphabetic() && b.is_ascii_alphabetic())
    };
    amount > 0 && (is_word(rest) || (unit > 0 && is_word(&rest[unit..])))
}
