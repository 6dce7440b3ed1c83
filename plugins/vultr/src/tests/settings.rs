//! Owns the tests of what an operator may set.

use hub_sdk::testing::{NotRunning, Setup};
use hub_sdk::{Value, json};

use crate::module;

fn refusal(config: Value) -> Option<(i64, String)> {
    match Setup::new(module()).config(config).start() {
        Ok(_) => None,
        Err(NotRunning::Failed(error)) => Some((error.code, error.message)),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_configuration_that_cannot_be_used_is_refused_by_its_member() {
    for (config, member) in [
        (json!({"base_url": "cloud"}), "base_url"),
        (json!({"base_url": "ftp://api.example"}), "base_url"),
        (json!({"base_url": "http://api.example"}), "base_url"),
        (json!({"base_url": "http://127.0.0.1.example"}), "base_url"),
        (json!({"base_url": "https://you:me@api.example"}), "base_url"),
        (json!({"base_url": "https://api.example?x=1"}), "base_url"),
        (json!({"timeout_seconds": 0}), "timeout_seconds"),
        (json!({"max_attempts": 1.5}), "max_attempts"),
        (json!({"max_attempts": 0}), "max_attempts"),
    ] {
        let (code, message) = refusal(config.clone()).unwrap_or_else(|| panic!("{config} was taken"));
        assert_eq!(code, -32602, "{config}");
        assert!(message.contains(member), "{config}: {message}");
    }
}

#[test]
fn addresses_with_tls_or_on_this_machine_are_taken() {
    for config in [
        json!({}),
        json!({"base_url": "https://api.example:8443/through/a/gate/"}),
        json!({"base_url": "http://localhost:1"}),
        json!({"base_url": "http://[::1]:1"}),
        json!({"base_url": "http://127.0.0.1:1", "timeout_seconds": 0.5, "max_attempts": 1}),
    ] {
        assert_eq!(refusal(config.clone()), None, "{config}");
    }
}
