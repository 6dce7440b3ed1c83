//! Owns the functions of cloud.compute: what they ask the service, and what they answer; must not know keys and attempts.

use hub_sdk::{Context, Error, InvalidArgument, Module, NoArgs, Value, json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::Service;
use crate::contract::Contract;
use crate::pages::{MOST_ENTRIES, entries, quoted};
use crate::refusals::unavailable;
use crate::shapes::{Region, Server, region, server};

/// Of a UUID there are 36; nothing longer is a server's id.
const MOST_ID_CHARS: usize = 64;

#[derive(Deserialize, JsonSchema)]
struct Chosen {
    region: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize, JsonSchema)]
struct Wanted {
    name: String,
    region: String,
    size: String,
    image: String,
}

#[derive(Deserialize, JsonSchema)]
struct One {
    id: String,
}

#[derive(Serialize, JsonSchema)]
struct Deleted {
    deleted: bool,
}

async fn list_regions(context: Context, _: NoArgs) -> Result<Vec<Region>, Error> {
    let service = Service::of(&context).await?;
    let found = entries(&service.client(), "/v2/regions?", "regions", MOST_ENTRIES).await?;
    Ok(found.iter().map(region).collect::<Result<_, _>>()?)
}

async fn list_servers(context: Context, chosen: Chosen) -> Result<Vec<Server>, Error> {
    let service = Service::of(&context).await?;
    let only = chosen.region.map(|region| format!("region={}&", quoted(&region))).unwrap_or_default();
    let limit = chosen.limit.unwrap_or(MOST_ENTRIES);
    let found = entries(&service.client(), &format!("/v2/instances?{only}"), "instances", limit).await?;
    Ok(found.iter().map(|raw| server(raw, false)).collect::<Result<_, _>>()?)
}

async fn create_server(context: Context, wanted: Wanted) -> Result<Server, Error> {
    if !is_name(&wanted.name) {
        return Err(InvalidArgument::new(
            "/name",
            "/name must begin with a letter or digit, and be letters, digits, dots and hyphens",
        )
        .into());
    }
    let service = Service::of(&context).await?;
    let mut body = json!({"region": wanted.region, "plan": wanted.size, "label": wanted.name, "hostname": wanted.name});
    // Operating systems have numbers, applications of the marketplace have names.
    match wanted.image.parse::<u32>() {
        Ok(number) => body["os_id"] = number.into(),
        Err(_) => body["image_id"] = wanted.image.into(),
    }
    let answer = service.client().create("/v2/instances", &body).await?;
    if !answer["instance"].is_object() {
        return Err(unavailable("its answer has no instance", true).into());
    }
    // Member by member: the answer has the server's first password among them.
    Ok(server(&answer["instance"], true)?)
}

/// The pattern of the interface; the SDK leaves patterns to the hub.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')) && !text.starts_with(['.', '-'])
}

async fn delete_server(context: Context, One { id }: One) -> Result<Deleted, Error> {
    let service = Service::of(&context).await?;
    // Nothing else may become part of a path: `..` would be another one.
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') || id.len() > MOST_ID_CHARS {
        return Ok(Deleted { deleted: false });
    }
    Ok(Deleted { deleted: service.client().delete(&format!("/v2/instances/{id}")).await? })
}

/// Return the answer of the service to the question whose account this is.
pub fn identity(answer: &Value) -> Option<String> {
    let account = &answer["account"];
    let [name, email] = ["name", "email"].map(|member| account[member].as_str().filter(|text| !text.is_empty()));
    match (name, email) {
        (Some(name), Some(email)) => Some(format!("{name} <{email}>")),
        (name, email) => email.or(name).map(ToOwned::to_owned),
    }
}

/// Add the functions of cloud.compute.
pub fn add(module: &mut Module, contract: &Contract) {
    contract.announce("list_regions", module.function("list_regions", list_regions));
    contract.announce("list_servers", module.function("list_servers", list_servers));
    contract.announce("create_server", module.function("create_server", create_server));
    contract.announce("delete_server", module.function("delete_server", delete_server));
}
