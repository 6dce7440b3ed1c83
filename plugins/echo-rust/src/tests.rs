//! The module is what its cousins are, and does what it says. The process itself is tested by the SDK.

use hub_sdk::testing::{Setup, TestHub};
use hub_sdk::types::equal;
use hub_sdk::{CallContext, Value, json, serde_json};

use super::module;

#[test]
fn the_module_has_the_capabilities_that_all_echo_modules_share() {
    let shared: Value = serde_json::from_str(include_str!("../../echo.capabilities.json")).expect("JSON");
    let own = json!(module().capabilities());
    let empty = Vec::new();
    let [shared_functions, own_functions] = [&shared, &own].map(|all| all["functions"].as_array().unwrap_or(&empty));
    for (shared, own) in shared_functions.iter().zip(own_functions) {
        assert!(equal(shared, own), "they differ:\n{shared}\n{own}");
    }
    assert!(equal(&shared, &own), "they differ:\n{shared}\n{own}");
}

#[test]
fn the_examples_are_true() {
    assert_eq!(TestHub::start(module()).check_examples(), 7);
}

#[test]
fn the_store_keeps_lists_and_forgets() {
    let hub = TestHub::start(module());
    for (function, params, result) in [
        ("store_get", json!({"key": "colour"}), json!({"found": false})),
        ("store_set", json!({"key": "colour", "value": null}), json!(null)),
        ("store_get", json!({"key": "colour"}), json!({"found": true, "value": null})),
        ("store_list", json!({}), json!({"keys": ["colour"]})),
        ("store_list", json!({"prefix": "x"}), json!({"keys": []})),
        ("store_delete", json!({"key": "colour"}), json!({"deleted": true})),
        ("store_delete", json!({"key": "colour"}), json!({"deleted": false})),
    ] {
        assert_eq!(hub.call(function, &params), Ok(result), "{function} {params}");
    }
}

#[test]
fn the_data_of_an_error_may_be_null() {
    let hub = TestHub::start(module());
    let failed = hub.call("fail", json!({"code": 7, "message": "no", "data": null})).unwrap_err();
    assert_eq!((failed.code, failed.data), (7, Some(Value::Null)));
    assert_eq!(hub.call("fail", json!({})).unwrap_err().data, None);
}

#[test]
fn the_context_is_answered_as_it_was_given() {
    let context =
        CallContext { trace_id: Some("4bf9".into()), chain: vec!["echo-rust.whoami".into()], ..CallContext::default() };
    let hub = Setup::new(module()).context(context).start().expect("a module that runs");
    assert_eq!(hub.call("whoami", json!({})), Ok(json!({"trace_id": "4bf9", "chain": ["echo-rust.whoami"]})));
}
