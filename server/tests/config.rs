//! The commands that need no server, run as a person runs them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the binary in a folder of its own, with nothing in the environment but what is given.
fn inglenook(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_inglenook"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    // Commands that read nothing may have ended already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("the binary ends")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is text")
}

#[test]
fn a_hashed_password_is_taken_as_password_hash() {
    let folder = tempfile::tempdir().unwrap();
    let hashed = inglenook(folder.path(), &["hash-password"], &[], "hearth\n");
    assert!(hashed.status.success());
    let hash = text(&hashed.stdout).trim();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");

    let variables = [("INGLENOOK_PASSWORD_HASH", hash)];
    let checked = inglenook(folder.path(), &["check", "--addr", "0.0.0.0:0"], &variables, "");
    let out = text(&checked.stdout);
    assert!(out.contains("set, not shown"), "{out}");
    assert!(!out.contains("argon2id"), "{out}");
}

#[test]
fn without_a_password_neither_serve_nor_check_goes_beyond_loopback() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["serve", "check"] {
        let refused = inglenook(folder.path(), &[command, "--addr", "0.0.0.0:0"], &[], "");
        assert!(!refused.status.success(), "{command}");
        let words = text(&refused.stderr);
        assert!(words.contains("a password is needed to listen on 0.0.0.0:0"), "{words}");
        assert!(words.contains("inglenook hash-password"), "{words}");
    }
}

#[test]
fn check_fails_in_words_when_a_provider_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing listens on the discard port of loopback.
    let dot_env = "OPENAI_API_KEY=sk-secret\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\n";
    std::fs::write(folder.path().join(".env"), dot_env).unwrap();
    let checked = inglenook(folder.path(), &["check"], &[], "");
    assert_eq!(checked.status.code(), Some(1));
    let out = text(&checked.stdout);
    assert!(out.contains("(.env, OPENAI_API_KEY)"), "{out}");
    assert!(out.contains("Could not connect to openai. Check the network"), "{out}");
    assert!(!out.contains("sk-secret") && !text(&checked.stderr).contains("sk-secret"), "{out}");
}

#[test]
fn a_mistake_in_the_file_stops_the_start_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.toml"), "addr = '127.0.0.1:0'\nmodle = 'a'\n").unwrap();
    let refused = inglenook(folder.path(), &["--config", "mine.toml"], &[], "");
    assert_eq!(refused.status.code(), Some(1));
    let words = text(&refused.stderr);
    assert!(words.contains("mine.toml:2: modle: unknown key, did you mean `model`?"), "{words}");
}
