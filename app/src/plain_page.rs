//! On the server: the pages beside the conversation. They are plain HTML with plain forms, need no
//! scripts and get none, so they open at once and weigh nothing.

use leptos::prelude::*;

use crate::{
    Assets, Look,
    document::Head,
    icon::{Icon, Shape, Wordmark},
};

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
        <html
            lang=look.language.tag()
            data-theme=look.theme.attribute()
            data-size=look.size.as_str()
            data-density=look.density.as_str()
            data-code=look.code.as_str()
        >
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
