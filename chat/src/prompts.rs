//! The prompt library: texts to ask with, found by title or by command.

mod import;
mod variables;

use protocol::PromptId;
use uuid::Uuid;

use crate::{
    engine::Chat,
    save::{self, LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_TEXT, SaveError},
    store::{StoreError, now_ms},
};

pub use import::{ImportError, read_prompts};
pub use variables::{variables, with_plain_variables};

/// The most prompts that are read at once.
pub const MOST_PROMPTS: u32 = 5_000;

/// A prompt of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPrompt {
    /// Its id.
    pub id: PromptId,
    /// What was written.
    pub prompt: PromptText,
}

/// What a person writes as a prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PromptText {
    /// Its title.
    pub title: String,
    /// What is typed after a slash to get it: letters, digits, `-` and `_`, in lower case.
    pub command: Option<String>,
    /// The text, in which `{{name}}` is asked for before it is used.
    pub text: String,
    /// What it is for, in a line.
    pub description: String,
}

/// What came of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportedPrompts {
    /// How many prompts were added.
    pub added: usize,
    /// How many stood in the library already, with the same title and text.
    pub known: usize,
    /// How many were left out because they have no text or too much.
    pub refused: usize,
}

impl PromptText {
    /// As it is kept, or what is wrong with it. A prompt without a title is named by its beginning.
    fn checked(&self) -> Result<Self, SaveError> {
        let text = save::some_text("text", &self.text, LONGEST_TEXT)?;
        // A text is often pasted after a prompt that ends with a line break.
        let room = if self.text.ends_with('\n') { "\n\n" } else { "" };
        let title = match self.title.trim() {
            "" => crate::title::first_words(&text),
            title => title.to_owned(),
        };
        Ok(Self {
            title: save::some_text("title", &title, LONGEST_NAME)?,
            command: command(self.command.as_deref())?,
            text: format!("{text}{room}"),
            description: save::text("description", &self.description, LONGEST_DESCRIPTION)?,
        })
    }

    /// True if the title, the command or the description has all words of a query.
    pub fn matches(&self, query: &str) -> bool {
        let command = self.command.as_deref().unwrap_or_default();
        let fields = format!("{}\n{command}\n{}", self.title, self.description).to_lowercase();
        query.to_lowercase().split_whitespace().all(|word| fields.contains(word))
    }
}

/// A command as it is kept.
fn command(written: Option<&str>) -> Result<Option<String>, SaveError> {
    let written = written.unwrap_or_default().trim();
    let command = save::text("command", written.trim_start_matches('/'), LONGEST_NAME)?;
    let command = command.to_lowercase();
    let allowed = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    match command.chars().all(allowed) {
        true => Ok((!command.is_empty()).then_some(command)),
        false => Err(SaveError::NotACommand { found: written.to_owned() }),
    }
}

impl Chat {
    /// The prompts that came last, the newest first.
    pub async fn prompts(&self, limit: u32) -> Result<Vec<SavedPrompt>, StoreError> {
        self.inner.store.prompts(limit).await
    }

    /// One prompt, or `None` if there is none of that id.
    pub async fn prompt(&self, id: PromptId) -> Result<Option<SavedPrompt>, StoreError> {
        self.inner.store.prompt(id).await
    }

    /// Adds a prompt.
    pub async fn add_prompt(&self, prompt: &PromptText) -> Result<PromptId, SaveError> {
        let prompt = prompt.checked()?;
        let id = PromptId(Uuid::now_v7());
        let mut write = self.inner.store.durable().await?;
        if let Some(command) = &prompt.command
            && write.prompt_of_command(command).await?.is_some()
        {
            return Err(SaveError::CommandTaken { command: command.clone() });
        }
        write.add_prompt(id, &prompt, now_ms()).await?;
        write.commit().await?;
        Ok(id)
    }

    /// Changes a prompt.
    pub async fn change_prompt(&self, id: PromptId, prompt: &PromptText) -> Result<(), SaveError> {
        let prompt = prompt.checked()?;
        let mut write = self.inner.store.durable().await?;
        if let Some(command) = &prompt.command
            && write.prompt_of_command(command).await?.is_some_and(|other| other != id)
        {
            return Err(SaveError::CommandTaken { command: command.clone() });
        }
        if !write.change_prompt(id, &prompt).await? {
            return Err(SaveError::NotFound);
        }
        Ok(write.commit().await?)
    }

    /// Deletes a prompt.
    pub async fn remove_prompt(&self, id: PromptId) -> Result<(), SaveError> {
        let mut write = self.inner.store.durable().await?;
        if !write.remove_prompt(id).await? {
            return Err(SaveError::NotFound);
        }
        Ok(write.commit().await?)
    }

    /// Adds what was read from a file. A command that is taken or is none is left out, the rest of
    /// its prompt is not.
    pub async fn import_prompts(
        &self,
        prompts: &[PromptText],
    ) -> Result<ImportedPrompts, StoreError> {
        let mut imported = ImportedPrompts::default();
        let mut write = self.inner.store.durable().await?;
        let mut known: std::collections::HashSet<(String, String)> = self
            .inner
            .store
            .prompts(MOST_PROMPTS)
            .await?
            .into_iter()
            .map(|saved| (saved.prompt.title, saved.prompt.text))
            .collect();
        let now = now_ms();
        for prompt in prompts {
            let command = command(prompt.command.as_deref()).ok().flatten();
            let plain = PromptText { command: None, ..prompt.clone() };
            let Ok(mut prompt) = plain.checked() else {
                imported.refused += 1;
                continue;
            };
            if !known.insert((prompt.title.clone(), prompt.text.clone())) {
                imported.known += 1;
                continue;
            }
            if let Some(command) = command
                && write.prompt_of_command(&command).await?.is_none()
            {
                prompt.command = Some(command);
            }
            write.add_prompt(PromptId(Uuid::now_v7()), &prompt, now).await?;
            imported.added += 1;
        }
        write.commit().await?;
        Ok(imported)
    }
}
