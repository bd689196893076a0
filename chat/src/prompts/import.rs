//! Prompts as other programs write them.
//!
//! Read are JSON and CSV. Every object in JSON that has a text under one of the names in [`TEXT`]
//! is a prompt, wherever it stands: in our own exports, in those of Open WebUI (`command`, `title`
//! or `name`, `content`), in NextChat's store (`{"prompts": {id: {title, content}}}`), in its lists
//! (`{"en": [["title", "content"]]}`), and in awesome-chatgpt-prompts (`act`, `prompt`; also as CSV).

use serde_json::Value;

use super::{MOST_PROMPTS, PromptText};

/// What the text of a prompt is called.
const TEXT: [&str; 3] = ["text", "content", "prompt"];

/// What its title is called.
const TITLE: [&str; 3] = ["title", "name", "act"];

/// How deep prompts may lie in JSON.
const DEEPEST: usize = 6;

/// Why no prompts could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It looks like JSON and is none.
    #[error("this is not JSON: {detail}")]
    NotJson {
        /// What the parser says, with line and column.
        detail: String,
    },
    /// It is a table that cannot be read.
    #[error("this is not CSV: {detail}")]
    NotCsv {
        /// What the parser says, with the line.
        detail: String,
    },
    /// It can be read, and no prompt is in it.
    #[error(
        "no prompts are in it: expected objects with a title and a text, or a table with columns of these names"
    )]
    Nothing,
    /// There are more prompts in it than the library holds.
    #[error("more than {limit} prompts are in it")]
    TooMany {
        /// The most allowed.
        limit: u32,
    },
}

/// Reads the prompts of a file.
pub fn read_prompts(file: &str) -> Result<Vec<PromptText>, ImportError> {
    let file = file.trim_start_matches('\u{FEFF}').trim();
    let prompts = if file.starts_with(['[', '{']) {
        let value = serde_json::from_str(file)
            .map_err(|error| ImportError::NotJson { detail: error.to_string() })?;
        let mut prompts = Vec::new();
        collect(&value, &mut prompts, 0);
        prompts
    } else {
        of_table(file)?
    };
    match prompts.len() {
        0 => Err(ImportError::Nothing),
        count if count > MOST_PROMPTS as usize => Err(ImportError::TooMany { limit: MOST_PROMPTS }),
        _ => Ok(prompts),
    }
}

fn collect(value: &Value, prompts: &mut Vec<PromptText>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::Array(items) => match items.as_slice() {
            [Value::String(title), Value::String(text)] => prompts.push(PromptText {
                title: title.clone(),
                text: text.clone(),
                ..PromptText::default()
            }),
            items => items.iter().for_each(|item| collect(item, prompts, depth + 1)),
        },
        Value::Object(fields) => {
            let named = |names: &[&str]| {
                names.iter().find_map(|name| fields.get(*name)?.as_str()).map(str::to_owned)
            };
            match named(&TEXT) {
                Some(text) => prompts.push(PromptText {
                    title: named(&TITLE).unwrap_or_default(),
                    command: named(&["command"]),
                    text,
                    description: named(&["description"]).unwrap_or_default(),
                }),
                None => fields.values().for_each(|value| collect(value, prompts, depth + 1)),
            }
        }
        _ => {}
    }
}

fn of_table(file: &str) -> Result<Vec<PromptText>, ImportError> {
    let not_csv = |error: csv::Error| ImportError::NotCsv { detail: error.to_string() };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.as_bytes());
    let headers = reader.headers().map_err(not_csv)?.clone();
    let column = |names: &[&str]| {
        let is_named =
            |header: &str| names.iter().any(|name| header.trim().eq_ignore_ascii_case(name));
        headers.iter().position(is_named)
    };
    let Some(text) = column(&TEXT) else { return Err(ImportError::Nothing) };
    let (title, command) = (column(&TITLE), column(&["command"]));
    let description = column(&["description"]);
    let mut prompts = Vec::new();
    for row in reader.records() {
        let row = row.map_err(not_csv)?;
        let cell = |column: Option<usize>| row.get(column?).map(str::to_owned);
        prompts.push(PromptText {
            title: cell(title).unwrap_or_default(),
            command: cell(command),
            text: cell(Some(text)).unwrap_or_default(),
            description: cell(description).unwrap_or_default(),
        });
    }
    Ok(prompts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_programs_write_is_read() {
        #[track_caller]
        fn check(file: &str, expected: &[(&str, &str, &str)]) {
            let prompts = read_prompts(file).unwrap();
            let found: Vec<_> = prompts
                .iter()
                .map(|prompt| {
                    let command = prompt.command.as_deref().unwrap_or_default();
                    (prompt.title.as_str(), command, prompt.text.as_str())
                })
                .collect();
            assert_eq!(found, expected, "{file}");
        }
        let ours = r#"[{"title": "A", "command": "a", "text": "Do {{it}}.", "description": "d"}]"#;
        check(ours, &[("A", "a", "Do {{it}}.")]);
        let open_webui = r#"[{"command": "/joke", "user_id": "1", "title": "Joke", "content": "Tell one.", "timestamp": 1},
            {"command": "say", "name": "Say", "content": "Say it.", "access_control": null}]"#;
        check(open_webui, &[("Joke", "/joke", "Tell one."), ("Say", "say", "Say it.")]);
        let next_chat = r#"{"prompt-store": {"prompts": {"x1": {"id": "x1", "title": "T", "content": "C", "isUser": true}}}}"#;
        check(next_chat, &[("T", "", "C")]);
        check(r#"{"en": [["T", "C"]], "cn": [["题", "文"]]}"#, &[("题", "", "文"), ("T", "", "C")]);
        check(r#"[{"act": "Poet", "prompt": "Rhyme."}]"#, &[("Poet", "", "Rhyme.")]);
        let awesome =
            "act,prompt,for_devs\r\n\"A \"\"poet\"\"\",\"Rhyme,\nplease.\",FALSE\r\nShort\r\n";
        check(awesome, &[("A \"poet\"", "", "Rhyme,\nplease."), ("Short", "", "")]);
        check("\u{FEFF}Title,Text\nT,C", &[("T", "", "C")]);
    }

    #[test]
    fn what_is_no_library_is_refused_precisely() {
        #[track_caller]
        fn check(file: &str, expected: &str) {
            let words = read_prompts(file).unwrap_err().to_string();
            assert!(words.starts_with(expected), "{words}");
        }
        check("", "no prompts are in it");
        check("hello", "no prompts are in it");
        check("[]", "no prompts are in it");
        check(r#"{"title": "only"}"#, "no prompts are in it");
        check("[{]", "this is not JSON: key must be a string at line 1 column 3");
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        check(&deep, "no prompts are in it");
        check(&"[".repeat(10_000), "this is not JSON: recursion limit exceeded");
        let many = format!("text\n{}", "x\n".repeat(5_001));
        check(&many, "more than 5000 prompts are in it");
    }
}
