//! Who acts, and on whose account: people, and the programs that carry a token of theirs.

mod token;

use protocol::money;

use crate::{
    engine::Chat,
    limits::Allowance,
    save::{self, LONGEST_NAME, SaveError},
    store::{StoreError, now_ms},
};

pub use token::TokenText;

/// Somebody who uses this server. The owner is the first; the ledger and all limits carry a person,
/// so that there can be more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub(crate) i64);

impl PersonId {
    /// Whose server it is.
    pub const OWNER: Self = Self(1);
}

/// Names a token that a program presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub(crate) i64);

impl TokenId {
    /// Its number, as the address of its page has it.
    pub fn number(self) -> i64 {
        self.0
    }

    /// Reads the number; `None` if it is none.
    pub fn from_number(number: &str) -> Option<Self> {
        number.parse().ok().map(Self)
    }
}

/// Who causes a call to an upstream: a person, by hand or through a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Caller {
    /// On whose account it is made.
    pub person: PersonId,
    /// The token of the program that asked, if one did.
    pub token: Option<TokenId>,
}

impl Caller {
    /// The owner, at the page.
    pub const OWNER: Self = Self { person: PersonId::OWNER, token: None };
}

/// What a token lets a program do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Ask models: everything below `/v1`, and `/chat`.
    Relay,
    /// Read what is kept here: exports, the list of models. Nothing is changed and nothing is spent.
    Read,
}

impl Scope {
    /// All of them, in the order in which people meet them.
    pub const ALL: [Self; 2] = [Self::Relay, Self::Read];

    /// Its word, in forms and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Read => "read",
        }
    }

    /// Reads the word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// A token as its owner sees it. The token itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Names it.
    pub id: TokenId,
    /// On whose account its program acts.
    pub person: PersonId,
    /// What its owner calls it.
    pub name: String,
    /// Its last characters, by which its owner knows it again.
    pub ending: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What it may take, beside the limits that hold for all.
    pub limits: Allowance,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// When it ends; `None` for never.
    pub expires_at: Option<i64>,
    /// When it was last presented, to the minute.
    pub last_used_at: Option<i64>,
    /// When its owner revoked it.
    pub revoked_at: Option<i64>,
}

impl ApiToken {
    /// True if it opens nothing any more at `now`.
    pub fn has_ended(&self, now: i64) -> bool {
        self.revoked_at.is_some() || self.expires_at.is_some_and(|end| end <= now)
    }

    /// Who acts with it.
    pub fn caller(&self) -> Caller {
        Caller { person: self.person, token: Some(self.id) }
    }
}

/// What is asked of a new token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// How many days it lasts; `None` for ever.
    pub days: Option<u32>,
    /// US dollars that it may take within a day, as they were typed; empty for no limit of its own.
    pub money_per_day: String,
    /// Tokens that it may take within a day, likewise.
    pub tokens_per_day: String,
    /// Requests that it may make within a minute, likewise.
    pub requests_per_minute: String,
}

impl NewToken {
    fn limits(&self) -> Result<Allowance, SaveError> {
        let number = |field, typed: &str, places| match typed.trim() {
            "" => Ok(None),
            typed => match money::read_decimal(typed, places) {
                Some(number) if number > 0 => Ok(Some(number)),
                _ => Err(SaveError::NotANumber { field, found: typed.chars().take(40).collect() }),
            },
        };
        Ok(Allowance {
            // A dollar has twelve digits of picodollars.
            money_per_day: number("money_per_day", &self.money_per_day, 12)?,
            tokens_per_day: number("tokens_per_day", &self.tokens_per_day, 0)?,
            requests_per_minute: number("requests_per_minute", &self.requests_per_minute, 0)?,
            ..Allowance::default()
        })
    }
}

/// How precisely the last use of a token is kept. A write for each request would cost more than
/// the request.
const LAST_USE_MS: i64 = 60_000;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Chat {
    /// Makes a token. Its text is given out here and never again.
    ///
    /// # Errors
    /// If it has no name or may do nothing, or if it could not be stored.
    pub async fn add_token(&self, new: &NewToken) -> Result<TokenText, SaveError> {
        let name = save::some_text("name", &new.name, LONGEST_NAME)?;
        if new.scopes.is_empty() {
            return Err(SaveError::Missing { field: "scopes" });
        }
        let text = TokenText::generate().map_err(|_| SaveError::NoRandomness)?;
        let now = now_ms();
        let token = ApiToken {
            // The store numbers it.
            id: TokenId(0),
            person: PersonId::OWNER,
            name,
            ending: text.ending().to_owned(),
            scopes: new.scopes.clone(),
            limits: new.limits()?,
            created_at: now,
            expires_at: new.days.map(|days| now + i64::from(days) * DAY_MS),
            last_used_at: None,
            revoked_at: None,
        };
        let mut write = self.inner.store.durable().await?;
        write.add_token(&token, &text.hash()).await?;
        write.commit().await?;
        Ok(text)
    }

    /// Every token that was ever made, the newest first.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        self.inner.store.tokens().await
    }

    /// Ends a token at once. False if there is none of that id, or if it was revoked before.
    pub async fn revoke_token(&self, id: TokenId) -> Result<bool, StoreError> {
        let mut write = self.inner.store.durable().await?;
        let revoked = write.revoke_token(id, now_ms()).await?;
        write.commit().await?;
        Ok(revoked)
    }

    /// The token that a program presents; `None` if it is unknown or has ended. That it was used
    /// is noted, at most once a minute.
    pub async fn token(&self, text: &TokenText) -> Result<Option<ApiToken>, StoreError> {
        let now = now_ms();
        let found = self.inner.store.token(&text.hash()).await?;
        let Some(token) = found.filter(|token| !token.has_ended(now)) else { return Ok(None) };
        if token.last_used_at.is_none_or(|last| last + LAST_USE_MS <= now) {
            let mut write = self.inner.store.quick().await?;
            write.note_use_of_token(token.id, now).await?;
            write.commit().await?;
        }
        Ok(Some(token))
    }
}
