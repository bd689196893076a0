//! Parameters as a person writes them into a form.

use std::str::FromStr;

use serde_json::Value;

use super::{ParameterError, ParameterField, Parameters, ReasoningEffort};

/// The texts of a form's fields. An empty one sets nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParameterTexts {
    texts: [String; ParameterField::ALL.len()],
}

impl ParameterTexts {
    /// The text of a field.
    pub fn get(&self, field: ParameterField) -> &str {
        &self.texts[field as usize]
    }

    /// Sets the text of the field of this name. Names that are no parameter's are left alone.
    pub fn set(&mut self, name: &str, text: &str) {
        if let Some(field) = ParameterField::ALL.into_iter().find(|field| field.as_str() == name) {
            text.clone_into(&mut self.texts[field as usize]);
        }
    }

    /// Parameters as the texts that are read back to them.
    pub fn of(parameters: &Parameters) -> Self {
        let mut texts = Self::default();
        let mut set = |field: ParameterField, text: Option<String>| {
            texts.texts[field as usize] = text.unwrap_or_default();
        };
        let text = |number: f64| number.to_string();
        set(ParameterField::Temperature, parameters.temperature.map(text));
        set(ParameterField::TopP, parameters.top_p.map(text));
        set(ParameterField::MaxTokens, parameters.max_tokens.map(|count| count.to_string()));
        let stop = parameters.stop.iter().map(|stop| escaped(stop)).collect::<Vec<_>>().join("\n");
        set(ParameterField::Stop, Some(stop));
        set(ParameterField::Seed, parameters.seed.map(|seed| seed.to_string()));
        let effort = parameters.reasoning_effort.map(|effort| effort.as_str().to_owned());
        set(ParameterField::ReasoningEffort, effort);
        let more = (!parameters.more.is_empty())
            .then(|| serde_json::to_string_pretty(&parameters.more).unwrap_or_default());
        set(ParameterField::More, more);
        texts
    }

    /// Reads and checks the parameters, or says everything that is wrong.
    pub fn read(&self) -> Result<Parameters, Vec<ParameterError>> {
        let mut mistakes = Vec::new();
        let mut kept = Kept { texts: self, mistakes: &mut mistakes };
        let parameters = Parameters {
            temperature: kept.number(ParameterField::Temperature),
            top_p: kept.number(ParameterField::TopP),
            max_tokens: kept.number(ParameterField::MaxTokens),
            stop: self.get(ParameterField::Stop).lines().filter_map(stop).collect(),
            seed: kept.number(ParameterField::Seed),
            reasoning_effort: kept.effort(),
            more: kept.more(),
        };
        mistakes.extend(parameters.mistakes());
        if mistakes.is_empty() { Ok(parameters) } else { Err(mistakes) }
    }
}

/// Reads fields and keeps what is wrong with them.
struct Kept<'a> {
    texts: &'a ParameterTexts,
    mistakes: &'a mut Vec<ParameterError>,
}

impl Kept<'_> {
    fn number<T: FromStr>(&mut self, field: ParameterField) -> Option<T> {
        let text = self.texts.get(field).trim();
        if text.is_empty() {
            return None;
        }
        // Half of the world writes the decimal point as a comma.
        let number = text.replace(',', ".").parse().ok();
        if number.is_none() {
            self.mistakes.push(ParameterError::NotANumber { field, found: text.to_owned() });
        }
        number
    }

    fn effort(&mut self) -> Option<ReasoningEffort> {
        let text = self.texts.get(ParameterField::ReasoningEffort).trim();
        if text.is_empty() {
            return None;
        }
        let effort = ReasoningEffort::ALL.into_iter().find(|effort| effort.as_str() == text);
        if effort.is_none() {
            self.mistakes.push(ParameterError::UnknownEffort { found: text.to_owned() });
        }
        effort
    }

    fn more(&mut self) -> serde_json::Map<String, Value> {
        let text = self.texts.get(ParameterField::More).trim();
        if text.is_empty() {
            return serde_json::Map::new();
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(more)) => return more,
            Ok(_) => self.mistakes.push(ParameterError::NotAnObject),
            Err(error) => self.mistakes.push(ParameterError::NotJson { detail: error.to_string() }),
        }
        serde_json::Map::new()
    }
}

/// A line as a stop sequence, in which `\n`, `\t` and `\\` stand for what they do in most
/// languages. An empty line is none.
fn stop(line: &str) -> Option<String> {
    let mut stop = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n') => stop.push('\n'),
                Some('t') => stop.push('\t'),
                Some('\\') | None => stop.push('\\'),
                Some(other) => stop.extend(['\\', other]),
            },
            (character, false) => stop.push(character),
        }
    }
    (!stop.is_empty()).then_some(stop)
}

fn escaped(stop: &str) -> String {
    stop.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(fields: &[(&str, &str)]) -> ParameterTexts {
        let mut texts = ParameterTexts::default();
        for (name, text) in fields {
            texts.set(name, text);
        }
        texts
    }

    #[test]
    fn fields_are_read_as_they_are_meant() {
        #[track_caller]
        fn check(fields: &[(&str, &str)], expected: Value) {
            let read = texts(fields).read().unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), expected);
            assert_eq!(ParameterTexts::of(&read).read(), Ok(read), "and again as it is shown");
        }
        check(&[], json!({}));
        check(&[("temperature", "  "), ("unknown", "1"), ("more", "\n")], json!({}));
        check(&[("temperature", "0.7")], json!({"temperature": 0.7}));
        check(&[("temperature", "0,7"), ("top_p", "1")], json!({"temperature": 0.7, "top_p": 1.0}));
        check(&[("max_tokens", " 512 "), ("seed", "-3")], json!({"max_tokens": 512, "seed": -3}));
        check(&[("stop", "END\r\n\n ###")], json!({"stop": ["END", " ###"]}));
        check(&[("stop", r"\n\nQ:")], json!({"stop": ["\n\nQ:"]}));
        check(&[("stop", r"\\n\d\")], json!({"stop": [r"\n\d\"]}));
        check(&[("reasoning_effort", "low")], json!({"reasoning_effort": "low"}));
        check(&[("more", r#"{"top_k": 40}"#)], json!({"more": {"top_k": 40}}));
    }

    #[test]
    fn what_cannot_be_read_is_said_precisely() {
        #[track_caller]
        fn check(fields: &[(&str, &str)], expected: &[&str]) {
            let mistakes = texts(fields).read().unwrap_err();
            let words: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            assert_eq!(words, expected);
        }
        check(&[("temperature", "hot")], &["temperature: expected a number, found \"hot\""]);
        check(&[("temperature", "NaN")], &["temperature: expected 0 to 2"]);
        check(&[("max_tokens", "1.5")], &["max_tokens: expected a number, found \"1.5\""]);
        check(&[("max_tokens", "-1")], &["max_tokens: expected a number, found \"-1\""]);
        check(
            &[("seed", "99999999999999999999")],
            &["seed: expected a number, found \"99999999999999999999\""],
        );
        check(
            &[("reasoning_effort", "max")],
            &[
                "reasoning_effort: expected none, minimal, low, medium, high or xhigh, found \"max\"",
            ],
        );
        for more in ["[]", "1", "null", "\"x\""] {
            check(&[("more", more)], &["more: expected a JSON object such as {\"top_k\": 40}"]);
        }
        check(
            &[("more", "{\"top_k\": }")],
            &["more: this is not JSON: expected value at line 1 column 11"],
        );
        check(
            &[("temperature", "x"), ("top_p", "7"), ("more", "{\"n\": 2}")],
            &[
                "temperature: expected a number, found \"x\"",
                "top_p: expected 0 to 1",
                "more: \"n\" is set by Inglenook itself and cannot be changed here",
            ],
        );
    }
}
