//! Owns how a module is built and served: from bytes of the hub to the author's functions and back. It must not know a hub's side of things.

mod asked;
mod bind;
mod call;
mod context;
pub(crate) mod credentials;
mod deadline;
mod failure;
mod functions;
mod host;
mod lifecycle;
mod module;
mod outbox;
mod progress;
pub(crate) mod receive;
mod run;
pub(crate) mod session;
mod stdio;
mod token;

pub use context::Context;
pub use credentials::Credentials;
pub use functions::{Function, Functions};
pub use host::Store;
pub use module::{Init, Module};
pub use run::EXIT_DO_NOT_RESTART;
pub use token::Reason;

pub(crate) use bind::bind;
