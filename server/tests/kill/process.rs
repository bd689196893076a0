//! The server as a process, to be killed.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A running server. Killed when dropped.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts in a folder, with nothing in the environment but the upstream, and returns when it
    /// listens.
    pub fn start(folder: &Path, upstream: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_inglenook"))
            .args(["serve", "--addr", "127.0.0.1:0", "--data", "data"])
            .current_dir(folder)
            .env_clear()
            .env("HOME", folder)
            .env("OPENAI_BASE_URL", upstream)
            .env("OPENAI_API_KEY", "test")
            .env("INGLENOOK_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("it said {line:?}")).parse().unwrap();
        Self { process, address }
    }

    /// Ends it as a crash does, with nothing it could do about it.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either fails only for a process that has been killed before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
