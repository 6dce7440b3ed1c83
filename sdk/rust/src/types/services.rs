//! Owns the params and results of the host services (HUB-HOST) as they stand on the wire; must not know who asks or answers.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{Level, names, present};

/// The longest name of a credential (HUB-CRED-2).
const MAX_CREDENTIAL_NAME_CHARS: usize = 64;

/// The longest key of a store (HUB-HOST-4).
const MAX_KEY_CHARS: usize = 256;

/// The result of `hub.ask`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub enum AskResult {
    /// The person filled in the form.
    Accept {
        /// What they wrote.
        content: Map<String, Value>,
    },
    /// The person did not want to.
    Decline,
}

/// The result of `hub.store.get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoreGetResult {
    /// Whether there is a value.
    pub found: bool,
    /// The value, which may be null.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// The result of `hub.store.delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreDeleteResult {
    /// Whether there was a value.
    pub deleted: bool,
}

/// The result of `hub.store.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreListResult {
    /// Sorted.
    pub keys: Vec<String>,
}

/// Where the hub keeps a credential, which the person chose (HUB-CRED-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// In memory, until the hub ends.
    Session,
    /// In the system's keyring.
    Keyring,
}

/// The result of `hub.credentials.put`. Those of `get` and `delete` are those of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialsPutResult {
    /// Where it is kept.
    pub kept: Kept,
}

/// The params of `hub.call`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallParams {
    /// The id of the hub's request that is being worked on.
    #[serde(deserialize_with = "id")]
    pub call_id: Value,
    /// "module.function".
    #[serde(deserialize_with = "address")]
    pub function: String,
    /// The arguments by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Map<String, Value>>,
    /// A time limit of the caller's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// The params of `hub.ask`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskParams {
    /// The id of the hub's request that is being worked on.
    #[serde(deserialize_with = "id")]
    pub call_id: Value,
    /// The question.
    pub message: String,
    /// JSON Schema of a flat object: the form.
    #[serde(deserialize_with = "form")]
    pub schema: Map<String, Value>,
}

/// The params of `hub.store.get` and `hub.store.delete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyParams {
    /// The id of the hub's request that is being worked on.
    #[serde(deserialize_with = "id")]
    pub call_id: Value,
    /// 1 to 256 characters.
    #[serde(deserialize_with = "key")]
    pub key: String,
}

/// The params of `hub.store.set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoreSetParams {
    /// The id of the hub's request that is being worked on.
    #[serde(deserialize_with = "id")]
    pub call_id: Value,
    /// 1 to 256 characters.
    #[serde(deserialize_with = "key")]
    pub key: String,
    /// Any value.
    #[serde(deserialize_with = "any")]
    pub value: Value,
}

/// The params of `hub.store.list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoreListParams {
    /// The id of the hub's request that is being worked on.
    #[serde(deserialize_with = "id")]
    pub call_id: Value,
    /// Only keys that begin so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// The params of `hub.credentials.get` and `hub.credentials.delete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NameParams {
    /// The id of the hub's request that is being worked on.
    #[serde(deserialize_with = "id")]
    pub call_id: Value,
    /// 1 to 64 characters.
    #[serde(deserialize_with = "credential_name")]
    pub name: String,
}

/// The params of `hub.credentials.put`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialsPutParams {
    /// The id of the hub's request that is being worked on.
    #[serde(deserialize_with = "id")]
    pub call_id: Value,
    /// 1 to 64 characters.
    #[serde(deserialize_with = "credential_name")]
    pub name: String,
    /// Any value.
    #[serde(deserialize_with = "any")]
    pub value: Value,
    /// How long it is of use; without it there is no end.
    #[serde(default, deserialize_with = "above_zero", skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<f64>,
}

/// The params of `hub.log`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogParams {
    /// How much it matters.
    pub level: Level,
    /// For people.
    pub message: String,
    /// Who says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logger: Option<String>,
    /// What belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Map<String, Value>>,
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let is_id = crate::codec::Id::read(&value).is_some();
    if is_id { Ok(value) } else { Err(D::Error::custom("must be the id of a call")) }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if names::is_address(&text) { Ok(text) } else { Err(D::Error::custom("must be \"module.function\"")) }
}

pub(crate) fn is_key(text: &str) -> bool {
    (1..=MAX_KEY_CHARS).contains(&text.chars().count())
}

fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_key(&text) { Ok(text) } else { Err(D::Error::custom("must have 1 to 256 characters")) }
}

pub(crate) fn is_credential_name(text: &str) -> bool {
    (1..=MAX_CREDENTIAL_NAME_CHARS).contains(&text.chars().count())
}

fn credential_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_credential_name(&text) { Ok(text) } else { Err(D::Error::custom("must have 1 to 64 characters")) }
}

fn above_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if number > 0.0 { Ok(Some(number)) } else { Err(D::Error::custom("must be above 0")) }
}

/// With a function of its own a member has to be there, also when it is null.
fn any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Value::deserialize(deserializer)
}

fn form<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    let schema = Map::deserialize(deserializer)?;
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let is_nested = fields.filter_map(|field| field.get("type")).any(|kind| kind == "object");
    if schema.get("type").is_some_and(|kind| kind == "object") && !is_nested {
        return Ok(schema);
    }
    Err(D::Error::custom("must be the schema of a flat object"))
}
