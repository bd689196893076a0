//! Reasoning that a model writes into its answer, as `<think>…</think>` at the very start.

use protocol::Delta;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// How many bytes of white space may stand before the opening tag. What is held back is neither kept
/// nor counted, so a model that writes nothing else is not waited for.
const MOST_HELD: usize = 1_024;

/// Tells reasoning from content, however the text is split. A tag anywhere but at the start is
/// content: there it is something the model writes about.
///
/// White space after either tag is dropped: it only sets the parts apart.
#[derive(Debug, Default)]
pub(super) struct Thinking {
    state: State,
    /// What may yet turn out to be a tag: its bytes, and before the opening tag white space too.
    held: String,
    /// How many bytes of the tag being looked for are at the end of `held`.
    matched: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    /// After the opening tag, before anything else.
    Opened,
    Reasoning,
    /// After the closing tag, before anything else.
    Closed,
    Content,
}

impl Thinking {
    /// Takes in further text of the answer, and gives what is certain by now.
    pub(super) fn push(&mut self, text: &str) -> Delta {
        let mut delta = Delta::default();
        for (at, character) in text.char_indices() {
            if self.state == State::Content {
                delta.content.push_str(&text[at..]);
                break;
            }
            self.step(character, &mut delta);
        }
        delta
    }

    /// What was held back, once nothing more will come.
    pub(super) fn finish(&mut self) -> Delta {
        let held = std::mem::take(&mut self.held);
        self.matched = 0;
        match self.state {
            State::Start => Delta { content: held, ..Delta::default() },
            _ => Delta { reasoning: held, ..Delta::default() },
        }
    }

    fn step(&mut self, character: char, delta: &mut Delta) {
        match self.state {
            State::Start if self.matched == 0 && character.is_whitespace() => {
                self.held.push(character);
                if self.held.len() > MOST_HELD {
                    delta.content.push_str(&self.held);
                    self.enter(State::Content);
                }
            }
            State::Start => {
                if self.matches(OPEN, character) {
                    if self.matched == OPEN.len() {
                        self.enter(State::Opened);
                    }
                } else {
                    delta.content.push_str(&self.held);
                    delta.content.push(character);
                    self.enter(State::Content);
                }
            }
            State::Opened if character.is_whitespace() => {}
            State::Opened => {
                self.state = State::Reasoning;
                self.step(character, delta);
            }
            State::Reasoning => {
                if self.matches(CLOSE, character) {
                    if self.matched == CLOSE.len() {
                        self.enter(State::Closed);
                    }
                } else if self.matched > 0 {
                    // `<` stands only at the start of the tag, so a failed match can begin anew
                    // only with this very character.
                    delta.reasoning.push_str(&self.held);
                    self.enter(State::Reasoning);
                    self.step(character, delta);
                } else {
                    delta.reasoning.push(character);
                }
            }
            State::Closed if character.is_whitespace() => {}
            State::Closed | State::Content => {
                delta.content.push(character);
                self.state = State::Content;
            }
        }
    }

    /// Holds the character back if it continues the tag.
    fn matches(&mut self, tag: &str, character: char) -> bool {
        let continues = tag[self.matched..].starts_with(character);
        if continues {
            self.held.push(character);
            self.matched += 1;
        }
        continues
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.held.clear();
        self.matched = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split<'a>(parts: impl IntoIterator<Item = &'a str>) -> (String, String) {
        let mut thinking = Thinking::default();
        let mut whole = Delta::default();
        let mut add = |delta: Delta| {
            whole.reasoning += &delta.reasoning;
            whole.content += &delta.content;
        };
        for part in parts {
            add(thinking.push(part));
        }
        add(thinking.finish());
        (whole.reasoning, whole.content)
    }

    #[track_caller]
    fn check(text: &str, reasoning: &str, content: &str) {
        let expected = (reasoning.to_owned(), content.to_owned());
        assert_eq!(split([text]), expected);
        assert_eq!(split(text.split_inclusive(|_| true)), expected, "by characters");
        for (at, _) in text.char_indices() {
            assert_eq!(split([&text[..at], &text[at..]]), expected, "cut at {at}");
        }
    }

    #[test]
    fn reasoning_at_the_start() {
        check("<think>why</think>because", "why", "because");
        check("<think>\nwhy\n</think>\n\nbecause\n", "why\n", "because\n");
        check("\n <think>é</think>è", "é", "è");
        check("<think></think>because", "", "because");
        check("<think>\n\n</think>\n\nbecause", "", "because");
    }

    #[test]
    fn what_only_looks_like_a_tag() {
        check("plain", "", "plain");
        check("  indented", "", "  indented");
        check("<thin", "", "<thin");
        check("<thing>", "", "<thing>");
        check(" <<think>", "", " <<think>");
        check("a <think>b</think>", "", "a <think>b</think>");
        check("<think>a < b </ c <</think>d", "a < b </ c <", "d");
        check("<think>a</thin</think>b", "a</thin", "b");
        check("<think>a</think>b</think><think>c", "a", "b</think><think>c");
        check("<think>never closed</thi", "never closed</thi", "");
        check("<think>", "", "");
        check("", "", "");
    }

    #[test]
    fn white_space_without_end_is_not_held_back_for_ever() {
        let mut thinking = Thinking::default();
        let mut came = 0;
        for pushed in 1..=10_000 {
            came += thinking.push("\n").content.len();
            assert!(pushed - came <= MOST_HELD, "{came} of {pushed} came");
        }
    }
}
