//! The author's side of misbehaviour, case by case as in the other languages: a module survives it.

use std::time::Duration;

use hub_sdk::{Value, json};

use crate::child::{Ended, Module};

/// A second, and half of one for a machine that is busy with other tests.
const SOON: Duration = Duration::from_millis(1500);

fn echo() -> Module {
    Module::example("echo", &json!({}))
}

fn error_of(module: &Module, code: i64, id: &Value) -> Value {
    let mut answer = module.next().expect("an answer");
    assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), id), "{answer}");
    answer["error"].take()
}

/// See that it lives, and end it.
fn lives(module: &mut Module) -> Ended {
    assert_eq!(module.call("ping", &json!({}))["result"], json!({}));
    ends(module)
}

fn ends(module: &mut Module) -> Ended {
    module.end_input();
    let ended = module.ended().expect("an end");
    assert!(ended.status == Some(0) && ended.took < SOON && ended.rest.is_empty(), "{ended:?}");
    ended
}

// HUB-LIFE-5
#[test]
fn unknown_method_is_refused() {
    let mut module = echo();
    assert_eq!(module.call("no_such_function", &json!({}))["error"]["code"], -32601);
    lives(&mut module);
}

// HUB-CALL-2
#[test]
fn missing_params_are_refused_by_name() {
    let mut module = echo();
    module.send(&json!({"jsonrpc": "2.0", "id": "none", "method": "add"}));
    assert_eq!(error_of(&module, -32602, &json!("none"))["data"]["errors"][0]["pointer"], "/a");
    let error = module.call("add", &json!({"a": 1}))["error"].take();
    assert_eq!((&error["code"], &error["data"]["errors"][0]["pointer"]), (&json!(-32602), &json!("/b")));
    lives(&mut module);
}

// HUB-FRAME-13
#[test]
fn malformed_json_is_answered() {
    let mut module = echo();
    for frame in ["hello?", "\u{feff}{}"] {
        module.write(format!("{frame}\n").as_bytes());
        error_of(&module, -32700, &json!(null));
    }
    lives(&mut module);
}

// HUB-ID-5
#[test]
fn recovered_id_of_half_a_frame_is_that_of_its_answer() {
    let mut module = echo();
    for (frame, id) in [
        (r#"{"jsonrpc":"2.0","id":7,"method":"add","params":{"a":1,"#, json!(7)),
        (r#"{"jsonrpc":"2.0","id":"x","method":"add",}"#, json!("x")),
    ] {
        module.write(format!("{frame}\n").as_bytes());
        error_of(&module, -32700, &id);
    }
    lives(&mut module);
}

// HUB-OUT-1
fn prints(from: &str) {
    let mut module = Module::example("naughty", &json!({}));
    assert_eq!(module.call("print", &json!({"from": from}))["result"], json!(null));
    let log = lives(&mut module).stderr;
    assert!(log.contains(&format!("printed from {from}")), "{log}");
}

#[test]
fn language_prints_into_the_log() {
    prints("rust");
}

#[test]
fn c_prints_into_the_log() {
    prints("c");
}

#[test]
fn child_prints_into_the_log() {
    prints("child");
}

// HUB-CALL-4
#[test]
fn handler_raises_and_its_words_stay_in_the_log() {
    let mut module = Module::example("naughty", &json!({}));
    for function in ["panics", "fails"] {
        let answer = module.call(function, &json!({}));
        assert!(answer["error"]["code"] == -32603 && !answer.to_string().contains("hunter2"), "{answer}");
    }
    let log = lives(&mut module).stderr;
    assert!(log.contains("hunter2 in a panic") && log.contains("hunter2 in an error"), "{log}");
}

// HUB-MSG-7
#[test]
fn new_fields_are_ignored() {
    let mut module = echo();
    module.send(&json!({
        "jsonrpc": "2.0", "id": 9, "method": "add", "params": {"a": 1, "b": 2}, "priority": "high",
        "context": {"timeout_ms": "soon", "trace_id": 7, "x-new": [1]},
    }));
    assert_eq!(module.next().expect("an answer")["result"], 3);
    lives(&mut module);
}

// HUB-PING-1, HUB-CANCEL-2
#[test]
fn concurrent_handlers_overlap_and_a_ping_is_answered_beside_them() {
    let mut module = Module::example("naughty", &json!({}));
    let calls = [module.begin_for_sure("tidy"), module.begin_for_sure("tidy")];
    assert_eq!(module.call("ping", &json!({}))["result"], json!({}));
    for id in [calls[1], calls[0]] {
        // The first is still open when the second ends.
        module.cancel(id);
        let answer = module.next().expect("an answer");
        assert_eq!((&answer["id"], &answer["result"]), (&json!(id), &json!("Cancelled")), "{answer}");
    }
    lives(&mut module);
}

// HUB-LIFE-4, HUB-CLEAN-3
#[test]
fn end_of_input_ends_it_within_a_second() {
    let mut module = Module::example("naughty", &json!({}));
    module.begin_for_sure("tidy");
    ends(&mut module);
}

// HUB-CLEAN-2
#[test]
fn silent_after_cleanup_whatever_is_asked() {
    let mut module = echo();
    assert_eq!(module.call("module_cleanup", &json!({}))["result"], json!({}));
    module.begin("ping", &json!({}));
    module.write(b"garbage\n");
    ends(&mut module);
}
