//! A formula between single dollars, by the rules of Pandoc and GitHub: no letter or digit before it, no space after
//! the first dollar; the next dollar must close it, with no space before it and no digit after it.

/// What the search for the end of a formula met.
pub(crate) enum End {
    /// Its closing delimiter begins here.
    Closed(usize),
    /// The next dollar cannot close it, or something else rules it out.
    Impossible,
    /// There is no end yet.
    Open,
}

/// Looks for the end of a formula that a text begins with. It must come before `end`; what stands there and behind it
/// may tell that a dollar closes nothing.
pub(crate) fn end_of_formula(text: &[u8], end: usize, before: Option<char>) -> End {
    let first = text[..end].get(1);
    let begins_badly =
        first.is_some_and(|next| next.is_ascii_whitespace() || b"$),;?'\"".contains(next));
    if before.is_some_and(|before| before.is_ascii_alphanumeric()) || begins_badly {
        return End::Impossible;
    }
    let mut depth = 0;
    let mut at = 1;
    while at < end {
        match text[at] {
            b'\\' => at += 1,
            // A label must look the same wherever it stands.
            b']' if matches!(text.get(at + 1), Some(b'(' | b'[' | b':')) => return End::Impossible,
            b'{' => depth += 1,
            b'}' if depth == 0 => return End::Impossible,
            b'}' => depth -= 1,
            b'$' => {
                let after = text.get(at + 1);
                let closes = depth == 0
                    && !text[at - 1].is_ascii_whitespace()
                    && !after.is_some_and(|after| after.is_ascii_digit() || *after == b'$');
                return if closes { End::Closed(at) } else { End::Impossible };
            }
            _ => {}
        }
        at += 1;
    }
    End::Open
}

/// Whether what follows a dollar makes it a currency sign: an amount of something that is said in words.
pub(crate) fn is_price(rest: &[u8]) -> bool {
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
