//! The owner's password, and what follows a sign-in: the delay after wrong ones, and the session.
//!
//! Where sessions are stored and what the sign-in page looks like is decided elsewhere.

mod session;
mod throttle;

use std::fmt;
use std::io::{self, BufRead, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use blake2::{Blake2s256, Digest};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use throttle::Throttle;

pub use session::{SESSION_AGE, SessionToken, clearing_cookie};

/// Memory for one hash, in KiB, and passes over it, on one lane: OWASP's recommendation for
/// argon2id. It costs an attacker about 20 ms and 19 MiB a guess, and an owner the same once a month.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A hash made elsewhere may ask for this much memory at most, so that a sign-in cannot take the
/// machine down.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;

/// What is hashed with a password for its [`OwnerPassword::mark`]. It is not secret.
const MARK_SALT: &[u8] = b"inglenook sessions";

/// The owner's password, as its hash.
#[derive(Clone)]
pub struct OwnerPassword {
    hash: Arc<PasswordHash>,
    mark: [u8; 32],
}

impl OwnerPassword {
    /// Hashes a password with a fresh salt. Takes some tens of milliseconds.
    ///
    /// # Errors
    /// The operating system gives no random bytes, or the password is longer than 4 GiB.
    pub fn hash(password: &SecretString) -> Result<Self, PasswordError> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None);
        let params = params.map_err(|_| PasswordError::NotHashed)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let password = password.expose_secret().as_bytes();
        let hash = argon2.hash_password(password).map_err(|_| PasswordError::NotHashed)?;
        let mut mark = [0; 32];
        argon2
            .hash_password_into(password, MARK_SALT, &mut mark)
            .map_err(|_| PasswordError::NotHashed)?;
        Ok(Self { hash: Arc::new(hash), mark })
    }

    /// Reads the PHC string of an argon2id hash, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    ///
    /// # Errors
    /// The text is something else, or asks for more than 1 GiB of memory.
    pub fn from_hash(text: &str) -> Result<Self, PasswordError> {
        let hash = PasswordHash::new(text).map_err(|_| PasswordError::NotAHash)?;
        let params = Params::try_from(&hash).map_err(|_| PasswordError::NotAHash)?;
        let whole = hash.algorithm.as_str() == "argon2id"
            && hash.salt.is_some()
            && hash.hash.is_some()
            && params.m_cost() <= MOST_MEMORY_KIB;
        if !whole {
            return Err(PasswordError::NotAHash);
        }
        Ok(Self { hash: Arc::new(hash), mark: Blake2s256::digest(text.as_bytes()).into() })
    }

    /// The same for as long as the password is written as it is. Sessions are kept under it, so that those of
    /// another password open nothing.
    pub fn mark(&self) -> &[u8] {
        &self.mark
    }

    /// The PHC string, to be kept as `password_hash`. It is secret: guesses can be tried on it.
    pub fn to_hash(&self) -> SecretString {
        self.hash.to_string().into()
    }

    /// Whether this is the password. Compares in constant time; takes tens of milliseconds.
    pub fn verify(&self, password: &SecretString) -> bool {
        Argon2::default().verify_password(password.expose_secret().as_bytes(), &*self.hash).is_ok()
    }
}

impl fmt::Debug for OwnerPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnerPassword([REDACTED])")
    }
}

/// What can be wrong with a password or its hash. Neither is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Making the hash failed.
    #[error("the password could not be hashed")]
    NotHashed,
    /// The text is not the PHC string of an argon2id hash.
    #[error("this is not an argon2id hash")]
    NotAHash,
}

/// The command `hash-password`: reads one line from standard input and prints its hash.
///
/// # Errors
/// The input ends at once or is empty, cannot be read, or the hash cannot be made or printed.
pub fn print_hash(input: &mut impl BufRead, out: &mut impl Write) -> io::Result<()> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let line = SecretString::from(line);
    let password = line.expose_secret().trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(io::Error::other("a password of at least one character is expected"));
    }
    let hash = OwnerPassword::hash(&password.into()).map_err(io::Error::other)?;
    writeln!(out, "{}", hash.to_hash().expose_secret())
}

/// The door: checks passwords one at a time, and keeps those waiting who guess.
pub struct SignIn {
    password: OwnerPassword,
    // Held while a password is checked: two guesses sent at once count as two, and memory for
    // hashing is needed once.
    throttle: Mutex<Throttle>,
}

/// Why a sign-in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It was another password.
    #[error("That is not the password.")]
    WrongPassword,
    /// Too many wrong passwords came before. This one was not looked at.
    #[error("Too many wrong passwords. Try again in {} s.", .0.as_millis().div_ceil(1000))]
    TryAgainIn(Duration),
}

impl SignIn {
    /// A door that opens to a password.
    pub fn new(password: OwnerPassword) -> Self {
        Self { password, throttle: Mutex::new(Throttle::default()) }
    }

    /// What the store keeps of a session, and looks it up by.
    pub fn hash_of(&self, session: &SessionToken) -> [u8; 32] {
        session.hash(self.password.mark())
    }

    /// Checks a password that came from an address, away from the threads that serve requests.
    ///
    /// # Errors
    /// It is the wrong one, or it is too early to try again.
    pub async fn attempt(&self, from: IpAddr, password: SecretString) -> Result<(), Refused> {
        let mut throttle = self.throttle.lock().await;
        throttle.admit(from, Instant::now()).map_err(Refused::TryAgainIn)?;
        // Counted as wrong beforehand, so that hanging up during the check hides no guess.
        throttle.failed(from, Instant::now());
        let expected = self.password.clone();
        let right = tokio::task::spawn_blocking(move || expected.verify(&password)).await;
        if !right.unwrap_or(false) {
            return Err(Refused::WrongPassword);
        }
        throttle.succeeded(from);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH_WITHOUT_ITS_END: &str = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA";

    /// A hash so cheap that no test waits for it, however busy the machine is.
    fn cheap(password: &str) -> OwnerPassword {
        let params = Params::new(64, 1, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash: PasswordHash = argon2.hash_password(password.as_bytes()).unwrap();
        OwnerPassword::from_hash(&hash.to_string()).unwrap()
    }

    #[test]
    fn a_password_opens_its_own_hash_only() {
        let password = OwnerPassword::hash(&"hearth".into()).unwrap();
        assert!(password.verify(&"hearth".into()));
        assert!(!password.verify(&"Hearth".into()));
        assert!(!password.verify(&"".into()));

        let text = password.to_hash().expose_secret().to_owned();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        assert!(OwnerPassword::from_hash(&text).unwrap().verify(&"hearth".into()));
        assert_eq!(format!("{password:?}"), "OwnerPassword([REDACTED])");
    }

    #[test]
    fn sessions_are_kept_under_their_password() {
        let session = SessionToken::generate().unwrap();
        let kept = |password: OwnerPassword| SignIn::new(password).hash_of(&session);
        let of = |password: &str| OwnerPassword::hash(&password.into()).unwrap();
        assert_eq!(kept(of("hearth")), kept(of("hearth")), "a restart ends no session");
        assert_ne!(kept(of("hearth")), kept(of("Hearth")));
        let hashed = cheap("hearth");
        assert_eq!(kept(hashed.clone()), kept(hashed));
        assert_ne!(kept(cheap("hearth")), kept(cheap("hearth")), "these have other salts");
    }

    #[test]
    fn only_whole_argon2id_hashes_are_taken() {
        for text in [
            "",
            "hearth",
            // What remains when a shell has replaced `$argon2id` and the rest by nothing.
            "=19=19456,t=2,p=1",
            "$2b$12$C6UzMDM.H6dfI/f/IKcEeO7ZWgS9Sx3lC8Gx0wW4k2sSR3p9Yx0lq",
            "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
            HASH_WITHOUT_ITS_END,
        ] {
            assert!(OwnerPassword::from_hash(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_command_prints_the_hash_of_one_line() {
        for input in ["hearth\n", "hearth\r\n", "hearth", "hearth\nand more\n"] {
            let mut out = Vec::new();
            print_hash(&mut input.as_bytes(), &mut out).unwrap();
            let hash = String::from_utf8(out).unwrap();
            assert!(OwnerPassword::from_hash(hash.trim()).unwrap().verify(&"hearth".into()));
        }
        assert!(print_hash(&mut "\n".as_bytes(), &mut Vec::new()).is_err());
    }

    #[tokio::test]
    async fn guesses_are_slowed_down_and_the_right_password_must_wait_too() {
        let door = SignIn::new(cheap("hearth"));
        let here = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(door.attempt(here, "hearth".into()).await, Ok(()));
        for _ in 0..5 {
            assert_eq!(door.attempt(here, "guess".into()).await, Err(Refused::WrongPassword));
        }
        let refused = door.attempt(here, "hearth".into()).await.unwrap_err();
        assert_eq!(refused.to_string(), "Too many wrong passwords. Try again in 1 s.");
    }
}
