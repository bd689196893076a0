-- What an answer cost, all calls for it together, beside its tokens.
ALTER TABLE answers ADD COLUMN cost INTEGER;
ALTER TABLE answers ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0;

-- The latest failures are shown, and are few among many.
CREATE INDEX ledger_failed ON ledger (id) WHERE status = 'failed';

-- Every closed call three times: under the month, the day and the hour in which it began, in the
-- time zone of the server. This is the one place that says what a day is; the sums below are sums
-- over it.
CREATE VIEW calls_by_time AS
    SELECT id, span,
        strftime(format, started_at / 1000, 'unixepoch', 'localtime') AS period,
        purpose, person_id, coalesce(token_id, 0) AS token_id, provider, model, status,
        1 AS calls,
        estimated,
        cost IS NULL AS unpriced,
        coalesce(prompt_tokens, 0) AS prompt_tokens,
        coalesce(completion_tokens, 0) AS completion_tokens,
        coalesce(cached_tokens, 0) AS cached_tokens,
        coalesce(reasoning_tokens, 0) AS reasoning_tokens,
        coalesce(cost, 0) AS cost,
        first_token_ms
    FROM ledger JOIN (
        SELECT 'month' AS span, '%Y-%m' AS format
        UNION ALL SELECT 'day', '%Y-%m-%d'
        UNION ALL SELECT 'hour', '%Y-%m-%d %H')
    WHERE status <> 'open';

-- Sums over the ledger, kept as calls are closed: a page about a year must not read a million rows.
CREATE TABLE usage_sums (
    span              TEXT NOT NULL,
    period            TEXT NOT NULL,
    purpose           TEXT NOT NULL,
    person_id         INTEGER NOT NULL,
    -- 0 where no program asked.
    token_id          INTEGER NOT NULL,
    provider          TEXT NOT NULL,
    model             TEXT NOT NULL,
    status            TEXT NOT NULL,
    calls             INTEGER NOT NULL,
    -- How many of the calls have tokens that are estimates, and how many no known price.
    estimated         INTEGER NOT NULL,
    unpriced          INTEGER NOT NULL,
    prompt_tokens     INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cached_tokens     INTEGER NOT NULL,
    reasoning_tokens  INTEGER NOT NULL,
    -- In picodollars.
    cost              INTEGER NOT NULL,
    PRIMARY KEY (span, period, purpose, person_id, token_id, provider, model, status)
) STRICT, WITHOUT ROWID;

INSERT INTO usage_sums
    SELECT span, period, purpose, person_id, token_id, provider, model, status,
        sum(calls), sum(estimated), sum(unpriced), sum(prompt_tokens), sum(completion_tokens),
        sum(cached_tokens), sum(reasoning_tokens), sum(cost)
    FROM calls_by_time GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

-- Times to the first token, counted up to bounds that lie closely enough for percentiles.
CREATE TABLE first_token_bounds (up_to_ms INTEGER PRIMARY KEY) STRICT;

INSERT INTO first_token_bounds VALUES (50), (100), (150), (200), (300), (400), (500), (600), (800),
    (1000), (1250), (1500), (2000), (2500), (3000), (4000), (5000), (7500), (10000), (15000), (20000),
    (30000), (60000), (120000), (300000), (9007199254740991);

CREATE TABLE first_token_counts (
    span     TEXT NOT NULL,
    period   TEXT NOT NULL,
    purpose  TEXT NOT NULL,
    provider TEXT NOT NULL,
    model    TEXT NOT NULL,
    up_to_ms INTEGER NOT NULL,
    calls    INTEGER NOT NULL,
    PRIMARY KEY (span, period, purpose, provider, model, up_to_ms)
) STRICT, WITHOUT ROWID;

INSERT INTO first_token_counts
    SELECT span, period, purpose, provider, model,
        (SELECT min(up_to_ms) FROM first_token_bounds WHERE up_to_ms >= first_token_ms),
        sum(calls)
    FROM calls_by_time WHERE first_token_ms IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6;
