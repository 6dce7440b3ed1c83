//! Handlers that do not behave: whatever they do, others are answered, and so are their callers.

use hub_sdk::{Value, json};

use crate::child::Module;

/// More than any machine that runs this has threads for handlers.
const MANY: usize = 64;

fn naughty() -> Module {
    Module::example("naughty", &json!({}))
}

fn cancelled(module: &mut Module, function: &str) -> Value {
    let id = module.begin_for_sure(function);
    module.cancel(id);
    let answer = module.next().expect("an answer");
    assert_eq!(answer["id"], id);
    answer
}

#[test]
fn handlers_that_block_all_threads_do_not_keep_ping_from_its_answer() {
    let mut module = naughty();
    module.begin_for_sure("block");
    for _ in 0..MANY {
        module.begin("block", &json!({}));
    }
    assert_eq!(module.answer_to("ping")["result"], json!({}));
    assert!(module.answer_to("capabilities")["result"]["functions"].is_array());
}

#[test]
fn handlers_that_block_all_threads_are_answered_for_when_they_are_cancelled() {
    let mut module = naughty();
    let first = module.begin_for_sure("block");
    for _ in 0..MANY {
        module.begin("block", &json!({}));
    }
    module.answer_to("ping");
    module.cancel(first);
    let answer = std::iter::repeat_with(|| module.next().expect("an answer")).find(|message| message["id"] == first);
    assert_eq!(answer.expect("no end")["error"]["code"], -31000);
}

#[test]
fn a_handler_that_says_it_will_end_and_does_not_is_dropped() {
    assert_eq!(cancelled(&mut naughty(), "stubborn")["error"]["code"], -31000);
}

#[test]
fn a_handler_that_waits_for_its_cancellation_may_answer_with_a_result() {
    assert_eq!(cancelled(&mut naughty(), "tidy")["result"], "Cancelled");
}

#[test]
fn a_handler_that_panics_when_it_is_dropped_ends_nothing_else() {
    let mut module = naughty();
    assert_eq!(cancelled(&mut module, "dropped")["error"]["code"], -31000);
    assert_eq!(module.call("ping", &json!({}))["result"], json!({}));
}

#[test]
fn what_a_call_left_behind_writes_nothing_after_its_answer() {
    let mut module = naughty();
    assert_eq!(module.call("late", &json!({}))["result"], json!(null));
    assert_eq!(module.call("later", &json!({}))["result"], json!(null));
    module.end_input();
    let ended = module.ended().expect("an end");
    assert!(ended.rest.is_empty(), "{:?}", ended.rest);
    assert!(ended.stderr.contains("a panic in a thread"), "{}", ended.stderr);
}
