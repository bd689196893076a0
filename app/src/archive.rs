//! On the server: the page of archived conversations.

use leptos::prelude::*;

use crate::{Assets, Look, plain_page::plain_page, rpc::Arrange, view::ConversationLink};

/// The page of archived conversations, the latest first, with the way to the next part.
pub fn archive_document(
    assets: Assets,
    look: Look,
    links: Vec<ConversationLink>,
    has_more: bool,
) -> impl IntoView {
    let words = &look.language.words().list;
    let next = links
        .last()
        .filter(|_| has_more)
        .map(|last| format!("/archive?after={}&updated_at={}", last.id, last.updated_at));
    plain_page(assets, look, words.archive_link, move || {
        view! {
            {links.is_empty().then(|| view! { <p class="effect">{words.archive_empty}</p> })}
            <ul class="places">
                {links
                    .into_iter()
                    .map(|link| {
                        view! {
                            <li class="with-buttons">
                                <a href=format!("/c/{}", link.id) dir="auto">{link.title}</a>
                                <form method="post" action="/rpc/arrange">
                                    <input type="hidden" name="conversation" value=link.id.to_string() />
                                    <button type="submit" class="plain" name="what" value=Arrange::Unarchive.as_str()>
                                        {words.unarchive}
                                    </button>
                                </form>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            {next.map(|next| view! { <p><a class="plain" href=next>{words.more}</a></p> })}
        }
    })
}
