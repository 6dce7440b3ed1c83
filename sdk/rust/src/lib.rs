//! Write modules of the hub in Rust: functions with typed arguments and results, served over standard input and output.
//!
//! ```no_run
//! use hub_sdk::{Context, Error, Info, JsonSchema, Module};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Greet {
//!     /// Whom to greet.
//!     name: String,
//! }
//!
//! async fn greet(_: Context, args: Greet) -> Result<String, Error> {
//!     Ok(format!("Hello, {}!", args.name))
//! }
//!
//! fn main() {
//!     let mut module = Module::new(Info::new("hello", "1.0.0").license("MIT").author("You <you@example.org>"));
//!     module.function("greet", greet).summary("Greet somebody by name.").read_only();
//!     module.run()
//! }
//! ```

#![forbid(unsafe_code)]
#![warn(unreachable_pub)]

#[cfg(not(unix))]
compile_error!("hub-sdk serves on Unix: it moves file descriptors, and listens to signals");

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod codec;
pub mod log;
pub mod serve;
pub mod testing;
pub mod types;

pub use log::Log;
pub use serve::{Context, Function, Functions, Init, Module, Reason};
pub use types::services::Kept;
pub use types::{CallContext, Disable, Error, FunctionError, HostError, Info, InvalidArgument, Level, NoArgs};

/// What arguments and results are described with.
pub use schemars::{self, JsonSchema};
/// JSON by hand, for examples and schemas.
pub use serde_json::{self, Value, json};
/// The runtime on which handlers run, for `hub_sdk::tokio::time::sleep` and the like.
pub use tokio;
