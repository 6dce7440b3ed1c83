//! Owns the types of the protocol and what authors say with them: declarations, errors, schemas, checks. It must not know bytes or calls.

mod call;
mod check;
pub mod codes;
mod equal;
mod errors;
mod function;
mod info;
pub(crate) mod names;
mod schema;
pub mod services;

pub use call::{CallContext, Level, Progress};
pub use check::check;
pub(crate) use check::check_at;
pub use equal::equal;
pub use errors::{BadModule, Disable, Error, FunctionError, HostError, InvalidArgument};
pub use function::{Capabilities, Declaration, Deprecated, ErrorSpec, Example, Hints};
pub use info::{FEATURES, Info, ModuleInfo, PROTOCOL_VERSION};
pub(crate) use schema::is_object_schema;
pub use schema::{params_schema, returns_schema};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// The arguments of a function that takes none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct NoArgs {}

/// Read a member that may be absent and, where it is there, may be null: `Some(null)` is not `None`.
///
/// Write `#[serde(default, deserialize_with = "hub_sdk::types::present", skip_serializing_if = "Option::is_none")]` on an
/// `Option<serde_json::Value>`, and `#[schemars(with = "serde_json::Value")]` beside it.
///
/// # Errors
/// Those of reading T.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Read null as absent (HUB-MSG-8 asks a sender not to write it, and a reader takes it).
fn null_is_none<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
