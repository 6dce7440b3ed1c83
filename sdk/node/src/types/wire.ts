// Owns the objects of the protocol as they stand on the wire, in its own spelling; knows nothing of the friendly types.

import type { JsonObject, JsonSchema, JsonValue } from "./json.js";

/** The result of `module_info`. */
export interface ModuleInfo {
  name: string;
  version: string;
  license: string;
  authors: readonly string[];
  description?: readonly string[];
  required_modules?: Readonly<Record<string, string>>;
  extra_info?: Readonly<Record<string, string>>;
  homepage?: string;
  protocol_version?: number;
  features?: readonly string[];
}

/** One of a function's own errors. */
export interface ErrorInfo {
  code: number;
  message: string;
  data?: JsonSchema;
}

export interface ExampleInfo {
  summary?: string;
  params?: unknown;
  result?: unknown;
  error?: number;
}

export interface HintsInfo {
  read_only?: boolean;
  destructive?: boolean;
  idempotent?: boolean;
  open_world?: boolean;
}

/** One entry of `functions` in the result of `capabilities`. */
export interface FunctionInfo {
  name: string;
  summary?: string;
  description?: string;
  params?: JsonSchema;
  returns?: JsonSchema;
  errors?: readonly ErrorInfo[];
  examples?: readonly ExampleInfo[];
  hints?: HintsInfo;
  deprecated?: { since?: string; use_instead?: string };
  timeout_seconds?: number;
}

/** The result of `capabilities`. */
export interface Capabilities {
  functions: readonly FunctionInfo[];
  permissions?: readonly string[];
  implements?: readonly string[];
}

/** The params of `module_init`. */
export interface InitParams {
  config: JsonObject;
  data_directory: string;
}

/** What goes with a call, beside its params (HUB-CALL-6); whatever else the hub sends is kept. */
export interface CallContext {
  timeout_ms?: number;
  trace_id?: string;
  chain?: string[];
  profile?: string;
  [later: string]: JsonValue | undefined;
}

export type AskResult = { action: "accept"; content: JsonObject } | { action: "decline" };
export type StoreGetResult = { found: true; value: JsonValue } | { found: false; value?: undefined };
export type CredentialsGetResult = StoreGetResult;
/** Where the hub keeps a credential, which the person chose: until it ends, or in the system's keyring (HUB-CRED-4). */
export type Kept = "session" | "keyring";
export type LogLevel = "debug" | "info" | "warning" | "error";
