//! Setting up a machine as a list of steps. Each says what it is for, knows whether it is done, and
//! tells the remedy if it fails. A step that is done costs milliseconds, so lists are run every time.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::{Failure, typed};
use crate::workspace::Workspace;

/// One thing that must be in place.
#[derive(Debug)]
pub struct Step {
    /// What is set up.
    pub name: &'static str,
    /// What it is needed for, and the version where it matters.
    pub why: String,
    /// How to see that it is in place.
    pub done: Done,
    /// What puts it in place, run one after the other.
    pub commands: Vec<Command>,
    /// What a person can do if one of the commands fails.
    pub remedy: String,
}

/// How to see that a step is in place.
#[derive(Debug)]
pub enum Done {
    /// This command succeeds and has this word in its output, a version for example.
    Prints(Command, String),
    /// This file holds exactly this text. It is written when the step has succeeded, so a step that
    /// was interrupted half-way is done again.
    Stamp(PathBuf, String),
    /// Nothing has to be looked at: it is known to be missing.
    Missing,
}

impl Done {
    fn is_true(&mut self) -> bool {
        match self {
            Done::Prints(command, word) => {
                let output = command.stdin(Stdio::null()).output();
                output.is_ok_and(|output| {
                    let text = String::from_utf8_lossy(&output.stdout);
                    output.status.success() && text.split_whitespace().any(|found| found == word)
                })
            }
            Done::Stamp(file, text) => fs::read_to_string(file).is_ok_and(|found| found == *text),
            Done::Missing => false,
        }
    }
}

/// Carries out the steps that are not done yet, in order; a name that stands twice counts once.
pub fn set_up(workspace: &Workspace, steps: Vec<Step>) -> Result<(), Failure> {
    let (mut seen, mut in_place) = (Vec::new(), Vec::new());
    for mut step in steps {
        if seen.contains(&step.name) {
            continue;
        }
        seen.push(step.name);
        if step.done.is_true() {
            in_place.push(step.name);
        } else {
            carry_out(workspace, step)?;
        }
    }
    if !in_place.is_empty() {
        println!("in place: {}", in_place.join(", "));
    }
    Ok(())
}

fn carry_out(workspace: &Workspace, step: Step) -> Result<(), Failure> {
    print!("set up {}: {} … ", step.name, step.why);
    // The line is finished minutes later; a person waiting should see what for.
    let _ = io::stdout().flush();
    let start = Instant::now();
    let seconds = || start.elapsed().as_secs();
    for command in step.commands {
        run_quietly(workspace, step.name, command, &step.remedy)
            .inspect_err(|_| println!("failed after {} s", seconds()))?;
    }
    if let Done::Stamp(file, text) = &step.done {
        fs::write(file, text).map_err(|error| {
            let what = format!("{} cannot be written: {error}", file.display());
            Failure::new(what, "free some space or make the folder writable")
        })?;
    }
    println!("{} s", seconds());
    Ok(())
}

/// Runs a command with its output in a log, of which only a failure shows the end.
fn run_quietly(
    workspace: &Workspace,
    name: &str,
    mut command: Command,
    remedy: &str,
) -> Result<(), Failure> {
    let line = typed(&command);
    let failed = |why: String| Failure::new(format!("{name}: `{line}` {why}"), remedy);
    let log = workspace.logs().join(format!("{}.log", name.replace(' ', "-")));
    let output = File::create(&log).and_then(|file| Ok((file.try_clone()?, file)));
    let (stdout, stderr) =
        output.map_err(|error| failed(format!("has no log {}: {error}", log.display())))?;
    let status = command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(format!("ended with {status}")).with_log(&log)),
        Err(error) => Err(failed(format!("could not start: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn workspace(folder: &str) -> Workspace {
        let root = std::env::temp_dir().join(format!("xtask-{folder}-{}", std::process::id()));
        let workspace = Workspace { target: root.clone(), cache: root.clone(), root };
        fs::create_dir_all(workspace.logs()).unwrap();
        workspace
    }

    fn step(done: Done, commands: Vec<Command>) -> Step {
        Step { name: "a step", why: "a test".into(), done, commands, remedy: "think".into() }
    }

    #[test]
    fn a_command_proves_a_step_by_a_whole_word() {
        for (script, word, expected) in [
            ("echo tool 1.2.3", "1.2.3", true),
            ("echo tool 1.2.30", "1.2.3", false),
            ("echo tool 1.2.3; exit 1", "1.2.3", false),
            ("no-such-program-at-all", "1.2.3", false),
        ] {
            let mut done = Done::Prints(shell(script), word.into());
            assert_eq!(done.is_true(), expected, "{script}");
        }
    }

    #[test]
    fn a_stamp_is_written_only_when_every_command_succeeded() {
        let workspace = workspace("stamp");
        let file = workspace.root.join("stamp");
        let stamp = || Done::Stamp(file.clone(), "1".into());
        let failing = vec![shell("true"), shell("echo the reason >&2; exit 3")];
        let failure = set_up(&workspace, vec![step(stamp(), failing)]).unwrap_err().to_string();
        assert!(failure.contains("the reason") && failure.contains("remedy: think"), "{failure}");
        assert!(!file.exists());
        set_up(&workspace, vec![step(stamp(), vec![shell("true")])]).unwrap();
        assert!(stamp().is_true());
        set_up(&workspace, vec![step(stamp(), vec![shell("exit 1")])]).unwrap();
        fs::remove_dir_all(&workspace.root).unwrap();
    }
}
