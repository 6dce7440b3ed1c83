//! What a handler asks of the hub, and what becomes of the answers.

use hub_sdk::testing::{CallError, Setup, TestHub};
use hub_sdk::types::codes;
use hub_sdk::{Context, Error, HostError, JsonSchema, Module, NoArgs, Value, json};
use serde::{Deserialize, Serialize};

use crate::module;

type Members = hub_sdk::serde_json::Map<String, Value>;

#[derive(Deserialize, Serialize, JsonSchema)]
struct Any {
    value: Value,
}

fn asks() -> Module {
    let mut module = module();
    module.permissions(["ask", "store", "call:other"]);
    module.function("call", async |context: Context, args: Any| context.call::<Value>("other.echo", args).await);
    module.function("typed", async |context: Context, _: NoArgs| context.call::<u8>("other.echo", ()).await);
    module.function("handled", async |context: Context, _: NoArgs| match context.call::<Value>("other.echo", ()).await {
        Err(error) => Ok::<_, Error>(error.kind().to_owned()),
        Ok(value) => Ok(value.to_string()),
    });
    module.function("position", async |context: Context, _: NoArgs| context.call::<Value>("other.echo", [1]).await);
    module
}

#[expect(clippy::unnecessary_wraps, reason = "others fail")]
fn echo(address: &str, params: &Members) -> Result<Value, CallError> {
    assert_eq!(address, "other.echo");
    Ok(params.get("value").cloned().unwrap_or_else(|| json!("nothing")))
}

#[test]
fn a_call_of_another_module_brings_its_result() {
    let hub = Setup::new(asks()).on_call(echo).start().unwrap();
    assert_eq!(hub.call("call", json!({"value": [1, null]})), Ok(json!([1, null])));
    assert_eq!(hub.call("handled", json!({})), Ok(json!("\"nothing\"")));
}

#[test]
fn an_error_of_the_hub_that_is_let_through_becomes_the_cause() {
    let data = json!({"kind": "call_cycle", "chain": ["a.b"]});
    let error = CallError { code: codes::CALL_CYCLE, message: "round and round".into(), data: Some(data.clone()) };
    let hub = Setup::new(asks()).on_call(move |_, _| Err(error.clone())).start().unwrap();
    let failed = hub.call("call", json!({"value": 1})).unwrap_err();
    assert_eq!(failed.kind(), Some("host_call_failed"));
    let cause = json!({"code": codes::CALL_CYCLE, "message": "round and round", "data": data});
    assert_eq!(failed.data, Some(json!({"cause": cause})));
    assert_eq!(hub.call("handled", json!({})), Ok(json!("call_cycle")));
}

#[test]
fn an_answer_of_another_type_is_no_fault_of_the_caller() {
    let hub = Setup::new(asks()).on_call(echo).start().unwrap();
    let failed = hub.call("typed", json!({})).unwrap_err();
    assert_eq!(failed.kind(), Some("host_call_failed"));
    assert_eq!(failed.data.unwrap()["cause"]["code"], codes::PROTOCOL_ERROR);
}

#[test]
fn arguments_by_position_are_not_even_sent() {
    let hub = Setup::new(asks()).on_call(|_, _| panic!("it was sent")).start().unwrap();
    assert_eq!(hub.call("position", json!({})).unwrap_err().data.unwrap()["cause"]["code"], codes::INVALID_PARAMS);
}

#[test]
fn what_the_hub_would_refuse_is_not_sent() {
    let mut module = module();
    module.function("refused", async |context: Context, _: NoArgs| {
        let store = context.store();
        let long = "k".repeat(257);
        let refused = [
            context.call::<Value>("alone", ()).await.err(),
            store.get::<Value>("").await.err(),
            store.set(&long, 1).await.err(),
            store.delete("").await.err(),
            context.ask_with("Which?", json!({})).await.err(),
        ];
        Ok::<_, Error>(refused.map(|error| error.map(|error| error.code)))
    });
    let hub = Setup::new(module).on_call(|_, _| panic!("it was sent")).start().unwrap();
    assert_eq!(hub.call("refused", json!({})), Ok(Value::from(vec![codes::INVALID_PARAMS; 5])));
}

#[test]
fn a_request_that_nobody_waits_for_any_more_is_withdrawn() {
    let mut module = module();
    module.function("impatient", async |context: Context, _: NoArgs| {
        let asked = context.call::<Value>("other.slow", ());
        let outcome = hub_sdk::tokio::time::timeout(std::time::Duration::from_millis(20), asked).await;
        Ok::<_, Error>(outcome.is_err())
    });
    let (ends, waits) = std::sync::mpsc::channel::<()>();
    let waits = std::sync::Mutex::new(waits);
    let answers_late = move |_: &str, _: &Members| {
        let _ = waits.lock().unwrap().recv();
        Ok(json!("late"))
    };
    let hub = Setup::new(module).on_call(answers_late).start().unwrap();
    assert_eq!(hub.call("impatient", json!({})), Ok(json!(true)));
    assert_eq!(hub.withdrawn(), 1);
    drop(ends);
}

#[test]
fn a_request_beyond_the_frame_limit_is_not_sent() {
    let mut module = module();
    module.function("large", async |context: Context, _: NoArgs| {
        let outcome = context.store().set("key", "x".repeat(16 * 1024 * 1024)).await;
        Ok::<_, Error>(outcome.unwrap_err().kind().to_owned())
    });
    assert_eq!(TestHub::start(module).call("large", json!({})), Ok(json!("frame_too_large")));
}

#[test]
fn many_calls_that_each_ask_get_each_their_own_answer() {
    let hub = Setup::new(asks()).on_call(echo).start().unwrap();
    let calls: Vec<_> = (0..32).map(|number| hub.begin("call", json!({"value": number}))).collect();
    for (number, call) in calls.iter().enumerate() {
        assert_eq!(call.wait(), Ok(json!(number)));
    }
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Form {
    /// where
    region: String,
    #[schemars(extend("writeOnly" = true))]
    token: String,
}

#[test]
fn the_person_is_asked_with_a_form_made_of_a_type() {
    let mut module = module();
    module.function("ask", async |context: Context, _: NoArgs| context.ask::<Form>("Which?").await);
    let answers = |message: &str, schema: &Members| {
        assert_eq!(message, "Which?");
        assert_eq!(schema["properties"]["token"], json!({"type": "string", "writeOnly": true}));
        Some(json!({"region": "nyc1", "token": "t"}))
    };
    let hub = Setup::new(module).on_ask(answers).start().unwrap();
    assert_eq!(hub.call("ask", json!({})), Ok(json!({"region": "nyc1", "token": "t"})));
}

fn may_ask() -> Module {
    let mut module = module();
    module.function("ask", async |context: Context, _: NoArgs| {
        Ok::<_, HostError>(context.ask::<Form>("Which?").await?.is_some())
    });
    module
}

#[test]
fn a_person_may_decline_and_there_may_be_none() {
    let declines = Setup::new(may_ask()).on_ask(|_, _| None).start().unwrap();
    assert_eq!(declines.call("ask", json!({})), Ok(json!(false)));
    let nobody = TestHub::start(may_ask());
    assert_eq!(nobody.call("ask", json!({})).unwrap_err().data.unwrap()["cause"]["code"], codes::NOBODY_TO_ASK);
}

#[test]
fn the_store_keeps_what_is_typed() {
    let mut module = module();
    module.function("swap", async |context: Context, args: Any| {
        let store = context.store();
        let before: Option<Value> = store.get("key").await?;
        store.set("key", args.value).await?;
        Ok::<_, HostError>((before, store.list("key").await?, store.list("").await?.len(), store.delete("other").await?))
    });
    let hub = Setup::new(module).stored("other", json!(1)).start().unwrap();
    assert_eq!(hub.call("swap", json!({"value": null})), Ok(json!([null, ["key"], 2, true])));
    assert_eq!(hub.call("swap", json!({"value": {"a": 1}})), Ok(json!([null, ["key"], 1, false])));
    assert_eq!(json!(hub.store()), json!({"key": {"a": 1}}));
}

#[test]
fn a_line_of_log_goes_through_the_hub() {
    let mut module = module();
    module.function("log", async |context: Context, _: NoArgs| {
        context.log_to_hub(hub_sdk::Level::Warning, "disk nearly full", &json!({"free": 12}));
        Ok::<_, Error>(())
    });
    let hub = TestHub::start(module);
    hub.call("log", json!({})).unwrap();
    let line = &hub.hub_log()[0];
    assert_eq!((line.level, &*line.message), (hub_sdk::Level::Warning, "disk nearly full"));
    assert_eq!(line.fields.as_ref().unwrap()["free"], 12);
}
