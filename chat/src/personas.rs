//! Personas: ways for models to answer. Picking one for a conversation copies it, see
//! [`crate::ConversationSettings`].

use protocol::PersonaId;
use uuid::Uuid;

use crate::{
    engine::Chat,
    parameters::Parameters,
    save::{self, LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_TEXT, SaveError},
    store::{StoreError, now_ms},
};

/// The most questions to begin with.
const MOST_STARTERS: usize = 12;

/// A persona.
#[derive(Debug, Clone, PartialEq)]
pub struct Persona {
    /// Its id.
    pub id: PersonaId,
    /// What was written about it.
    pub profile: Profile,
}

/// What a person writes about a persona.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Stands for a picture; may be empty.
    pub emoji: String,
    /// What it is for, in a line.
    pub description: String,
    /// What models are told before the conversation.
    pub system_prompt: String,
    /// `provider/model`; `None` for whichever answers anyway.
    pub model: Option<String>,
    /// The parameters of its answers.
    pub parameters: Parameters,
    /// Questions to begin with.
    pub starters: Vec<String>,
}

impl Profile {
    /// As it is kept, or what is wrong with it.
    fn checked(&self) -> Result<Self, SaveError> {
        save::parameters(&self.parameters)?;
        let mut starters = Vec::new();
        for starter in self.starters.iter().take(MOST_STARTERS) {
            let starter = save::text("starters", starter, LONGEST_DESCRIPTION)?;
            starters.extend((!starter.is_empty()).then_some(starter));
        }
        Ok(Self {
            name: save::some_text("name", &self.name, LONGEST_NAME)?,
            emoji: save::text("emoji", &self.emoji, 16)?,
            description: save::text("description", &self.description, LONGEST_DESCRIPTION)?,
            system_prompt: save::text("system_prompt", &self.system_prompt, LONGEST_TEXT)?,
            model: save::model(self.model.as_deref())?,
            parameters: self.parameters.clone(),
            starters,
        })
    }
}

impl Chat {
    /// All personas in their order.
    pub async fn personas(&self) -> Result<Vec<Persona>, StoreError> {
        self.inner.store.personas().await
    }

    /// One persona, or `None` if there is none of that id.
    pub async fn persona(&self, id: PersonaId) -> Result<Option<Persona>, StoreError> {
        self.inner.store.persona(id).await
    }

    /// Adds a persona after the others.
    pub async fn add_persona(&self, profile: &Profile) -> Result<PersonaId, SaveError> {
        let profile = profile.checked()?;
        let id = PersonaId(Uuid::now_v7());
        let mut write = self.inner.store.durable().await?;
        write.add_persona(id, &profile, now_ms()).await?;
        write.commit().await?;
        Ok(id)
    }

    /// Changes a persona. Conversations that it was picked for keep what they have.
    pub async fn change_persona(&self, id: PersonaId, profile: &Profile) -> Result<(), SaveError> {
        let profile = profile.checked()?;
        let mut write = self.inner.store.durable().await?;
        if !write.change_persona(id, &profile).await? {
            return Err(SaveError::NotFound);
        }
        Ok(write.commit().await?)
    }

    /// Deletes a persona. Conversations that it was picked for keep what they have.
    pub async fn remove_persona(&self, id: PersonaId) -> Result<(), SaveError> {
        let mut write = self.inner.store.durable().await?;
        if !write.remove_persona(id).await? {
            return Err(SaveError::NotFound);
        }
        Ok(write.commit().await?)
    }
}
