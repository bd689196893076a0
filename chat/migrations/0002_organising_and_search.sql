-- Conversations are kept in order: folders, pins, an archive, a bin.

CREATE TABLE folders (
    id         BLOB PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE conversations ADD COLUMN folder_id BLOB REFERENCES folders (id) ON DELETE SET NULL;
ALTER TABLE conversations ADD COLUMN pinned_at INTEGER;
ALTER TABLE conversations ADD COLUMN archived_at INTEGER;
-- A deleted conversation is gone for everybody; its rows go a little later, so that it can be undone.
ALTER TABLE conversations ADD COLUMN deleted_at INTEGER;
-- In no list and not searched, and deleted when its page is closed.
ALTER TABLE conversations ADD COLUMN temporary INTEGER NOT NULL DEFAULT 0;
-- A person chose the title, so no model changes it.
ALTER TABLE conversations ADD COLUMN named INTEGER NOT NULL DEFAULT 0;

CREATE INDEX conversations_by_folder ON conversations (folder_id, updated_at DESC) WHERE folder_id IS NOT NULL;
CREATE INDEX conversations_to_purge ON conversations (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX conversations_temporary ON conversations (updated_at) WHERE temporary = 1;

-- The hash of the request that an answer came from, so that it can be told whether what the
-- conversation holds now is exactly what was sent.
ALTER TABLE answers ADD COLUMN request_hash BLOB;

-- Questions that wait for the answer before them.
CREATE TABLE queued (
    id              BLOB PRIMARY KEY NOT NULL,
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    content         TEXT NOT NULL,
    model           TEXT,
    created_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX queued_by_conversation ON queued (conversation_id, id);

-- What is written and not sent. The draft of a conversation that is not begun yet has an id of zeros.
CREATE TABLE drafts (
    conversation_id BLOB PRIMARY KEY NOT NULL,
    content         TEXT NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What can be searched: a row for each message, and one without a message for each title.
CREATE TABLE search_entries (
    id              INTEGER PRIMARY KEY,
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    message_id      BLOB UNIQUE REFERENCES messages (id) ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX search_titles ON search_entries (conversation_id) WHERE message_id IS NULL;
CREATE INDEX search_entries_by_conversation ON search_entries (conversation_id);

-- Only the index: the texts stand in `messages` and `conversations`, and the words are cut by
-- `chat::search`, because the tokenizers of SQLite know no Chinese or Japanese.
CREATE VIRTUAL TABLE search USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');

CREATE TRIGGER search_entries_deleted AFTER DELETE ON search_entries BEGIN
    DELETE FROM search WHERE rowid = old.id;
END;
