//! Bare addresses in running text: GFM's autolink extension for `http://`, `https://`, `www.` and e-mail.

use std::ops::Range;

/// A longer address is no link: nobody reads it, and every letter that it grows by would be a change of all of it.
pub(crate) const LONGEST: usize = 2048;

/// More letters on either side of its `@` make no e-mail address: no mail reaches a longer one (RFC 5321, 4.5.3.1).
pub(crate) const LONGEST_MAIL: usize = 254;

/// What addresses of pages begin with.
pub(crate) const BEGINNINGS: [&str; 3] = ["https://", "http://", "www."];

/// A bare address found in text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bare {
    /// Where it stands in the text, in bytes.
    pub(crate) range: Range<usize>,
    /// Where it leads: the text itself, with `http://` before `www.` and `mailto:` before an e-mail address.
    pub(crate) address: String,
}

/// Finds the first bare address in `text` at or after `from`.
///
/// Follows <https://github.github.com/gfm/#autolinks-extension->: trailing punctuation and unbalanced closing
/// parentheses stay outside. Scripts without spaces between words need more: there, an address begins after any letter
/// or mark of theirs, and ends before their marks.
pub(crate) fn find(text: &str, from: usize) -> Option<Bare> {
    find_after_word(text, from, from)
}

/// The same in a text that begins with the rest of a word too long for an e-mail address, which ends at `word`.
pub(crate) fn find_after_word(text: &str, from: usize, word: usize) -> Option<Bare> {
    let mut at = from;
    while at < text.len() {
        let offset = text[at..].find(['h', 'H', 'w', 'W', '@'])?;
        let found = at + offset;
        let bare = match text.as_bytes()[found] {
            b'@' => mail_around(text, from.max(word), found).map(|range| (range, "mailto:")),
            b'w' | b'W' => starts_here(text, found).map(|end| (found..end, "http://")),
            _ => starts_here(text, found).map(|end| (found..end, "")),
        };
        if let Some((range, scheme)) = bare {
            let address = format!("{scheme}{}", &text[range.clone()]);
            return Some(Bare { range, address });
        }
        at = found + 1;
    }
    None
}

/// The e-mail address whose `@` is at a place, if it begins at or after `from`.
fn mail_around(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let name = text.get(from..at)?.bytes().rev().take_while(|byte| is_in_mail(char::from(*byte)));
    let name = name.take(LONGEST_MAIL).count();
    let is_in_domain = |byte: &u8| is_in_mail(char::from(*byte)) && *byte != b'+';
    let domain = &text[at + 1..];
    let length = domain.bytes().take(LONGEST_MAIL).take_while(is_in_domain).count();
    if [name, length].contains(&LONGEST_MAIL) {
        return None;
    }
    let domain = domain[..length].trim_end_matches('.');
    let is_whole = domain.split('.').all(|label| !label.is_empty());
    let is_domain = domain.contains('.') && is_whole && !domain.ends_with(['-', '_']);
    (name > 0 && is_domain).then_some(at - name..at + 1 + domain.len())
}

/// Whether a character may stand in an e-mail address, besides its `@`.
pub(crate) fn is_in_mail(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+')
}

/// The length of the word that a text begins with, of what may stand in an e-mail address.
pub(crate) fn first_word(text: &str) -> usize {
    text.find(|c| !is_in_mail(c)).unwrap_or(text.len())
}

fn starts_here(text: &str, start: usize) -> Option<usize> {
    let before = text[..start].chars().next_back();
    if !before.is_none_or(may_precede) {
        return None;
    }
    let rest = &text[start..];
    let domain_at = BEGINNINGS
        .into_iter()
        .find(|prefix| {
            rest.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        })?
        .len();
    let (end, _) =
        rest.char_indices().chain([(rest.len(), ' ')]).take(LONGEST).find(|(_, c)| ends(*c))?;
    let end = trim_end(&rest[..end]);
    let domain = rest.get(domain_at..end)?;
    let domain = domain.split(['/', '?', '#', ':']).next().unwrap_or_default();
    is_domain(domain).then_some(start + end)
}

/// Whether an address may begin after a character.
pub(crate) fn may_precede(c: char) -> bool {
    let is_ideographic = matches!(c,
        '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}');
    c.is_whitespace() || matches!(c, '*' | '_' | '~' | '(') || is_ideographic || is_wide_mark(c)
}

/// Whether no address goes on over a character.
pub(crate) fn ends(c: char) -> bool {
    c.is_whitespace() || c == '<' || is_wide_mark(c)
}

/// Punctuation of Chinese and Japanese, including the quotation marks and dashes that they share with others.
pub(crate) fn is_wide_mark(c: char) -> bool {
    matches!(c,
        '—' | '‘' | '’' | '“' | '”' | '…'
        | '、'..='〃' | '〈'..='】' | '〔'..='〟'
        | '！' | '（' | '）' | '，' | '．' | '：' | '；' | '？' | '［' | '］' | '｛' | '｝'
        | '｟'..='､')
}

/// The first letters of what may become an address, as they come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beginning {
    letters: [u8; 8],
    length: usize,
}

/// What one more letter makes of a beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Begun {
    /// No address begins so.
    Not,
    Partly(Beginning),
    /// From here on it is one, or would be with a host.
    Wholly,
}

impl Beginning {
    /// Whether there is any letter.
    pub(crate) fn is_open(&self) -> bool {
        self.length > 0
    }

    pub(crate) fn with(mut self, c: char) -> Begun {
        let (Ok(letter), Some(place)) = (u8::try_from(c), self.letters.get_mut(self.length)) else {
            return Begun::Not;
        };
        *place = letter;
        self.length += 1;
        let letters = &self.letters[..self.length];
        let begins = |beginning: &&str| {
            let head = beginning.as_bytes().get(..letters.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(letters))
        };
        match BEGINNINGS.iter().find(|beginning| begins(beginning)) {
            None => Begun::Not,
            Some(beginning) if beginning.len() == letters.len() => Begun::Wholly,
            Some(_) => Begun::Partly(self),
        }
    }
}

/// At least two labels, and no underscore in the last two, says the specification; a local host needs no dot.
fn is_domain(domain: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut labels = domain.rsplit('.');
    let last = labels.next().unwrap_or_default();
    let second = labels.next().unwrap_or_default();
    (!second.is_empty() || domain == "localhost")
        && !last.is_empty()
        && domain.chars().all(plain)
        && !last.contains('_')
        && !second.contains('_')
}

fn trim_end(address: &str) -> usize {
    let mut end = address.len();
    loop {
        let head = &address[..end];
        let Some(last) = head.chars().next_back() else { return 0 };
        let unbalanced = last == ')' && head.matches(')').count() > head.matches('(').count();
        let punctuation =
            matches!(last, '?' | '!' | '.' | ',' | ':' | '*' | '_' | '~' | '\'' | '"' | ';' | ']');
        if !unbalanced && !punctuation {
            return end;
        }
        // What looks like a character reference, but is none, is left out as a whole.
        let name = head.trim_end_matches(';').trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        end = match last {
            ';' if name.len() + 1 < end && name.ends_with('&') => name.len() - 1,
            _ => end - last.len_utf8(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, found: Option<(&str, &str)>) {
        let bare = find(text, 0);
        let bare = bare.as_ref().map(|bare| (&text[bare.range.clone()], bare.address.as_str()));
        assert_eq!(bare, found, "{text:?}");
    }

    #[test]
    fn addresses_end_where_a_reader_would_end_them() {
        check(
            "see https://example.com/a.",
            Some(("https://example.com/a", "https://example.com/a")),
        );
        check("www.example.com!", Some(("www.example.com", "http://www.example.com")));
        check(
            "(https://example.com/a_(b))",
            Some(("https://example.com/a_(b)", "https://example.com/a_(b)")),
        );
        check(
            "http://localhost:3000/x",
            Some(("http://localhost:3000/x", "http://localhost:3000/x")),
        );
        check("https://example.com<b", Some(("https://example.com", "https://example.com")));
        check(
            "https://example.com/漢字?字 a",
            Some(("https://example.com/漢字?字", "https://example.com/漢字?字")),
        );
        check("xhttps://example.com", None);
        check("https://", None);
        check("www.", None);
        check("https://nodots/", None);
        check("www.e.x/a&b;c;", Some(("www.e.x/a&b;c", "http://www.e.x/a&b;c")));
        check("www.e.x/a&b1;.", Some(("www.e.x/a", "http://www.e.x/a")));
        check("www.e.x/a&;", Some(("www.e.x/a&", "http://www.e.x/a&")));
    }

    #[test]
    fn addresses_need_no_spaces_in_scripts_without_them() {
        let address = "https://example.org/a";
        for text in [
            "见 https://example.org/a。好的",
            "请看https://example.org/a，好的",
            "请看https://example.org/a.",
            "（https://example.org/a）",
            "“https://example.org/a”",
            "‘https://example.org/a’",
            "「https://example.org/a」と",
            "【https://example.org/a】",
            "《https://example.org/a》",
            "例：https://example.org/a；然后",
            "真的https://example.org/a？！",
            "https://example.org/a、https://example.org/b",
            "https://example.org/a……",
            "https://example.org/a——",
            "여기https://example.org/a",
            "はhttps://example.org/a（例）",
        ] {
            check(text, Some((address, address)));
        }
        check("，www.example.org。", Some(("www.example.org", "http://www.example.org")));
        check("éhttps://example.org", None);
        check("https://。example.org", None);
    }

    #[test]
    fn addresses_of_mail_are_told_by_both_sides_of_their_at() {
        for (text, mail) in [
            ("write to a.b-c_d+e@f-g.example.org, please", "a.b-c_d+e@f-g.example.org"),
            ("(a@b.example)", "a@b.example"),
            ("请写信到a@b.example。谢谢", "a@b.example"),
            ("邮箱：a@b.example吗", "a@b.example"),
            ("a@b.example@c.example", "a@b.example"),
            ("@a@b.example", "a@b.example"),
            ("a@b.example...", "a@b.example"),
            ("git@github.com:owner/name", "git@github.com"),
            ("http://a@b.example", "a@b.example"),
        ] {
            check(text, Some((mail, &format!("mailto:{mail}"))));
        }
        for text in ["@b.example", "a@b", "a@.b", "a@b..c", "a@b.c_", "a @b.c", "a@", "a@b.c-"] {
            check(text, None);
        }
        let longest = "a".repeat(LONGEST_MAIL - 1);
        let [name, domain] = [format!("{longest}@b.c"), format!("a@b.{}", &longest[2..])];
        check(&name, Some((&name, &format!("mailto:{name}"))));
        check(&domain, Some((&domain, &format!("mailto:{domain}"))));
        check(&format!("a{name}"), None);
        check(&format!("{domain}a"), None);
        let word = find_after_word("a@b.c d@e.f", 0, 1).map(|bare| bare.range);
        assert_eq!(word, Some(6..11), "the first word has begun before the text");
    }

    #[test]
    fn beginnings_are_told_letter_by_letter() {
        let begun = |text: &str| {
            let mut beginning = Beginning::default();
            for (at, c) in text.char_indices() {
                match beginning.with(c) {
                    Begun::Not => return (at, false),
                    Begun::Partly(longer) => beginning = longer,
                    Begun::Wholly => return (at, true),
                }
            }
            (text.len(), false)
        };
        for (text, expected) in [
            ("https://a", (7, true)),
            ("HTTP://a", (6, true)),
            ("wWw.a", (3, true)),
            ("hello", (1, false)),
            ("httpx", (4, false)),
            ("ww字", (2, false)),
            ("http", (4, false)),
        ] {
            assert_eq!(begun(text), expected, "{text}");
        }
    }
}
