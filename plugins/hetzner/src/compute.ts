// Owns the functions of cloud.compute: what they ask the service, and what they answer; knows nothing of tokens and attempts.

import { HubFunctionError, type Module, s } from "hub-sdk";

import { withClient } from "./account.js";
import type { Client } from "./client.js";
import { signatureOf } from "./contract.js";
import { entries, PAGE_SIZE } from "./pages.js";
import { NOT_FOUND, unavailable } from "./refusals.js";
import type { Settings } from "./settings.js";
import { type Region, regionOf, type Server, serverOf } from "./shapes.js";

const MOST_SERVERS = 100_000;
/** A server's id is a number. Nothing else may become part of a path: `..` would be another one. */
const SERVER_ID = /^[0-9]{1,15}$/;

const ofList = s.object({
  region: s.string({ minLength: 1 }).optional(),
  limit: s.integer({ minimum: 1, maximum: MOST_SERVERS }).optional(),
});
const ofCreate = s.object({
  name: s.string({ minLength: 1, maxLength: 63, pattern: "^[A-Za-z0-9][A-Za-z0-9.-]*$" }),
  region: s.string({ minLength: 1 }),
  size: s.string({ minLength: 1 }),
  image: s.string({ minLength: 1 }),
});
const ofDelete = s.object({ id: s.string({ minLength: 1 }) });

async function listRegions(client: Client): Promise<Region[]> {
  const found: Region[] = [];
  for await (const entry of entries(client, "/v1/locations", "locations")) found.push(regionOf(entry));
  return found;
}

async function listServers(client: Client, { region, limit = MOST_SERVERS }: { region?: string; limit?: number }): Promise<Server[]> {
  const found: Server[] = [];
  // The service cannot look for servers by location, so all are read and chosen here.
  const pageSize = region === undefined ? Math.min(limit, PAGE_SIZE) : PAGE_SIZE;
  for await (const entry of entries(client, "/v1/servers", "servers", pageSize)) {
    const server = serverOf(entry);
    if (region === undefined || server.region === region) found.push(server);
    if (found.length === limit) break;
  }
  return found;
}

async function createServer(client: Client, { name, region, size, image }: Record<"name" | "region" | "size" | "image", string>): Promise<Server> {
  const answer = (await client.ask("POST", "/v1/servers", { name, location: region, server_type: size, image })) as { server?: unknown } | null;
  const made = answer?.server as { id?: unknown } | null | undefined;
  if (!Number.isSafeInteger(made?.id)) throw unavailable("its answer has no server", true);
  // Member by member: the answer has the server's root password beside it.
  return serverOf(made as { id: number }, true);
}

async function deleteServer(client: Client, id: string): Promise<{ deleted: boolean }> {
  if (!SERVER_ID.test(id)) return { deleted: false };
  try {
    await client.ask("DELETE", `/v1/servers/${id}`);
    return { deleted: true };
  } catch (error) {
    if (error instanceof HubFunctionError && error.code === NOT_FOUND) return { deleted: false };
    throw error;
  }
}

/** Add the functions of cloud.compute. */
export function addCompute(module: Module<any>, settings: () => Settings): void {
  module.function({ ...signatureOf("list_regions", s.object({})), run: (_, call) => withClient(call, settings(), listRegions) });
  module.function({
    ...signatureOf("list_servers", ofList),
    run: (args, call) => withClient(call, settings(), (client) => listServers(client, args)),
  });
  module.function({
    ...signatureOf("create_server", ofCreate),
    run: (args, call) => withClient(call, settings(), (client) => createServer(client, args)),
  });
  module.function({
    ...signatureOf("delete_server", ofDelete),
    run: ({ id }, call) => withClient(call, settings(), (client) => deleteServer(client, id)),
  });
}
