-- The first shape. Times are milliseconds since 1970 in UTC; ids are UUIDs of version 7 as 16 bytes.

CREATE TABLE conversations (
    id          BLOB PRIMARY KEY NOT NULL,
    title       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    -- When a message last came, which is what the list is sorted by.
    updated_at  INTEGER NOT NULL,
    -- The last message of the path that is shown. The others of the tree are reached by their parents.
    active_leaf BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX conversations_by_update ON conversations (updated_at DESC, id DESC);

-- A conversation is a tree: editing a question or retrying an answer adds a sibling and keeps the other.
CREATE TABLE messages (
    id              BLOB PRIMARY KEY NOT NULL,
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent_id       BLOB REFERENCES messages (id) ON DELETE CASCADE,
    role            TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant')),
    content         TEXT NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_by_conversation ON messages (conversation_id);
CREATE INDEX messages_by_parent ON messages (parent_id);

-- What only messages of the assistant have.
CREATE TABLE answers (
    message_id        BLOB PRIMARY KEY NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    status            TEXT NOT NULL
                      CHECK (status IN ('open', 'finished', 'stopped', 'failed', 'interrupted')),
    -- The number of the last journal entry folded into the message; a continued answer counts on from it.
    sequence          INTEGER NOT NULL DEFAULT 0,
    reasoning         TEXT NOT NULL DEFAULT '',
    provider          TEXT NOT NULL,
    model             TEXT NOT NULL,
    -- What was sent beside the messages, as a JSON object.
    parameters        TEXT NOT NULL DEFAULT '{}',
    first_token_ms    INTEGER,
    reasoning_ms      INTEGER,
    total_ms          INTEGER,
    prompt_tokens     INTEGER,
    completion_tokens INTEGER,
    cached_tokens     INTEGER,
    reasoning_tokens  INTEGER,
    finish_reason     TEXT,
    -- The failure as JSON, when the status is 'failed'.
    failure           TEXT
) STRICT, WITHOUT ROWID;

-- A start looks for the answers that the last end left open; there are few among many.
CREATE INDEX answers_open ON answers (message_id) WHERE status = 'open';

-- The deltas of open answers, one row for each commit. Folded into the message when the answer ends.
CREATE TABLE journal (
    answer_id BLOB NOT NULL REFERENCES answers (message_id) ON DELETE CASCADE,
    sequence  INTEGER NOT NULL,
    content   TEXT NOT NULL,
    reasoning TEXT NOT NULL,
    PRIMARY KEY (answer_id, sequence)
) STRICT, WITHOUT ROWID;

-- One row for each call to an upstream, whoever caused it. It has no foreign keys, because what was
-- spent stays spent when a conversation is deleted.
CREATE TABLE ledger (
    id                INTEGER PRIMARY KEY,
    started_at        INTEGER NOT NULL,
    purpose           TEXT NOT NULL CHECK (purpose IN ('chat', 'title')),
    conversation_id   BLOB,
    answer_id         BLOB,
    provider          TEXT NOT NULL,
    model             TEXT NOT NULL,
    -- 'open' until the call ends, so that a call cut by a crash is counted too.
    status            TEXT NOT NULL
                      CHECK (status IN ('open', 'finished', 'stopped', 'failed', 'interrupted')),
    failure           TEXT,
    prompt_tokens     INTEGER,
    completion_tokens INTEGER,
    cached_tokens     INTEGER,
    reasoning_tokens  INTEGER,
    first_token_ms    INTEGER,
    total_ms          INTEGER
) STRICT;

CREATE INDEX ledger_by_time ON ledger (started_at);
CREATE INDEX ledger_open ON ledger (id) WHERE status = 'open';

-- Who is signed in. Only a hash of the cookie's token is kept, so that a copy of the file opens no door.
CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
