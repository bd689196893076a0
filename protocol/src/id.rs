//! Identifiers, one type for each thing that has one, so that they cannot be mixed up.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that should have been an identifier and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an identifier: 32 hexadecimal digits are expected")
    }
}

impl std::error::Error for InvalidId {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// A UUID of version 7, so that ids sort by the time they were made. What was imported has one
        /// of version 5, which follows from its name at the source. Written as 32 hexadecimal digits
        /// without dashes, in addresses and in JSON alike.
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_simple().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

id! {
    /// Names a conversation.
    ConversationId
}
id! {
    /// Names a message of a conversation. An answer is a message, so this names answers too.
    MessageId
}
id! {
    /// Names a folder of conversations.
    FolderId
}
id! {
    /// Names a question that waits for the answer before it.
    QueuedId
}
id! {
    /// Names a file that was added to be sent with a question.
    FileId
}
id! {
    /// Names a persona.
    PersonaId
}
id! {
    /// Names a prompt of the library.
    PromptId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let id = MessageId(Uuid::from_u128(0x0193_a5c0_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string(), "0193a5c0000070008000000000000001");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"0193a5c0000070008000000000000001\"");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "1", "../etc", "zzzza5c0000070008000000000000001"] {
            assert_eq!(text.parse::<MessageId>(), Err(InvalidId), "{text:?}");
        }
    }
}
