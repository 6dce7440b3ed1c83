// Owns the host services that a test gives to a module: a store in memory, and the test's own answers; knows no connection.

import { ERROR_CODES, HubCallError } from "../types/errors.js";
import type { JsonObject, JsonSchema, JsonValue } from "../types/json.js";
import * as names from "../types/names.js";
import type { AskResult } from "../types/wire.js";

/** What the test answers in the hub's place. Throw a HubCallError to answer with an error. */
export interface Services {
  /** `hub.call`. Without it there is no other module. */
  call?(address: string, params: JsonObject, signal: AbortSignal): unknown;
  /** `hub.ask`. Without it there is nobody to ask. */
  ask?(message: string, schema: JsonSchema): AskResult | Promise<AskResult>;
  /** What is in the store at the beginning; a test may look into it afterwards. */
  store?: Map<string, JsonValue>;
  /** What is kept for each account at the beginning, by name. Its time does not pass: delete what is to be over. */
  credentials?: Map<string, Map<string, JsonValue>>;
}

/** One request of the module, in a call for an account. */
export interface Asked {
  method: string;
  params: JsonObject;
  account: string;
  signal: AbortSignal;
}

/** Return its result. Rejects with HubCallError. */
export async function serveRequest(services: Services, { method, params, account, signal }: Asked): Promise<unknown> {
  const { key, name, value, prefix = "" } = params;
  const store = (services.store ??= new Map<string, JsonValue>());
  switch (method) {
    case names.HUB_CALL:
      if (!services.call) throw HubCallError.ofKind("not_found", `there is no function ${String(params["function"])} in this test`);
      return services.call(String(params["function"]), (params["params"] ?? {}) as JsonObject, signal);
    case names.HUB_ASK:
      if (!services.ask) throw HubCallError.ofKind("nobody_to_ask", "there is nobody to ask in this test");
      return services.ask(String(params["message"]), params["schema"] as JsonSchema);
    case names.HUB_STORE_GET:
      return foundIn(store, keyOf(key));
    case names.HUB_STORE_SET:
      store.set(keyOf(key), value as JsonValue);
      return {};
    case names.HUB_STORE_DELETE:
      return { deleted: store.delete(keyOf(key)) };
    case names.HUB_STORE_LIST:
      return { keys: [...store.keys()].filter((name) => name.startsWith(String(prefix))).sort() };
    case names.HUB_CREDENTIALS_GET:
      return foundIn(keptFor(account, services), nameOf(name));
    case names.HUB_CREDENTIALS_PUT:
      keptFor(account, services).set(nameOf(name), value as JsonValue);
      return { kept: "session" };
    case names.HUB_CREDENTIALS_DELETE:
      return { deleted: keptFor(account, services).delete(nameOf(name)) };
    default:
      throw new HubCallError(ERROR_CODES.method_not_found, `there is no method ${method}`);
  }
}

function foundIn(kept: Map<string, JsonValue>, name: string): object {
  return kept.has(name) ? { found: true, value: kept.get(name) } : { found: false };
}

function keptFor(account: string, services: Services): Map<string, JsonValue> {
  const accounts = (services.credentials ??= new Map<string, Map<string, JsonValue>>());
  const kept = accounts.get(account) ?? new Map<string, JsonValue>();
  accounts.set(account, kept);
  return kept;
}

function keyOf(key: JsonValue | undefined): string {
  return textOf(key, "a key", 256);
}

function nameOf(name: JsonValue | undefined): string {
  return textOf(name, "a name", 64);
}

function textOf(text: JsonValue | undefined, what: string, most: number): string {
  if (typeof text === "string" && text.length >= 1 && text.length <= most) return text;
  throw HubCallError.ofKind("invalid_params", `${what} is a string of 1 to ${most} characters`);
}
