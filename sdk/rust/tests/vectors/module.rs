//! Owns the module `vectors`, as the README of the vectors describes it. Made with the SDK, it must not help it along.

use std::time::Duration;

use hub_sdk::{
    Context, Disable, Error, FunctionError, HostError, Info, Init, InvalidArgument, JsonSchema, Level, Module, NoArgs,
};
use hub_sdk::{Value, json};
use serde::Deserialize;
use serde_json::Map;

#[derive(Deserialize, JsonSchema)]
struct Echo {
    value: Value,
}

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Fail {
    code: i64,
    message: String,
    #[serde(default, deserialize_with = "hub_sdk::types::present")]
    #[schemars(with = "Value")]
    data: Option<Value>,
}

#[derive(Deserialize, JsonSchema)]
struct Raise {
    secret: String,
}

#[derive(Deserialize, JsonSchema)]
struct Steps {
    count: u32,
}

#[derive(Deserialize, JsonSchema)]
struct CallBack {
    function: String,
    #[serde(default)]
    params: Map<String, Value>,
}

#[derive(Deserialize, JsonSchema)]
struct Remember {
    key: String,
    value: Value,
}

#[derive(Deserialize, JsonSchema)]
struct Forget {
    key: String,
}

#[derive(Deserialize, JsonSchema)]
struct Keep {
    name: String,
    value: Value,
    #[serde(default)]
    ttl_seconds: Option<f64>,
}

#[derive(Deserialize, JsonSchema)]
struct Discard {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Log {
    level: String,
    message: String,
}

async fn init(_: Context, init: Init<Map<String, Value>>) -> Result<Init<Map<String, Value>>, Error> {
    if let Some(reason) = init.config.get("disable").and_then(Value::as_str) {
        return Err(Disable::because(reason).into());
    }
    if let Some(message) = init.config.get("fail").and_then(Value::as_str) {
        return Err(InvalidArgument::new("/config/fail", message).into());
    }
    Ok(init)
}

async fn slow(context: Context, _: NoArgs) -> Result<(), Error> {
    std::future::pending::<()>().await;
    drop(context);
    Ok(())
}

async fn fail(_: Context, args: Fail) -> Result<(), FunctionError> {
    Err(FunctionError { code: args.code, message: args.message, data: args.data })
}

async fn raise(_: Context, args: Raise) -> Result<(), Error> {
    panic!("the secret is {}", args.secret)
}

async fn steps(context: Context, args: Steps) -> Result<u32, Error> {
    for done in 1..=args.count {
        context.progress(done.into(), f64::from(args.count), None);
    }
    Ok(args.count)
}

async fn call_back(context: Context, args: CallBack) -> Result<Value, HostError> {
    context.call(&args.function, args.params).await
}

async fn remember(context: Context, args: Remember) -> Result<Option<Value>, HostError> {
    context.store().set(&args.key, args.value).await?;
    context.store().get(&args.key).await
}

async fn forget(context: Context, args: Forget) -> Result<bool, HostError> {
    context.store().delete(&args.key).await
}

async fn keep(context: Context, args: Keep) -> Result<Value, HostError> {
    let (name, value) = (&*args.name, &args.value);
    let kept = match args.ttl_seconds {
        Some(seconds) => context.credentials().put_for(Duration::from_secs_f64(seconds), name, value).await?,
        None => context.credentials().put(name, value).await?,
    };
    let again: Option<Value> = context.credentials().get(name).await?;
    Ok(json!({"account": context.account(), "kept": kept, "same": again.as_ref() == Some(value)}))
}

async fn discard(context: Context, args: Discard) -> Result<bool, HostError> {
    context.credentials().delete(&args.name).await
}

async fn log(context: Context, args: Log) -> Result<(), Error> {
    let level = match args.level.as_str() {
        "debug" => Level::Debug,
        "info" => Level::Info,
        "warning" => Level::Warning,
        _ => Level::Error,
    };
    context.log_to_hub(level, &args.message, &Value::Null);
    Ok(())
}

async fn change(context: Context, _: NoArgs) -> Result<(), Error> {
    Ok(context.change_functions(|_| ())?)
}

async fn settings(context: Context, _: NoArgs) -> Result<Value, Error> {
    let init = context.state::<Init<Map<String, Value>>>();
    Ok(json!({"config": init.config, "data_directory": init.data_directory}))
}

pub fn module() -> Module {
    let mut module = Module::new(Info::new("vectors", "1.0.0").license("Apache-2.0").author("The hub authors"));
    module.permissions(["store", "call:other", "credentials"]).implements(["example.vectors/1.0"]).on_init(init);
    module.function("echo", async |_: Context, args: Echo| Ok::<_, Error>(args.value));
    module.function("add", async |_: Context, args: Add| Ok::<_, Error>(args.a + args.b));
    module.function("slow", slow);
    module.function("fail", fail);
    module.function("raise", raise);
    module.function("steps", steps);
    module.function("call_back", call_back);
    module.function("remember", remember);
    module.function("forget", forget);
    module.function("keep", keep);
    module.function("discard", discard);
    module.function("log", log);
    module.function("change", change);
    module.function("settings", settings);
    module
}
