//! Functions that end otherwise, or bring much: fail, crash, `call_back`, big, log. They know nothing of those that answer well.

use hub_sdk::{Context, Error, FunctionError, HostError, Level, Module, Value, json};
use rustix::process::{Signal, getpid, kill_process};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

type Members = hub_sdk::serde_json::Map<String, Value>;

#[derive(Deserialize, JsonSchema)]
struct Fail {
    /// the error's code
    #[serde(default = "declared_code")]
    code: i64,
    /// the error's message
    #[serde(default = "declared_message")]
    message: String,
    /// the error's data; without it the error has none
    #[serde(default, deserialize_with = "hub_sdk::types::present")]
    #[schemars(with = "Value")]
    data: Option<Value>,
}

const DECLARED_CODE: i64 = 1001;
const DECLARED_MESSAGE: &str = "it failed on purpose";

fn declared_code() -> i64 {
    DECLARED_CODE
}

fn declared_message() -> String {
    DECLARED_MESSAGE.into()
}

async fn fail(_: Context, args: Fail) -> Result<(), FunctionError> {
    Err(FunctionError { code: args.code, message: args.message, data: args.data })
}

#[derive(Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum How {
    #[default]
    Exit,
    Signal,
    Panic,
}

#[derive(Deserialize, JsonSchema)]
struct Crash {
    /// in which way
    #[serde(default)]
    how: How,
    /// the exit status, for exit
    #[serde(default = "three")]
    status: u8,
}

fn three() -> u8 {
    3
}

async fn crash(_: Context, args: Crash) -> Result<(), Error> {
    match args.how {
        How::Exit => std::process::exit(args.status.into()),
        How::Panic => panic!("a panic that was asked for"),
        How::Signal => {
            kill_process(getpid(), Signal::KILL)?;
            // The signal is on its way, and no answer may overtake it.
            std::future::pending().await
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct CallBack {
    /// module.function
    #[schemars(regex(pattern = r"^[a-z][a-z0-9_-]{0,63}\.[A-Za-z][A-Za-z0-9_-]{0,63}$"))]
    function: String,
    /// its arguments by name
    #[serde(default)]
    params: Members,
}

async fn call_back(context: Context, args: CallBack) -> Result<Value, HostError> {
    context.call(&args.function, args.params).await
}

#[derive(Deserialize, JsonSchema)]
struct Big {
    /// how many
    #[schemars(range(min = 0, max = 16_000_000))]
    bytes: usize,
}

async fn big(_: Context, args: Big) -> Result<String, Error> {
    Ok("x".repeat(args.bytes))
}

#[derive(Deserialize, JsonSchema)]
struct Log {
    /// how many
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100_000))]
    lines: u32,
    /// of each line
    #[serde(default = "info")]
    #[schemars(with = "LevelName")]
    level: Level,
    /// of each line
    #[serde(default = "hello")]
    message: String,
}

/// The SDK's levels have words of their own about each; here their names are enough.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[allow(dead_code)]
enum LevelName {
    Debug,
    Info,
    Warning,
    Error,
}

fn one() -> u32 {
    1
}

fn info() -> Level {
    Level::Info
}

fn hello() -> String {
    "hello".into()
}

#[derive(Serialize, JsonSchema)]
struct Logged {
    /// how many lines were written
    logged: i64,
}

async fn log(context: Context, args: Log) -> Result<Logged, Error> {
    let log = context.log();
    for _ in 0..args.lines {
        log.write(args.level, &args.message);
    }
    Ok(Logged { logged: args.lines.into() })
}

pub fn add(module: &mut Module) {
    module
        .function("fail", fail)
        .summary("Answer with an error of the module's own.")
        .error(DECLARED_CODE, DECLARED_MESSAGE)
        .example_error("the declared error", json!({}), DECLARED_CODE);
    module
        .function("crash", crash)
        .summary("End the process without an answer, or fail in a way that nobody expected.")
        .description(
            "exit: ends with the status. signal: sends SIGKILL to itself. \
             panic: an unhandled error in the handler, which the module survives.",
        )
        .destructive();
    module
        .function("call_back", call_back)
        .summary("Call a function of another module through the hub, and answer its result.")
        .open_world();
    module.function("big", big).summary("Answer a string of that many x.").read_only().idempotent().example(
        "three",
        json!({"bytes": 3}),
        json!("xxx"),
    );
    module.function("log", log).summary("Write lines to the log, on standard error.").idempotent().example(
        "one line",
        json!({}),
        json!({"logged": 1}),
    );
}
