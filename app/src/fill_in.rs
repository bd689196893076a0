//! Asks for the variables of a prompt before it is put into the field.

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{browser, language::words, state::State};

/// The dialog's id.
const FILL_IN: &str = "fill-in";

/// The dialog. It is empty until a prompt with variables is picked.
#[component]
pub fn FillIn() -> impl IntoView {
    let state = State::here();
    let filling = state.library.filling;
    let words = words();
    Effect::new(move |_| {
        if filling.with(Option::is_some) {
            browser::open_dialog(FILL_IN);
        }
    });
    let fill = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(prompt) = filling.get_untracked() else { return };
        let values = browser::field_values(FILL_IN);
        let filled = fill_in(&prompt.text, prompt.variables.iter().zip(&values));
        browser::close_dialog(FILL_IN);
        browser::write_prompt(&filled);
    };
    view! {
        <dialog id=FILL_IN class="panel" aria-label=words.library.fill_in on:close=move |_| filling.set(None)>
            {move || {
                filling
                    .get()
                    .map(|prompt| {
                        let fields = prompt.variables.into_iter().enumerate();
                        view! {
                            <form on:submit=fill>
                                <h2>{words.library.fill_in}</h2>
                                {fields.map(|(index, name)| view! { <Variable index name /> }).collect_view()}
                                <p class="buttons">
                                    <button type="submit" class="primary">{words.library.use_prompt}</button>
                                    <button type="button" class="plain" on:click=move |_| browser::close_dialog(FILL_IN)>
                                        {words.page.cancel}
                                    </button>
                                </p>
                            </form>
                        }
                    })
            }}
        </dialog>
    }
}

#[component]
fn Variable(index: usize, name: String) -> impl IntoView {
    let id = format!("variable-{index}");
    view! {
        <div class="field">
            <label for=id.clone() dir="auto">{name}</label>
            <input id=id dir="auto" autocomplete="off" autofocus=index == 0 />
        </div>
    }
}

/// A text with what stands for its variables. What was filled in is not looked at again, so it may
/// hold braces itself.
fn fill_in<'a>(
    text: &str,
    values: impl Iterator<Item = (&'a String, &'a String)> + Clone,
) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        let variable = values.clone().find_map(|(name, value)| {
            let after = from.strip_prefix("{{")?.strip_prefix(name.as_str())?.strip_prefix("}}")?;
            Some((value, after))
        });
        match variable {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push_str("{{");
                rest = &from[2..];
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_once() {
        let check = |text: &str, values: &[(&str, &str)], expected: &str| {
            let values: Vec<_> =
                values.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            let values = values.iter().map(|(name, value)| (name, value));
            assert_eq!(fill_in(text, values), expected);
        };
        check("none", &[], "none");
        check("{{a}} and {{b}}, {{a}}", &[("a", "1"), ("b", "2")], "1 and 2, 1");
        check("{{a}}{{b}}", &[("a", "{{b}}"), ("b", "2")], "{{b}}2");
        check("{{c}} {{ {{a}}", &[("a", "1")], "{{c}} {{ 1");
        check("{{a", &[("a", "1")], "{{a");
    }
}
