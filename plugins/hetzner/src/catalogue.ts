// Owns the functions that say what can be bought, which no interface has; knows nothing of servers and tokens.

import { type ErrorDefinition, type Module, s } from "hub-sdk";

import { withClient } from "./account.js";
import type { Client } from "./client.js";
import { signatureOf } from "./contract.js";
import { entries, type Entry } from "./pages.js";
import { unavailable } from "./refusals.js";
import type { Settings } from "./settings.js";

const MIB_PER_GIB = 1024;

const sizes = s.array(
  s.object({
    id: s.string({ description: "What `size` takes." }),
    vcpus: s.integer({ description: "Virtual processors." }),
    memory_mib: s.integer({ description: "Memory." }),
    disk_gib: s.integer({ description: "Disk." }),
    available: s.boolean({ description: "Whether new servers can have it." }),
  }),
);
const images = s.array(
  s.object({ id: s.string({ description: "What `image` takes." }), name: s.string({ description: "For people." }) }),
);

interface RawType extends Entry {
  name?: unknown;
  cores?: unknown;
  memory?: unknown;
  disk?: unknown;
  deprecation?: unknown;
}

async function listSizes(client: Client) {
  const found = [];
  for await (const entry of entries(client, "/v1/server_types", "server_types")) {
    const { name, cores, memory, disk, deprecation = null } = entry as RawType;
    if (typeof name !== "string" || typeof cores !== "number" || typeof memory !== "number" || typeof disk !== "number") {
      throw unavailable(`its server type ${entry.id} has no name, cores, memory or disk`, false);
    }
    found.push({ id: name, vcpus: cores, memory_mib: Math.round(memory * MIB_PER_GIB), disk_gib: disk, available: deprecation === null });
  }
  return found;
}

async function listImages(client: Client) {
  const found = [];
  for await (const entry of entries(client, "/v1/images", "images")) {
    const { name, description } = entry as Entry & { name?: unknown; description?: unknown };
    // A snapshot has no name, only its number.
    const id = typeof name === "string" && name !== "" ? name : String(entry.id);
    found.push({ id, name: typeof description === "string" && description !== "" ? description : id });
  }
  return found;
}

/** Add the functions. */
export function addCatalogue(module: Module<any>, settings: () => Settings): void {
  const { errors, hints, params } = signatureOf("list_regions", s.object({}));
  const said: { errors: ErrorDefinition[]; hints: typeof hints; params: typeof params } = { errors, hints, params };
  module.function({
    ...said,
    name: "list_sizes",
    summary: "List the types that a server can have.",
    returns: sizes,
    run: (_, call) => withClient(call, settings(), listSizes),
  });
  module.function({
    ...said,
    name: "list_images",
    summary: "List what a server can be made from.",
    returns: images,
    run: (_, call) => withClient(call, settings(), listImages),
  });
}
