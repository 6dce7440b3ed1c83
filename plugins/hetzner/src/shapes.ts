// Owns what the service's servers and locations are in the words of the interface; knows nothing of how they were asked for.

import type { Entry } from "./pages.js";
import { unavailable } from "./refusals.js";

export type Status = "starting" | "running" | "stopping" | "stopped" | "deleting" | "error" | "unknown";

export interface Server {
  id: string;
  name: string;
  status: Status;
  region: string;
  size: string;
  image: string | null;
  public_ipv4: string | null;
  created_at: string | null;
}

export interface Region {
  id: string;
  name: string;
  available: boolean;
}

/** One that is being moved is "unknown": it may run meanwhile or not. */
const STATUSES: Readonly<Record<string, Status>> = {
  initializing: "starting",
  starting: "starting",
  rebuilding: "starting",
  running: "running",
  stopping: "stopping",
  off: "stopped",
  deleting: "deleting",
};

interface RawServer extends Entry {
  name?: unknown;
  status?: unknown;
  created?: unknown;
  server_type?: { name?: unknown };
  location?: { name?: unknown };
  datacenter?: { location?: { name?: unknown } };
  image?: { id?: unknown; name?: unknown } | null;
  public_net?: { ipv4?: { ip?: unknown } | null };
}

/** Return a server as the interface has it. Throws HubFunctionError where what makes it one is missing. */
export function serverOf(entry: Entry, mayHaveExecuted = false): Server {
  const raw = entry as RawServer;
  // The location stood within the data centre once, and stands beside it now.
  const region = raw.location?.name ?? raw.datacenter?.location?.name;
  const size = raw.server_type?.name;
  if (typeof raw.name !== "string" || typeof region !== "string" || typeof size !== "string") {
    throw unavailable(`its server ${raw.id} has no name, location or type`, mayHaveExecuted);
  }
  return {
    id: String(raw.id),
    name: raw.name,
    status: (typeof raw.status === "string" && Object.hasOwn(STATUSES, raw.status) && STATUSES[raw.status]) || "unknown",
    region,
    size,
    // A snapshot has no name, only its number.
    image: textOr(raw.image?.name, raw.image?.id === undefined ? null : String(raw.image.id)),
    public_ipv4: textOr(raw.public_net?.ipv4?.ip, null),
    created_at: momentOf(raw.created),
  };
}

export function regionOf(entry: Entry): Region {
  const { name, city, description } = entry as Entry & { name?: unknown; city?: unknown; description?: unknown };
  if (typeof name !== "string") throw unavailable(`its location ${entry.id} has no name`, false);
  // What is not for sale is not listed.
  return { id: name, name: textOr(city, textOr(description, name)), available: true };
}

function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === "string" && value !== "" ? value : otherwise;
}

/** Return a moment as RFC 3339 in UTC, to the second. */
function momentOf(value: unknown): string | null {
  const moment = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(moment) ? null : new Date(moment).toISOString().replace(/\.\d+Z$/, "Z");
}
