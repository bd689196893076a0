//! Times in the forms that exports have them, as milliseconds since 1970.

use jiff::{Timestamp, civil, fmt::strtime, tz::TimeZone};
use serde_json::Value;

/// The last millisecond of the year 9999.
pub const LAST: i64 = 253_402_300_799_999;

/// Forms without a time zone, as `toLocaleString` of browsers writes them. They are taken as UTC,
/// since the zone is not known.
const LOCAL_FORMS: [&str; 5] = [
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%m/%d/%Y, %I:%M:%S %p",
    "%d.%m.%Y, %H:%M:%S",
    "%d/%m/%Y, %H:%M:%S",
];

/// Milliseconds of a number of seconds, milliseconds, microseconds or nanoseconds, told apart by
/// their size, or of a date in words. `None` for anything else and for times before 1970.
pub fn milliseconds(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => of_number(number.as_f64()?),
        Value::String(text) => of_text(text.trim()),
        _ => None,
    }
}

/// Milliseconds, if they are of a time that a person could have lived in.
fn within_reason(milliseconds: i64) -> Option<i64> {
    (1..=LAST).contains(&milliseconds).then_some(milliseconds)
}

fn of_number(number: f64) -> Option<i64> {
    let milliseconds = match number {
        // As seconds this is the year 5138, as milliseconds 1973.
        ..1e11 => number * 1e3,
        ..1e14 => number,
        ..1e17 => number / 1e3,
        _ => number / 1e6,
    };
    // A cast of what is no number gives 0.
    within_reason(milliseconds as i64)
}

fn of_text(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return of_number(number);
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return within_reason(timestamp.as_millisecond());
    }
    // Newer browsers put a narrow space before AM and PM.
    let text = text.replace('\u{202F}', " ");
    let local = LOCAL_FORMS.iter().find_map(|form| local_time(form, &text))?;
    within_reason(local.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

fn local_time(form: &str, text: &str) -> Option<civil::DateTime> {
    strtime::parse(form, text).ok()?.to_datetime().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_in_every_form() {
        let check = |value: Value, expected: Option<i64>| {
            assert_eq!(milliseconds(&value), expected, "{value}");
        };
        check(json!(1_700_000_000.25), Some(1_700_000_000_250));
        check(json!(1_700_000_000), Some(1_700_000_000_000));
        check(json!(1_700_000_000_000_i64), Some(1_700_000_000_000));
        check(json!(1_700_000_000_000_000_i64), Some(1_700_000_000_000));
        check(json!(1_700_000_000_000_000_000_i64), Some(1_700_000_000_000));
        check(json!("1700000000"), Some(1_700_000_000_000));
        check(json!("2023-11-14T22:13:20.000Z"), Some(1_700_000_000_000));
        check(json!("2023/11/14 22:13:20"), Some(1_700_000_000_000));
        check(json!("11/14/2023, 10:13:20 PM"), Some(1_700_000_000_000));
        check(json!("11/14/2023, 10:13:20\u{202F}PM"), Some(1_700_000_000_000));
        check(json!("14.11.2023, 22:13:20"), Some(1_700_000_000_000));
        for nothing in
            [json!(null), json!(-1), json!("soon"), json!("NaN"), json!("1e999"), json!([1])]
        {
            check(nothing, None);
        }
    }
}
