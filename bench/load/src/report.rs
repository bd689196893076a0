//! The result of a bench: one JSON file for machines, one table for people.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::LoadError;

/// Writes the result, with the machine that it was measured on.
pub fn keep(out: &Path, mut result: Value) -> Result<(), LoadError> {
    result["machine"] = machine();
    let text = serde_json::to_string_pretty(&result).unwrap_or_default();
    fs::write(out, text + "\n")?;
    println!("\nkept in {}", out.display());
    Ok(())
}

/// What results are compared by.
fn machine() -> Value {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    json!({
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "model": field(&read("/proc/cpuinfo"), "model name"),
        "memory": field(&read("/proc/meminfo"), "MemTotal"),
        "system": read("/proc/version").split_whitespace().take(3).collect::<Vec<_>>().join(" "),
        "load": read("/proc/loadavg").trim(),
        "commit": commit(),
    })
}

/// What is measured, as the repository names it.
fn commit() -> Option<String> {
    let described = Command::new("git").args(["describe", "--always", "--dirty"]).output().ok()?;
    Some(String::from_utf8_lossy(&described.stdout).trim().to_owned())
}

/// Prints rows under their headings, the first column to the left and the others to the right.
pub fn table(headings: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(String::as_str);
        cells.chain(headings.get(column).copied()).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..headings.len()).filter_map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        println!("{}", padded.join("  ").trim_end());
    };
    line(&mut headings.iter().copied());
    for row in rows {
        line(&mut row.iter().map(String::as_str));
    }
}

/// A number with as many digits as tell something.
pub fn number(value: f64) -> String {
    match value.abs() {
        big if big >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
