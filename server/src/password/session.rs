//! The token that a signed-in browser carries, and the cookie it travels in.

use std::fmt;
use std::time::Duration;

use blake2::{Blake2s256, Digest};
use secrecy::{ExposeSecret, SecretString};

const COOKIE_NAME: &str = "inglenook_session";

/// How long a session lasts.
pub const SESSION_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

const TOKEN_BYTES: usize = 32;

/// What proves that a browser is signed in: 32 random bytes, written as hex.
///
/// The store keeps only [`SessionToken::hash`], so that a stolen backup opens nothing, and nothing opens once the
/// password is another.
#[derive(Clone)]
pub struct SessionToken(SecretString);

impl SessionToken {
    /// A fresh token.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex(&bytes).into()))
    }

    /// The token in the values of a request's `Cookie` headers; HTTP/2 may send several. `None` if
    /// there is none, or if it is not of the form that [`SessionToken::generate`] gives.
    pub fn from_cookies<'a>(headers: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        headers
            .into_iter()
            .flat_map(|header| header.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter(|(name, _)| *name == COOKIE_NAME)
            .map(|(_, value)| value)
            .find(|value| value.len() == 2 * TOKEN_BYTES && value.bytes().all(is_hex_digit))
            .map(|value| Self(value.into()))
    }

    /// What the store keeps and looks sessions up by. The token is random through and through, so
    /// one fast hash is enough, and looking it up by equality tells an attacker nothing.
    pub fn hash(&self, mark_of_password: &[u8]) -> [u8; 32] {
        let token = self.0.expose_secret().as_bytes();
        Blake2s256::new().chain_update(token).chain_update(mark_of_password).finalize().into()
    }

    /// The value of the `Set-Cookie` header that signs a browser in. Scripts cannot read it and
    /// other sites' forms do not send it; `secure` keeps it off plain http.
    pub fn cookie(&self, secure: bool) -> String {
        set_cookie(self.0.expose_secret(), SESSION_AGE, secure)
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken([REDACTED])")
    }
}

/// The value of the `Set-Cookie` header that signs a browser out.
pub fn clearing_cookie(secure: bool) -> String {
    set_cookie("", Duration::ZERO, secure)
}

fn set_cookie(value: &str, age: Duration, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    let age = age.as_secs();
    format!("{COOKIE_NAME}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={age}{secure}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_hex_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn a_cookie_comes_back_as_the_token_it_was_made_from() {
        let token = SessionToken::generate().unwrap();
        let cookie = token.cookie(false);
        let sent_back = cookie.split(';').next().unwrap();
        let mark = b"mark";
        assert_eq!(SessionToken::from_cookies([sent_back]).unwrap().hash(mark), token.hash(mark));
        assert_ne!(SessionToken::generate().unwrap().hash(mark), token.hash(mark));
        assert_ne!(token.hash(b"another"), token.hash(mark));
        assert_eq!(format!("{token:?}"), "SessionToken([REDACTED])");
    }

    #[test]
    fn cookies_carry_their_protection() {
        let token = SessionToken(TOKEN.into());
        let attributes = "HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000";
        assert_eq!(token.cookie(false), format!("inglenook_session={TOKEN}; {attributes}"));
        assert_eq!(token.cookie(true), format!("inglenook_session={TOKEN}; {attributes}; Secure"));
        insta::assert_snapshot!(clearing_cookie(true), @"inglenook_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0; Secure");
    }

    #[test]
    fn only_well_formed_tokens_are_found() {
        let found =
            |headers: &[&str]| SessionToken::from_cookies(headers.iter().copied()).is_some();
        assert!(found(&[&format!("theme=dark; inglenook_session={TOKEN}; a=b")]));
        assert!(found(&["theme=dark", &format!("inglenook_session={TOKEN}")]));
        for header in [
            String::new(),
            "inglenook_session".to_owned(),
            "inglenook_session=".to_owned(),
            format!("inglenook_session={}", &TOKEN[1..]),
            format!("inglenook_session={}", TOKEN.to_uppercase()),
            format!("inglenook_session={TOKEN}0"),
            format!("xinglenook_session={TOKEN}"),
        ] {
            assert!(!found(&[&header]), "{header}");
        }
    }
}
