//! The list by how long ago a conversation was, in the reader's days.

use crate::{view::ConversationLink, words::ListWords};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How many links stand together on average. What stands together is rendered again together when
/// something in it changes, and is looked at together when the list is scrolled.
const TOGETHER: u128 = 48;

/// Links that stand together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Group {
    /// What stands above them, if they are the first of theirs.
    pub(super) heading: Option<&'static str>,
    pub(super) links: Vec<ConversationLink>,
}

/// Groups links, newest first, by how long ago they are in the reader's days, and cuts long groups.
pub(super) fn by_day(
    links: &[ConversationLink],
    now: i64,
    offset_ms: i64,
    words: &ListWords,
) -> Vec<Group> {
    let day = |time: i64| (time + offset_ms).div_euclid(DAY_MS);
    let today = day(now);
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    for link in links {
        let heading = match today - day(link.updated_at) {
            ..=0 => words.today,
            1 => words.yesterday,
            2..=7 => words.last_7_days,
            8..=30 => words.last_30_days,
            _ => words.older,
        };
        let is_first = last.replace(heading) != Some(heading);
        // Ids say where to cut, so that one more at the top does not move all the cuts below.
        let is_cut = link.id.0.as_u128() % TOGETHER == 0;
        match groups.last_mut().filter(|_| !is_first && !is_cut) {
            Some(group) => group.links.push(link.clone()),
            None => groups
                .push(Group { heading: is_first.then_some(heading), links: vec![link.clone()] }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::ENGLISH;

    fn link(id: u128, updated_at: i64) -> ConversationLink {
        let id = format!("{id:032x}").parse().unwrap();
        ConversationLink { id, updated_at, ..ConversationLink::default() }
    }

    #[test]
    fn days_begin_where_the_reader_is() {
        let hour = 60 * 60 * 1000;
        let now = 20_000 * DAY_MS + 3 * hour;
        let check = |offset_hours: i64, expected: &[(&str, usize)]| {
            let links = [now - hour, now - 4 * hour, now - 9 * DAY_MS, 0].map(|time| link(1, time));
            let groups: Vec<_> = by_day(&links, now, offset_hours * hour, &ENGLISH.list)
                .into_iter()
                .map(|group| (group.heading.unwrap(), group.links.len()))
                .collect();
            assert_eq!(groups, expected, "{offset_hours}");
        };
        check(0, &[("Today", 1), ("Yesterday", 1), ("Last 30 days", 1), ("Older", 1)]);
        check(8, &[("Today", 2), ("Last 30 days", 1), ("Older", 1)]);
    }

    #[test]
    fn a_new_conversation_moves_no_cut() {
        let links: Vec<_> = (0..200).map(|id| link(id, 1)).collect();
        let before = by_day(&links[1..], 1, 0, &ENGLISH.list);
        let after = by_day(&links, 1, 0, &ENGLISH.list);
        let headings = after.iter().filter(|group| group.heading.is_some());
        assert_eq!(headings.count(), 1);
        assert_eq!(after.iter().map(|group| group.links.len()).sum::<usize>(), 200);
        assert!(after.iter().all(|group| group.links.len() <= 48), "{after:?}");
        let moved = after.iter().filter(|group| !before.contains(group));
        assert!(moved.count() <= 2);
    }
}
