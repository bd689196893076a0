-- Ways to answer, things to ask, and what the owner chose.

CREATE TABLE personas (
    id            BLOB PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL,
    -- Stands for a picture. Empty for the first letter of the name.
    emoji         TEXT NOT NULL,
    description   TEXT NOT NULL,
    system_prompt TEXT NOT NULL,
    -- `provider/model`; NULL for whichever answers anyway.
    model         TEXT,
    -- A JSON object, in the shape of `chat::Parameters`.
    parameters    TEXT NOT NULL DEFAULT '{}',
    -- Questions to begin with: a JSON array of texts.
    starters      TEXT NOT NULL DEFAULT '[]',
    position      INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE prompts (
    id          BLOB PRIMARY KEY NOT NULL,
    title       TEXT NOT NULL,
    -- What is typed after a slash to get it; NULL for none.
    command     TEXT UNIQUE,
    text        TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX prompts_by_time ON prompts (created_at DESC, id);

-- What the owner chose for the whole of Inglenook, each under its name and as JSON.
CREATE TABLE settings (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A persona is copied into the conversation that it is picked for, so that a later change of the
-- persona does not silently change the conversation. The id only says where the copy came from.
ALTER TABLE conversations ADD COLUMN persona_id BLOB REFERENCES personas (id) ON DELETE SET NULL;
ALTER TABLE conversations ADD COLUMN system_prompt TEXT NOT NULL DEFAULT '';
-- `provider/model`; NULL for the default, whatever that is when an answer is asked for.
ALTER TABLE conversations ADD COLUMN model TEXT;
ALTER TABLE conversations ADD COLUMN parameters TEXT NOT NULL DEFAULT '{}';

-- Deleting a persona looks for the conversations that came from it.
CREATE INDEX conversations_by_persona ON conversations (persona_id) WHERE persona_id IS NOT NULL;

-- A few to begin with. They are the owner's from here on, to change and to delete.
INSERT INTO personas (id, name, emoji, description, system_prompt, starters, position, created_at) VALUES
(X'00000000000070008000000000000001', 'Editor', '✍️', 'Makes a text clearer and keeps its voice',
'You are an editor. Improve the text you are given: clarity first, then rhythm, then brevity. Keep the author''s voice, language and meaning. Show the improved text first, then list the changes that matter in at most five short points. If something is unclear, ask instead of guessing.',
'["Improve this paragraph without making it longer:", "Make this email friendlier and half as long:", "Find the weakest sentence here and say why:"]', 1, 0),
(X'00000000000070008000000000000002', 'Programmer', '🛠️', 'Writes and reviews code, plainly and carefully',
'You are an experienced programmer. Give working code in the language and style that is asked for or shown. Say which assumptions you make. Prefer the standard library and simple constructions. Point out bugs, races, security holes and missing error handling when you see them. Keep explanations short and after the code.',
'["Review this code:", "Why does this error happen, and how do I fix it?", "Write tests for this function:"]', 2, 0),
(X'00000000000070008000000000000003', 'Tutor', '🎓', 'Leads to understanding with questions and examples',
'You are a patient tutor. First find out what the learner knows already with one short question. Then explain in small steps, each with an example, and check understanding before going on. Never give away the solution of an exercise at once: give a hint first. Praise precisely, not generally.',
'["Teach me the basics of probability", "Help me understand recursion", "Quiz me on the causes of the First World War"]', 3, 0),
(X'00000000000070008000000000000004', 'Translator', '🌍', 'Translates faithfully and naturally',
'You are a translator. Translate what you are given into the language that is asked for; if none is named, translate English into Chinese and everything else into English. Keep the tone, the formatting and the names. Give the translation alone. Add a note only where a phrase cannot be carried over or has two readings.',
'["Translate into German:", "How would a native speaker say this?"]', 4, 0),
(X'00000000000070008000000000000005', 'Critic', '🧐', 'Finds what is wrong with a plan before others do',
'You are a fair but unsparing critic. Look for wrong assumptions, missing evidence, risks and simpler ways. Name the three most serious weaknesses first, each with what would convince you otherwise and with a remedy. Say honestly what is good. Do not soften and do not flatter.',
'["What is wrong with this plan?", "Argue against this decision:"]', 5, 0);

INSERT INTO prompts (id, title, command, text, description, created_at) VALUES
(X'00000000000070008000000000000001', 'Explain something', 'explain',
'Explain {{topic}} to somebody who hears of it for the first time. Use an everyday example, then say where the example stops being right.',
'In plain words, with an example', 0),
(X'00000000000070008000000000000002', 'Summarise a text', 'summarise',
'Summarise the text below in five points at most. Then say in one sentence what it leaves open.

',
'Five points, and what is left open', 0),
(X'00000000000070008000000000000003', 'Improve my writing', 'improve',
'Improve the text below. Keep its language, its meaning and its tone, and do not make it longer.

',
'Clearer, not longer', 0),
(X'00000000000070008000000000000004', 'Translate', 'translate',
'Translate the text below into {{language}}. Give the translation alone.

',
'Into any language', 0),
(X'00000000000070008000000000000005', 'Compare two things', 'compare',
'Compare {{one}} and {{other}} for {{purpose}}. Make a table of the differences that matter, then recommend one and say when the other would be better.',
'A table and a recommendation', 0),
(X'00000000000070008000000000000006', 'Review code', 'review',
'Review the code below. Look for bugs first, then for security, then for clarity. Quote the lines you mean and show better ones.

```

```',
'Bugs first, then clarity', 0),
(X'00000000000070008000000000000007', 'Plan step by step', 'plan',
'Make a plan for {{goal}}. Ask me at most three questions first, if the answers would change the plan. Then list the steps, each with how long it takes and how I know that it is done.',
'Steps with times and ends', 0),
(X'00000000000070008000000000000008', 'Minutes of a meeting', 'minutes',
'Turn the notes below into minutes: decisions, tasks with who and until when, and open questions. Leave out what was only talk.

',
'Decisions, tasks, open questions', 0);
