//! Functions that answer well: echo, add, slow. They know nothing of the hub but the call that they work on.

use std::time::Duration;

use hub_sdk::tokio::time::{Instant, sleep_until};
use hub_sdk::{Context, Error, FunctionError, Module, Value, json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Echo {
    /// anything at all
    value: Value,
}

async fn echo(_: Context, args: Echo) -> Result<Value, Error> {
    Ok(args.value)
}

#[derive(Deserialize, JsonSchema)]
struct Add {
    /// the first
    a: i64,
    /// the second
    b: i64,
}

async fn add_two(_: Context, args: Add) -> Result<i64, FunctionError> {
    Ok(args.a + args.b) // neither is beyond 2^53, so the sum fits; whether it can be sent is the SDK's to say
}

#[derive(Deserialize, JsonSchema)]
struct Slow {
    /// how long in all
    #[schemars(range(min = 0, max = 3600))]
    seconds: f64,
    /// in how many equal parts
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 1000))]
    steps: u32,
}

fn ten() -> u32 {
    10
}

#[derive(Serialize, JsonSchema)]
struct Slept {
    /// the seconds that were asked for
    slept: f64,
}

async fn slow(context: Context, args: Slow) -> Result<Slept, Error> {
    let whole = Duration::try_from_secs_f64(args.seconds)?;
    let start = Instant::now();
    for step in 1..=args.steps {
        // To a point in time, so that the steps' delays do not add up.
        sleep_until(start + whole * step / args.steps).await;
        context.progress(step.into(), f64::from(args.steps), None);
    }
    Ok(Slept { slept: args.seconds })
}

pub fn add(module: &mut Module) {
    let several = json!({"a": [1, null, "ü", true]});
    module
        .function("echo", echo)
        .summary("Answer the value that was given.")
        .read_only()
        .idempotent()
        .example("a value of several kinds", json!({"value": several}), several)
        .example("nothing is a value too", json!({"value": null}), json!(null));
    module.function("add", add_two).summary("Add two integers.").read_only().idempotent().example(
        "two and three",
        json!({"a": 2, "b": 3}),
        json!(5),
    );
    module
        .function("slow", slow)
        .summary("Sleep, and report progress after each step.")
        .description("Ends at once when it is cancelled.")
        .read_only()
        .timeout(Duration::from_secs(3630))
        .example("no time at all", json!({"seconds": 0, "steps": 2}), json!({"slept": 0}));
}
