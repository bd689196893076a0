//! The few icons of the page, drawn in one weight on a grid of 20.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Send.
    ArrowUp,
    /// To the latest.
    ArrowDown,
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
}

impl Shape {
    const fn path(self) -> &'static str {
        match self {
            Self::ArrowUp => "M10 16V4.5M5 9l5-5 5 5",
            Self::ArrowDown => "M10 4v11.5M5 11l5 5 5-5",
            Self::Square => "M6 6h8v8H6z",
            Self::Pen => "M4 16l.7-3.3L13.6 3.8a1.6 1.6 0 012.3 0l.3.3a1.6 1.6 0 010 2.3L7.3 15.3 4 16zM12 5.5l2.5 2.5",
            Self::Lines => "M3.5 6h13M3.5 10h13M3.5 14h8",
            Self::Cross => "M5 5l10 10M15 5L5 15",
            Self::Sheets => "M7 7V4.5A1.5 1.5 0 018.5 3h7A1.5 1.5 0 0117 4.500v7a1.5 1.5 0 01-1.500 1.500H13M4.500 7h7A1.500 1.500 0 0113 8.500v7a1.500 1.500 0 01-1.500 1.500h-7A1.500 1.500 0 013 15.500v-7A1.500 1.500 0 014.500 7z",
            Self::Tick => "M4 10.500l4 4 8-9",
            Self::Loop => "M16 4v4h-4M4 16v-4h4M15.600 8A6 6 0 005 6.600L4 8M4.400 12A6 6 0 0015 13.400l1-1.400",
            Self::Sun => "M10 6.500a3.500 3.500 0 100 7 3.500 3.500 0 000-7zM10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M15.700 4.300l-1.100 1.100M5.400 14.600l-1.100 1.100",
            Self::Moon => "M16.500 12A7 7 0 018 3.500a7 7 0 108.500 8.500z",
            Self::HalfMoon => "M10 3a7 7 0 100 14 7 7 0 000-14zM10 3v14M10 6h5.500M10 10h7M10 14h5.500",
            Self::Door => "M8 17H5a1.500 1.500 0 01-1.500-1.500v-11A1.500 1.500 0 015 3h3M12.500 13.500L16 10l-3.500-3.500M16 10H8",
            Self::Warning => "M10 7v4M10 13.500v.1M8.700 3.800L2.500 14.500A1.500 1.500 0 003.800 16.700h12.400a1.500 1.500 0 001.300-2.200L11.300 3.800a1.500 1.500 0 00-2.600 0z",
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
