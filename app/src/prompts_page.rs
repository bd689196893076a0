//! On the server: the pages of the prompt library.

use chat::{PromptText, SavedPrompt};
use leptos::{either::Either, prelude::*};
use protocol::PromptId;
use serde::Serialize;

use crate::{
    Assets, Look,
    plain_form::{AreaField, DeleteForm, LineField, Outcome},
    plain_page,
};

/// How much of a text a card shows, in characters.
const EXCERPT: usize = 160;

/// What the page of all prompts is rendered from.
#[derive(Debug, Clone)]
pub struct PromptsPage {
    /// The prompts that match.
    pub prompts: Vec<SavedPrompt>,
    /// What is looked for; may be empty.
    pub query: String,
    /// What was written and refused, to be shown again.
    pub written: PromptText,
    /// What was pasted for the import and refused.
    pub pasted: String,
    /// Why a form was refused, or what came of it.
    pub outcome: Result<Option<String>, String>,
}

/// A prompt in an export, in the shape that imports read.
#[derive(Debug, Serialize)]
struct Exported<'a> {
    title: &'a str,
    command: Option<&'a str>,
    text: &'a str,
    description: &'a str,
}

/// All prompts as JSON.
pub fn exported(prompts: &[SavedPrompt]) -> String {
    let exported: Vec<_> = prompts
        .iter()
        .map(|SavedPrompt { prompt, .. }| Exported {
            title: &prompt.title,
            command: prompt.command.as_deref(),
            text: &prompt.text,
            description: &prompt.description,
        })
        .collect();
    // It fails only for keys that are no texts, and there are none.
    serde_json::to_string_pretty(&exported).unwrap_or_default()
}

/// What a card says beneath its title.
pub(crate) fn excerpt(prompt: &PromptText) -> String {
    let text = if prompt.description.is_empty() { &prompt.text } else { &prompt.description };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}

/// `/prompts`.
pub fn prompts_page(assets: Assets, look: Look, page: PromptsPage) -> impl IntoView {
    let words = look.language.words();
    let library = &words.library_pages;
    let PromptsPage { prompts, query, written, pasted, outcome } = page;
    let none = if query.is_empty() { library.empty } else { library.nothing_found };
    let nothing = prompts.is_empty().then_some(none);
    let adds = !written.text.is_empty() || !written.title.is_empty();
    let imports = !pasted.is_empty();
    plain_page(assets, look, words.library.prompts, move || {
        view! {
            <p class="effect">{library.prompts_about}</p>
            <Outcome outcome />
            <form class="find" role="search" action="/prompts">
                <input
                    type="search"
                    name="q"
                    value=query
                    aria-label=words.library.find_prompt
                    placeholder=words.library.find_prompt
                    dir="auto"
                />
                <button type="submit" class="plain">{library.find}</button>
            </form>
            {nothing.map(|words| view! { <p>{words}</p> })}
            <ul class="cards">
                {prompts.into_iter().map(|saved| view! { <PromptCard look saved /> }).collect_view()}
            </ul>
            <section id="add">
                <details open=adds>
                    <summary>{library.add_prompt}</summary>
                    <form method="post" action="/prompts">
                        <PromptFields look prompt=written />
                    </form>
                </details>
            </section>
            <section id="import">
                <details open=imports>
                    <summary>{library.import}</summary>
                    <p class="effect">{library.import_about}</p>
                    <form method="post" action="/prompts/import" enctype="multipart/form-data">
                        <div class="field">
                            <label for="file">{library.import_file}</label>
                            <input id="file" type="file" name="file" accept=".json,.csv,application/json,text/csv" />
                        </div>
                        <AreaField name="pasted" label=library.import_text value=pasted />
                        <p class="buttons">
                            <button type="submit" class="primary">{library.import}</button>
                        </p>
                    </form>
                </details>
                <p class="buttons">
                    <a class="plain" href="/prompts/export" download="prompts.json">{library.export}</a>
                </p>
            </section>
        }
    })
}

#[component]
fn PromptCard(look: Look, saved: SavedPrompt) -> impl IntoView {
    let words = &look.language.words().library_pages;
    let SavedPrompt { id, prompt } = saved;
    let excerpt = excerpt(&prompt);
    let title = prompt.title;
    view! {
        <li id=id.to_string()>
            <h2 dir="auto">{title.clone()}</h2>
            {prompt.command.map(|command| view! { <code>"/"{command}</code> })}
            <p dir="auto">{excerpt}</p>
            <div class="ways">
                <a class="quiet" href=format!("/?prompt={id}") aria-label=format!("{}: {title}", words.use_it)>
                    {words.use_it}
                </a>
                <a class="quiet" href=format!("/prompts/{id}") aria-label=format!("{}: {title}", words.edit)>
                    {words.edit}
                </a>
                <DeleteForm
                    action=format!("/prompts/{id}/delete")
                    label=words.delete
                    sure=words.delete_for_good
                    what=title
                />
            </div>
        </li>
    }
}

/// `/prompts/{id}`: a prompt to be changed, or `None` if it does not exist any more.
pub fn prompt_page(
    assets: Assets,
    look: Look,
    prompt: Option<(PromptId, PromptText)>,
    refusal: Option<String>,
) -> impl IntoView {
    let words = look.language.words();
    let gone = (words.library_pages.save_error)(&chat::SaveError::NotFound);
    plain_page(assets, look, words.library.prompts, move || match prompt {
        None => Either::Left(view! {
            <p>{gone}</p>
            <p class="buttons">
                <a class="plain" href="/prompts">{words.library.all_prompts}</a>
            </p>
        }),
        Some((id, prompt)) => Either::Right(view! {
            <Outcome outcome=refusal.map_or(Ok(None), Err) />
            <form method="post" action=format!("/prompts/{id}")>
                <PromptFields look prompt />
            </form>
        }),
    })
}

#[component]
fn PromptFields(look: Look, prompt: PromptText) -> impl IntoView {
    let words = &look.language.words().library_pages;
    let PromptText { title, command, text, description } = prompt;
    view! {
        <LineField name="title" label=words.title value=title hint=words.title_hint />
        <LineField name="command" label=words.command value=command.unwrap_or_default() hint=words.command_hint />
        <AreaField name="text" label=words.text value=text hint=words.text_hint required=true />
        <LineField name="description" label=words.description value=description />
        <p class="buttons">
            <button type="submit" class="primary">{look.language.words().page.save}</button>
            <a class="plain" href="/prompts">{look.language.words().page.cancel}</a>
        </p>
    }
}
