//! How many tokens a text or a picture takes, about.
//!
//! Counting exactly takes the vocabulary of each model, megabytes of it, and most providers do not
//! publish theirs. An estimate is enough to say what fits and what it will cost.
//!
//! # Texts
//!
//! Tokenisers of the family that most models use (byte-pair encoding after a split into words,
//! numbers and marks) agree within some percent for English and code. [`estimate`] makes the same
//! split and charges each piece by what it costs on average under OpenAI's `o200k_base`: a word is
//! one token, and long ones a little more; three digits are one; marks merge with what they stand
//! before; a letter of Chinese, Japanese or Korean is about two thirds, a letter of Russian, Arabic
//! or Hindi about a third. For those texts it is within 15 %. Older vocabularies take up to
//! twice as many tokens for scripts other than Latin.
//!
//! # Pictures
//!
//! Providers scale a picture down and charge by its area. [`estimate_image`] does as OpenAI
//! documents for its high detail: 85 tokens, and 170 for each tile of 512 pixels once the picture
//! has been fitted into 2,048 pixels and its shorter side into 768.

/// Tokens that the frame of each message takes: who speaks, and where it ends.
pub const PER_MESSAGE: u64 = 4;

/// Costs are added in sixteenths of a token, for floating point would weigh more in a browser.
const TOKEN: u64 = 16;

/// About how many tokens a text takes. Takes time in proportion to its length.
pub fn estimate(text: &str) -> u64 {
    let mut cost = 0;
    let mut rest = text;
    let mut after_mark = false;
    while let Some(first) = rest.chars().next() {
        let kind = Kind::of(first);
        let length = kind.run(rest, first);
        let (run, after) = rest.split_at(length);
        let next = after.chars().next().map(Kind::of);
        cost += kind.cost(run, first, next, after_mark);
        after_mark = kind == Kind::Mark;
        rest = after;
    }
    cost.div_ceil(TOKEN)
}

/// About how many tokens a picture of so many pixels takes.
pub fn estimate_image(width: u32, height: u32) -> u64 {
    let (mut long, mut short) =
        (u64::from(width.max(height)).max(1), u64::from(width.min(height)).max(1));
    if long > 2_048 {
        short = (short * 2_048 / long).max(1);
        long = 2_048;
    }
    if short > 768 {
        long = long * 768 / short;
        short = 768;
    }
    85 + 170 * long.div_ceil(512) * short.div_ceil(512)
}

/// Pieces that a tokeniser does not join with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// ASCII letters, split where an upper-case letter follows a lower-case one.
    Word,
    Digits,
    Spaces,
    Lines,
    /// ASCII punctuation.
    Mark,
    /// Any other character, each by itself.
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' => Self::Word,
            '0'..='9' => Self::Digits,
            ' ' => Self::Spaces,
            '\n' | '\r' | '\t' => Self::Lines,
            '!'..='~' => Self::Mark,
            _ => Self::Other,
        }
    }

    /// How many bytes at the beginning of `text` are one piece.
    fn run(self, text: &str, first: char) -> usize {
        let end = |ends: fn(u8) -> bool| text.bytes().position(ends).unwrap_or(text.len());
        match self {
            Self::Other => first.len_utf8(),
            Self::Digits => end(|byte| !byte.is_ascii_digit()),
            Self::Spaces => end(|byte| byte != b' '),
            Self::Lines => end(|byte| !matches!(byte, b'\n' | b'\r' | b'\t')),
            Self::Mark => end(|byte| !byte.is_ascii_punctuation()),
            Self::Word => {
                let capitals = end(|byte| !byte.is_ascii_uppercase());
                let small = text[capitals..].bytes().take_while(u8::is_ascii_lowercase).count();
                match capitals {
                    0 | 1 => capitals + small,
                    _ if small == 0 => capitals,
                    // The last capital begins the next word: `HTTPServer`.
                    _ => capitals - 1,
                }
            }
        }
    }

    fn cost(self, run: &str, first: char, next: Option<Self>, after_mark: bool) -> u64 {
        let length = run.len() as u64;
        match self {
            Self::Word if length > 1 && run.as_bytes()[1].is_ascii_uppercase() => {
                TOKEN + 4 * length.saturating_sub(3)
            }
            Self::Word => TOKEN + 2 * length.saturating_sub(7),
            Self::Digits => TOKEN * length.div_ceil(3),
            // One space belongs to the word after it, and all of them to the end of a line.
            Self::Spaces => match next {
                Some(Self::Digits) => TOKEN,
                Some(Self::Lines) => 0,
                _ if length > 1 => TOKEN,
                _ => 0,
            },
            Self::Lines if after_mark => 3,
            Self::Lines => TOKEN,
            Self::Mark if length == 1 && next == Some(Self::Word) => 11,
            Self::Mark => TOKEN + 6 * length.saturating_sub(3),
            Self::Other => cost_of_other(first),
        }
    }
}

/// What a character outside ASCII costs, by its script.
fn cost_of_other(c: char) -> u64 {
    match u32::from(c) {
        // Accents and joiners that belong to the character before.
        0x300..=0x36f | 0x200d | 0xfe00..=0xfe0f => 12,
        // Latin letters with accents, which split the word that they stand in.
        0x80..=0x24f => 12,
        // Greek and Cyrillic.
        0x370..=0x52f => 5,
        // Hebrew and Arabic.
        0x590..=0x6ff => 6,
        // The scripts of India and of South-East Asia.
        0x900..=0x10ff => 7,
        // Dashes and quotation marks.
        0x2000..=0x20ff => 12,
        // Chinese characters, kana, Hangul.
        0x3400..=0x4dbf | 0x4e00..=0x9fff | 0x3040..=0x30ff | 0xac00..=0xd7af => 11,
        // Their punctuation.
        0x3000..=0x303f | 0xff00..=0xffef => 14,
        // Emoji and rare characters are written byte by byte.
        0x1_0000.. => 30,
        0x2100..=0x2bff => 20,
        _ => TOKEN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts with what `o200k_base` makes of them, as counted by the npm package `gpt-tokenizer`.
    const COUNTED: &[(&str, u64, &str)] = &[
        ("essay", 1_180, include_str!("../../markdown/tests/corpus/essay.md")),
        ("email", 332, include_str!("../../markdown/tests/corpus/email.md")),
        ("table", 188, include_str!("../../markdown/tests/corpus/table.md")),
        ("json", 2_627, include_str!("../../markdown/tests/corpus/json.md")),
        ("log", 2_488, include_str!("../../markdown/tests/corpus/log.md")),
        ("Rust", 2_128, include_str!("../../markdown/tests/corpus/rust-service.md")),
        ("Python", 1_757, include_str!("../../markdown/tests/corpus/python-lib.md")),
        ("formulas", 392, include_str!("../../markdown/tests/corpus/formulas.md")),
        ("Chinese", 1_206, include_str!("../../markdown/tests/corpus/chinese-guide.md")),
        ("Japanese", 758, include_str!("../../markdown/tests/corpus/japanese.md")),
        ("Korean", 383, include_str!("../../markdown/tests/corpus/korean.md")),
        ("Russian", 469, include_str!("../../markdown/tests/corpus/russian.md")),
        ("Arabic", 78, include_str!("../../markdown/tests/corpus/arabic.md")),
        ("Hebrew", 621, include_str!("../../markdown/tests/corpus/hebrew.md")),
        ("Thai", 512, include_str!("../../markdown/tests/corpus/thai.md")),
        ("emoji", 382, include_str!("../../markdown/tests/corpus/emoji.md")),
    ];

    #[test]
    fn estimates_are_within_15_percent_of_the_count() {
        for (name, counted, text) in COUNTED {
            let estimated = estimate(text);
            let off = estimated.abs_diff(*counted) * 100;
            assert!(off <= counted * 15, "{name}: {estimated} for {counted}");
        }
    }

    #[test]
    fn short_texts_count_for_something() {
        let check = |text: &str, expected: u64| assert_eq!(estimate(text), expected, "{text:?}");
        check("", 0);
        check(" ", 0);
        check("hello world", 2);
        check("Hello, world!", 4);
        check("2 + 2 = 4", 7);
        check("HTTPServer", 3);
        check("1234567", 3);
    }

    #[test]
    fn pictures_cost_by_their_tiles() {
        let check = |width, height, expected| assert_eq!(estimate_image(width, height), expected);
        check(1, 1, 255);
        check(512, 512, 255);
        check(1_024, 1_024, 765);
        check(2_048, 4_096, 1_105);
        check(0, 0, 255);
        check(u32::MAX, 1, 85 + 170 * 4);
    }
}
