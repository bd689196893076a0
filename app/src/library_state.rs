//! What the page knows of prompts, personas and settings while it is open.

use leptos::prelude::*;
use protocol::{PersonaId, PromptId};

use crate::{
    browser,
    library_view::{LibraryView, PersonaView, PickedPrompt, PromptView, SettingsView, Sheet},
    rpc,
    state::State,
};

/// What the page knows of prompts, personas and settings. All copies are the same.
#[derive(Debug, Clone, Copy)]
pub struct Library {
    pub personas: StoredValue<Vec<PersonaView>>,
    /// The first prompts.
    pub prompts: StoredValue<Vec<PromptView>>,
    pub has_more_prompts: bool,
    /// All prompts, once they were needed.
    pub all_prompts: RwSignal<Vec<PromptView>>,
    asked_for_all: StoredValue<bool>,
    pub favourites: RwSignal<Vec<String>>,
    /// The persona of the conversation to be begun.
    pub persona: RwSignal<Option<PersonaView>>,
    /// What was changed for the conversation to be begun, as the server reads it again.
    pub changed_settings: StoredValue<String>,
    /// The conversation is answered in another way than by default.
    pub is_changed: RwSignal<bool>,
    /// The prompt whose variables are asked for.
    pub filling: RwSignal<Option<PickedPrompt>>,
    pub default_model: StoredValue<String>,
}

impl Library {
    /// As a fresh page has it, and the model that answers.
    pub fn new(view: LibraryView, settings: SettingsView, default_model: String) -> (Self, String) {
        let wanted = settings.model.or_else(|| view.picked.as_ref()?.model.clone());
        let model = wanted.unwrap_or_else(|| default_model.clone());
        let library = Self {
            personas: StoredValue::new(view.personas),
            prompts: StoredValue::new(view.prompts),
            has_more_prompts: view.has_more_prompts,
            all_prompts: RwSignal::new(Vec::new()),
            asked_for_all: StoredValue::new(false),
            favourites: RwSignal::new(view.favourite_models),
            is_changed: RwSignal::new(settings.changed || view.picked.is_some()),
            persona: RwSignal::new(view.picked),
            changed_settings: StoredValue::new(String::new()),
            filling: RwSignal::new(None),
            default_model: StoredValue::new(default_model),
        };
        (library, model)
    }

    /// How a conversation is begun: with a persona, or with settings that were changed since.
    pub fn beginning(self) -> (Option<PersonaId>, String) {
        let persona = self.persona.with_untracked(|picked| picked.as_ref().map(|it| it.id));
        (persona, self.changed_settings.get_value())
    }

    /// A conversation has begun; what it began with is its own from here on.
    pub fn begun(self) {
        self.persona.set(None);
        self.changed_settings.set_value(String::new());
    }

    /// Asks for all prompts, once.
    pub fn want_all_prompts(self) {
        if self.asked_for_all.get_value() {
            return;
        }
        self.asked_for_all.set_value(true);
        browser::spawn(async move {
            match rpc::prompts().await {
                Ok(prompts) => self.all_prompts.set(prompts),
                // The next one who looks asks again.
                Err(_) => self.asked_for_all.set_value(false),
            }
        });
    }

    /// The prompts in which all words are found, those whose command begins with them first.
    pub fn find_prompts(self, typed: &str, limit: usize) -> Vec<PromptView> {
        let typed = typed.to_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let mut found = self.all_prompts.with(|prompts| {
            let has_all = |prompt: &&PromptView| {
                let command = prompt.command.as_deref().unwrap_or_default();
                let text = format!("{command} {} {}", prompt.title, prompt.about).to_lowercase();
                words.iter().all(|word| text.contains(word))
            };
            prompts.iter().filter(has_all).cloned().collect::<Vec<_>>()
        });
        found.sort_by_key(|prompt| {
            let command = prompt.command.as_deref().unwrap_or_default();
            command.is_empty() || !command.starts_with(&typed)
        });
        found.truncate(limit);
        found
    }
}

impl State {
    /// Picks a persona for the conversation to be begun, or none.
    pub fn pick_persona(self, persona: Option<PersonaView>) {
        let library = self.library;
        let named = |persona: &Option<PersonaView>| persona.as_ref()?.model.clone();
        match (library.persona.with_untracked(named), named(&persona)) {
            (_, Some(model)) => self.model.set(model),
            (Some(_), None) => self.model.set(library.default_model.get_value()),
            // What somebody has picked themselves stays.
            (None, None) => {}
        }
        library.changed_settings.set_value(String::new());
        library.is_changed.set(persona.is_some());
        library.persona.set(persona);
    }

    /// Puts a prompt into the field, or asks for its variables first.
    pub fn use_prompt(self, id: PromptId) {
        browser::spawn(async move {
            let Some(picked) = self.tell(rpc::prompt(id).await) else { return };
            if picked.variables.is_empty() {
                browser::write_prompt(&picked.text);
            } else {
                self.library.filling.set(Some(picked));
            }
        });
    }

    /// Takes over how the conversation that is shown is answered.
    pub fn show_settings(self, settings: SettingsView) {
        self.pick_persona(None);
        self.library.is_changed.set(settings.changed);
        self.model.set(settings.model.unwrap_or_else(|| self.library.default_model.get_value()));
    }

    /// Takes over what the server says after a change of settings.
    pub fn take_over_settings(self, sheet: Sheet) {
        if self.shown.get_untracked().is_none() {
            self.pick_persona(sheet.persona);
            self.library.changed_settings.set_value(sheet.settings);
        }
        let model = sheet.view.model;
        self.model.set(model.unwrap_or_else(|| self.library.default_model.get_value()));
        self.library.is_changed.set(sheet.view.changed);
    }

    /// Picks the model that answers from here on.
    pub fn pick_model(self, model: String) {
        self.model.set(model.clone());
        if let Some(shown) = self.shown.get_untracked() {
            browser::spawn(async move {
                self.tell(rpc::pick_model(shown, model).await);
            });
        }
    }

    /// Makes a model a favourite, or none any more.
    pub fn toggle_favourite(self, model: String) {
        let favourites = self.library.favourites;
        let mut is_favourite = false;
        favourites.update(|favourites| {
            is_favourite = !favourites.contains(&model);
            match is_favourite {
                true => favourites.push(model.clone()),
                false => favourites.retain(|favourite| *favourite != model),
            }
        });
        browser::spawn(async move {
            self.tell(rpc::set_favourite(model, is_favourite).await);
        });
    }
}
