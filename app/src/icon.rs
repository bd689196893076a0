//! The few icons of the page, drawn in one weight on a grid of 20.

use leptos::prelude::*;

/// What an icon shows.
#[cfg_attr(
    not(feature = "ssr"),
    allow(dead_code, reason = "some stand only on pages that the server renders")
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Send.
    ArrowUp,
    /// To the latest.
    ArrowDown,
    /// More that can be done.
    Dots,
    /// Search.
    Lens,
    /// Settings.
    Sliders,
    /// A folder.
    Folder,
    /// The one before.
    Before,
    /// The one after.
    After,
    /// Not kept.
    Ghost,
    /// Back to where one came from.
    ArrowBack,
    /// Stop.
    Square,
    /// A new conversation.
    Pen,
    /// The list of conversations.
    Lines,
    /// Close.
    Cross,
    /// Copy.
    Sheets,
    /// Done.
    Tick,
    /// Answer again.
    Loop,
    /// Light.
    Sun,
    /// Dark.
    Moon,
    /// As the system.
    HalfMoon,
    /// Sign out.
    Door,
    /// Something needs attention.
    Warning,
    /// Add files.
    PaperClip,
    /// A file without a picture.
    Sheet,
    /// A favourite.
    Star,
    /// More to choose from.
    Chevron,
    /// What was spent.
    Bars,
}

impl Shape {
    const fn path(self) -> &'static str {
        match self {
            Self::ArrowUp => "M10 16V4.5M5 9l5-5 5 5",
            Self::ArrowDown => "M10 4v11.5M5 11l5 5 5-5",
            Self::Dots => "M4.5 10h.01M10 10h.01M15.5 10h.01",
            Self::Lens => "M9 3.5a5.5 5.5 0 100 11 5.5 5.5 0 000-11zM13 13l3.5 3.5",
            Self::Sliders => {
                "M3.5 6H9M13 6h3.5M3.5 14H7M11 14h5.5M11 4a2 2 0 100 4 2 2 0 000-4zM9 12a2 2 0 100 4 2 2 0 000-4z"
            }
            Self::Folder => {
                "M3 6.5A1.5 1.5 0 014.5 5h3l2 2h6A1.5 1.5 0 0117 8.5v6a1.5 1.5 0 01-1.5 1.5h-11A1.5 1.5 0 013 14.5z"
            }
            Self::Before => "M12 5l-5 5 5 5",
            Self::After => "M8 5l5 5-5 5",
            Self::Ghost => {
                "M5 16.5V9a5 5 0 0110 0v7.5l-1.7-1.5-1.6 1.5L10 15l-1.7 1.5L6.700 15zM8 9h.01M12 9h.01"
            }
            Self::ArrowBack => "M16 10H4.5M10 5l-5 5 5 5",
            Self::Square => "M6 6h8v8H6z",
            Self::Pen => {
                "M4 16l.7-3.3L13.6 3.8a1.6 1.6 0 012.3 0l.3.3a1.6 1.6 0 010 2.3L7.3 15.3 4 16zM12 5.5l2.5 2.5"
            }
            Self::Lines => "M3.5 6h13M3.5 10h13M3.5 14h8",
            Self::Cross => "M5 5l10 10M15 5L5 15",
            Self::Sheets => {
                "M7 7V4.5A1.5 1.5 0 018.5 3h7A1.5 1.5 0 0117 4.5v7a1.5 1.5 0 01-1.5 1.5H13M4.5 7h7A1.5 1.5 0 0113 8.5v7a1.5 1.5 0 01-1.5 1.5h-7A1.5 1.5 0 013 15.5v-7A1.5 1.5 0 014.5 7z"
            }
            Self::Tick => "M4 10.5l4 4 8-9",
            Self::Loop => {
                "M16 4v4h-4M4 16v-4h4M15.6 8A6 6 0 005 6.6L4 8M4.4 12A6 6 0 0015 13.4l1-1.4"
            }
            Self::Sun => {
                "M10 6.5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1"
            }
            Self::Moon => "M16.5 12A7 7 0 018 3.5a7 7 0 108.5 8.5z",
            Self::HalfMoon => "M10 3a7 7 0 100 14 7 7 0 000-14zM10 3v14M10 6h5.5M10 10h7M10 14h5.5",
            Self::Door => {
                "M8 17H5a1.5 1.5 0 01-1.5-1.5v-11A1.5 1.5 0 015 3h3M12.5 13.5L16 10l-3.5-3.5M16 10H8"
            }
            Self::PaperClip => {
                "M15.5 9.5l-5.6 5.6a3.6 3.6 0 01-5.1-5.1l6-6a2.4 2.4 0 013.4 3.4l-5.8 5.8a1.2 1.2 0 01-1.7-1.7l5.2-5.2"
            }
            Self::Sheet => {
                "M11.5 3H6.5A1.5 1.5 0 005 4.5v11A1.5 1.5 0 006.5 17h7a1.5 1.5 0 001.5-1.5v-9L11.5 3zM11.5 3v3.5H15M7.5 10.5h5M7.5 13.5h5"
            }
            Self::Star => {
                "M10 3l2.2 4.5 4.9.7-3.6 3.5.9 4.9L10 14.3 5.6 16.6l.9-4.9L2.9 8.2l4.9-.7z"
            }
            Self::Bars => "M4 16.5V11M10 16.5v-13M16 16.5V8",
            Self::Chevron => "M6 8l4 4 4-4",
            Self::Warning => {
                "M10 7v4M10 13.5v.1M8.7 3.8L2.5 14.5A1.5 1.5 0 003.8 16.7h12.4a1.5 1.5 0 001.3-2.2L11.3 3.8a1.5 1.5 0 00-2.6 0z"
            }
        }
    }
}

/// An icon. It is decoration: whatever it stands in has a name of its own.
#[component]
pub fn Icon(shape: Shape) -> impl IntoView {
    view! {
        <svg class="shape" viewBox="0 0 20 20" aria-hidden="true">
            <path d=shape.path() />
        </svg>
    }
}

/// The wordmark: the flame of the icon and the name.
#[component]
pub fn Wordmark() -> impl IntoView {
    view! {
        <svg class="flame" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M16 5.5c1 4.2 7.5 6.6 7.5 13.2A7.4 7.4 0 0 1 16 26.5a7.4 7.4 0 0 1-7.5-7.8c0-3 1.6-4.8 2.9-6.6.5 1.8 1.3 2.9 2.5 3.4C13 11.8 13.6 8.3 16 5.5z" />
        </svg>
        "Inglenook"
    }
}
