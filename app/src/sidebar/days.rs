//! The list by how long ago a conversation was, in the reader's days.

use crate::{view::ConversationLink, words::ListWords};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Groups links, newest first, by how long ago they are in the reader's days.
pub(super) fn by_day(
    links: &[ConversationLink],
    now: i64,
    offset_ms: i64,
    words: &ListWords,
) -> Vec<(&'static str, Vec<ConversationLink>)> {
    let day = |time: i64| (time + offset_ms).div_euclid(DAY_MS);
    let today = day(now);
    let mut groups: Vec<(&'static str, Vec<ConversationLink>)> = Vec::new();
    for link in links {
        let heading = match today - day(link.updated_at) {
            ..=0 => words.today,
            1 => words.yesterday,
            2..=7 => words.last_7_days,
            8..=30 => words.last_30_days,
            _ => words.older,
        };
        match groups.last_mut() {
            Some((last, group)) if *last == heading => group.push(link.clone()),
            _ => groups.push((heading, vec![link.clone()])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::ENGLISH;

    #[test]
    fn days_begin_where_the_reader_is() {
        let link = |updated_at| ConversationLink {
            id: "0193a5c0000070008000000000000001".parse().unwrap(),
            updated_at,
            ..ConversationLink::default()
        };
        let hour = 60 * 60 * 1000;
        let now = 20_000 * DAY_MS + 3 * hour;
        let check = |offset_hours: i64, expected: &[(&str, usize)]| {
            let links = [now - hour, now - 4 * hour, now - 9 * DAY_MS, 0].map(link);
            let groups: Vec<_> = by_day(&links, now, offset_hours * hour, &ENGLISH.list)
                .into_iter()
                .map(|(heading, links)| (heading, links.len()))
                .collect();
            assert_eq!(groups, expected, "{offset_hours}");
        };
        check(0, &[("Today", 1), ("Yesterday", 1), ("Last 30 days", 1), ("Older", 1)]);
        check(8, &[("Today", 2), ("Last 30 days", 1), ("Older", 1)]);
    }
}
