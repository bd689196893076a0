//! The grammars of code, a pack for each language, and the server's highlighter that uses them.
//!
//! All grammars together weigh a megabyte, and a page needs one or two. `build.rs` splits them; the server reads the
//! packs that it needs, and gives them to browsers, whose highlighter is [`markdown::highlight`], too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use markdown::highlight::Grammar;
use markdown::{Highlight, HighlightLines};

include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// Changes whenever a pack does, so an address that has it may be kept for ever.
pub fn fingerprint() -> &'static str {
    FINGERPRINT
}

/// The pack of a language, by any name that people write on a fence (`rust`, `ts`, `c++`), for
/// [`Grammar::read`]. `None` for what is not known.
pub fn pack(language: &str) -> Option<&'static [u8]> {
    find(language).map(|number| PACKS[number])
}

fn find(language: &str) -> Option<usize> {
    let language = language.to_lowercase();
    let found = LANGUAGES.binary_search_by_key(&language.as_str(), |(name, _)| name).ok()?;
    Some(LANGUAGES[found].1)
}

/// Highlights every language there is. A grammar is read when it is first needed, and kept.
#[derive(Debug, Default)]
pub struct Grammars {
    read: Mutex<HashMap<usize, Grammar>>,
}

impl Highlight for Grammars {
    fn start(&self, language: &str) -> Option<Box<dyn HighlightLines>> {
        let number = find(language)?;
        // Nothing panics while it is locked, and a grammar is put in whole.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(grammar) = read.get(&number) {
            return grammar.start(language);
        }
        let grammar = Grammar::read(PACKS[number]).ok()?;
        let lines = grammar.start(language);
        read.insert(number, grammar);
        lines
    }
}

#[cfg(test)]
mod tests;
