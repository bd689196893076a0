//! Random documents made of real ones: pieces of the corpus, the examples and the attacks, cut, mixed and sprinkled
//! with what means something to a Markdown parser.

use fastrand::Rng;

use crate::examples::{examples, files};
use crate::fuzzing::Input;
use crate::generate::kinds;
use crate::{attacks, corpus, latex};

/// Characters of one to four bytes, with those that end lines, join letters or change the direction of writing.
const CHARACTERS: &[char] = &[
    '\n', '\r', '\t', ' ', '\0', '\u{c}', '\u{7f}', '\u{85}', '\u{a0}', '\u{2028}', '\u{202e}',
    '\u{200d}', '\u{feff}', '\u{fffd}', 'é', 'ß', 'İ', '漢', 'ي', 'ש', 'ท', '\u{301}', '😀', '*',
    '_', '`', '~', '[', ']', '(', ')', '<', '>', '|', '\\', '#', '-', '+', '=', ':', '!', '"',
    '\'', '&', ';', '$', '^', '{', '}', '/', '.', '1', 'a', '@',
];

/// What is put before lines to bring them into a container, or out of it.
const PREFIXES: &[&str] =
    &["> ", ">", "- ", "  ", "    ", "1. ", "\t", " ", "[^1]: ", "| ", "# ", "* - ", "> > "];

/// Makes documents; each is determined by its seed alone.
pub struct Mutator {
    seeds: Vec<String>,
    kinds: Vec<Vec<&'static str>>,
}

impl Mutator {
    pub fn new() -> Self {
        let examples = files().flat_map(examples).map(|(source, _)| source);
        let forms = attacks::ADDRESSES.iter().zip(attacks::FORMS.iter().cycle());
        let forms = forms.map(|(address, form)| form.replace("{}", address));
        let attacks = [attacks::HTML, attacks::DOCUMENTS].concat();
        let formulas = [latex::COMMON, latex::HOSTILE].concat();
        let formulas = formulas.into_iter().map(|latex| format!("a ${latex}$ \\[{latex}\\]\n"));
        let answers = corpus::corpus().into_iter().map(|(_, document)| document);
        let attacks = attacks.into_iter().map(str::to_owned);
        let seeds = examples.chain(forms).chain(attacks).chain(formulas).chain(answers);
        Mutator { seeds: seeds.collect(), kinds: kinds() }
    }

    pub fn input(&self, seed: u64) -> Input {
        let mut rng = Rng::with_seed(seed);
        let mut document = match rng.u8(0..8) {
            0 => {
                let pieces = &self.kinds[rng.usize(..self.kinds.len())];
                (0..rng.usize(1..60)).map(|_| pick(&mut rng, pieces)).collect()
            }
            _ => self.excerpt(&mut rng),
        };
        for _ in 0..rng.usize(0..8) {
            self.mutate(&mut document, &mut rng);
        }
        let largest = pick(&mut rng, &[2, 6, 12, 60]);
        let sizes = (0..rng.usize(1..5)).map(|_| rng.usize(1..largest)).collect();
        Input::new(document, sizes)
    }

    /// Some text of one seed; of a long one a part.
    fn excerpt(&self, rng: &mut Rng) -> String {
        let seed = &self.seeds[rng.usize(..self.seeds.len())];
        if seed.len() < 400 {
            return seed.clone();
        }
        let start = seed.floor_char_boundary(rng.usize(..seed.len()));
        let end = seed.ceil_char_boundary((start + rng.usize(50..600)).min(seed.len()));
        seed[start..end].to_owned()
    }

    fn mutate(&self, document: &mut String, rng: &mut Rng) {
        let at = document.floor_char_boundary(rng.usize(..=document.len()));
        let end = document.ceil_char_boundary((at + rng.usize(0..40)).min(document.len()));
        match rng.u8(0..10) {
            0 => document.truncate(at),
            1 => document.replace_range(at..end, ""),
            2 => {
                let copy = document[at..end].to_owned();
                document.insert_str(end, &copy);
            }
            3 => document.insert_str(at, &self.excerpt(rng)),
            4 => {
                document.truncate(at);
                document.push_str(&self.excerpt(rng));
            }
            5 | 6 => {
                let pieces = &self.kinds[rng.usize(..self.kinds.len())];
                document.insert_str(at, pick(rng, pieces));
            }
            7 => document.insert(at, pick(rng, CHARACTERS)),
            8 => {
                let line_end = pick(rng, &["\r\n", "\r", "\n\n", "\n "]);
                let from = document[at..].replacen('\n', line_end, rng.usize(1..20));
                document.replace_range(at.., &from);
            }
            _ => {
                let prefix = pick(rng, PREFIXES);
                let count = rng.usize(1..8);
                let indented = document[at..].replacen('\n', &format!("\n{prefix}"), count);
                document.replace_range(at.., &indented);
            }
        }
    }
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
