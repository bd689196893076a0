-- The journal in the order in which it is written. By answer, a commit for a thousand answers changed a
-- thousand pages; now it changes the last one. What is folded is deleted from the front.
CREATE TABLE journal_in_order (
    id             INTEGER PRIMARY KEY,
    answer_id      BLOB NOT NULL REFERENCES answers (message_id) ON DELETE CASCADE,
    sequence       INTEGER NOT NULL,
    content        TEXT NOT NULL,
    reasoning      TEXT NOT NULL,
    -- The last event of the response that is in it, where the answer can be resumed by that.
    response_event INTEGER
) STRICT;
INSERT INTO journal_in_order (answer_id, sequence, content, reasoning, response_event)
    SELECT answer_id, sequence, content, reasoning, response_event FROM journal ORDER BY answer_id, sequence;
DROP TABLE journal;
ALTER TABLE journal_in_order RENAME TO journal;

-- What is not folded yet. Rows may stay in the journal after their text is in the message.
CREATE VIEW unfolded AS
    SELECT journal.* FROM journal JOIN answers ON message_id = answer_id
    WHERE journal.sequence > answers.sequence;
