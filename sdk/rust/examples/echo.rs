//! A whole module: three functions, progress, an error of its own. It must not need anything but the SDK.

use std::time::Duration;

use hub_sdk::{Context, Error, Info, JsonSchema, Module, Value, json, tokio::time::sleep};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Echo {
    /// anything at all
    value: Value,
}

#[derive(Deserialize, JsonSchema)]
struct Add {
    /// the first
    a: i64,
    /// the second
    b: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Count {
    /// where to stop
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 100))]
    to: u32,
}

fn three() -> u32 {
    3
}

async fn echo(_: Context, args: Echo) -> Result<Value, Error> {
    Ok(args.value)
}

async fn add(_: Context, args: Add) -> Result<i64, Error> {
    args.a.checked_add(args.b).ok_or_else(|| Error::new(1, "the sum is too large"))
}

async fn count(context: Context, args: Count) -> Result<Vec<u32>, Error> {
    let mut counted = Vec::new();
    for number in 1..=args.to {
        if number == 7 {
            return Err(Error::new(7, "seven is not counted"));
        }
        // A cancelled call ends here: what awaits is dropped.
        sleep(Duration::from_millis(100)).await;
        counted.push(number);
        context.progress(number.into(), f64::from(args.to), None);
    }
    context.log().with("to", args.to).info("counted");
    Ok(counted)
}

fn main() {
    let info = Info::new("echo", "1.0.0").license("Apache-2.0").author("The hub authors");
    let mut module = Module::new(info.description("The smallest module that shows everything once."));
    module.function("echo", echo).summary("Answer the value that was given.").read_only().idempotent().example(
        "a word",
        json!({"value": "hello"}),
        json!("hello"),
    );
    module.function("add", add).summary("Add two integers.").read_only().idempotent().error(1, "the sum is too large").example(
        "two and three",
        json!({"a": 2, "b": 3}),
        json!(5),
    );
    module.function("count", count).summary("Count, ten times a second.").read_only().error(7, "seven is not counted");
    module.run()
}
