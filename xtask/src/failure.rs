//! What went wrong, in words for the person at the terminal, and what to do about it.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

/// How much of a failed command's output is shown: enough for the error, not a screenful.
const SHOWN_LINES: usize = 20;

/// Why a command of this crate could not finish.
#[derive(Debug)]
pub struct Failure {
    what: String,
    output: Vec<String>,
    remedy: String,
}

impl Failure {
    /// A failure without any output to show.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Failure {
        Failure { what: what.into(), output: Vec::new(), remedy: remedy.into() }
    }

    /// Adds the end of the log that the failed command left.
    pub fn with_log(mut self, log: &Path) -> Failure {
        // A log that cannot be read only means that there is nothing more to say.
        let text = fs::read(log).unwrap_or_default();
        self.output = last_lines(&String::from_utf8_lossy(&text));
        if !self.output.is_empty() {
            self.output.push(format!("(the whole output: {})", log.display()));
        }
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.what)?;
        for line in &self.output {
            writeln!(f, "  | {line}")?;
        }
        write!(f, "remedy: {}", self.remedy)
    }
}

fn last_lines(text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].to_vec()
}

/// A command as it could be typed.
pub fn typed(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_long_output_is_shown() {
        let long: String = (1..=50).map(|n| format!("line {n}\n")).collect();
        for (text, first, count) in [("", None, 0), ("a\nb", Some("a"), 2)] {
            let lines = last_lines(text);
            assert_eq!((lines.first().map(String::as_str), lines.len()), (first, count));
        }
        let lines = last_lines(&long);
        assert_eq!((lines[0].as_str(), lines.len()), ("line 31", SHOWN_LINES));
    }

    #[test]
    fn a_failure_ends_with_its_remedy() {
        let failure = Failure::new("`npm ci` failed", "install Node.js");
        assert_eq!(failure.to_string(), "error: `npm ci` failed\nremedy: install Node.js");
    }
}
