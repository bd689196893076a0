//! Finished leaves that refer to names, and may have to be rendered again when a name gets another meaning.

use std::collections::HashMap;

use crate::anchor::{Anchor, Leaf};
use crate::references::Name;
use crate::track::Names;

/// A leaf that refers to names, which may get another meaning later.
#[derive(Clone, Debug)]
pub(crate) struct Referrer {
    /// The names, and where they are in the source.
    pub(crate) names: Names,
    /// A place before the leaf to parse it from; `None` is the block anchor.
    pub(crate) before: Option<Anchor>,
    /// Where the leaf ends in the source.
    pub(crate) end: usize,
    pub(crate) path: Vec<usize>,
    /// Whether the leaf is the one that the window began in, so that it has earlier names, too.
    pub(crate) continued: bool,
}

/// The referrers of a document, and which of them wait for which name.
#[derive(Debug, Default)]
pub(crate) struct Referrers {
    all: Vec<Referrer>,
    waiting: HashMap<Name, Vec<usize>>,
}

impl Referrers {
    pub(crate) fn add(&mut self, referrer: Referrer) {
        for (name, _) in &referrer.names {
            let waiting = self.waiting.entry(name.clone()).or_default();
            if waiting.last() != Some(&self.all.len()) {
                waiting.push(self.all.len());
            }
        }
        self.all.push(referrer);
    }

    /// The referrers that wait for a name.
    pub(crate) fn of(&self, name: &Name) -> Vec<usize> {
        self.waiting.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Referrer> {
        self.all.get(index)
    }

    /// Called when a name can get no other meaning.
    pub(crate) fn settled(&mut self, name: &Name) {
        self.waiting.remove(name);
    }
}

impl Referrer {
    /// The rows of the table that the referrer is, each as a referrer of its own, and what is left: a row is far less
    /// to parse again. `from` is an anchor in the table.
    pub(crate) fn by_row(mut self, from: &Anchor, source: &str) -> Vec<Referrer> {
        let alignments = match &from.leaf {
            Leaf::Table(alignments) | Leaf::Cell { alignments, .. } => alignments,
            _ => return vec![self],
        };
        let body = from.levels.len() - from.leaf_levels() + 2;
        self.names.sort_by_key(|(_, at)| *at);
        let first = self.names.first().map_or(self.end, |(_, at)| *at);
        let text = &source[line_start(source, first)..self.end];
        // A formula may reach from one row into the next.
        if text.contains("$$") || text.contains("\\[") {
            return vec![self];
        }
        let mut line = line_start(source, from.at);
        let mut index = from.levels[body].keep - usize::from(from.leaf.is_cell());
        let mut rows: Vec<Referrer> = Vec::new();
        while let Some((name, at)) = self.names.pop() {
            let start = line_start(source, at);
            let lines = |range: std::ops::Range<usize>| source[range].matches('\n').count();
            let row = match start <= line {
                true => index.checked_sub(lines(start..line)),
                false => Some(index + lines(line..start)),
            };
            let Some(row) = row else {
                // It stands in the head, as all that come before it.
                self.names.push((name, at));
                break;
            };
            (line, index) = (start, row);
            let mut levels = from.levels[..=body].to_vec();
            levels[body].keep = index;
            let mut path: Vec<usize> = levels[..body].iter().map(|level| level.keep - 1).collect();
            path.push(index);
            match rows.last_mut().filter(|last| last.path == path) {
                Some(last) => last.names.push((name, at)),
                None => {
                    let leaf = Leaf::Table(alignments.clone());
                    let before = Anchor { at: start, leaf, levels, ..from.clone() };
                    let end = source[at..self.end].find('\n').map_or(self.end, |end| at + end + 1);
                    let (names, before) = (vec![(name, at)], Some(before));
                    rows.push(Referrer { names, before, end, path, continued: false });
                }
            }
        }
        if !self.names.is_empty() {
            rows.push(self);
        }
        rows
    }
}

fn line_start(source: &str, at: usize) -> usize {
    source[..at].rfind('\n').map_or(0, |newline| newline + 1)
}
