//! Owns the tests of the module; must not reach beyond this machine.

mod asking;
mod fake;
mod functions;
mod patience;
mod settings;
