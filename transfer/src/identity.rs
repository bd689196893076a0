//! The ids that imported conversations and messages get. The same entry gets the same id in every
//! import, so that a later export of a conversation adds what is new in it and nothing twice.

use protocol::{ConversationId, MessageId};
use uuid::Uuid;

use crate::Source;

/// Of all conversations that were imported. It may never change.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_3c1e_52a4_4a0b_9d0e_1a7c_30b5_88f2);

/// The id of a conversation that a source calls `key`. What Inglenook itself exported keeps the id
/// it had.
pub fn conversation_id(source: Source, key: &str) -> ConversationId {
    if source == Source::Inglenook
        && let Ok(id) = key.parse()
    {
        return id;
    }
    ConversationId(Uuid::new_v5(&NAMESPACE, format!("{}\n{key}", source.name()).as_bytes()))
}

/// The id of a message that a source calls `key`, in the conversation of that id. What Inglenook
/// itself exported keeps the id it had.
pub fn message_id(source: Source, conversation: ConversationId, key: &str) -> MessageId {
    if source == Source::Inglenook
        && let Ok(id) = key.parse()
    {
        return id;
    }
    MessageId(Uuid::new_v5(&conversation.0, key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_for_ever() {
        let conversation = conversation_id(Source::ChatGpt, "a");
        let message = message_id(Source::ChatGpt, conversation, "m");
        assert_eq!(conversation.to_string(), "7f2cfa8189375288a149c8011b62acde");
        assert_eq!(message.to_string(), "9f5830a481de53d0adfcf17d51ac55bb");
    }

    #[test]
    fn equal_keys_of_different_places_are_different_things() {
        let one = conversation_id(Source::ChatGpt, "a");
        let other = conversation_id(Source::OpenWebUi, "a");
        assert_ne!(one, other);
        assert_ne!(message_id(Source::ChatGpt, one, "m"), message_id(Source::ChatGpt, other, "m"));
    }

    #[test]
    fn our_own_keep_their_ids() {
        let id = "0193a5c0000070008000000000000001";
        let conversation = conversation_id(Source::Inglenook, id);
        assert_eq!(conversation.to_string(), id);
        assert_eq!(message_id(Source::Inglenook, conversation, id).to_string(), id);
        assert_ne!(conversation_id(Source::ChatGpt, id).to_string(), id);
    }
}
