//! Money, in whole picodollars (10⁻¹² US dollars).
//!
//! Prices are in millionths of a dollar for a million tokens, so a token costs a whole number of
//! picodollars, and sums are exact. Nothing here computes with floating point. 64 bits hold
//! eighteen million dollars.

/// How many picodollars a dollar has.
pub const DOLLAR: u64 = 1_000_000_000_000;

/// The most digits that are read before the point. A text from elsewhere may ask for billions of them.
const MOST_DIGITS: i32 = 40;

/// Reads a decimal number such as `0.25`, `3` or `2.5e-7` as a count of its `places`-th decimal
/// place, rounded half up: with 6 places, `0.25` is 250,000. `None` for anything else, for negative
/// numbers, and for what does not fit.
pub fn read_decimal(text: &str, places: i32) -> Option<u64> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // How many of the digits stand before the point once it has been moved.
    let kept = i32::try_from(whole.len()).ok()?.checked_add(exponent)?.checked_add(places)?;
    if kept > MOST_DIGITS {
        return None;
    }
    let mut value: u64 = 0;
    for place in 0..kept.max(0) {
        let digit = digits().nth(usize::try_from(place).ok()?).unwrap_or(b'0') - b'0';
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    let next = usize::try_from(kept).ok().and_then(|kept| digits().nth(kept));
    value.checked_add(u64::from(next.is_some_and(|digit| digit >= b'5')))
}

/// An amount in dollars with all its decimal places, and at least two: `$0.000125`, `$3.50`.
pub fn exact(picodollars: u64) -> String {
    let (dollars, fraction) = (picodollars / DOLLAR, picodollars % DOLLAR);
    let digits = format!("{fraction:012}");
    let digits = digits.trim_end_matches('0');
    format!("${dollars}.{digits:0<2}")
}

/// An amount in dollars as people read it: four places while they matter, two from a dollar on.
/// What is left over is cut off.
pub fn rounded(picodollars: u64) -> String {
    const TEN_THOUSANDTH: u64 = DOLLAR / 10_000;
    match picodollars {
        0 => "$0".to_owned(),
        1..TEN_THOUSANDTH => "< $0.0001".to_owned(),
        TEN_THOUSANDTH..DOLLAR => format!("$0.{:04}", picodollars / TEN_THOUSANDTH),
        _ => format!("${}.{:02}", picodollars / DOLLAR, picodollars % DOLLAR * 100 / DOLLAR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        let check = |text: &str, places, expected| {
            assert_eq!(read_decimal(text, places), expected, "{text} {places}");
        };
        check("0.25", 6, Some(250_000));
        check("3", 6, Some(3_000_000));
        check("0.1", 12, Some(100_000_000_000));
        check("0.00000025", 12, Some(250_000));
        check("2.5e-7", 12, Some(250_000));
        check("1E3", 0, Some(1_000));
        check(".5", 1, Some(5));
        check("5.", 1, Some(50));
        check("0.1234565", 6, Some(123_457));
        check("0.1234564", 6, Some(123_456));
        check("1e-99", 6, Some(0));
        check("18446744.073709551615", 12, Some(u64::MAX));
        for wrong in [
            "",
            ".",
            "-1",
            "+1",
            "1,5",
            "1.2.3",
            "0x1",
            "NaN",
            "1e",
            "1e99",
            "0e2000000000",
            "99999999",
        ] {
            check(wrong, 12, None);
        }
        check("1e2147483647", 6, None);
        check("1e-2147483648", 6, Some(0));
    }

    #[test]
    fn amounts_are_written_exactly() {
        let check = |picodollars, expected: &str| assert_eq!(exact(picodollars), expected);
        check(0, "$0.00");
        check(1, "$0.000000000001");
        check(125_000_000, "$0.000125");
        check(12_300_000_000, "$0.0123");
        check(3 * DOLLAR + DOLLAR / 2, "$3.50");
        check(u64::MAX, "$18446744.073709551615");
    }

    #[test]
    fn amounts_are_written_as_people_read_them() {
        let check = |picodollars, expected: &str| assert_eq!(rounded(picodollars), expected);
        check(0, "$0");
        check(1, "< $0.0001");
        check(1_234_567_890, "$0.0012");
        check(DOLLAR / 4, "$0.2500");
        check(DOLLAR + DOLLAR / 4, "$1.25");
        check(DOLLAR - 1, "$0.9999");
    }
}
