-- Answers that an upstream writes on while this server is away, and models that are chosen for a question.

-- What the upstream calls the response that it writes in the background, and the last of its events
-- that is in the text. NULL where there is nothing to resume.
ALTER TABLE answers ADD COLUMN response TEXT;
ALTER TABLE answers ADD COLUMN response_event INTEGER;

-- The last event of that response that is in this row. It is stored with the text that it covers, so
-- that what is resumed after it lacks nothing and repeats nothing.
ALTER TABLE journal ADD COLUMN response_event INTEGER;

-- How `auto` came to the model, as JSON. NULL where a person named it.
ALTER TABLE answers ADD COLUMN choice TEXT;
