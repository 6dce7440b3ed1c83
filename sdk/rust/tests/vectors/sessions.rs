//! Owns the sessions: it is the hub, step by step, and the module is a child process. Scripts are for hubs.

use hub_sdk::{Value, json};

use crate::Verdict;
use crate::child::Module;
use crate::patterns::{Names, filled, fits};

pub fn judge(case: &Value) -> Verdict {
    if case["module"] != json!("vectors") {
        return Verdict::Skipped("a script of a module, to test hubs with");
    }
    let directory = std::env::temp_dir().join(format!("hub-sdk-vectors-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let outcome = play(case, &directory.to_string_lossy());
    let is_empty = std::fs::remove_dir(&directory).is_ok();
    outcome.and_then(|()| if is_empty { Ok(()) } else { Err("the module left something behind".into()) }).into()
}

fn play(case: &Value, directory: &str) -> Result<(), String> {
    let mut names = Names::from([("data_directory".to_owned(), json!(directory))]);
    let mut module = Module::myself();
    // A message that was read, and was not the optional one.
    let mut held = None;
    for (number, step) in case["steps"].as_array().expect("steps").iter().enumerate() {
        let outcome = match (step["from"].as_str(), step.get("exit")) {
            (Some("hub"), _) => hub_step(&mut module, step, &names),
            (_, Some(status)) => exits(&mut module, status, held.take()),
            _ => module_step(&module, step, &mut names, &mut held),
        };
        outcome.map_err(|why| format!("step {}: {why}; wanted {step}", number + 1))?;
    }
    Ok(())
}

fn hub_step(module: &mut Module, step: &Value, names: &Names) -> Result<(), String> {
    if step["eof"] == json!(true) {
        module.end_input();
    } else if let Some(message) = step.get("send") {
        module.send(&filled(message, names));
    } else if step.get("gives_up").is_none() {
        return Err("an unknown step".into());
    }
    Ok(())
}

fn module_step(module: &Module, step: &Value, names: &mut Names, held: &mut Option<Value>) -> Result<(), String> {
    let mut next = || held.take().map_or_else(|| module.next(), Ok);
    if let Some(any_order) = step["any_order"].as_array() {
        let mut wanted: Vec<&Value> = any_order.iter().map(|inner| &inner["send"]).collect();
        while !wanted.is_empty() {
            let message = next()?;
            let found = wanted.iter().position(|pattern| fits(pattern, Some(&message), names));
            wanted.remove(found.ok_or_else(|| format!("got {message}"))?);
        }
        return Ok(());
    }
    let pattern = step.get("send").ok_or("an unknown step")?;
    let is_optional = step["optional"] == json!(true);
    let message = match next() {
        Err(_) if is_optional => return Ok(()),
        outcome => outcome?,
    };
    if fits(pattern, Some(&message), names) {
        return Ok(());
    }
    if is_optional {
        *held = Some(message);
        return Ok(());
    }
    Err(format!("got {message}"))
}

fn exits(module: &mut Module, status: &Value, held: Option<Value>) -> Result<(), String> {
    module.end_input();
    let mut ended = module.ended()?;
    ended.rest.splice(0..0, held);
    if !ended.rest.is_empty() {
        return Err(format!("it wrote {:?} before its end", ended.rest));
    }
    let is_right = *status == json!("any") || status.as_i64() == ended.status.map(i64::from);
    if is_right { Ok(()) } else { Err(format!("it ended with {:?}", ended.status)) }
}
