//! The benchmark's smallest module in Rust: its name is its first argument, so that there can be two hundred of it.

use hub_sdk::{Context, FunctionError, Info, Module};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

async fn add(_: Context, args: Add) -> Result<i64, FunctionError> {
    Ok(args.a + args.b)
}

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let mut module = Module::new(Info::new(&name, "1.0.0").license("Apache-2.0").author("The hub authors"));
    module.function("add", add).read_only().idempotent();
    module.run();
}
