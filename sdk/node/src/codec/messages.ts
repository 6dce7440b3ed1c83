// Owns the JSON-RPC 2.0 envelope (HUB-MSG, HUB-ID): values to messages; knows nothing of methods or of who is talking.

import type { WireError } from "../types/errors.js";
import type { JsonObject, JsonValue } from "../types/json.js";
import { MAX_ID_CHARS, MAX_METHOD_CHARS } from "../types/limits.js";
import { tokens } from "./scan.js";

export type Id = number | string;

export type Message =
  | { type: "request"; id: Id; method: string; params: JsonObject; context?: JsonObject }
  | { type: "notification"; method: string; params: JsonObject }
  | { type: "response"; id: Id; result: JsonValue }
  | { type: "error"; id: Id | null; error: WireError };

/** JSON that is no message; `id` is the message's, where it has a good one. */
export interface Invalid {
  type: "invalid";
  kind: "invalid_request" | "invalid_params" | "protocol_error";
  reason: string;
  id: Id | null;
  isResponse: boolean;
  isNotification: boolean;
}

/** Return whether `value` may be an id (HUB-ID-1). */
export function isId(value: unknown): value is Id {
  return typeof value === "number" ? Number.isSafeInteger(value) : isShortString(value, MAX_ID_CHARS);
}

function isShortString(value: unknown, maxChars: number): value is string {
  if (typeof value !== "string" || value.length === 0) return false;
  return value.length <= maxChars || (value.length <= 2 * maxChars && [...value].length <= maxChars);
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Return the message that a decoded frame is, or why it is none. */
export function parse(value: JsonValue): Message | Invalid {
  if (!isObject(value)) {
    return invalid(Array.isArray(value) ? "batches are not part of this protocol" : "a message is an object");
  }
  // `in` would find what every object inherits.
  const has = (name: string): boolean => Object.hasOwn(value, name);
  const isResponse = !has("method") && (has("result") || has("error"));
  const id = has("id") && isId(value["id"]) ? value["id"] : null;
  if (!has("jsonrpc") || value["jsonrpc"] !== "2.0") {
    const isNotification = !has("id") && !isResponse;
    return invalid('the member "jsonrpc" must be "2.0"', { id, isResponse, isNotification });
  }
  return isResponse ? parseResponse(value, id, has) : parseRequest(value, id, has);
}

type Has = (name: string) => boolean;

function invalid(reason: string, more: Partial<Invalid> = {}): Invalid {
  return { type: "invalid", kind: "invalid_request", reason, id: null, isResponse: false, isNotification: false, ...more };
}

function parseRequest(value: JsonObject, id: Id | null, has: Has): Message | Invalid {
  const method = value["method"];
  if (!has("method")) return invalid("it has neither method, result nor error", { id });
  if (!isShortString(method, MAX_METHOD_CHARS)) {
    return invalid('"method" must be a string of 1 to 128 characters', { id });
  }
  if (has("id") && id === null) return invalid('"id" must be an integer or a string of 1 to 128 characters');
  const params = has("params") ? value["params"] : {};
  if (!isObject(params)) {
    const kind = Array.isArray(params) ? "invalid_params" : "invalid_request";
    return invalid('"params" must be an object: arguments go by name', { kind, id, isNotification: id === null });
  }
  if (id === null) return { type: "notification", method, params };
  const context = has("context") ? value["context"] : undefined;
  return { type: "request", id, method, params, ...(isObject(context) ? { context } : {}) };
}

function parseResponse(value: JsonObject, id: Id | null, has: Has): Message | Invalid {
  const broken = (reason: string): Invalid => invalid(reason, { kind: "protocol_error", id, isResponse: true });
  if (has("result")) {
    if (has("error")) return broken("a response has result or error, not both");
    return id === null ? broken('a response needs the "id" of its request') : { type: "response", id, result: value["result"] as JsonValue };
  }
  if (id === null && value["id"] !== null) return broken('a response needs the "id" of its request');
  const error = value["error"];
  if (!isObject(error) || !Number.isInteger(error["code"]) || typeof error["message"] !== "string") {
    return broken('"error" must be an object with "code", an integer, and "message", a string');
  }
  const data = Object.hasOwn(error, "data") ? { data: error["data"] as JsonValue } : {};
  return { type: "error", id, error: { code: error["code"] as number, message: error["message"], ...data } };
}

/** What a frame that is not JSON still tells: its id, and whether it was meant as a request. */
export interface Recovered {
  id: Id | null;
  hasMethod: boolean;
}

/** Read the outermost object of the beginning of a broken frame, in linear time (HUB-ID-5). */
export function recover(head: Buffer): Recovered {
  let depth = 0;
  let name = "";
  let afterColon = false;
  let hasMethod = false;
  const found: string[] = [];
  for (const { start, end } of tokens(head)) {
    const token = head.toString("utf8", start, Math.min(end, start + MAX_TOKEN_BYTES));
    if (token === "{" || token === "[") {
      depth += 1;
    } else if (token === "}" || token === "]") {
      depth -= 1;
    } else if (depth === 1 && afterColon) {
      if (name === '"id"') found.push(token);
      hasMethod ||= name === '"method"';
    } else if (depth === 1 && token !== ":") {
      name = token;
    }
    afterColon = depth === 1 && token === ":";
  }
  return { id: found.length === 1 ? readId(found[0] as string) : null, hasMethod };
}

// An id has at most 128 characters, each of them at most 12 bytes as an escaped pair of surrogates, and two quotes.
const MAX_TOKEN_BYTES = 2 + 12 * MAX_ID_CHARS;

function readId(token: string): Id | null {
  try {
    const value: unknown = JSON.parse(token);
    // 4.0 and 4e0 are written with a fraction or an exponent, which an id never is.
    return isId(value) && !/^[^"]*[.eE]/.test(token) ? value : null;
  } catch {
    return null;
  }
}
