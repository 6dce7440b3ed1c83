//! A module in memory, with the pretended hub of the testing room: functions, host services, life, and what is derived from types.

mod codec;
mod credentials;
mod functions;
mod host;
mod life;
mod meta;
mod schemas;

use hub_sdk::{Info, Module};

/// A module that has nothing yet.
fn module() -> Module {
    Module::new(Info::new("memory", "1.0.0").license("Apache-2.0").author("The hub authors"))
}
