-- Where an answer was cut and another upstream went on in the same text: a JSON list of `after`, the
-- last words before the place, `why`, and `by`, who went on.
ALTER TABLE answers ADD COLUMN seams TEXT NOT NULL DEFAULT '[]';
