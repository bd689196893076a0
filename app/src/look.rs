//! How the page looks to its reader. Every choice is in a cookie, so that the server renders it and
//! nothing flashes.

use serde::{Deserialize, Serialize};

use crate::{Language, Theme};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$word_doc])* $word),+
        }

        impl $name {
            /// Every choice, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$word),+];

            /// The word for it in the cookie, in forms and in the document.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text),+
                }
            }

            /// Reads the word; anything unknown is the first choice.
            pub fn from_word(word: &str) -> Self {
                Self::ALL.iter().copied().find(|choice| choice.as_str() == word).unwrap_or_default()
            }
        }
    };
}

choice! {
    /// How large text is.
    TextSize {
        /// As the browser has it.
        #[default]
        Normal = "normal",
        /// A little smaller.
        Small = "small",
        /// Larger.
        Large = "large",
        /// Much larger.
        Huge = "huge",
    }
}

choice! {
    /// How close things stand.
    Density {
        /// With room.
        #[default]
        Comfortable = "comfortable",
        /// With less.
        Compact = "compact",
    }
}

choice! {
    /// How wide the column of messages is.
    Width {
        /// As wide as lines are read well.
        #[default]
        Normal = "normal",
        /// Wider, for tables and code.
        Wide = "wide",
        /// As wide as the window.
        Full = "full",
    }
}

choice! {
    /// The colours of code.
    CodeTheme {
        /// Those of the page.
        #[default]
        Page = "page",
        /// Dark, also on a light page.
        Dark = "dark",
        /// Without colours.
        Plain = "plain",
    }
}

/// Everything that a reader chose about looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Light or dark.
    #[serde(default)]
    pub theme: Theme,
    /// The language of the page.
    #[serde(default)]
    pub language: Language,
    /// How large text is.
    #[serde(default)]
    pub size: TextSize,
    /// How close things stand.
    #[serde(default)]
    pub density: Density,
    /// How wide the column of messages is.
    #[serde(default)]
    pub width: Width,
    /// The colours of code.
    #[serde(default)]
    pub code: CodeTheme,
}

impl Look {
    /// Reads the choices from cookies by their names; `accepted` is the language where none was chosen.
    pub fn from_cookies<'a>(cookie: impl Fn(&str) -> Option<&'a str>, accepted: Language) -> Self {
        let word = |name: &str| cookie(name).unwrap_or_default();
        Self {
            theme: Theme::from_word(word(Theme::COOKIE)),
            language: Language::from_tag(word(Language::COOKIE)).unwrap_or(accepted),
            size: TextSize::from_word(word("inglenook_size")),
            density: Density::from_word(word("inglenook_density")),
            width: Width::from_word(word("inglenook_width")),
            code: CodeTheme::from_word(word("inglenook_code")),
        }
    }

    /// The cookies that keep the choices: names and values.
    pub const fn cookies(self) -> [(&'static str, &'static str); 6] {
        [
            (Theme::COOKIE, self.theme.as_str()),
            (Language::COOKIE, self.language.tag()),
            ("inglenook_size", self.size.as_str()),
            ("inglenook_density", self.density.as_str()),
            ("inglenook_width", self.width.as_str()),
            ("inglenook_code", self.code.as_str()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_in_cookies_is_read_back() {
        let look = Look {
            theme: Theme::Dark,
            language: Language::Chinese,
            size: TextSize::Large,
            density: Density::Compact,
            width: Width::Full,
            code: CodeTheme::Plain,
        };
        let cookies = look.cookies();
        let kept =
            |name: &str| cookies.iter().find(|(this, _)| *this == name).map(|(_, value)| *value);
        assert_eq!(Look::from_cookies(kept, Language::English), look);
        assert_eq!(Look::from_cookies(|_| None, Language::Chinese).language, Language::Chinese);
        assert_eq!(Look::from_cookies(|_| Some("nonsense"), Language::English), Look::default());
    }
}
