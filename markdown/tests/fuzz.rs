//! Random documents, for as long as one likes, on the stable toolchain.
//!
//! `INGLENOOK_FUZZ_SECONDS` says how long each test runs (1 if unset, and then always from the same seed, so that no
//! change is blamed for what another one did); `INGLENOOK_FUZZ_SEED` with the seed that a failure tells makes the same
//! document first. For speed: `cargo test --release --package=markdown --test=fuzz`.

#[path = "support/allowed.rs"]
mod allowed;
#[path = "support/attacks.rs"]
mod attacks;
#[path = "support/browser.rs"]
mod browser;
#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/exactness.rs"]
mod exactness;
#[path = "support/examples.rs"]
mod examples;
#[path = "support/fuzzing.rs"]
mod fuzzing;
#[path = "support/generate.rs"]
mod generate;
#[path = "support/latex.rs"]
mod latex;
#[path = "support/mutation.rs"]
mod mutation;
#[path = "support/page.rs"]
mod page;
#[path = "support/pieces.rs"]
mod pieces;
#[path = "support/safety.rs"]
mod safety;

use std::panic::catch_unwind;
use std::str::FromStr;
use std::time::{Duration, Instant};

use fuzzing::Input;
use mutation::Mutator;

type Target = fn(&Input) -> Result<(), String>;

/// How long a failing input is made smaller.
const SHRINKING: Duration = Duration::from_secs(30);

#[test]
fn exact() {
    fuzz("exact", fuzzing::exact);
}

#[test]
fn safe() {
    fuzz("safe", fuzzing::safe);
}

fn fuzz(name: &str, target: Target) {
    let seconds = variable("INGLENOOK_FUZZ_SECONDS");
    let seed = variable("INGLENOOK_FUZZ_SEED").unwrap_or_else(|| match seconds {
        Some(_) => fastrand::u64(..u64::MAX / 2),
        None => 1,
    });
    let seconds = seconds.unwrap_or(1);
    println!("{name}: {seconds} s from seed {seed}");
    let mutator = Mutator::new();
    let end = Instant::now() + Duration::from_secs(seconds);
    // A panic is a finding like any other, and shrinking meets it a thousand times.
    std::panic::set_hook(Box::new(|_| ()));
    let mut next = seed;
    let found = loop {
        if Instant::now() > end {
            break None;
        }
        let input = mutator.input(next);
        if run(target, &input).is_err() {
            break Some(shrunk(target, input));
        }
        next += 1;
    };
    let _ = std::panic::take_hook();
    println!("{name}: {} documents", next - seed);
    if let Some(input) = found {
        let error = run(target, &input).err().unwrap_or_default();
        panic!("{name} fails with INGLENOOK_FUZZ_SEED={next}, made smaller to\n{input:?}\n{error}");
    }
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}

fn run(target: Target, input: &Input) -> Result<(), String> {
    catch_unwind(|| target(input)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        Err(words
            .or(panic.downcast_ref::<&str>().map(|words| words.to_string()))
            .unwrap_or_default())
    })
}

/// A smaller input that fails, too: pieces of the document are left out, from large to single characters.
fn shrunk(target: Target, mut input: Input) -> Input {
    let end = Instant::now() + SHRINKING;
    for sizes in [vec![input.document.len().max(1)], vec![1], vec![2], vec![3]] {
        let simpler = Input { sizes, ..input.clone() };
        if run(target, &simpler).is_err() {
            input = simpler;
            break;
        }
    }
    let mut size = input.document.chars().count();
    while size > 0 {
        let mut start = 0;
        let mut was_shrunk = false;
        while start < input.document.chars().count() && Instant::now() < end {
            let characters = input.document.chars().enumerate();
            let rest = characters.filter(|(at, _)| !(start..start + size).contains(at));
            let smaller = Input { document: rest.map(|(_, c)| c).collect(), ..input.clone() };
            if run(target, &smaller).is_err() {
                input = smaller;
                was_shrunk = true;
            } else {
                start += size;
            }
        }
        if !was_shrunk || size > 1 {
            size /= 2;
        }
    }
    input
}

/// A search that finds nothing proves something only if it can find something.
#[test]
fn findings_are_made_small() {
    let target: Target = |input| match input.document.contains("**") && input.document.contains('>')
    {
        true => Err("found".to_owned()),
        false => Ok(()),
    };
    let mutator = Mutator::new();
    let found = (0..).map(|seed| mutator.input(seed)).find(|input| target(input).is_err());
    let small = shrunk(target, found.expect("one of many"));
    assert_eq!(small.document.len(), 3, "{small:?}");
}
