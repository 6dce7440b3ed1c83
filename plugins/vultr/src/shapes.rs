//! Owns what the service's instances and regions are in the words of the interface; must not know how they were asked for.

use hub_sdk::{FunctionError, Value};
use schemars::JsonSchema;
use serde::Serialize;

use crate::refusals::unavailable;

/// A server as the interface has it.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct Server {
    pub id: String,
    pub name: String,
    pub status: &'static str,
    pub region: String,
    pub size: String,
    pub image: Option<String>,
    pub public_ipv4: Option<String>,
    pub created_at: Option<String>,
}

/// A place where servers can be made.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct Region {
    pub id: String,
    pub name: String,
    pub available: bool,
}

/// Return an instance as the interface has it.
///
/// # Errors
/// Where what makes it one is missing.
pub fn server(raw: &Value, may_have_executed: bool) -> Result<Server, FunctionError> {
    let (Some(id), Some(region), Some(size)) = (text(raw, "id"), text(raw, "region"), text(raw, "plan")) else {
        return Err(unavailable("an instance in its answer has no id, region or plan", may_have_executed));
    };
    Ok(Server {
        id,
        // A label may be empty; the host name was there first.
        name: text(raw, "label").or_else(|| text(raw, "hostname")).unwrap_or_default(),
        status: status(raw),
        region,
        size,
        image: image(raw),
        // What the service says while there is none.
        public_ipv4: text(raw, "main_ip").filter(|address| address != "0.0.0.0"),
        created_at: text(raw, "date_created").and_then(|moment| utc(&moment)),
    })
}

/// Return a region as the interface has it.
///
/// # Errors
/// Where it has no id.
pub fn region(raw: &Value) -> Result<Region, FunctionError> {
    let Some(id) = text(raw, "id") else { return Err(unavailable("a region in its answer has no id", false)) };
    let words: Vec<String> = ["city", "country"].iter().filter_map(|word| text(raw, word)).collect();
    let name = if words.is_empty() { id.clone() } else { words.join(", ") };
    // What is not for sale is not listed.
    Ok(Region { id, name, available: true })
}

fn text(raw: &Value, member: &str) -> Option<String> {
    raw[member].as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// The life of an instance is told in three words: its own, its power's, and what the machine does.
fn status(raw: &Value) -> &'static str {
    let [own, power, work] = ["status", "power_status", "server_status"].map(|member| raw[member].as_str().unwrap_or_default());
    match (own, power, work) {
        ("pending", _, _) | ("active", _, "installingbooting") => "starting",
        ("active", "running", _) => "running",
        ("active", "stopped", _) | ("suspended", _, _) => "stopped",
        _ => "unknown",
    }
}

/// The number of an operating system, which is what `create_server` takes; else what application or image it is.
fn image(raw: &Value) -> Option<String> {
    let system = raw["os_id"].as_u64().filter(|number| *number > 0).map(|number| number.to_string());
    text(raw, "image_id").or(system).or_else(|| text(raw, "os"))
}

/// The service tells moments in UTC as "+00:00"; what it might tell otherwise is not guessed.
fn utc(moment: &str) -> Option<String> {
    let bare = moment.strip_suffix("+00:00").or_else(|| moment.strip_suffix('Z'))?;
    (bare.len() >= "2026-01-02T03:04:05".len()).then(|| format!("{bare}Z"))
}
