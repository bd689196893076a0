//! A browser makes our elements of the HTML and of every patch, and only allowed ones.

#![no_main]

#[path = "../../tests/support/allowed.rs"]
mod allowed;
#[path = "../../tests/support/browser.rs"]
mod browser;
#[path = "../../tests/support/exactness.rs"]
mod exactness;
#[path = "../../tests/support/fuzzing.rs"]
mod fuzzing;
#[path = "../../tests/support/page.rs"]
mod page;
#[path = "../../tests/support/pieces.rs"]
mod pieces;
#[path = "../../tests/support/safety.rs"]
mod safety;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(input) = fuzzing::Input::from_bytes(bytes)
        && let Err(error) = fuzzing::safe(&input)
    {
        panic!("{error}");
    }
});
