//! What each configuration becomes, and that no secret shows. The environment is always a map.

mod allowances;
mod defaults;
mod exposure;
mod layers;
mod mistakes;
mod models;
mod providers;

use std::collections::BTreeMap;

use secrecy::ExposeSecret;

use super::*;

/// A folder with files, an environment and a command line.
#[derive(Default)]
struct Machine {
    file: Option<&'static str>,
    dot_env: &'static str,
    variables: Vec<(&'static str, &'static str)>,
    options: Options,
}

impl Machine {
    fn file(mut self, text: &'static str) -> Self {
        self.file = Some(text);
        self
    }

    fn dot_env(mut self, text: &'static str) -> Self {
        self.dot_env = text;
        self
    }

    fn variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    fn addr(mut self, addr: &str) -> Self {
        self.options.addr = Some(addr.to_owned());
        self
    }

    fn load(&self) -> Result<Loaded, Mistakes> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(text) = self.file {
            std::fs::write(folder.path().join("inglenook.toml"), text).unwrap();
        }
        let mut variables = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
        variables.extend(self.variables.iter().map(|(n, v)| (n.to_string(), v.to_string())));
        let environment = Environment::new(variables, self.dot_env)?;
        Loaded::read(&self.options, &environment, folder.path())
    }

    fn config(&self) -> Config {
        self.load().unwrap_or_else(|mistakes| panic!("{mistakes}")).config
    }

    fn mistakes(&self) -> String {
        self.load().expect_err("there is a mistake").to_string()
    }
}

fn machine() -> Machine {
    Machine::default()
}

fn keys(provider: &Provider) -> Vec<&str> {
    provider.keys.iter().map(|key| key.value.expose_secret()).collect()
}
