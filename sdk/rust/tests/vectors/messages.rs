//! Owns the cases of messages: values, and whether they are of a type. What this SDK reads or writes is judged by its own types.

use hub_sdk::codec::{Message, parse, read_error};
use hub_sdk::types::services::{
    AskParams, AskResult, CallParams, CredentialsPutParams, CredentialsPutResult, KeyParams, LogParams, NameParams,
    StoreDeleteResult, StoreGetResult, StoreListParams, StoreListResult, StoreSetParams,
};
use hub_sdk::types::{CallContext, Capabilities, Declaration, Deprecated, ErrorSpec, Example, Hints, ModuleInfo, equal};
use hub_sdk::{Value, json};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Verdict;

pub fn judge(case: &Value) -> Verdict {
    let value = &case["value"];
    let outcome = match case["type"].as_str().expect("a type") {
        "Request" => envelope(value, |message| matches!(message, Message::Request { .. })),
        "Notification" => envelope(value, |message| matches!(message, Message::Notification { .. })),
        "Response" => envelope(value, |message| matches!(message, Message::Response { .. })),
        "ErrorResponse" => envelope(value, |message| matches!(message, Message::ErrorResponse { .. })),
        "ErrorObject" => read_error(value).map(|_| ()).ok_or_else(|| "it is no error".to_owned()),
        "ModuleInfo" => typed(value, |info: &ModuleInfo| {
            // Which is a warning to the hub, and a mistake to its author.
            info.info.problems().into_iter().filter(|problem| !problem.contains("names a file")).collect()
        }),
        "CapabilitiesResult" => typed(value, Capabilities::problems),
        "Function" => typed(value, Declaration::problems),
        "FunctionErrorSpec" => {
            typed(value, |spec: &ErrorSpec| Declaration { errors: vec![spec.clone()], ..Declaration::new("f") }.problems())
        }
        "Example" => typed(value, |example: &Example| {
            Declaration { examples: vec![example.clone()], ..Declaration::new("f") }.problems()
        }),
        "Deprecated" => typed(value, |deprecated: &Deprecated| {
            Declaration { deprecated: Some(deprecated.clone()), ..Declaration::new("f") }.problems()
        }),
        "FunctionHints" => typed(value, |_: &Hints| Vec::new()),
        "HubCallParams" => typed(value, |_: &CallParams| Vec::new()),
        "HubAskParams" => typed(value, |_: &AskParams| Vec::new()),
        "HubAskResult" => typed(value, |_: &AskResult| Vec::new()),
        "HubStoreGetParams" | "HubStoreDeleteParams" => typed(value, |_: &KeyParams| Vec::new()),
        "HubCredentialsGetParams" | "HubCredentialsDeleteParams" => typed(value, |_: &NameParams| Vec::new()),
        "HubCredentialsPutParams" => typed(value, |_: &CredentialsPutParams| Vec::new()),
        "HubCredentialsPutResult" => typed(value, |_: &CredentialsPutResult| Vec::new()),
        "HubStoreGetResult" | "HubCredentialsGetResult" => {
            typed(
                value,
                |found: &StoreGetResult| {
                    if found.found && found.value.is_none() { vec!["found what?".to_owned()] } else { Vec::new() }
                },
            )
        }
        "HubStoreSetParams" => typed(value, |_: &StoreSetParams| Vec::new()),
        "HubStoreDeleteResult" | "HubCredentialsDeleteResult" => typed(value, |_: &StoreDeleteResult| Vec::new()),
        "HubStoreListParams" => typed(value, |_: &StoreListParams| Vec::new()),
        "HubStoreListResult" => typed(value, |_: &StoreListResult| Vec::new()),
        "LogParams" => typed(value, |_: &LogParams| Vec::new()),
        "CallContext" if case["valid"] == json!(false) => {
            return Verdict::Skipped(
                "what the hub says about a call is read member by member, and what cannot be read is left out",
            );
        }
        "CallContext" => typed(value, |_: &CallContext| Vec::new()),
        _ => return Verdict::Skipped("no type of its own: the members are read where they are used, see the sessions"),
    };
    let is_valid = case["valid"].as_bool().expect("a verdict");
    match (is_valid, outcome) {
        (true, Err(why)) => Verdict::Failed(format!("refused: {why}")),
        (false, Ok(())) => Verdict::Failed(format!("taken: {value}")),
        _ => Verdict::Passed,
    }
}

fn envelope(value: &Value, is_right: fn(&Message) -> bool) -> Result<(), String> {
    let members = value.as_object().cloned().ok_or("a message is an object")?;
    let message = parse(members);
    if is_right(&message) { Ok(()) } else { Err(format!("{message:?}")) }
}

/// Read, look for problems, write, and compare with what was read: members that nobody knows may be missing then.
fn typed<T: Serialize + DeserializeOwned>(value: &Value, problems: impl Fn(&T) -> Vec<String>) -> Result<(), String> {
    let read: T = serde_json::from_value(value.clone()).map_err(|problem| problem.to_string())?;
    if let Some(problem) = problems(&read).into_iter().next() {
        return Err(problem);
    }
    let written = hub_sdk::codec::encode(&read, 0).map_err(|problem| problem.to_string())?;
    let written: Value = serde_json::from_slice(&written).map_err(|problem| problem.to_string())?;
    if is_part(&written, value) { Ok(()) } else { Err(format!("it was written as {written}")) }
}

fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| is_part(part, whole)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(part, whole)| is_part(part, whole))
        }
        _ => equal(part, whole),
    }
}
