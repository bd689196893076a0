//! On the server: the HTML documents around the pages.

use leptos::{nonce::use_nonce, prelude::*};

use crate::{
    Look, Page,
    icon::Wordmark,
    view::{PageView, path_of},
};

/// Where the built parts of the page are, as addresses.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    /// The script that loads the WASM.
    pub js: String,
    /// A script that it imports, where the WASM comes in parts.
    pub parts: Option<String>,
    /// The WASM.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
    /// The worker that colours code.
    pub worker: String,
}

/// The id of what ends the page.
const WHOLE: &str = "whole";

/// The document of the page.
pub fn document(assets: Assets, look: Look, page: PageView) -> impl IntoView {
    let title = match &page.conversation {
        Some(conversation) => format!("{} · Inglenook", conversation.link.title),
        None => "Inglenook".to_owned(),
    };
    // The streamed document is for browsers without scripts; one that runs them is better served
    // by the page that hydrates.
    let leave = page
        .conversation
        .as_ref()
        .filter(|_| page.streams)
        .map(|conversation| format!("location.replace('/c/{}')", conversation.link.id));
    // The answer to a refused form stands at the form's address, where nothing can be read again.
    let move_on = page.problem.is_some().then(|| {
        let shown = page.conversation.as_ref();
        let address = path_of(shown.map(|shown| shown.link.id));
        format!("history.replaceState(null,'','{address}')")
    });
    let streams = page.streams;
    // A conversation opens at its end, also before any WASM runs. What greets on an empty page is read
    // from its beginning.
    let to_the_end =
        page.conversation.is_some().then_some("transcript.scrollTop=transcript.scrollHeight");
    provide_context(page);
    // Fetched by a script and not by a preload link, so that browsers without scripts leave it. It weighs
    // twenty times what the page needs to be seen, so on a slow line it would keep that waiting. A page in
    // the background is not painted, and waits for nothing. What is compiled is run in a task of its own.
    let start = format!(
        "const start=()=>{{const wasm=fetch('{}');import('{}').then(({{default:load}})=>load({{module_or_path:wasm}}))\
         .then(page=>setTimeout(page.hydrate))}};document.hidden?start():requestAnimationFrame(()=>setTimeout(start))",
        assets.wasm, assets.js
    );
    view! {
        <!DOCTYPE html>
        <html
            lang=look.language.tag()
            data-theme=look.theme.attribute()
            data-size=look.size.as_str()
            data-density=look.density.as_str()
            data-width=look.width.as_str()
            data-code=look.code.as_str()
            data-worker=assets.worker.clone()
        >
            <head>
                <Head assets=assets.clone() title />
                {leave
                    .into_iter()
                    .chain(move_on)
                    .map(|script| view! { <script nonce=use_nonce() inner_html=script></script> })
                    .collect_view()}
                {(!streams)
                    .then(|| {
                        view! {
                            // Without it a slow line shows the beginning of the page, which moves as the rest comes.
                            <link rel="expect" href=format!("#{WHOLE}") blocking="render" />
                            <link rel="modulepreload" href=assets.js />
                            // It would be asked for only once the other has come.
                            {assets.parts.map(|script| view! { <link rel="modulepreload" href=script /> })}
                            <script type="module" nonce=use_nonce() inner_html=start></script>
                        }
                    })}
            </head>
            <body>
                <Page />
                {to_the_end.map(|script| view! { <script nonce=use_nonce() inner_html=script></script> })}
                <div id=WHOLE hidden></div>
            </body>
        </html>
    }
}

/// The document that asks for the password. It needs no scripts and gets none.
pub fn sign_in_document(
    assets: Assets,
    look: Look,
    problem: Option<String>,
    next: String,
) -> impl IntoView {
    let words = &look.language.words().sign_in;
    view! {
        <!DOCTYPE html>
        <html lang=look.language.tag() data-theme=look.theme.attribute() data-size=look.size.as_str()>
            <head>
                <Head assets title=format!("{} · Inglenook", words.title) />
            </head>
            <body class="sign-in">
                <main>
                    <p class="wordmark">
                        <Wordmark />
                    </p>
                    <h1>{words.title}</h1>
                    <form method="post" action="/login">
                        <input type="hidden" name="next" value=next />
                        <label for="password">{words.password}</label>
                        <input
                            id="password"
                            type="password"
                            name="password"
                            autocomplete="current-password"
                            required
                            autofocus
                            aria-describedby=problem.is_some().then_some("problem")
                        />
                        {problem
                            .map(|words| {
                                view! { <p class="problem" id="problem" role="alert">{words}</p> }
                            })}
                        <button type="submit" class="primary">{words.submit}</button>
                    </form>
                </main>
            </body>
        </html>
    }
}

#[component]
pub(crate) fn Head(assets: Assets, title: String) -> impl IntoView {
    view! {
        <meta charset="utf-8" />
        <meta
            name="viewport"
            content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
        />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="same-origin" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href=assets.css />
        <title>{title}</title>
    }
}
