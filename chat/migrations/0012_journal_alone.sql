-- The journal without a foreign key. For each row that came it looked for its answer, a third of what a row took; and for
-- each answer that was deleted all rows were read, since no index finds those of one answer: 500 answers beside 100,000
-- rows took six seconds. Rows of answers that are gone are deleted with them, and by the next start.
CREATE TABLE journal_alone (
    id             INTEGER PRIMARY KEY,
    answer_id      BLOB NOT NULL,
    sequence       INTEGER NOT NULL,
    content        TEXT NOT NULL,
    reasoning      TEXT NOT NULL,
    -- The last event of the response that is in it, where the answer can be resumed by that.
    response_event INTEGER
) STRICT;
INSERT INTO journal_alone (id, answer_id, sequence, content, reasoning, response_event)
    SELECT id, answer_id, sequence, content, reasoning, response_event FROM journal;
DROP VIEW unfolded;
DROP TABLE journal;
ALTER TABLE journal_alone RENAME TO journal;

-- What is not folded yet. Rows may stay in the journal after their text is in the message.
CREATE VIEW unfolded AS
    SELECT journal.* FROM journal JOIN answers ON message_id = answer_id
    WHERE journal.sequence > answers.sequence;
