//! The text of a token: what a program carries, and what is kept of it.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// By which people, and the scanners of code hosts, know a token of ours.
const PREFIX: &str = "ink_";

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 43 characters of 62 hold a little more than 32 random bytes.
const CHARACTERS: usize = 43;

/// How many of the last characters are shown.
const ENDING: usize = 4;

/// A token as a program sends it. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct TokenText(SecretString);

impl TokenText {
    /// A fresh one.
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        let mut text = PREFIX.to_owned();
        let mut bytes = [0; 64];
        while text.len() < PREFIX.len() + CHARACTERS {
            getrandom::fill(&mut bytes)?;
            let missing = PREFIX.len() + CHARACTERS - text.len();
            // Bytes from 248 on would make the first eight characters likelier than the others.
            let even = bytes.iter().filter(|byte| **byte < 248);
            text.extend(
                even.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])).take(missing),
            );
        }
        Ok(Self(text.into()))
    }

    /// Reads what a program sent; `None` if it has not the form of a token of ours.
    pub fn read(text: &str) -> Option<Self> {
        let random = text.strip_prefix(PREFIX)?;
        let fits = random.len() == CHARACTERS && random.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(text.into()))
    }

    /// True if a text would like to be a token of ours, whether it is one or not.
    pub fn is_meant_by(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// What the store keeps and looks tokens up by. A token is random through and through, so one
    /// fast hash is enough, and looking it up by equality tells an attacker nothing.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose_secret().as_bytes()).into()
    }

    /// Its last characters.
    pub(crate) fn ending(&self) -> &str {
        let text = self.0.expose_secret();
        &text[text.len() - ENDING..]
    }

    /// The text itself, to be shown to its owner once.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_never_shown_by_accident() {
        let token = TokenText::generate().unwrap();
        assert_eq!(token.expose().len(), PREFIX.len() + CHARACTERS);
        assert_eq!(TokenText::read(token.expose()).unwrap().hash(), token.hash());
        assert!(token.expose().ends_with(token.ending()) && token.ending().len() == ENDING);
        assert_eq!(format!("{token:?}"), "TokenText([REDACTED])");
        assert_ne!(TokenText::generate().unwrap().hash(), token.hash());
    }

    #[test]
    fn only_the_form_that_is_given_out_is_read() {
        let good = format!("ink_{}", "a1".repeat(21) + "Z");
        assert!(TokenText::read(&good).is_some());
        for wrong in [
            "",
            "ink_",
            "sk-1",
            &good[1..],
            &format!("{good}0"),
            &format!("ink_{}", "-".repeat(CHARACTERS)),
            &format!("ink_{}é", "a".repeat(CHARACTERS - 2)),
        ] {
            assert!(TokenText::read(wrong).is_none(), "{wrong}");
        }
    }
}
