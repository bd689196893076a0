//! Who acts, and on whose account.

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
