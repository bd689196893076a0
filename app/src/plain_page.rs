//! On the server: the pages beside the conversation. They are plain HTML with plain forms, need no
//! scripts and get none, so they open at once and weigh nothing.

use leptos::prelude::*;

use crate::{
    Assets, Language, Theme,
    document::Head,
    icon::{Icon, Shape, Wordmark},
};

/// What every page looks like to its reader.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// Light or dark.
    pub theme: Theme,
    /// The language of the page.
    pub language: Language,
}

/// A whole document: a heading with the way back to the conversations, and the content.
pub fn plain_page<V: IntoView>(
    assets: Assets,
    look: Look,
    title: &'static str,
    content: impl FnOnce() -> V,
) -> impl IntoView {
    provide_context(look.language);
    let words = look.language.words();
    view! {
        <!DOCTYPE html>
        <html lang=look.language.tag() data-theme=look.theme.attribute()>
            <head>
                <Head assets title=format!("{title} · Inglenook") />
            </head>
            <body class="plain-page">
                <header>
                    <a class="quiet icon" href="/" aria-label=words.page.back title=words.page.back>
                        <Icon shape=Shape::ArrowBack />
                    </a>
                    <h1>{title}</h1>
                    <a class="wordmark" href="/" aria-label="Inglenook">
                        <Wordmark />
                    </a>
                </header>
                <main>{content()}</main>
            </body>
        </html>
    }
}
