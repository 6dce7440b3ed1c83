// Owns the module's store as a handler sees it (HUB-HOST-4); knows nothing of connections.

import { HubCallError } from "../types/errors.js";
import type { JsonObject, JsonValue } from "../types/json.js";
import { HUB_STORE_DELETE, HUB_STORE_GET, HUB_STORE_LIST, HUB_STORE_SET } from "../types/names.js";
import type { StoreGetResult } from "../types/wire.js";

export type AskHub = (method: string, params: object) => Promise<JsonValue>;

/** Settings and cursors that survive restarts; needs the permission `store`. All methods reject with HubCallError. */
export class Store {
  readonly #ask: AskHub;

  constructor(ask: AskHub) {
    this.#ask = ask;
  }

  /** Return what stands under `key`, which has 1 to 256 characters. */
  async get(key: string): Promise<StoreGetResult> {
    return found(await this.#ask(HUB_STORE_GET, { key }));
  }

  /** Keep `value`, at most 1 MiB of JSON. */
  async set(key: string, value: unknown): Promise<void> {
    await this.#ask(HUB_STORE_SET, { key, value });
  }

  /** Forget what stands under `key`; return whether there was anything. */
  async delete(key: string): Promise<boolean> {
    return member(await this.#ask(HUB_STORE_DELETE, { key }), "deleted", "boolean")["deleted"] as boolean;
  }

  /** Return the keys that begin with `prefix`, sorted. */
  async list(prefix = ""): Promise<string[]> {
    const { keys } = member(await this.#ask(HUB_STORE_LIST, prefix === "" ? {} : { prefix }), "keys", "object");
    if (!Array.isArray(keys)) throw unreadable();
    return keys as string[];
  }
}

/** Read the hub's answer to a question for something kept. Throws HubCallError. */
export function found(answered: JsonValue): StoreGetResult {
  const answer = member(answered, "found", "boolean");
  if (!answer["found"]) return { found: false };
  if (!Object.hasOwn(answer, "value")) throw unreadable();
  return { found: true, value: answer["value"] as JsonValue };
}

/** Read the hub's answer as an object with this member. Throws HubCallError. */
export function member(answer: JsonValue, name: string, type: string): JsonObject {
  if (typeof answer === "object" && answer !== null && !Array.isArray(answer) && typeof answer[name] === type) return answer;
  throw unreadable();
}

function unreadable(): HubCallError {
  return HubCallError.ofKind("protocol_error", "the hub's answer does not have the shape that the protocol says");
}
