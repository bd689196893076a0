//! Reads LaTeX and writes it again, so that the typesetter meets only what it is known to do well.
//!
//! The typesetter calls itself for a command that is another's bare argument, expands macros, slices numbers and colours
//! at any byte, and takes `\rightarrow` for the end of `\left`. So here every argument is put in braces, nesting has an
//! end, dimensions, colours, columns and delimiters are read and written anew, macros are refused, and what it does not
//! know but people write is put in words that it knows. All other commands are symbols, and pass as they are.

use super::apply::dimension;

/// How deep braces, arguments and environments may nest.
const DEEPEST: usize = 40;

pub(super) type Result<T> = std::result::Result<T, String>;

/// LaTeX for the typesetter, and the commands that pass it unread.
pub(super) struct Rewritten<'a> {
    pub(super) latex: String,
    pub(super) symbols: Vec<&'a str>,
}

/// Rewrites a formula.
pub(super) fn rewrite(latex: &str) -> Result<Rewritten<'_>> {
    let out = Rewritten { latex: String::with_capacity(2 * latex.len()), symbols: Vec::new() };
    let mut rewriter = Rewriter { rest: latex, out, depth: 0, row_end: None };
    rewriter.rows(Until::End)?;
    Ok(rewriter.out)
}

/// What ends a piece of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until<'a> {
    End,
    Brace,
    Bracket,
    Dollar,
    Right,
    Environment(&'a str),
}

/// What divides a piece of a formula into a table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Divided {
    has_columns: bool,
    has_rows: bool,
}

pub(super) struct Rewriter<'a> {
    pub(super) rest: &'a str,
    pub(super) out: Rewritten<'a>,
    depth: usize,
    /// Where the row that was ended last is ended.
    row_end: Option<usize>,
}

impl<'a> Rewriter<'a> {
    pub(super) fn push(&mut self, latex: &str) {
        self.out.latex.push_str(latex);
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    pub(super) fn eat(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    pub(super) fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
    }

    /// Goes a level deeper; whoever does comes up again.
    pub(super) fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        let is_shallow = self.depth <= DEEPEST;
        is_shallow.then_some(()).ok_or_else(|| "it is nested too deeply".to_owned())
    }

    pub(super) fn higher(&mut self) {
        self.depth -= 1;
    }

    /// The name of a command whose backslash was read.
    pub(super) fn name(&mut self) -> Result<&'a str> {
        let letters = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let first = self.peek().ok_or("it ends in a backslash")?;
        let length = if letters == 0 { first.len_utf8() } else { letters };
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(name)
    }

    /// Reads a piece that may be divided where its environment allows it, and makes a table of it if it is.
    pub(super) fn rows(&mut self, until: Until<'a>) -> Result<()> {
        let start = self.out.latex.len();
        let divided = self.sequence(until)?;
        let environment = match divided {
            Divided { has_columns: true, .. } => "aligned",
            Divided { has_rows: true, .. } => "gathered",
            _ => return Ok(()),
        };
        self.drop_row_end();
        self.out.latex.insert_str(start, &format!("\\begin{{{environment}}}"));
        self.push(&format!("\\end{{{environment}}}"));
        Ok(())
    }

    /// Leaves out the end of a row after which there is none.
    pub(super) fn drop_row_end(&mut self) {
        if let Some(at) = self.row_end.filter(|at| at + 2 == self.out.latex.len()) {
            self.out.latex.truncate(at);
        }
    }

    pub(super) fn sequence(&mut self, until: Until<'a>) -> Result<Divided> {
        self.deeper()?;
        let mut divided = Divided::default();
        // Where the cell began, and whether its numerator is behind.
        let mut cell = self.out.latex.len();
        let mut is_split = false;
        loop {
            let Some(next) = self.next() else {
                if until == Until::End {
                    break;
                }
                return Err(missing(until));
            };
            match next {
                '}' if until == Until::Brace => break,
                ']' if until == Until::Bracket => break,
                '$' if until == Until::Dollar => break,
                '}' => return Err("a brace is closed that was not opened".to_owned()),
                '$' => return Err("a dollar stands within it".to_owned()),
                '#' => return Err("# has no meaning here".to_owned()),
                '{' => self.group()?,
                '^' | '_' => {
                    self.out.latex.push(next);
                    self.argument(if next == '^' { "^" } else { "_" })?;
                }
                '&' => {
                    self.close_fraction(&mut is_split);
                    divided.has_columns = true;
                    self.out.latex.push('&');
                    cell = self.out.latex.len();
                }
                '\\' => match self.name()? {
                    "right" if until == Until::Right => break,
                    "right" => return Err("\\right has no \\left".to_owned()),
                    "end" => {
                        let name = self.raw("\\end")?;
                        if until == Until::Environment(name) {
                            break;
                        }
                        return Err(missing(until));
                    }
                    name @ ("over" | "choose" | "atop") => {
                        if is_split {
                            return Err(format!("\\{name} stands here twice"));
                        }
                        let fraction = if name == "over" { "\\frac{" } else { "\\binom{" };
                        self.out.latex.insert_str(cell, fraction);
                        self.push("}{");
                        is_split = true;
                    }
                    "\\" | "cr" | "newline" => {
                        self.close_fraction(&mut is_split);
                        divided.has_rows = true;
                        self.row();
                        cell = self.out.latex.len();
                    }
                    name => self.command(name)?,
                },
                other => self.character(other),
            }
        }
        self.close_fraction(&mut is_split);
        self.higher();
        Ok(divided)
    }

    fn close_fraction(&mut self, is_split: &mut bool) {
        if std::mem::take(is_split) {
            self.push("}");
        }
    }

    /// The end of a row, without the space after it that an option may ask for.
    fn row(&mut self) {
        self.eat("*");
        self.row_end = Some(self.out.latex.len());
        self.push("\\\\");
        self.skip_spaces();
        if self.rest.starts_with('[') {
            let option =
                self.rest[1..].split_once(']').filter(|(inside, _)| dimension(inside).is_some());
            match option {
                Some((_, rest)) => self.rest = rest,
                // The typesetter would read it as an option.
                None => self.push("{}"),
            }
        }
    }

    fn character(&mut self, character: char) {
        match character {
            '~' => self.push("\\kern.3333em "),
            // Unlike other signs of an operation it has no space around it.
            '/' => self.push("\\mathord{/}"),
            // After a number it is meant as it stands; elsewhere it begins a comment.
            '%' if self.out.latex.ends_with(|last: char| last.is_ascii_digit()) => self.push("\\%"),
            '%' => self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest),
            blank if is_blank(blank) => {}
            other => self.out.latex.push(other),
        }
    }

    /// A group whose brace was read.
    fn group(&mut self) -> Result<()> {
        self.push("{");
        self.sequence(Until::Brace)?;
        self.push("}");
        Ok(())
    }

    /// An argument, in braces.
    pub(super) fn argument(&mut self, of: &str) -> Result<()> {
        self.skip_spaces();
        match self.next() {
            Some('{') => return self.group(),
            None | Some('}' | '&' | '^' | '_' | '$' | '#' | '%' | ']') => return Err(lacks(of)),
            Some('\\') => {
                self.deeper()?;
                self.push("{");
                let name = self.name()?;
                self.command(name)?;
                self.higher();
            }
            Some(other) => {
                self.push("{");
                self.character(other);
            }
        }
        self.push("}");
        Ok(())
    }

    /// An argument as it is written.
    pub(super) fn raw(&mut self, of: &str) -> Result<&'a str> {
        self.skip_spaces();
        if !self.eat("{") {
            return Err(lacks(of));
        }
        let mut depth = 0;
        for (at, byte) in self.rest.bytes().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' if depth > 0 => depth -= 1,
                b'}' => {
                    let inside = &self.rest[..at];
                    self.rest = &self.rest[at + 1..];
                    return Ok(inside.trim());
                }
                _ => {}
            }
        }
        Err(missing(Until::Brace))
    }

    /// An option as it is written, if there is one.
    pub(super) fn option(&mut self) -> Option<&'a str> {
        let (option, rest) = self.rest.trim_start().strip_prefix('[')?.split_once(']')?;
        self.rest = rest;
        Some(option.trim())
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

pub(super) fn lacks(of: &str) -> String {
    let of = of.trim_start_matches('\\');
    match of {
        "^" | "_" => format!("nothing follows {of}"),
        _ => format!("\\{of} lacks an argument"),
    }
}

pub(super) fn missing(until: Until<'_>) -> String {
    match until {
        Until::End => "\\end has no \\begin".to_owned(),
        Until::Brace => "a brace is not closed".to_owned(),
        Until::Bracket => "a bracket is not closed".to_owned(),
        Until::Dollar => "a dollar is not closed".to_owned(),
        Until::Right => "\\left has no \\right".to_owned(),
        Until::Environment(name) => format!("\\begin{{{name:.20}}} is not ended"),
    }
}
