-- Who spends. Limits and the ledger carry a person; the owner is the first.

CREATE TABLE people (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

INSERT INTO people (id, name, created_at) VALUES (1, 'owner', 0);

-- What programs present instead of a session. Only a hash is kept, so a token is shown once.
CREATE TABLE api_tokens (
    id           INTEGER PRIMARY KEY,
    person_id    INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    token_hash   BLOB NOT NULL UNIQUE,
    -- Its last characters, by which its owner knows it again.
    ending       TEXT NOT NULL,
    -- What it may do, as a JSON list of words.
    scopes       TEXT NOT NULL,
    -- What it may spend, as a JSON object; an empty one leaves it to the other limits.
    limits       TEXT NOT NULL DEFAULT '{}',
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT;

-- The ledger again, without the closed list of purposes, and with who caused a call and what it cost.
CREATE TABLE calls (
    id                INTEGER PRIMARY KEY,
    started_at        INTEGER NOT NULL,
    -- What it was made for: 'chat', 'title', 'relay', …
    purpose           TEXT NOT NULL,
    person_id         INTEGER NOT NULL,
    token_id          INTEGER,
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
    -- 1 where the upstream did not count, and the tokens are our own estimate.
    estimated         INTEGER NOT NULL DEFAULT 0,
    -- In picodollars (10^-12 US dollars), which are exact for prices in millionths for a million
    -- tokens. NULL where no price is known.
    cost              INTEGER,
    first_token_ms    INTEGER,
    total_ms          INTEGER
) STRICT;

INSERT INTO calls (id, started_at, purpose, person_id, conversation_id, answer_id, provider, model,
        status, failure, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens,
        first_token_ms, total_ms)
    SELECT id, started_at, purpose, 1, conversation_id, answer_id, provider, model,
        status, failure, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens,
        first_token_ms, total_ms
    FROM ledger;

DROP TABLE ledger;
ALTER TABLE calls RENAME TO ledger;

CREATE INDEX ledger_by_time ON ledger (started_at);
CREATE INDEX ledger_open ON ledger (id) WHERE status = 'open';
CREATE INDEX ledger_by_answer ON ledger (answer_id) WHERE answer_id IS NOT NULL;
