//! How a conversation is answered: who models are told to be, which of them, and how.

use protocol::{ConversationId, PersonaId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    auto::AUTO,
    engine::{Chat, Inner},
    parameters::{ParameterField, ParameterTexts, Parameters},
    personas::Persona,
    providers::Picked,
    save::{self, LONGEST_TEXT, SaveError},
    store::StoreError,
};

/// How a conversation is answered. A persona is copied into it when it is picked, so that a later
/// change of the persona changes no conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConversationSettings {
    /// The persona that was picked.
    pub persona: Option<PersonaId>,
    /// What models are told before the conversation; may be empty.
    pub system_prompt: String,
    /// `provider/model`; `None` for the default at the time of each answer.
    pub model: Option<String>,
    /// What differs from the default parameters.
    pub parameters: Parameters,
}

impl ConversationSettings {
    /// These settings with another persona. What the persona says holds; what it leaves open stays as
    /// it is, unless it was the persona's before. Both personas are given as a conversation begins
    /// with them.
    pub fn with_persona(&self, before: &Self, picked: Self) -> Self {
        let [own, left, said] =
            [self, before, &picked].map(|settings| ParameterTexts::of(&settings.parameters));
        let mut texts = ParameterTexts::default();
        for field in ParameterField::ALL {
            texts.set(field.as_str(), open(said.get(field), own.get(field), left.get(field)));
        }
        let prompt = open(&picked.system_prompt, &self.system_prompt, &before.system_prompt);
        let own_model = self.model.clone().filter(|_| self.model != before.model);
        Self {
            system_prompt: prompt.to_owned(),
            model: picked.model.or(own_model),
            // Each of them was checked where it comes from.
            parameters: texts.read().unwrap_or(picked.parameters),
            persona: picked.persona,
        }
    }
}

/// What is said, or else what was there if nobody who goes had said it.
fn open<'a>(said: &'a str, own: &'a str, left: &str) -> &'a str {
    match said {
        "" if own != left => own,
        said => said,
    }
}

impl From<&Persona> for ConversationSettings {
    fn from(persona: &Persona) -> Self {
        Self {
            persona: Some(persona.id),
            system_prompt: persona.profile.system_prompt.clone(),
            model: persona.profile.model.clone(),
            parameters: persona.profile.parameters.clone(),
        }
    }
}

impl ConversationSettings {
    /// Says what is wrong with them, as the engine does when it is to keep them.
    pub fn check(&self) -> Result<(), SaveError> {
        self.checked().map(drop)
    }

    /// As they are kept, or what is wrong with them.
    pub(crate) fn checked(&self) -> Result<Self, SaveError> {
        save::parameters(&self.parameters)?;
        Ok(Self {
            persona: self.persona,
            system_prompt: save::text("system_prompt", &self.system_prompt, LONGEST_TEXT)?,
            model: save::model(self.model.as_deref())?,
            parameters: self.parameters.clone(),
        })
    }
}

impl Inner {
    /// The model that is asked where nobody picked one, as far as anything was chosen.
    pub(crate) fn preferred_model(&self) -> Option<String> {
        let preferences =
            self.preferences.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let auto = self.auto_by_default.then(|| AUTO.to_owned());
        preferences.default_model.clone().or(auto)
    }

    /// What is sent beside the messages of a conversation.
    pub(crate) fn fields(
        &self,
        settings: &ConversationSettings,
        picked: Option<&Picked>,
    ) -> Map<String, Value> {
        let Some(picked) = picked else { return Map::new() };
        let preferences =
            self.preferences.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let effective = settings.parameters.over(&preferences.parameters);
        effective.fields(picked.upstream.provider().max_tokens_field())
    }
}

impl Chat {
    /// How a conversation is answered, or `None` if there is none of that id.
    pub async fn conversation_settings(
        &self,
        id: ConversationId,
    ) -> Result<Option<ConversationSettings>, StoreError> {
        self.inner.store.conversation_settings(id).await
    }

    /// Changes how a conversation is answered from here on.
    pub async fn set_conversation_settings(
        &self,
        id: ConversationId,
        settings: &ConversationSettings,
    ) -> Result<(), SaveError> {
        let settings = settings.checked()?;
        let mut write = self.inner.store.durable().await?;
        if !write.set_conversation_settings(id, &settings).await? {
            return Err(SaveError::NotFound);
        }
        write.commit().await?;
        self.inner.notice_conversation(id);
        Ok(())
    }

    /// Changes which model answers in a conversation; `None` for the default.
    pub async fn set_conversation_model(
        &self,
        id: ConversationId,
        model: Option<&str>,
    ) -> Result<(), SaveError> {
        let model = save::model(model)?;
        let mut write = self.inner.store.durable().await?;
        if !write.set_model(id, model.as_deref()).await? {
            return Err(SaveError::NotFound);
        }
        write.commit().await?;
        self.inner.notice_conversation(id);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(
        system_prompt: &str,
        model: Option<&str>,
        seed: Option<i64>,
    ) -> ConversationSettings {
        ConversationSettings {
            system_prompt: system_prompt.to_owned(),
            model: model.map(str::to_owned),
            parameters: Parameters { seed, ..Parameters::default() },
            ..ConversationSettings::default()
        }
    }

    #[test]
    fn another_persona_leaves_what_it_does_not_speak_of() {
        let nobody = settings("", None, None);
        let tutor = settings("Teach.", None, None);
        let critic = settings("Judge.", Some("a/large"), Some(1));
        let own = settings("Be brief.", Some("a/small"), Some(7));
        for (before, now, picked, expected) in [
            (&nobody, &own, &tutor, settings("Teach.", Some("a/small"), Some(7))),
            (&nobody, &own, &critic, critic.clone()),
            (&critic, &critic, &tutor, tutor.clone()),
            (
                &critic,
                &settings("Judge.", Some("a/small"), Some(1)),
                &nobody,
                settings("", Some("a/small"), None),
            ),
            (
                &tutor,
                &settings("Teach well.", None, None),
                &nobody,
                settings("Teach well.", None, None),
            ),
        ] {
            assert_eq!(now.with_persona(before, picked.clone()), expected, "{now:?} {picked:?}");
        }
    }
}
