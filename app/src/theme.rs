//! Light and dark: by the system, or as the person chose.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    aside::{self, Action},
    browser::Shortcut,
    icon::{Icon, Shape},
    language::words,
    state::State,
};

/// What the person chose to see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The cookie that keeps the choice, so that the server renders it and nothing flashes.
    pub const COOKIE: &'static str = "inglenook_theme";

    /// The word for it in the cookie and in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the word; anything unknown is the system's.
    pub fn from_word(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value of the attribute on `<html>`; none where the system decides.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    pub(crate) const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// Goes on to the next theme: a form, so that it works without scripts.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let state = State::here();
    let theme = state.theme;
    let switch = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        aside::act(state, Action::Shortcut(Shortcut::Theme));
    };
    let words = words();
    let label = move || match theme.get() {
        Theme::System => words.page.theme_system,
        Theme::Light => words.page.theme_light,
        Theme::Dark => words.page.theme_dark,
    };
    let shape = move || match theme.get() {
        Theme::System => Shape::HalfMoon,
        Theme::Light => Shape::Sun,
        Theme::Dark => Shape::Moon,
    };
    view! {
        <form method="post" action="/theme" on:submit=switch>
            <input type="hidden" name="theme" value=move || theme.get().next().as_str() />
            <button type="submit" class="quiet icon" aria-label=label title=label>
                {move || view! { <Icon shape=shape() /> }}
            </button>
        </form>
    }
}
