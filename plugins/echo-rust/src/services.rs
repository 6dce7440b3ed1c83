//! Functions that ask the hub: whoami, ask, and the store. They know nothing of what it answers but how to hand it on.

use std::time::Duration;

use hub_sdk::{CallContext, Context, Error, HostError, Module, Value, json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

type Members = hub_sdk::serde_json::Map<String, Value>;

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

/// The schema is given by hand: what the hub says about a call is the hub's to describe.
async fn whoami(context: Context, _: Nothing) -> Result<Value, Error> {
    let given: &CallContext = context.given();
    Ok(json!(given))
}

#[derive(Deserialize, JsonSchema)]
struct Ask {
    /// the question
    message: String,
    /// JSON Schema of a flat object: the form to fill in
    schema: Members,
}

async fn ask(context: Context, args: Ask) -> Result<Value, HostError> {
    let answer = context.ask_with(&args.message, args.schema.into()).await?;
    Ok(answer.map_or_else(|| json!({"action": "decline"}), |content| json!({"action": "accept", "content": content})))
}

#[derive(Deserialize, JsonSchema)]
struct Key {
    /// 1 to 256 characters
    #[schemars(length(min = 1, max = 256))]
    key: String,
}

#[derive(Serialize, JsonSchema)]
struct Found {
    /// whether there is one
    found: bool,
    /// the value, when there is one
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Value")]
    value: Option<Value>,
}

async fn store_get(context: Context, args: Key) -> Result<Found, HostError> {
    let value = context.store().get(&args.key).await?;
    Ok(Found { found: value.is_some(), value })
}

#[derive(Deserialize, JsonSchema)]
struct Set {
    /// 1 to 256 characters
    #[schemars(length(min = 1, max = 256))]
    key: String,
    /// anything at all
    value: Value,
}

async fn store_set(context: Context, args: Set) -> Result<(), HostError> {
    context.store().set(&args.key, args.value).await
}

#[derive(Serialize, JsonSchema)]
struct Deleted {
    /// whether there was one
    deleted: bool,
}

async fn store_delete(context: Context, args: Key) -> Result<Deleted, HostError> {
    Ok(Deleted { deleted: context.store().delete(&args.key).await? })
}

#[derive(Deserialize, JsonSchema)]
struct List {
    /// only keys that begin so
    #[serde(default)]
    prefix: String,
}

#[derive(Serialize, JsonSchema)]
struct Listed {
    /// sorted
    keys: Vec<String>,
}

async fn store_list(context: Context, args: List) -> Result<Listed, HostError> {
    Ok(Listed { keys: context.store().list(&args.prefix).await? })
}

pub fn add(module: &mut Module) {
    module
        .function("whoami", whoami)
        .summary("Answer the call's context: trace_id, chain, timeout_ms and profile, as given.")
        .returns(json!({"type": "object"}))
        .read_only()
        .idempotent();
    module
        .function("ask", ask)
        .summary("Ask the person, and answer what the hub answered.")
        .open_world()
        .timeout(Duration::from_mins(5));
    module.function("store_get", store_get).summary("Read a value from the module's store.").read_only().idempotent();
    module.function("store_set", store_set).summary("Keep a value in the module's store.").idempotent();
    module.function("store_delete", store_delete).summary("Forget a value of the module's store.").destructive().idempotent();
    module.function("store_list", store_list).summary("List the keys of the module's store.").read_only().idempotent();
}
