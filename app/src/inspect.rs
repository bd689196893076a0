//! On the server: the page that says what exactly was sent for an answer, and sends it again.

use chat::Sent;
use leptos::prelude::*;
use protocol::MessageId;
use serde_json::Value;

use crate::{Assets, Look, plain_page::plain_page};

/// The longest text that is shown whole, in bytes. Pictures are sent as texts of megabytes.
const SHOWN: usize = 20_000;

/// The page for an answer. `models` are those that it can be sent to again, as `provider/model`.
pub fn inspect_document(
    assets: Assets,
    look: Look,
    answer: MessageId,
    sent: Sent,
    models: Vec<String>,
) -> impl IntoView {
    let words = look.language.words().inspect;
    let exact = match sent.is_exact {
        Some(true) => words.exact,
        Some(false) => words.changed,
        None => words.never_sent,
    };
    let mut body = sent.body;
    shorten(&mut body, words.more_bytes);
    let body = serde_json::to_string_pretty(&body).unwrap_or_default();
    let headers: String =
        sent.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let head = format!(
        "POST {}\n{headers}content-type: application/json",
        sent.address.as_deref().unwrap_or(words.no_provider),
    );
    let end = serde_json::to_string_pretty(&sent.end).unwrap_or_default();
    let same = format!("{}/{}", sent.provider, sent.end.model);
    plain_page(assets, look, words.title, move || {
        view! {
            <p class="effect">{exact}</p>
            <section>
                <h2>{words.request}</h2>
                <pre class="sample" tabindex="0">{head}</pre>
                <pre class="sample" tabindex="0" dir="auto">{body}</pre>
            </section>
            <section>
                <h2>{words.outcome}</h2>
                <pre class="sample" tabindex="0">{end}</pre>
            </section>
            <section>
                <h2>{words.again}</h2>
                <p>{words.again_effect}</p>
                <form method="post" action="/rpc/retry">
                    <input type="hidden" name="answer" value=answer.to_string() />
                    <div class="field">
                        <label for="model">{words.model}</label>
                        <select id="model" name="model">
                            {models
                                .into_iter()
                                .map(|model| {
                                    let selected = model == same;
                                    view! {
                                        <option value=model.clone() selected=selected>
                                            {model.clone()}
                                        </option>
                                    }
                                })
                                .collect_view()}
                        </select>
                    </div>
                    <div class="buttons">
                        <button type="submit" class="primary">{words.send}</button>
                        <a class="plain" href=format!("/c/{}?at={answer}#m-{answer}", sent.conversation)>
                            {words.back}
                        </a>
                    </div>
                </form>
            </section>
        }
    })
}

/// Cuts long texts off and says how long they were.
fn shorten(value: &mut Value, more_bytes: fn(usize) -> String) {
    match value {
        Value::String(text) if text.len() > SHOWN => {
            let shown = text.char_indices().take_while(|(at, _)| *at < 200).map(|(_, c)| c);
            *text = format!("{}{}", shown.collect::<String>(), more_bytes(text.len()));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| shorten(value, more_bytes)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| shorten(value, more_bytes));
        }
        _ => {}
    }
}
