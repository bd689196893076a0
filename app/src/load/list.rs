//! The list of conversations, and search.

use chat::{Change, Chat, ConversationSummary, ListCursor, Listed, Part};
use futures_util::future::try_join_all;
use protocol::{ConversationId, FolderId};

use super::{lead_to, named, show_without_scripts, storage_problem};
use crate::{
    rpc::{Arrange, Problem},
    view::{ConversationLink, FolderView, HitView, ListView},
};

/// How many conversations are listed at first, and how many more each time.
const LISTED: u32 = 60;

/// How many conversations of a folder, or above the others, are listed at most.
const TOGETHER: u32 = 500;

pub(super) fn link(summary: ConversationSummary) -> ConversationLink {
    ConversationLink {
        id: summary.id,
        title: summary.title,
        updated_at: summary.updated_at,
        pinned: summary.pinned,
        archived: summary.archived,
        temporary: summary.temporary,
        folder: summary.folder,
    }
}

async fn links(
    chat: &Chat,
    listed: Listed,
    after: Option<ListCursor>,
    limit: u32,
) -> Result<Vec<ConversationLink>, Problem> {
    let list = chat.list(listed, after, limit).await.map_err(storage_problem)?;
    Ok(list.into_iter().map(link).collect())
}

/// The list as far as it is shown at first.
pub(crate) async fn list_view(chat: &Chat) -> Result<ListView, Problem> {
    let folders = chat.folders().await.map_err(storage_problem)?;
    let folders = try_join_all(folders.into_iter().map(|folder| async move {
        let conversations = links(chat, Listed::In(folder.id), None, TOGETHER).await?;
        Ok(FolderView { id: folder.id, name: folder.name, conversations })
    }))
    .await?;
    let (loose, has_more) = more(chat, None, false).await?;
    Ok(ListView {
        pinned: links(chat, Listed::Pinned, None, TOGETHER).await?,
        folders,
        loose,
        has_more,
    })
}

/// The list after a conversation, given by its time and id, and whether there is more.
pub async fn more(
    chat: &Chat,
    after: Option<(i64, ConversationId)>,
    archived: bool,
) -> Result<(Vec<ConversationLink>, bool), Problem> {
    let listed = if archived { Listed::Archived } else { Listed::Loose };
    let after = after.map(|(updated_at, id)| ListCursor { updated_at, id });
    let mut links = links(chat, listed, after, LISTED + 1).await?;
    let has_more = links.len() > LISTED as usize;
    links.truncate(LISTED as usize);
    Ok((links, has_more))
}

/// What is found in titles and messages.
pub(crate) async fn search(chat: &Chat, typed: &str) -> Result<Vec<HitView>, Problem> {
    let hits = chat.search(typed).await.map_err(storage_problem)?;
    Ok(hits
        .into_iter()
        .map(|hit| HitView {
            conversation: hit.conversation,
            title: pieces(hit.title),
            message: hit.message,
            snippet: pieces(hit.snippet),
        })
        .collect())
}

/// Pieces of which every second, from the second on, is what was looked for.
fn pieces(parts: Vec<Part>) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for part in parts {
        let is_found_next = pieces.len() % 2 == 1;
        match pieces.last_mut() {
            Some(last) if part.found != is_found_next => last.push_str(&part.text),
            None if part.found => pieces.extend([String::new(), part.text]),
            _ => pieces.push(part.text),
        }
    }
    pieces
}

/// Changes where a conversation stands, or what it is called.
pub(crate) async fn arrange(
    chat: &Chat,
    id: ConversationId,
    what: Arrange,
    title: &str,
    folder: Option<FolderId>,
    new_folder: &str,
) -> Result<(), Problem> {
    let change = match what {
        Arrange::Rename => {
            named(chat.rename(id, title).await)?;
            show_without_scripts(id, false);
            return Ok(());
        }
        Arrange::End => {
            chat.end_temporary(id).await.map_err(storage_problem)?;
            lead_to("/");
            return Ok(());
        }
        Arrange::Leave => {
            return chat.leave_temporary(id).await.map_err(storage_problem);
        }
        Arrange::Move => {
            let folder = match new_folder.trim() {
                "" => folder,
                name => Some(named(chat.add_folder(name).await)?),
            };
            Change::Folder(folder)
        }
        Arrange::Pin => Change::Pinned(true),
        Arrange::Unpin => Change::Pinned(false),
        Arrange::Archive => Change::Archived(true),
        Arrange::Unarchive => Change::Archived(false),
        Arrange::Delete => Change::Deleted(true),
        Arrange::Undelete => Change::Deleted(false),
    };
    if !chat.change(id, change).await.map_err(storage_problem)? {
        return Err(Problem::NotFound);
    }
    match what {
        Arrange::Delete => lead_to("/"),
        _ => show_without_scripts(id, false),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_alternate() {
        let part = |text: &str, found| Part { text: text.to_owned(), found };
        for (parts, expected) in [
            (vec![part("a", false), part("b", true), part("c", false)], &["a", "b", "c"][..]),
            (vec![part("b", true)], &["", "b"]),
            (vec![part("…", false), part("a", false), part("b", true)], &["…a", "b"]),
            (vec![], &[]),
        ] {
            assert_eq!(pieces(parts), expected);
        }
    }
}
