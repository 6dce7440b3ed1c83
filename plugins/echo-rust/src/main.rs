//! The module that has everything: what the hub's tests and demonstrations call. It owns no purpose of its own, and must stay equal to
//! its cousins in the other languages: plugins/echo.capabilities.json says what they share.

mod answers;
mod endings;
mod services;

use hub_sdk::{Info, Module};

fn main() {
    module().run()
}

fn module() -> Module {
    let info = Info::new("echo-rust", "1.0.0").license("Apache-2.0").author("The hub authors");
    let mut module = Module::new(info.description("The module that has everything, in Rust."));
    module.permissions(["ask", "store", "call:*"]);
    answers::add(&mut module);
    endings::add(&mut module);
    services::add(&mut module);
    module
}

#[cfg(test)]
mod tests;
