//! What may be typed after `inglenook`. Values stay text here: `config` reads them, so that a
//! mistake is worded the same whether it was made here, in the environment or in the file.

use clap::{Args, Parser, Subcommand};

/// The command line of `inglenook`.
#[derive(Debug, Parser)]
#[command(
    name = "inglenook",
    version,
    about = "A chat page of your own for language models",
    after_long_help = crate::config::help(),
    after_help = "Every option may also stand in the environment (INGLENOOK_ADDR, INGLENOOK_DATA, \
                  INGLENOOK_CONFIG) or in .env; addr and data also in inglenook.toml.\n\
                  The command line wins over the environment, the environment over the file.\n\
                  --help describes every setting."
)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,

    /// The options, which are the same for every command.
    #[command(flatten)]
    pub options: Options,
}

impl CommandLine {
    /// What to do: serve, unless something else was asked for.
    pub fn command_or_serve(&self) -> Command {
        self.command.unwrap_or(Command::Serve)
    }
}

/// What `inglenook` can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve the page and the API (what happens when no command is given)
    Serve,
    /// Print the configuration in effect and ask every provider whether it works
    Check,
    /// Read a password from standard input and print its hash, for `password_hash`
    HashPassword,
}

/// The settings that may stand on the command line.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Listen on this address and port [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS:PORT", global = true)]
    pub addr: Option<String>,

    /// Keep conversations in this folder [default: $XDG_DATA_HOME/inglenook or
    /// ~/.local/share/inglenook]
    #[arg(long, value_name = "DIR", global = true)]
    pub data: Option<String>,

    /// Read this file [default: ./inglenook.toml, else ~/.config/inglenook/inglenook.toml]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<String>,
}

impl Options {
    /// The value of an option by its name, `--addr` for example.
    pub fn get(&self, option: &str) -> Option<&str> {
        match option {
            "--addr" => self.addr.as_deref(),
            "--data" => self.data.as_deref(),
            "--config" => self.config.as_deref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn serve_is_the_default_and_options_may_stand_before_or_after_the_command() {
        for (typed, command) in [
            ("inglenook --addr [::1]:80", Command::Serve),
            ("inglenook serve --addr [::1]:80", Command::Serve),
            ("inglenook --addr [::1]:80 serve", Command::Serve),
            ("inglenook check --addr [::1]:80", Command::Check),
            ("inglenook --addr [::1]:80 check", Command::Check),
            ("inglenook hash-password --addr [::1]:80", Command::HashPassword),
        ] {
            let read = CommandLine::try_parse_from(typed.split(' ')).unwrap();
            assert_eq!(read.command_or_serve(), command, "{typed}");
            assert_eq!(read.options.get("--addr"), Some("[::1]:80"), "{typed}");
        }
    }

    #[test]
    fn a_mistyped_option_gets_a_suggestion() {
        let error = CommandLine::try_parse_from(["inglenook", "serve", "--adr", "x"]).unwrap_err();
        assert!(error.to_string().contains("--addr"), "{error}");
    }

    #[test]
    fn the_definition_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
