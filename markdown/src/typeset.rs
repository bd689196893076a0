//! Typesets formulas: LaTeX becomes MathML, without a font or a script of ours.
//!
//! pulldown-latex does the work. Formulas come from a model, so it is not given them as they are: `rewrite` reads them
//! first, and [`MathMl::parse`] takes over of its markup only what is on a list.

mod apply;
mod commands;
mod polish;
mod rewrite;
mod text;

use std::convert::Infallible;
use std::error::Error;

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, ParserError, Storage, push_mathml};

use crate::mathml::MathMl;
use crate::maths::Typeset;

/// The longest formula that is typeset, in bytes. Its markup is at most a hundred times as long.
const LONGEST: usize = 10_000;

/// Typesets LaTeX as people write it in Markdown: what KaTeX and MathJax know without macros.
#[derive(Clone, Copy, Debug, Default)]
pub struct Latex;

impl Typeset for Latex {
    fn typeset(&self, latex: &str, is_display: bool) -> Result<MathMl, String> {
        // A reason may quote what a model wrote, and a title is nothing to play with.
        let is_plain = |c: &char| *c == ' ' || c.is_ascii_graphic();
        typeset(latex, is_display).map_err(|reason| reason.chars().filter(is_plain).collect())
    }
}

fn typeset(latex: &str, is_display: bool) -> Result<MathMl, String> {
    if latex.len() > LONGEST {
        return Err("it is too long".to_owned());
    }
    let rewritten = rewrite::rewrite(latex)?;
    let storage = Storage::new();
    let events: Result<Vec<_>, _> = Parser::new(&rewritten.latex, &storage).collect();
    let events = events.map_err(|error| reason(&error, &rewritten.symbols))?;
    let display_mode = if is_display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut markup = String::new();
    push_mathml(&mut markup, events.into_iter().map(Ok::<_, Infallible>), config)
        .map_err(|error| error.to_string())?;
    let mut formula = MathMl::parse(&markup).ok_or("it is nested too deeply")?;
    polish::polish(formula.root());
    Ok(formula)
}

/// The typesetter's reasons that are left after [`rewrite`], and ours.
const REASONS: &[(&str, &str)] = &[
    ("trying to add a subscript", "there is a subscript twice"),
    ("trying to add a superscript", "there is a superscript twice"),
    ("alignment not allowed", "& cannot stand here"),
    ("new line command", "\\\\ cannot stand here"),
];

/// What is wrong, in few words.
fn reason(error: &ParserError, symbols: &[&str]) -> String {
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let is_unknown = words.starts_with("unknown");
    let unknown = symbols.iter().find(|name| is_unknown && !is_known(name));
    if let Some(name) = unknown {
        return format!("\\{name:.30} is not known");
    }
    let known = REASONS.iter().find(|(beginning, _)| words.starts_with(beginning));
    known.map_or(words.as_str(), |(_, reason)| reason).to_owned()
}

fn is_known(name: &str) -> bool {
    let storage = Storage::new();
    Parser::new(&format!("\\{name}"), &storage).all(|event| event.is_ok())
}
