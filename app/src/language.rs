//! In which language the page speaks.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::words::{CHINESE, ENGLISH, Words};

/// A language of the page. What people and models write is in any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Language {
    /// The cookie that keeps the choice.
    pub const COOKIE: &'static str = "inglenook_language";

    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The tag for `lang` attributes, cookies and `Intl` (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The language's name in itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// Two sentences, one behind the other.
    #[cfg(feature = "ssr")]
    pub fn both(self, first: &str, second: &str) -> String {
        match self {
            Self::English => format!("{first} {second}"),
            Self::Chinese => format!("{first}{second}"),
        }
    }

    /// Reads a tag such as `zh`, `zh-Hans-CN` or `en-GB`. `None` for languages the page does not speak.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.trim().to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// The language that a browser asks for in `Accept-Language` (RFC 9110, section 12.5.4).
    pub fn accepted(header: &str) -> Self {
        let mut best = (0.0, Self::default());
        for range in header.split(',') {
            let mut parts = range.split(';');
            let Some(language) = parts.next().and_then(|tag| Self::from_tag(tag.trim())) else {
                continue;
            };
            let quality = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |quality| quality.trim().parse().unwrap_or(0.0));
            if quality > best.0 {
                best = (quality, language);
            }
        }
        best.1
    }

    /// The words of the page in this language.
    pub const fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }
}

/// The words of the page that is being rendered. Called where a component begins; closures keep
/// what it gives.
pub fn words() -> &'static Words {
    use_context::<Language>().unwrap_or_default().words()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_the_browser_likes_best_of_ours() {
        for (header, expected) in [
            ("", Language::English),
            ("de, fr;q=0.9", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("en-GB,en;q=0.9,zh-TW;q=0.7", Language::English),
            ("de,en;q=0.3,zh-Hans;q=0.5", Language::Chinese),
            ("zh;q=0", Language::English),
            ("zh;q=broken,en;q=0.1", Language::English),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }
}
