//! Where a setting is taken from, and where the files are.

use std::collections::BTreeMap;

use super::{Machine, machine};
use crate::{
    command_line::Options,
    config::{Environment, Loaded},
};

#[test]
fn each_layer_wins_over_the_ones_below() {
    let addr = |machine: &Machine| machine.config().addr.port();
    let mut machine = machine();
    assert_eq!(addr(&machine), 3000);
    machine = machine.file("addr = '127.0.0.1:1'");
    assert_eq!(addr(&machine), 1);
    machine = machine.dot_env("INGLENOOK_ADDR=127.0.0.1:2");
    assert_eq!(addr(&machine), 2);
    machine = machine.variable("INGLENOOK_ADDR", "localhost:3");
    assert_eq!(addr(&machine), 3);
    machine = machine.addr("[::1]:4");
    assert_eq!(addr(&machine), 4);
}

#[test]
fn a_file_may_be_named_or_lie_in_the_configuration_folder() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, port: u16| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("addr = '127.0.0.1:{port}'\ndata = 'data'")).unwrap();
    };
    let config = |options: &Options, variables: &[(&str, &str)]| {
        let home = folder.path().display().to_string();
        let mut all = BTreeMap::from([("HOME".to_owned(), home)]);
        all.extend(variables.iter().map(|(n, v)| (n.to_string(), v.to_string())));
        let environment = Environment::new(all, "").unwrap();
        Loaded::read(options, &environment, folder.path()).unwrap().config
    };
    write(".config/inglenook/inglenook.toml", 1);
    let found = config(&Options::default(), &[]);
    assert_eq!(found.addr.port(), 1);
    assert_eq!(found.data, folder.path().join(".config/inglenook/data"));
    write("inglenook.toml", 2);
    assert_eq!(config(&Options::default(), &[]).addr.port(), 2);
    write("three.toml", 3);
    assert_eq!(config(&Options::default(), &[("INGLENOOK_CONFIG", "three.toml")]).addr.port(), 3);
    write("four.toml", 4);
    let options = Options { config: Some("four.toml".to_owned()), ..Options::default() };
    assert_eq!(config(&options, &[("INGLENOOK_CONFIG", "three.toml")]).addr.port(), 4);
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let machine = machine().variable("INGLENOOK_CONFIG", "gone.toml");
    insta::assert_snapshot!(machine.mistakes(), @r#"INGLENOOK_CONFIG: the file "gone.toml" cannot be read: No such file or directory (os error 2)"#);
}

#[test]
fn data_follows_the_xdg_specification() {
    let data = |machine: Machine| machine.config().data.display().to_string();
    assert_eq!(data(machine()), "/home/me/.local/share/inglenook");
    assert_eq!(data(machine().variable("XDG_DATA_HOME", "/xdg")), "/xdg/inglenook");
    assert_eq!(
        data(machine().variable("XDG_DATA_HOME", "relative")),
        "/home/me/.local/share/inglenook"
    );
    assert_eq!(data(machine().variable("INGLENOOK_DATA", "here")), "here");
    assert_eq!(data(machine().file("data = '~/chats'")), "/home/me/chats");
    insta::assert_snapshot!(machine().variable("HOME", "").mistakes(), @"the folder for the conversations is unknown, since HOME is not set: set INGLENOOK_DATA or pass --data");
}

#[test]
fn an_answer_that_is_cut_goes_on_unless_that_is_switched_off() {
    assert!(machine().config().continue_when_cut);
    assert!(!machine().file("continue_when_cut = false").config().continue_when_cut);
    let variable = machine().variable("INGLENOOK_CONTINUE_WHEN_CUT", "false");
    assert!(!variable.config().continue_when_cut);
    insta::assert_snapshot!(machine().file("continue_when_cut = 1").mistakes(), @"inglenook.toml:1: continue_when_cut: expected true or false, found 1");
}
