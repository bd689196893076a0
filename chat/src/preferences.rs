//! What the owner chose for all conversations.

use std::sync::PoisonError;

use crate::{
    engine::Chat,
    parameters::Parameters,
    save::{self, SaveError},
    store::{Store, StoreError},
};

/// The most models that are favourites.
const MOST_FAVOURITES: usize = 200;

/// The names under which they are kept.
const DEFAULT_MODEL: &str = "default_model";
const PARAMETERS: &str = "parameters";
const FAVOURITES: &str = "favourite_models";

/// What the owner chose for all conversations. What concerns a single device, such as the theme,
/// is in its cookies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preferences {
    /// `provider/model` that answers unless another is picked; `None` for the configured one.
    pub default_model: Option<String>,
    /// Parameters, where a conversation has none of its own.
    pub parameters: Parameters,
    /// `provider/model`s that are offered first.
    pub favourite_models: Vec<String>,
}

impl Preferences {
    /// Reads them. The engine does so at its start, and changes what it holds with what it stores.
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            default_model: store.setting(DEFAULT_MODEL).await?.unwrap_or_default(),
            parameters: store.setting(PARAMETERS).await?.unwrap_or_default(),
            favourite_models: store.setting(FAVOURITES).await?.unwrap_or_default(),
        })
    }
}

impl Chat {
    /// What the owner chose for all conversations.
    pub fn preferences(&self) -> Preferences {
        self.inner.preferences.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Chooses the model that answers unless another is picked.
    pub async fn set_default_model(&self, model: Option<&str>) -> Result<(), SaveError> {
        let model = save::model(model)?;
        self.change_preferences(|preferences| preferences.default_model = model).await
    }

    /// Chooses the parameters for conversations that have none of their own.
    pub async fn set_default_parameters(&self, parameters: Parameters) -> Result<(), SaveError> {
        save::parameters(&parameters)?;
        self.change_preferences(|preferences| preferences.parameters = parameters).await
    }

    /// Makes a model, as `provider/model`, a favourite or none any more.
    pub async fn set_favourite(&self, model: &str, is_favourite: bool) -> Result<(), SaveError> {
        let Some(model) = save::model(Some(model))? else { return Ok(()) };
        self.change_preferences(|preferences| {
            preferences.favourite_models.retain(|favourite| *favourite != model);
            if is_favourite {
                preferences.favourite_models.push(model);
            }
            let count = preferences.favourite_models.len();
            preferences.favourite_models.drain(..count.saturating_sub(MOST_FAVOURITES));
        })
        .await
    }

    async fn change_preferences(
        &self,
        change: impl FnOnce(&mut Preferences),
    ) -> Result<(), SaveError> {
        // One change after the other, so that none is lost.
        let _turn = self.inner.preferences_turn.lock().await;
        let mut write = self.inner.store.durable().await?;
        let mut preferences = self.preferences();
        change(&mut preferences);
        write.set_setting(DEFAULT_MODEL, &preferences.default_model).await?;
        write.set_setting(PARAMETERS, &preferences.parameters).await?;
        write.set_setting(FAVOURITES, &preferences.favourite_models).await?;
        write.commit().await?;
        *self.inner.preferences.write().unwrap_or_else(PoisonError::into_inner) = preferences;
        self.inner.notice_preferences();
        Ok(())
    }
}
