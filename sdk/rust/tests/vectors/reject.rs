//! Owns the cases of what a running module answers to: bytes in, one answer out, and the module lives on.

use std::cell::RefCell;

use hub_sdk::{Value, json};

use crate::Verdict;
use crate::child::Module;
use crate::inputs::bytes;
use crate::patterns::{Names, fits};

const DEFAULT_LIMIT: u64 = 16 * 1024 * 1024;

thread_local! {
    /// The module that lives on from case to case: that it does is part of what is tested.
    static LIVING: RefCell<Option<Module>> = const { RefCell::new(None) };
}

pub fn judge(case: &Value) -> Verdict {
    LIVING.with_borrow_mut(|living| {
        if let Some(limit) = case["max_frame_bytes"].as_u64() {
            return started(limit).and_then(|mut module| run(&mut module, case)).into();
        }
        let module = match living.take() {
            Some(module) => Ok(module),
            None => started(DEFAULT_LIMIT),
        };
        let outcome = module.and_then(|mut module| run(&mut module, case).map(|()| module));
        // One that failed is not used again.
        outcome.map(|module| *living = Some(module)).into()
    })
}

fn started(limit: u64) -> Result<Module, String> {
    let mut module = Module::myself();
    let features = ["cancel", "concurrent", "context", "host_services", "progress"];
    let hub = json!({"name": "hub", "version": "0.1.0"});
    let offer = json!({"protocol_versions": [1], "features": features, "max_frame_bytes": limit, "hub": hub});
    let directory = std::env::temp_dir();
    let steps = [
        ("module_info", offer),
        ("capabilities", json!({})),
        ("module_init", json!({"config": {}, "data_directory": directory})),
    ];
    for (method, params) in steps {
        module.send(&json!({"jsonrpc": "2.0", "id": method, "method": method, "params": params}));
        let answer = module.next()?;
        if answer["result"].is_null() {
            return Err(format!("{method} was answered with {answer}"));
        }
    }
    Ok(module)
}

fn run(module: &mut Module, case: &Value) -> Result<(), String> {
    module.write(&bytes(&case["input"]));
    // Functions are answered by other threads than ping, so its answer alone would not say that all answers came.
    let expected = &case["answer"];
    let may_be_silent = case["may_be_silent"] == json!(true);
    let mut answers = Vec::new();
    if !expected.is_null() && !may_be_silent {
        answers.push(module.next()?);
    }
    module.send(&json!({"jsonrpc": "2.0", "id": "ping of the case", "method": "ping"}));
    loop {
        let message = module.next()?;
        if message["id"] == json!("ping of the case") {
            break;
        }
        answers.push(message);
    }
    match &answers[..] {
        [] if expected.is_null() || may_be_silent => Ok(()),
        [answer] if !expected.is_null() && is_right(case, expected, answer) => Ok(()),
        _ => Err(format!("the answers are {answers:?}")),
    }
}

fn is_right(case: &Value, expected: &Value, answer: &Value) -> bool {
    let mut names = Names::new();
    let has_id = expected["ids"].as_array().is_some_and(|ids| ids.contains(&answer["id"]));
    if let Some(result) = answer.get("result") {
        let is_wanted = expected.get("result").is_some_and(|wanted| fits(wanted, Some(result), &mut names));
        return (has_id && is_wanted) || (case["may_succeed"] == json!(true) && is_not_rounded(case, answer, result));
    }
    let has_code = expected["codes"].as_array().is_some_and(|codes| codes.contains(&answer["error"]["code"]));
    let has_data = expected.get("data").is_none_or(|wanted| fits(wanted, answer["error"].get("data"), &mut names));
    has_id && has_code && has_data && answer["error"]["message"].is_string()
}

/// A result that may be has to be the very value that was sent.
fn is_not_rounded(case: &Value, answer: &Value, result: &Value) -> bool {
    let sent: Value = serde_json::from_slice(&bytes(&case["input"])).unwrap_or_default();
    sent["params"]["value"] == *result && answer["id"].is_i64()
}
