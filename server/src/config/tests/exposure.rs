//! Who can reach the server, and that nothing secret leaves it: addresses, other sites, passwords.

use secrecy::ExposeSecret;

use super::{Machine, machine};
use crate::password::OwnerPassword;

#[test]
fn beyond_loopback_a_password_is_needed() {
    for addr in ["127.0.0.1:1", "127.8.9.10:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        assert!(machine().addr(addr).load().is_ok(), "{addr}");
    }
    for addr in
        ["0.0.0.0:1", "[::]:1", "192.168.1.2:1", "[::ffff:192.168.1.2]:1", "[2001:db8::1]:1"]
    {
        assert!(machine().addr(addr).load().is_err(), "{addr}");
        let protected = machine().addr(addr).variable("INGLENOOK_PASSWORD", "hearth");
        assert!(protected.config().password.unwrap().verify(&"hearth".into()));
    }
    insta::assert_snapshot!(machine().addr("0.0.0.0:3000").mistakes(), @"a password is needed to listen on 0.0.0.0:3000: set INGLENOOK_PASSWORD or password_hash in inglenook.toml (made by `inglenook hash-password`), or listen on 127.0.0.1");
}

#[test]
fn other_sites_are_named_by_their_origins() {
    let origins = |machine: Machine| {
        let config = machine.config();
        config
            .cors_origins
            .iter()
            .map(|origin| origin.to_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let file = "cors_origins = ['https://app.example.org/', 'http://localhost:5173']";
    assert_eq!(origins(machine().file(file)), ["https://app.example.org", "http://localhost:5173"]);
    let variable =
        machine().file(file).variable("INGLENOOK_CORS_ORIGINS", " https://a.example:443 ,");
    assert_eq!(origins(variable), ["https://a.example"]);
    assert!(origins(machine().variable("INGLENOOK_CORS_ORIGINS", "")).is_empty());
    for wrong in ["'*'", "'https://a.example/path'", "'a.example'", "1"] {
        let file = format!("cors_origins = [{wrong}]");
        let mistakes = machine().file(Box::leak(file.into_boxed_str())).mistakes();
        assert!(mistakes.contains("inglenook.toml:1: cors_origins[0]: expected"), "{mistakes}");
    }
    assert!(machine().file("cors_origins = 'https://a.example'").mistakes().contains("a list"));
}

#[test]
fn an_empty_variable_is_no_password() {
    let machine = machine().addr("0.0.0.0:1").variable("INGLENOOK_PASSWORD", "");
    assert!(machine.load().is_err());
}

#[test]
fn the_password_of_the_higher_layer_counts_in_either_form() {
    let hash = OwnerPassword::hash(&"of the file".into()).unwrap().to_hash();
    let file = Box::leak(format!("password_hash = '{}'", hash.expose_secret()).into_boxed_str());
    let password = |machine: Machine| machine.config().password.unwrap();
    assert!(password(machine().file(file)).verify(&"of the file".into()));
    let both = machine().file(file).variable("INGLENOOK_PASSWORD", "of the environment");
    assert!(password(both).verify(&"of the environment".into()));

    let twice = Box::leak(format!("{file}\npassword = 'again'").into_boxed_str());
    insta::assert_snapshot!(machine().file(twice).mistakes(), @"inglenook.toml:2: password: expected either a password or its hash, found both");
}

#[test]
fn no_secret_shows_up_in_debug_or_origins() {
    let machine = machine()
        .file(
            "password = 'secret-1'\n[[providers]]\nname = 'a'\nbase_url = 'http://a/v1'\n\
             keys = ['secret-2', { key = 'secret-3' }]\nproxy = 'http://me:secret-4@127.0.0.1:1'",
        )
        .variable("OPENAI_API_KEY", "secret-5");
    let loaded = machine.load().unwrap();
    let seen = format!("{loaded:?} {:?}", loaded.config.providers);
    assert!(!seen.contains("secret"), "{seen}");
    assert!(seen.contains("REDACTED"));
}
