//! Standard input, output and error of a module: only frames come out of the one, and nothing that it does reaches the others by mistake.

use std::process::{Command, Stdio};

use hub_sdk::{Value, json};

use crate::child::Module;

#[test]
fn what_is_printed_goes_to_the_log_and_not_between_the_frames() {
    let mut module = Module::example("naughty", &json!({}));
    for from in ["rust", "c", "child"] {
        assert_eq!(module.call("print", &json!({"from": from}))["result"], json!(null));
    }
    module.call("module_cleanup", &json!({}));
    module.end_input();
    let ended = module.ended().expect("an end");
    for printed in ["printed from rust", "printed from c", "printed from child", "cleaned up"] {
        assert!(ended.stderr.contains(printed), "{printed} is not in {}", ended.stderr);
    }
    assert!(ended.rest.is_empty(), "after the answer to module_cleanup: {:?}", ended.rest);
}

#[test]
fn neither_the_module_nor_its_children_can_read_or_write_the_protocol() {
    let mut module = Module::example("naughty", &json!({}));
    let found = module.call("child", &json!({}))["result"].take();
    assert_eq!(found["stdin"], "");
    let has = |text: &Value, name: &str| text.to_string().contains(name);
    for pipe in &module.pipes {
        assert!(has(&found["own"], pipe), "the module itself has no {pipe}: {found}");
        assert!(!has(&found["child"], pipe), "{pipe} of the protocol reached the child: {found}");
    }
}

#[test]
fn a_panic_and_an_error_stay_in_the_log_under_their_correlation_id() {
    let mut module = Module::example("naughty", &json!({}));
    let mut ids = Vec::new();
    for (function, code) in [("panics", -32603), ("fails", -32603), ("nan", -32603)] {
        let answer = module.call(function, &json!({}));
        assert_eq!(answer["error"]["code"], code, "{answer}");
        assert!(!answer.to_string().contains("hunter2"), "{answer}");
        ids.push(answer["error"]["data"]["correlation_id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(module.call("ping", &json!({}))["result"], json!({}));
    module.end_input();
    let log = module.ended().expect("an end").stderr;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap_or(json!(line))).collect();
    for (id, text) in ids.iter().zip(["hunter2 in a panic", "hunter2 in an error", "NaN"]) {
        let line = lines.iter().find(|line| line["fields"]["correlation_id"] == **id).expect("a line of log");
        assert!(line["fields"]["error"].as_str().is_some_and(|error| error.contains(text)), "{line}");
        assert_eq!(line["level"], "error");
    }
}

#[test]
fn with_hub_info_it_prints_what_it_would_tell_the_hub() {
    let output = Module::command("echo").arg("--hub-info").stdin(Stdio::null()).output().expect("a process");
    assert!(output.status.success());
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["module_info"]["name"], "echo");
    assert_eq!(told["capabilities"]["functions"][1]["name"], "add");
}

#[test]
fn on_a_terminal_it_says_one_line_and_ends() {
    let program = Module::command("echo").get_program().to_string_lossy().into_owned();
    let has_script = Command::new("script").arg("--version").output().is_ok();
    if !has_script {
        println!("skipped: there is no `script` to make a terminal with");
        return;
    }
    let output = Command::new("script").args(["-qec", &program, "/dev/null"]).stdin(Stdio::null()).output().expect("a process");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("hub plugin test"), "{shown}");
    assert_eq!((shown.lines().count(), output.status.code()), (1, Some(2)), "{shown}");
}
