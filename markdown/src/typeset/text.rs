//! Text within a formula.

use super::rewrite::{Result, Rewriter, Until, lacks, missing};

impl Rewriter<'_> {
    pub(super) fn text_argument(&mut self, font: &str, of: &str) -> Result<()> {
        self.option();
        self.skip_spaces();
        match self.next() {
            Some('{') => {
                self.push("{");
                self.text(font)?;
                self.push("}");
                Ok(())
            }
            Some(letter) if letter.is_alphanumeric() => {
                self.push(&format!("\\{font}{{{letter}}}"));
                Ok(())
            }
            _ => Err(lacks(of)),
        }
    }

    /// Text up to the brace that ends it: the typesetter shows as it is what it is given, so only plain characters are
    /// given to it, and what means something is put between them.
    fn text(&mut self, font: &str) -> Result<()> {
        self.deeper()?;
        let mut run = String::new();
        loop {
            let next = self.next().ok_or_else(|| missing(Until::Brace))?;
            let name = match next {
                '\\' => self.name()?,
                _ => "",
            };
            match (next, name) {
                ('\\', " " | "," | ":" | ";" | ">" | "\n" | "\\" | "newline" | "space")
                | (' ' | '\n' | '\t', _) => {
                    if !run.ends_with(' ') {
                        run.push(' ');
                    }
                    continue;
                }
                ('\\', "ldots" | "dots" | "textellipsis") => run.push('…'),
                ('\\', "!" | "-" | "/" | "@") => {}
                ('~', _) => run.push('\u{a0}'),
                ('`', _) if self.eat("`") => run.push('“'),
                ('\'', _) if self.eat("'") => run.push('”'),
                ('\'', _) => run.push('’'),
                ('}' | '{' | '$' | '%' | '\\', _) => {
                    if !run.is_empty() {
                        self.push(&format!("\\{font}{{{run}}}"));
                        run.clear();
                    }
                    match next {
                        '}' => break,
                        '{' => self.text(font)?,
                        '$' => {
                            self.push("{");
                            self.sequence(Until::Dollar)?;
                            self.push("}");
                        }
                        '%' => self.push("\\%"),
                        _ => self.command(name)?,
                    }
                }
                (other, _) => run.push(if other.is_whitespace() { ' ' } else { other }),
            }
        }
        self.higher();
        Ok(())
    }
}
