//! The variables of a prompt: `{{name}}` stands for what is asked before the prompt is used.

/// The most variables that are asked for. A text with more of them is no prompt but a template of
/// another program.
const MOST_VARIABLES: usize = 12;

/// The longest name of a variable, in bytes.
const LONGEST_VARIABLE: usize = 60;

/// The names of the variables in a text, each once, in the order in which they come.
pub fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, found) in found_in(text) {
        if names.len() < MOST_VARIABLES && !names.iter().any(|name| name == found) {
            names.push(found.to_owned());
        }
    }
    names
}

/// The text with each variable written as `{{name}}` exactly: without white space around the name,
/// and without what Open WebUI allows after it, as in `{{ name | text:placeholder="…" }}`.
pub fn with_plain_variables(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = 0;
    for (range, name) in found_in(text) {
        plain.push_str(&text[rest..range.start]);
        plain.push_str("{{");
        plain.push_str(name);
        plain.push_str("}}");
        rest = range.end;
    }
    plain.push_str(&text[rest..]);
    plain
}

/// Where variables stand, and their names.
fn found_in(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, &str)> {
    text.match_indices("{{").filter_map(|(start, _)| {
        let inner = start + 2;
        let end = inner + text[inner..].find("}}")?;
        let name = text[inner..end].split('|').next()?.trim();
        let is_name = !name.is_empty()
            && name.len() <= LONGEST_VARIABLE
            && !name.contains(['{', '}', '\n', '#', '/']);
        is_name.then_some((start..end + 2, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_and_made_plain() {
        #[track_caller]
        fn check(text: &str, names: &[&str], plain: &str) {
            assert_eq!(variables(text), names, "{text}");
            assert_eq!(with_plain_variables(text), plain);
        }
        check("none", &[], "none");
        check("{{a}} and {{ b }}, {{a}}", &["a", "b"], "{{a}} and {{b}}, {{a}}");
        check("{{语言}}", &["语言"], "{{语言}}");
        check("{{a | text:placeholder=\"x\"}}", &["a"], "{{a}}");
        check("{{}} {{ }} {{a\nb}} {{#if}} {a} {{a", &[], "{{}} {{ }} {{a\nb}} {{#if}} {a} {{a");
        check("{{{a}}}", &[], "{{{a}}}");
        let many: String = (0..20).map(|number| format!("{{{{v{number}}}}}")).collect();
        assert_eq!(variables(&many).len(), 12);
    }
}
