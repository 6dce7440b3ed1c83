//! The echo example as a child: whatever the hub writes, it answers and lives on.

use hub_sdk::json;

use crate::child::Module;

fn echo() -> Module {
    Module::example("echo", &json!({}))
}

#[test]
fn missing_and_wrong_arguments_are_refused_with_a_pointer() {
    let mut module = echo();
    for (params, pointer) in [
        (json!({"a": 1}), "/b"),
        (json!({"a": 1, "b": "2"}), "/b"),
        (json!({"a": 1, "b": 2, "c": 3}), "/c"),
        (json!({"a": 1.5, "b": 2}), "/a"),
    ] {
        let error = &module.call("add", &params)["error"];
        assert_eq!((&error["code"], &error["data"]["errors"][0]["pointer"]), (&json!(-32602), &json!(pointer)), "{error}");
    }
    module.send(&json!({"jsonrpc": "2.0", "id": "none", "method": "add"}));
    assert_eq!(module.next().expect("an answer")["error"]["code"], -32602);
}

#[test]
fn an_integer_may_be_written_with_a_fraction() {
    let mut module = echo();
    module.write(b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"add\",\"params\":{\"a\":1.0,\"b\":2e0}}\n");
    assert_eq!(module.next().expect("an answer")["result"], 3);
}

#[test]
fn calls_overlap_and_ping_is_answered_meanwhile() {
    let mut module = echo();
    let slow = module.begin("count", &json!({"to": 100}));
    let quick = module.begin("add", &json!({"a": 1, "b": 2}));
    let ping = module.begin("ping", &json!({}));
    let mut answered = Vec::new();
    while answered.len() < 2 {
        let message = module.next().expect("a message");
        answered.extend(message["id"].as_i64());
    }
    answered.sort_unstable();
    assert_eq!(answered, [quick, ping]);
    module.cancel(slow);
    let answer = std::iter::repeat_with(|| module.next().expect("a message")).find(|message| message["id"] == slow);
    assert_eq!(answer.expect("an answer")["error"]["code"], -31000);
}

#[test]
fn a_call_whose_time_is_over_ends() {
    let mut module = echo();
    let context = json!({"timeout_ms": 20});
    module.send(&json!({"jsonrpc": "2.0", "id": 9, "method": "count", "params": {"to": 100}, "context": context}));
    assert_eq!(module.next().expect("an answer")["error"]["code"], -31001);
}

#[test]
fn a_call_before_module_init_is_refused() {
    let mut module = Module::start(&mut Module::command("echo"));
    assert_eq!(module.call("add", &json!({"a": 1, "b": 2}))["error"]["code"], -31020);
}

#[test]
fn a_hub_of_another_age_is_refused_and_the_module_ends() {
    let mut module = Module::start(&mut Module::command("echo"));
    let error = &module.call("module_info", &json!({"protocol_versions": [7]}))["error"];
    assert_eq!((&error["code"], &error["data"]), (&json!(-31027), &json!({"offered": [7], "supported": [1]})));
    assert_eq!(module.ended().expect("an end").status, Some(0));
}
