//! What becomes of each command.

use super::commands::{Command, Environment, colour, command, delimiter, environment, named};
use super::rewrite::{Result, Rewriter, Until, lacks};

/// How often a table's columns can be repeated.
const MOST_REPEATED: u8 = 20;

/// The widest space, in thousandths of its unit.
const WIDEST: i32 = 40_000;

impl<'a> Rewriter<'a> {
    pub(super) fn command(&mut self, name: &'a str) -> Result<()> {
        match command(name) {
            Command::Takes(count) => {
                self.push(&format!("\\{name}"));
                for _ in 0..count {
                    self.argument(name)?;
                }
            }
            Command::Is(latex) => self.push(latex),
            Command::Around(before, after) => {
                self.option();
                self.push("{");
                self.push(before);
                self.argument(name)?;
                self.push(after);
                self.push("}");
            }
            Command::Negates => self.negated(name)?,
            Command::Text(font) => self.text_argument(font, name)?,
            Command::Operator { has_limits } => self.operator(has_limits, name)?,
            Command::Named { name: shown, has_limits } => {
                self.push_operator(named(shown, name), has_limits);
            }
            Command::Arrow(arrow) => self.arrow(arrow, name)?,
            Command::Root => self.root()?,
            Command::Sized => self.delimited(name)?,
            Command::Space => self.space(name)?,
            Command::Colour { takes_content } => {
                self.option();
                let mark = self.raw(name).map(|name| colour(name).unwrap_or_default())?;
                let mark =
                    if mark.is_empty() { String::new() } else { format!("\\color{{{mark}}}") };
                if takes_content {
                    self.push("{");
                    self.push(&mark);
                    self.argument(name)?;
                    self.push("}");
                } else {
                    self.push(&mark);
                }
            }
            Command::ColourBox { has_frame } => {
                if name.ends_with("colorbox") {
                    self.raw(name)?;
                    if has_frame {
                        self.raw(name)?;
                    }
                }
                self.push(if has_frame { "{\\color{white}" } else { "{" });
                self.text_argument("text", name)?;
                self.push("}");
            }
            Command::Tag => {
                let is_bare = self.eat("*");
                self.push("\\qquad ");
                self.labelled(name, !is_bare)?;
            }
            Command::Reference { is_wrapped } => self.labelled(name, is_wrapped)?,
            Command::Nothing(count) => {
                for _ in 0..count {
                    self.eat("*");
                    self.raw(name)?;
                }
            }
            Command::Skips(count) => {
                for _ in 0..count {
                    self.raw(name)?;
                }
                self.argument(name)?;
            }
            Command::Refused => return Err(format!("\\{name} is not supported")),
            Command::Other => match name {
                "left" => self.left()?,
                "begin" => self.environment()?,
                "right" | "end" | "over" | "choose" | "atop" | "\\" | "cr" | "newline" => {
                    return Err(format!("\\{name} cannot stand here"));
                }
                "(" | ")" | "[" | "]" => {
                    return Err("a formula begins or ends within it".to_owned());
                }
                _ => {
                    self.out.symbols.push(name);
                    self.push(&format!("\\{name} "));
                }
            },
        }
        Ok(())
    }

    /// A symbol that is to be negated must not be in braces: only then it is stroked through itself.
    fn negated(&mut self, of: &str) -> Result<()> {
        self.push("\\not ");
        self.skip_spaces();
        let start = self.out.latex.len();
        self.argument(of)?;
        let argument = &self.out.latex[start..];
        let inside = argument.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let is_symbol = |inside: &str| match inside.strip_prefix('\\') {
            Some(name) => name.trim_end().bytes().all(|byte| byte.is_ascii_alphabetic()),
            None => inside.chars().count() == 1 && !inside.contains(['{', '}', '%', '&', '~']),
        };
        if let Some(inside) = inside.filter(|inside| is_symbol(inside)) {
            let symbol = inside.to_owned();
            self.out.latex.truncate(start);
            self.push(&symbol);
        }
        Ok(())
    }

    fn operator(&mut self, has_limits: bool, of: &str) -> Result<()> {
        let has_limits = self.eat("*") || has_limits;
        self.skip_spaces();
        if self.rest.starts_with('{') {
            let before = self.rest;
            let written = plain_name(self.raw(of)?).replace("\\,", " ").replace("\\ ", " ");
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '.');
            if written.chars().all(is_name) && written.chars().any(char::is_alphanumeric) {
                self.push_operator(&written, has_limits);
                return Ok(());
            }
            self.rest = before;
        }
        self.push("{\\rm ");
        self.argument(of)?;
        self.push("}");
        // What is no name has scripts beside it only.
        self.skip_spaces();
        let _ = self.eat("\\limits") || self.eat("\\nolimits");
        Ok(())
    }

    fn push_operator(&mut self, name: &str, has_limits: bool) {
        // Of a single character `\mathop` makes a symbol as large as a sum.
        let has_limits = has_limits && name.chars().count() > 1;
        self.push(if has_limits { "\\mathop{" } else { "\\operatorname{" });
        self.push(name);
        self.push("}");
    }

    fn arrow(&mut self, arrow: &str, of: &str) -> Result<()> {
        self.skip_spaces();
        let start = self.out.latex.len();
        let has_below = self.eat("[");
        if has_below {
            self.push("\\underset{");
            self.sequence(Until::Bracket)?;
            self.push("}{");
        }
        self.push("\\overset");
        self.argument(of)?;
        self.push(&format!("{{{arrow}}}"));
        if has_below {
            self.push("}");
        }
        self.out.latex.insert(start, '{');
        self.push("}");
        Ok(())
    }

    fn root(&mut self) -> Result<()> {
        self.skip_spaces();
        self.push("\\sqrt");
        if self.eat("[") {
            self.push("[{");
            let start = self.out.latex.len();
            self.sequence(Until::Bracket)?;
            if self.out.latex[start..].contains(['[', ']']) {
                return Err("the order of a root holds brackets".to_owned());
            }
            self.push("}]");
        }
        self.argument("sqrt")
    }

    fn delimiter(&mut self, of: &str) -> Result<Option<&'static str>> {
        self.skip_spaces();
        let start = self.rest;
        let token = match self.next() {
            Some('.') => return Ok(None),
            Some('\\') => match self.name()? {
                name if name.starts_with(|c: char| c.is_ascii_alphabetic()) => name,
                name => &start[..1 + name.len()],
            },
            Some(other) => &start[..other.len_utf8()],
            None => "",
        };
        match delimiter(token) {
            Some(delimiter) => Ok(Some(delimiter)),
            None => Err(format!("no delimiter follows \\{of}")),
        }
    }

    /// A delimiter of a certain size, which may be none.
    fn delimited(&mut self, name: &str) -> Result<()> {
        if let Some(delimiter) = self.delimiter(name)? {
            self.push(&format!("\\{name}{delimiter}"));
        }
        Ok(())
    }

    fn left(&mut self) -> Result<()> {
        let opening = self.delimiter("left")?;
        self.push("\\left");
        self.push(opening.unwrap_or("."));
        self.sequence(Until::Right)?;
        let closing = self.delimiter("right")?;
        self.push("\\right");
        self.push(closing.unwrap_or("."));
        Ok(())
    }

    fn space(&mut self, of: &str) -> Result<()> {
        self.eat("*");
        self.skip_spaces();
        let written = if self.rest.starts_with('{') {
            self.raw(of)?
        } else {
            let unit = self.rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or_default();
            let written = self.rest.get(..unit + 2).ok_or_else(|| lacks(of))?;
            self.rest = &self.rest[unit + 2..];
            written
        };
        let (number, unit) = match dimension(written).ok_or_else(|| lacks(of))? {
            // A browser does not know this unit.
            (number, "mu") => (number / 18, "em"),
            known => known,
        };
        // A negative space could put one part of a page over another.
        if number > 0 {
            let number = number.min(WIDEST);
            self.push(&format!("\\kern{}.{:03}{unit} ", number / 1000, number % 1000));
        }
        Ok(())
    }

    fn environment(&mut self) -> Result<()> {
        let name = self.raw("begin")?;
        let (head, tail) = match environment(name) {
            None => return Err(format!("\\begin{{{name:.20}}} is not known")),
            Some(Environment::Plain) => {
                self.push("{");
                self.rows(Until::Environment(name))?;
                self.push("}");
                return Ok(());
            }
            Some(Environment::As(name, arguments)) => {
                self.option();
                for _ in 0..arguments {
                    self.raw("begin")?;
                }
                (format!("{{{name}}}"), name)
            }
            Some(Environment::Aligned(name)) => {
                let alignment = self.option().filter(|option| matches!(*option, "l" | "c" | "r"));
                (format!("{{{name}}}[{}]", alignment.unwrap_or("c")), name)
            }
            Some(Environment::Table(columns)) => (format!("{{array}}{{{columns}}}"), "array"),
            Some(Environment::Array(name)) => {
                self.option();
                let columns = columns(self.raw("begin")?);
                (format!("{{{name}}}{{{columns}}}"), name)
            }
        };
        self.push("\\begin");
        self.push(&head);
        self.sequence(Until::Environment(name))?;
        self.drop_row_end();
        self.push(&format!("\\end{{{tail}}}"));
        Ok(())
    }

    /// The number of an equation, or a reference to one.
    fn labelled(&mut self, of: &str, is_wrapped: bool) -> Result<()> {
        self.push(if is_wrapped { "{\\text{(}" } else { "{" });
        self.text_argument("text", of)?;
        self.push(if is_wrapped { "\\text{)}}" } else { "}" });
        Ok(())
    }
}

/// How many thousandths of which unit; what glue may stretch by is left out. Reading a number as a float would bring
/// tables of powers into the page.
pub(super) fn dimension(written: &str) -> Option<(i32, &str)> {
    let written = written.trim();
    let (number, rest) = written.split_at(written.find(|c: char| c.is_ascii_alphabetic())?);
    let unit = rest.get(..2)?;
    let is_unit = ["em", "ex", "pt", "pc", "in", "bp", "cm", "mm", "dd", "cc", "sp", "mu"];
    let number = number.trim();
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => (-1, number),
        None => (1, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, part) = number.trim().split_once(['.', ',']).unwrap_or((number.trim(), ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_unit.contains(&unit) || number.is_empty() || !is_number(whole) || !is_number(part) {
        return None;
    }
    let digit = |byte: u8| i32::from(byte - b'0');
    let whole = whole.bytes().fold(0, |sum, byte| (10 * sum + digit(byte)).min(9_999));
    let part = part.bytes().chain(*b"000").take(3).fold(0, |sum, byte| 10 * sum + digit(byte));
    Some((sign * (1_000 * whole + part), unit))
}

/// A name without the command that makes it upright, which it is anyway.
fn plain_name(written: &str) -> &str {
    let upright = ["\\rm", "\\mathrm", "\\textrm", "\\text", "\\operatorname"];
    let Some(rest) = upright.iter().find_map(|command| written.strip_prefix(command)) else {
        return written;
    };
    let rest = rest.trim();
    rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(rest)
}

/// The columns of a table that the typesetter knows, with one line at most between two. Paragraphs are columns like
/// others, and what stands before, after or between columns is left out.
fn columns(written: &str) -> String {
    let mut columns = String::new();
    add_columns(written, &mut columns);
    if columns.trim_matches(['|', ':']).is_empty() { "c".to_owned() } else { columns }
}

fn add_columns(written: &str, columns: &mut String) {
    let mut rest = written;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            'l' | 'c' | 'r' => columns.push(next),
            '|' | ':' if !columns.ends_with(['|', ':']) => columns.push(next),
            'p' | 'm' | 'b' | 'X' => {
                columns.push('l');
                rest = group(rest).map_or(rest, |(_, rest)| rest);
            }
            '@' | '!' | '>' | '<' => rest = group(rest).map_or(rest, |(_, rest)| rest),
            '*' => {
                let Some((count, after)) = group(rest) else { continue };
                let Some((repeated, after)) = group(after) else { continue };
                // It repeats nothing that repeats, or few characters could make many columns.
                if !repeated.contains('*') {
                    let count = count.trim().parse::<u8>().unwrap_or_default().min(MOST_REPEATED);
                    (0..count).for_each(|_| add_columns(repeated, columns));
                }
                rest = after;
            }
            _ => {}
        }
    }
}

/// The inside of a group in braces, and what follows it.
fn group(written: &str) -> Option<(&str, &str)> {
    written.trim_start().strip_prefix('{')?.split_once('}')
}

#[cfg(test)]
mod tests {
    use super::{columns, dimension};

    #[test]
    fn dimensions_are_read_in_thousandths() {
        for (written, expected) in [
            ("1em", Some((1_000, "em"))),
            (" -.5 ex", Some((-500, "ex"))),
            ("+2,0625pt plus 1fil", Some((2_062, "pt"))),
            ("99999999999999999999cm", Some((9_999_000, "cm"))),
            ("1", None),
            ("em", None),
            ("1e", None),
            ("1fm", None),
            ("1.2.3em", None),
            ("--1em", None),
            ("1é", None),
        ] {
            assert_eq!(dimension(written), expected, "{written}");
        }
    }

    #[test]
    fn columns_are_known_and_lines_single() {
        for (written, expected) in [
            ("lcr", "lcr"),
            ("||c||r||", "|c|r|"),
            ("@{}l X", "ll"),
            ("p{3cm} | >{\\bf}c", "l|c"),
            ("*{3}{c|}r", "c|c|c|r"),
            ("*{99}{*{99}{c}}", "c"),
            ("*{2", "c"),
            ("|", "c"),
            ("", "c"),
        ] {
            assert_eq!(columns(written), expected, "{written}");
        }
    }
}
