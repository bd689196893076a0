//! What can be done with a conversation as a whole. One menu serves the conversation that is shown
//! and every one in the list; without scripts it is a form for the one that is shown.

use leptos::prelude::*;

use crate::{
    browser,
    language::words,
    menu::Menu,
    rpc::Arrange,
    sidebar::SIDEBAR,
    state::{Arrangement, State},
};

/// The element's id.
pub(crate) const CONVERSATION_MENU: &str = "conversation-menu";

/// The menu. It is closed until a button opens it.
#[component]
pub fn ConversationMenu() -> impl IntoView {
    let state = State::here();
    let words = &words().list;
    let submit = move |event: web_sys::SubmitEvent| {
        let form = browser::submitted(&event);
        let Some(link) = state.menu.get_untracked() else { return };
        let Some(what) = Arrange::from_word(&form.button) else { return };
        browser::close_popover(CONVERSATION_MENU);
        // What is said of it in passing would be behind the drawer of a phone.
        browser::close_popover(SIDEBAR);
        let how = Arrangement {
            title: form.field("title"),
            folder: form.field("folder").parse().ok(),
            new_folder: form.field("new_folder"),
        };
        browser::spawn(state.arrange(link.id, what, how));
    };
    let view = move || {
        let link = state.menu.get()?;
        let id = link.id;
        let button = |what: Arrange, label: &'static str| {
            view! {
                <button type="submit" class="entry" name="what" value=what.as_str()>
                    {label}
                </button>
            }
        };
        // The menu is made anew whenever it opens; a list that changes meanwhile must not take away what
        // is being written in it.
        let folders = state.list.with_untracked(|list| {
            list.folders.iter().map(|folder| (folder.id, folder.name.clone())).collect::<Vec<_>>()
        });
        let export = |format: &'static str, label: &'static str| {
            view! {
                <a class="entry" href=format!("/export/{id}?as={format}") download="">
                    {label}
                </a>
            }
        };
        Some(view! {
            <form method="post" action="/rpc/arrange" on:submit=submit>
                <input type="hidden" name="conversation" value=id.to_string() />
                <div class="row">
                    <input
                        type="text"
                        name="title"
                        aria-label=words.title
                        value=link.title
                        maxlength="200"
                        dir="auto"
                        autocomplete="off"
                    />
                    <button type="submit" class="plain" name="what" value=Arrange::Rename.as_str()>
                        {words.rename}
                    </button>
                </div>
                {if link.pinned { button(Arrange::Unpin, words.unpin) } else { button(Arrange::Pin, words.pin) }}
                {if link.archived {
                    button(Arrange::Unarchive, words.unarchive)
                } else {
                    button(Arrange::Archive, words.archive)
                }}
                <fieldset>
                    <legend>{words.folder}</legend>
                    <div class="row">
                        <select name="folder" aria-label=words.folder>
                            <option value="">{words.no_folder}</option>
                            {folders
                                .into_iter()
                                .map(|(folder, name)| {
                                    view! {
                                        <option value=folder.to_string() selected=link.folder == Some(folder)>
                                            {name}
                                        </option>
                                    }
                                })
                                .collect_view()}
                        </select>
                        <input
                            type="text"
                            name="new_folder"
                            aria-label=words.new_folder
                            placeholder=words.new_folder
                            maxlength="200"
                            autocomplete="off"
                        />
                        <button type="submit" class="plain" name="what" value=Arrange::Move.as_str()>
                            {words.move_}
                        </button>
                    </div>
                </fieldset>
                <div class="row exports">
                    <span>{words.export}</span>
                    {export("markdown", "Markdown")}
                    {export("html", "HTML")}
                    {export("json", "JSON")}
                </div>
                <button type="submit" class="entry danger" name="what" value=Arrange::Delete.as_str()>
                    {words.delete}
                </button>
            </form>
        })
    };
    view! {
        <Menu id=CONVERSATION_MENU label=words.menu>
            {view}
        </Menu>
    }
}
