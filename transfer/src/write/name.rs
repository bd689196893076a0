//! Names of files that are safe everywhere and tell a person what is in them.

use crate::Conversation;

/// The longest part of a title in a name, in bytes. File systems take 255 in all.
const LONGEST: usize = 120;

/// The day and the words of the title: `2026-11-26-how-to-build-a-fire`. Only letters and digits of
/// any script come from the title, so that it cannot lead to another folder, and the day before it
/// makes it no name that a system reserves.
pub fn stem(conversation: &Conversation) -> String {
    let mut name = day(conversation.created_at);
    let start = name.len();
    for word in conversation.title.split(|c: char| !c.is_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        name.push('-');
        for c in word.chars() {
            if name.len() - start + c.len_utf8() > LONGEST {
                return name;
            }
            name.push(c);
        }
    }
    if name.len() == start {
        name.push_str("-conversation");
    }
    name
}

fn day(milliseconds: i64) -> String {
    match jiff::Timestamp::from_millisecond(milliseconds) {
        Ok(time) if milliseconds > 0 => time.strftime("%Y-%m-%d").to_string(),
        _ => "undated".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_everywhere() {
        let check = |title: &str, expected: &str| {
            let conversation = Conversation {
                title: title.to_owned(),
                created_at: 1_700_000_000_000,
                ..Conversation::default()
            };
            assert_eq!(stem(&conversation), format!("2023-11-14-{expected}"), "{title:?}");
        };
        check("How to build a fire?", "How-to-build-a-fire");
        check("../../etc/passwd", "etc-passwd");
        check("C:\\con.txt\0\n", "C-con-txt");
        check("火を起こす", "火を起こす");
        check("\u{202E}gpj.exe", "gpj-exe");
        check("…", "conversation");
        check(&"ä".repeat(500), &"ä".repeat(59));
    }

    #[test]
    fn without_a_time_there_is_no_day() {
        let conversation = Conversation { title: "a".to_owned(), ..Conversation::default() };
        assert_eq!(stem(&conversation), "undated-a");
    }
}
