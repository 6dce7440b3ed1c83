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
}

/** Return the result of one request of the module. Rejects with HubCallError. */
export async function serveRequest(services: Services, method: string, params: JsonObject, signal: AbortSignal): Promise<unknown> {
  const { key, value, prefix = "" } = params;
  const store = (services.store ??= new Map<string, JsonValue>());
  switch (method) {
    case names.HUB_CALL:
      if (!services.call) throw HubCallError.ofKind("not_found", `there is no function ${String(params["function"])} in this test`);
      return services.call(String(params["function"]), (params["params"] ?? {}) as JsonObject, signal);
    case names.HUB_ASK:
      if (!services.ask) throw HubCallError.ofKind("nobody_to_ask", "there is nobody to ask in this test");
      return services.ask(String(params["message"]), params["schema"] as JsonSchema);
    case names.HUB_STORE_GET:
      return store.has(keyOf(key)) ? { found: true, value: store.get(keyOf(key)) } : { found: false };
    case names.HUB_STORE_SET:
      store.set(keyOf(key), value as JsonValue);
      return {};
    case names.HUB_STORE_DELETE:
      return { deleted: store.delete(keyOf(key)) };
    case names.HUB_STORE_LIST:
      return { keys: [...store.keys()].filter((name) => name.startsWith(String(prefix))).sort() };
    default:
      throw new HubCallError(ERROR_CODES.method_not_found, `there is no method ${method}`);
  }
}

function keyOf(key: JsonValue | undefined): string {
  if (typeof key === "string" && key.length >= 1 && key.length <= 256) return key;
  throw HubCallError.ofKind("invalid_params", "a key is a string of 1 to 256 characters");
}
