//! Owns frames and messages: bytes to checked JSON to JSON-RPC messages and back. It must not know what a method means.
//!
//! Three layers, each with its own file: [`Splitter`] cuts lines, [`read_json`] makes a value of a line or says which rule it breaks,
//! [`parse`] makes a message of a value. A line that fails in one of them still gets its answer where its id can be read.

mod encode;
mod frames;
mod limits;
mod messages;
mod read;
mod recover;
mod scan;
pub(crate) mod write;

pub use encode::{CannotSend, encode};
pub use frames::{Line, Splitter};
pub use limits::{MAX_FRAME_BYTES, MAX_ID_CHARS, MAX_METHOD_CHARS, MAX_NESTING, MAX_SAFE_INTEGER};
pub use messages::{ErrorObject, Id, Invalid, Message, parse, read_error, read_message};
pub use read::{Rejected, read_json};
