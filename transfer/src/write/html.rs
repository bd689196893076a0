//! A conversation as one page that needs nothing else: no scripts, no pictures, no fonts.

use std::sync::Arc;

use html_escape::{encode_double_quoted_attribute, encode_text};
use markdown::{Options, Typeset, typeset::Latex};

use super::{author, minute};
use crate::{Conversation, Message};

const STYLE: &str = include_str!("page.css");

/// Stands in the file, because nobody sends headers with a file. It would stop whatever got past the
/// renderer.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The path that is shown, rendered. The model's text goes through the same renderer as in the
/// browser, so there is no raw HTML of it, and nothing is loaded.
pub fn html(conversation: &Conversation) -> String {
    let title = encode_text(&conversation.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1 dir=\"auto\">{title}</h1>\n",
        encode_double_quoted_attribute(POLICY),
    );
    if let Some(time) = minute(conversation.created_at) {
        out.push_str(&format!("<p>{time}</p>\n"));
    }
    out.push_str("</header>\n");
    if let Some(system) = &conversation.system {
        let text = encode_text(system.trim());
        out.push_str(&format!(
            "<details class=\"system\">\n<summary>Instructions</summary>\n<div class=\"plain\" dir=\"auto\">{text}</div>\n</details>\n"
        ));
    }
    for (index, message) in conversation.active_path().into_iter().enumerate() {
        push_message(&mut out, index, message);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn push_message(out: &mut String, index: usize, message: &Message) {
    let name = encode_text(author(message));
    let rendered = |text: &str, part: &str| {
        let id_prefix = format!("m{index}{part}-");
        // Formulas become MathML, which is part of the page. Colours would need a style sheet.
        let typesetter = Some(Arc::new(Latex) as Arc<dyn Typeset>);
        markdown::render(text, &Options { id_prefix, typesetter, ..Options::default() })
    };
    out.push_str(&format!(
        "<article class=\"{}\">\n<h2 dir=\"auto\">{name}</h2>\n",
        message.role.as_str()
    ));
    if !message.reasoning.is_empty() {
        let html = rendered(&message.reasoning, "r");
        out.push_str(&format!("<details>\n<summary>Reasoning</summary>\n<div class=\"prose\" dir=\"auto\">{html}</div>\n</details>\n"));
    }
    match message.role {
        // What a person writes is shown as it was typed.
        protocol::Role::User => {
            let text = encode_text(&message.content);
            out.push_str(&format!("<div class=\"plain\" dir=\"auto\">{text}</div>\n"));
        }
        protocol::Role::Assistant | protocol::Role::System => {
            let html = rendered(&message.content, "");
            out.push_str(&format!("<div class=\"prose\" dir=\"auto\">{html}</div>\n"));
        }
    }
    out.push_str("</article>\n");
}
