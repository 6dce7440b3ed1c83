//! Owns the functions that say what can be bought, which no interface has; must not know instances.

use hub_sdk::{Context, Error, FunctionError, Module, NoArgs, Value};
use schemars::JsonSchema;
use serde::Serialize;

use crate::account::Service;
use crate::contract::Contract;
use crate::pages::{MOST_ENTRIES, entries};
use crate::refusals::unavailable;

#[derive(Serialize, JsonSchema)]
struct Size {
    /// What `size` takes.
    id: String,
    /// Virtual processors.
    vcpus: u64,
    /// Memory.
    memory_mib: u64,
    /// Disk.
    disk_gib: u64,
    /// Whether there is a region where new servers can have it.
    available: bool,
}

#[derive(Serialize, JsonSchema)]
struct Image {
    /// What `image` takes.
    id: String,
    /// For people.
    name: String,
}

async fn list_sizes(context: Context, _: NoArgs) -> Result<Vec<Size>, Error> {
    let service = Service::of(&context).await?;
    let found = entries(&service.client(), "/v2/plans?", "plans", MOST_ENTRIES).await?;
    Ok(found.iter().map(size).collect::<Result<_, _>>()?)
}

async fn list_images(context: Context, _: NoArgs) -> Result<Vec<Image>, Error> {
    let service = Service::of(&context).await?;
    let found = entries(&service.client(), "/v2/os?", "os", MOST_ENTRIES).await?;
    Ok(found.iter().map(image).collect::<Result<_, _>>()?)
}

fn size(raw: &Value) -> Result<Size, FunctionError> {
    let number = |member: &str| raw[member].as_u64();
    let (Some(id), Some(vcpus), Some(memory_mib), Some(disk_gib)) =
        (raw["id"].as_str(), number("vcpu_count"), number("ram"), number("disk"))
    else {
        return Err(unavailable("a plan in its answer has no id, processors, memory or disk", false));
    };
    let available = raw["locations"].as_array().is_some_and(|places| !places.is_empty());
    Ok(Size { id: id.to_owned(), vcpus, memory_mib, disk_gib, available })
}

fn image(raw: &Value) -> Result<Image, FunctionError> {
    let (Some(id), Some(name)) = (raw["id"].as_u64(), raw["name"].as_str()) else {
        return Err(unavailable("an operating system in its answer has no number or no name", false));
    };
    Ok(Image { id: id.to_string(), name: name.to_owned() })
}

/// Add the functions; their errors are those of the others.
pub fn add(module: &mut Module, contract: &Contract) {
    let sizes = module.function("list_sizes", list_sizes).summary("List the plans that a server can have.");
    contract.declare_errors("list_regions", sizes);
    sizes.read_only().idempotent().open_world();
    let images =
        module.function("list_images", list_images).summary("List the operating systems that a server can be made from.");
    contract.declare_errors("list_regions", images);
    images.read_only().idempotent().open_world();
}
