//! The streaming renderer: native, and as WASM in Chromium beside renderers from npm. The page's own
//! crates are built with the page's own profile. `bench/markdown.js` measures and writes the result.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Effort, result_file};
use crate::chromium;
use crate::failure::Failure;
use crate::release_build;
use crate::steps;
use crate::tools;
use crate::workspace::{Workspace, create};

/// Builds what is measured and measures it.
pub fn run(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    let bench = workspace.root.join("bench");
    let mut needs = tools::build_tools(workspace)?;
    needs.extend(chromium::needs(workspace)?);
    needs.push(tools::npm_packages(
        "peers",
        "what is measured beside (npm ci in bench)",
        workspace,
        &bench,
    ));
    steps::set_up(workspace, needs)?;

    let wasm = workspace.target.join("bench");
    build_native(workspace)?;
    let program = |name| workspace.target.join("release").join(name);
    build_wasm(workspace, &wasm)?;
    let mut settings = vec![
        ("native", program("bench-markdown")),
        ("grammars", program("bench-grammars")),
        ("wasm", wasm.clone()),
        ("chromium", chromium::program()?),
        ("out", result_file(workspace, "markdown", effort)?),
    ];
    if effort == Effort::Full {
        // The bytes that the page sends are those of the page as it is served.
        release_build::ensure(workspace)?;
        settings.push(("site", workspace.target.join("site")));
    }
    let mut node = workspace.command(["node"]);
    node.arg(bench.join("markdown.js")).arg(json(&settings, effort));
    release_build::run(node)
}

fn build_native(workspace: &Workspace) -> Result<(), Failure> {
    release_build::run(workspace.command([
        "cargo",
        "build",
        "--release",
        "--package=bench",
        "--bins",
    ]))
}

/// Makes the renderer's WASM as cargo-leptos makes the page's.
fn build_wasm(workspace: &Workspace, folder: &Path) -> Result<(), Failure> {
    create(folder)?;
    let profile = ["--profile=wasm-release", "--target=wasm32-unknown-unknown"];
    let mut cargo = workspace.command(["cargo", "build", "--package=bench", "--lib"]);
    cargo.args(profile);
    release_build::run(cargo)?;

    let built = workspace.target.join("wasm32-unknown-unknown/wasm-release/bench.wasm");
    let mut bindgen = workspace.command(["wasm-bindgen", "--target=web", "--no-typescript"]);
    bindgen.arg("--out-dir").arg(folder).arg(built);
    release_build::run(bindgen)?;

    let module = folder.join("bench_bg.wasm");
    let mut optimise = workspace.command(["wasm-opt"]);
    optimise.args(wasm_opt_features(workspace)?).arg(&module).arg("-o").arg(&module);
    release_build::run(optimise)
}

/// The flags that the workspace's settings give to wasm-opt.
fn wasm_opt_features(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let manifest = fs::read_to_string(workspace.root.join("Cargo.toml")).unwrap_or_default();
    features_in(&manifest).ok_or_else(|| {
        Failure::new("Cargo.toml has no wasm-opt-features", "restore it from the repository")
    })
}

fn features_in(manifest: &str) -> Option<Vec<String>> {
    let (_, list) = manifest.split_once("wasm-opt-features = [")?;
    let (list, _) = list.split_once(']')?;
    Some(list.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}

/// The settings as an object; of a name that stands twice the last counts.
pub fn json(settings: &[(&str, PathBuf)], effort: Effort) -> String {
    let mut text = format!("{{\"quick\":{}", effort == Effort::Quick);
    for (name, path) in settings {
        let path = path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
        text += &format!(",\"{name}\":\"{path}\"");
    }
    text + "}"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_tells_wasm_opt_what_it_needs() {
        let flags = features_in(include_str!("../../../Cargo.toml")).unwrap();
        assert!(flags.iter().all(|flag| flag.starts_with('-')) && flags.len() > 1, "{flags:?}");
    }

    #[test]
    fn settings_are_an_object() {
        let settings = [("out", PathBuf::from("/a")), ("out", PathBuf::from("/a \"b\""))];
        let expected = r#"{"quick":true,"out":"/a","out":"/a \"b\""}"#;
        assert_eq!(json(&settings, Effort::Quick), expected);
    }
}
