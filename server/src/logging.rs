//! The log, on standard error. What comes from outside, such as a path or an upstream's words, may
//! stand in it and must not look like lines of its own.

use std::fmt::{self, Debug, Write};

use tracing::field::Field;
use tracing_subscriber::{
    EnvFilter,
    field::MakeExt,
    fmt::{
        FormatFields,
        format::{self, Writer},
    },
};

/// Starts the log of the process, as `INGLENOOK_LOG` wants it.
pub fn start() {
    let wanted = std::env::var("INGLENOOK_LOG").ok().filter(|wanted| !wanted.trim().is_empty());
    let (filter, mistake) = match wanted.as_deref().unwrap_or("info").parse::<EnvFilter>() {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .fmt_fields(fields())
        .init();
    if let Some(error) = mistake {
        tracing::warn!(%error, "INGLENOOK_LOG is not understood, so the log is as without it");
    }
}

/// Writes fields as usual, with control characters escaped in every value.
fn fields() -> impl for<'writer> FormatFields<'writer> {
    format::debug_fn(|writer: &mut Writer<'_>, field: &Field, value: &dyn Debug| {
        if field.name() != "message" {
            write!(writer, "{field}=")?;
        }
        write!(OneLine(writer), "{value:?}")
    })
    .delimited(" ")
}

/// Lets no control character through: they begin lines, and make terminals do things.
struct OneLine<'a, 'writer>(&'a mut Writer<'writer>);

impl Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            // Two of the marks that set the direction of text could turn a line around, too.
            match character.is_control() || matches!(character, '\u{2028}'..='\u{202e}') {
                true => write!(self.0, "{}", character.escape_default())?,
                false => self.0.write_char(character)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Written {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn no_input_makes_a_line_of_its_own() {
        let written = Written::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(written.clone())
            .with_ansi(false)
            .fmt_fields(fields())
            .finish();
        let hostile = "a\nERROR forged\r\x1b[31m\u{85}\u{202e}é";
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", path = %hostile);
            let _entered = span.enter();
            tracing::warn!(from = %hostile, also = ?hostile, plain = hostile, "{hostile}");
            tracing::info!("an honest line");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(!text.trim_end().replace('\n', "").contains(char::is_control), "{text}");
        assert!(text.contains("from=a\\nERROR forged") && text.contains('é'), "{text}");
    }
}
