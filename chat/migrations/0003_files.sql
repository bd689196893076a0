-- Files that are sent with questions. Their content is not here: it lies once in the folder `files`,
-- under its hash.

CREATE TABLE files (
    id         BLOB PRIMARY KEY NOT NULL,
    -- SHA-256 of the content. Not unique: the same content may come under several names.
    hash       BLOB NOT NULL,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    -- What a model reads of it, as found when it came. NULL for pictures, which are sent as they are.
    text       TEXT,
    -- In pixels, for pictures only.
    width      INTEGER,
    height     INTEGER,
    -- About how many it takes, so that what fits is known without reading the text again.
    tokens     INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Whether another file has the same content decides whether that can go.
CREATE INDEX files_by_hash ON files (hash);

-- The files of a question, in the order in which they were added.
CREATE TABLE message_files (
    message_id BLOB NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    file_id    BLOB NOT NULL REFERENCES files (id),
    PRIMARY KEY (message_id, position)
) STRICT, WITHOUT ROWID;

-- A start looks for files that no message has.
CREATE INDEX message_files_by_file ON message_files (file_id);

-- Those of a question that waits for the answer before it.
CREATE TABLE queued_files (
    queued_id BLOB NOT NULL REFERENCES queued (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    file_id   BLOB NOT NULL REFERENCES files (id),
    PRIMARY KEY (queued_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX queued_files_by_file ON queued_files (file_id);

-- How many of the oldest messages were not sent, because they would not have fitted into the model's
-- context window. It is said below the answer.
ALTER TABLE answers ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;
