//! The page in Chromium: what a visit weighs, and what it does while answers stream. `bench/page.js`
//! and `bench/browser.js` measure; llama.cpp's own page stands beside, and Open WebUI where wanted.

use std::env;
use std::path::PathBuf;

use super::markdown::json;
use super::{Effort, result_file};
use crate::chromium;
use crate::failure::Failure;
use crate::local_model;
use crate::release_build;
use crate::steps;
use crate::tools;
use crate::workspace::Workspace;

/// Names the program `open-webui` where it is to be measured too: it takes gigabytes, so it is not
/// fetched unasked. `pip install open-webui` in a virtual environment makes it.
const OPEN_WEBUI: &str = "INGLENOOK_BENCH_OPEN_WEBUI";

/// First visit and revisit, in bytes, requests and time, and what Lighthouse says of them.
pub fn page(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    steps::set_up(workspace, vec![local_model::needs(workspace)])?;
    let settings = vec![
        ("python", local_model::python(workspace)),
        ("llama", workspace.root.join("bench/page/llama.py")),
    ];
    measure(workspace, "page", effort, settings)
}

/// Answers and long conversations on the page.
pub fn browser(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    measure(workspace, "browser", effort, Vec::new())
}

fn measure(
    workspace: &Workspace,
    name: &str,
    effort: Effort,
    mut settings: Vec<(&'static str, PathBuf)>,
) -> Result<(), Failure> {
    let bench = workspace.root.join("bench");
    let mut needs = Vec::new();
    needs.extend(chromium::needs(workspace)?);
    needs.push(tools::npm_packages(
        "peers",
        "what is measured beside (npm ci in bench)",
        workspace,
        &bench,
    ));
    steps::set_up(workspace, needs)?;
    release_build::ensure(workspace)?;
    settings.extend([
        ("inglenook", release_build::program(workspace)),
        ("chromium", chromium::program()?),
        ("out", result_file(workspace, name, effort)?),
    ]);
    if let Some(program) = env::var_os(OPEN_WEBUI) {
        settings.push(("open_webui", PathBuf::from(program)));
    }
    let mut node = workspace.command(["node"]);
    node.arg(bench.join(format!("{name}.js"))).arg(json(&settings, effort));
    release_build::run(node)
}
