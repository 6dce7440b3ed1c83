//! How a module ends: by itself, soon, with status 0, whatever it is doing (HUB-LIFE-4, HUB-CLEAN).

use std::time::Duration;

use hub_sdk::json;
use rustix::process::Signal;

use crate::child::{Ended, Module};

/// A second, and half of one for a machine that is busy with other tests.
const SOON: Duration = Duration::from_millis(1500);

fn ends_well(module: &mut Module) -> Ended {
    let ended = module.ended().expect("an end");
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert!(ended.took < SOON, "it took {:?}", ended.took);
    ended
}

#[test]
fn it_ends_when_its_input_ends() {
    let mut module = Module::example("echo", &json!({}));
    module.end_input();
    assert!(ends_well(&mut module).rest.is_empty());
}

#[test]
fn it_ends_when_its_input_ends_before_anything_was_asked() {
    let mut module = Module::start(&mut Module::command("echo"));
    module.end_input();
    assert!(ends_well(&mut module).rest.is_empty());
}

#[test]
fn it_ends_although_its_handlers_block_all_threads() {
    let mut module = Module::example("naughty", &json!({}));
    module.begin_for_sure("block");
    for _ in 0..64 {
        module.begin("block", &json!({}));
    }
    module.answer_to("ping");
    module.end_input();
    let rest = ends_well(&mut module).rest;
    assert!(rest.iter().all(|message| message["method"] == "$/progress"), "{rest:?}");
}

#[test]
fn it_ends_on_sigterm_in_the_same_way() {
    let mut module = Module::example("naughty", &json!({}));
    module.begin_for_sure("block");
    module.signal(Signal::TERM);
    assert!(ends_well(&mut module).stderr.contains("cleaned up"));
}

#[test]
fn sigint_is_left_to_the_hub() {
    let mut module = Module::example("echo", &json!({}));
    module.signal(Signal::INT);
    assert_eq!(module.call("add", &json!({"a": 1, "b": 2}))["result"], 3);
    module.end_input();
    ends_well(&mut module);
}

#[test]
fn it_ends_although_its_cleanup_hangs_or_panics() {
    for how in ["hang", "panic"] {
        let mut module = Module::example("naughty", &json!({"cleanup": how}));
        module.end_input();
        ends_well(&mut module);
    }
}

#[test]
fn it_ends_although_nobody_reads_its_log() {
    let mut command = Module::command("naughty");
    let mut module = Module::start_unheard(&mut command);
    module.initialise(&json!({"cleanup": "hang"}));
    module.begin_for_sure("flood");
    module.wait_for_full_log();
    // What cannot be read is logged, too.
    module.write(b"hello?\n");
    module.end_input();
    let ended = module.ended().expect("an end");
    assert!(ended.status == Some(0) && ended.took < SOON, "{ended:?}");
}

#[test]
fn it_cleans_up_once_and_says_nothing_more() {
    let mut module = Module::example("naughty", &json!({}));
    let slow = module.begin_for_sure("tidy");
    let cleanup = module.begin("module_cleanup", &json!({}));
    let answers = [module.next().expect("an answer"), module.next().expect("an answer")];
    assert_eq!([&answers[0]["id"], &answers[1]["id"]], [slow, cleanup], "{answers:?}");
    // Nobody answers any more, and nothing is written.
    module.begin("ping", &json!({}));
    module.begin("print", &json!({"from": "rust"}));
    module.end_input();
    let ended = ends_well(&mut module);
    assert!(ended.rest.is_empty(), "{:?}", ended.rest);
    assert_eq!(ended.stderr.matches("cleaned up").count(), 1);
}

#[test]
fn cleanup_is_answered_although_handlers_block_all_threads() {
    let mut module = Module::example("naughty", &json!({}));
    let blocked: Vec<i64> = (0..64).map(|_| module.begin("block", &json!({}))).collect();
    let cleanup = module.begin("module_cleanup", &json!({}));
    let mut answered: Vec<i64> = Vec::new();
    while answered.last() != Some(&cleanup) {
        answered.extend(module.next().expect("an answer")["id"].as_i64());
    }
    answered.sort_unstable();
    assert_eq!(answered, [&blocked[..], &[cleanup]].concat());
}

#[test]
fn a_module_that_cannot_work_says_so_and_asks_not_to_be_restarted() {
    let mut module = Module::start(Module::command("naughty").arg("broken"));
    let ended = module.ended().expect("an end");
    assert_eq!(ended.status, Some(78));
    assert!(ended.stderr.contains("HUB-CAPS-2"), "{}", ended.stderr);
}
