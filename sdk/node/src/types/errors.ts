// Owns the error codes and every error class that an author meets; knows nothing of messages or of who catches them.

import type { JsonValue } from "./json.js";

/** The code of each kind of error (HUB-ERR-1). Kinds and codes are stable. */
export const ERROR_CODES = {
  parse_error: -32700,
  invalid_request: -32600,
  method_not_found: -32601,
  invalid_params: -32602,
  internal_error: -32603,
  cancelled: -31000,
  timeout: -31001,
  module_died: -31002,
  invalid_arguments: -31003,
  invalid_result: -31004,
  overloaded: -31005,
  frame_too_large: -31006,
  write_blocked: -31007,
  not_found: -31010,
  not_approved: -31011,
  not_permitted: -31012,
  not_running: -31020,
  backing_off: -31021,
  gave_up: -31022,
  disabled: -31023,
  dependency_failed: -31024,
  start_failed: -31025,
  handshake_failed: -31026,
  no_common_version: -31027,
  init_failed: -31028,
  protocol_error: -31029,
  call_cycle: -31040,
  call_too_deep: -31041,
  context_ended: -31042,
  nobody_to_ask: -31043,
  store_full: -31044,
  host_call_failed: -31045,
  credentials_unavailable: -31046,
  bad_interface: -31050,
  bad_manifest: -31060,
  bad_license: -31061,
  bad_settings: -31062,
  usage: -31063,
  interrupted: -31064,
  closed: -31065,
} as const;

export type ErrorKind = keyof typeof ERROR_CODES;

const KIND_OF_CODE = new Map<number, string>(Object.entries(ERROR_CODES).map(([kind, code]) => [code, kind]));

/** Return whether `code` is free for a module's own errors (HUB-ERR-2). */
export function isModuleCode(code: number): boolean {
  return Number.isSafeInteger(code) && !(code >= -32768 && code <= -31000);
}

/** An error object as it stands on the wire (HUB-MSG-5). */
export interface WireError {
  code: number;
  message: string;
  data?: JsonValue;
}

/** One thing that is wrong with a value: where (a JSON pointer, RFC 6901; "" is the whole value) and what. */
export interface Problem {
  pointer: string;
  message: string;
}

/** The module is written in a way that cannot work. Thrown while it is being defined; the hint says what to write instead. */
export class BadModule extends TypeError {
  override readonly name = "BadModule";

  constructor(message: string, hint: string) {
    super(`${message}\nhint: ${hint}`);
  }
}

/** Throw it in a function: the caller gets this code, message and data (HUB-CALL-3). */
export class HubFunctionError extends Error {
  override readonly name = "HubFunctionError";

  /** Throws RangeError when `code` belongs to JSON-RPC or the hub. */
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
    if (!isModuleCode(code)) {
      throw new RangeError(`cannot use ${code} as an error code: -32768 to -31000 belong to JSON-RPC and the hub`);
    }
  }
}

/** Throw it for arguments (or, in `onInit`, a configuration) that fit their schema and still cannot be used (HUB-CALL-2). */
export class InvalidParams extends Error {
  override readonly name = "InvalidParams";

  /** `message` reaches the caller as it is; `pointer` leads to what is wrong, "/limit" for instance. */
  constructor(
    message: string,
    readonly pointer = "",
  ) {
    super(message);
  }
}

/** The hub answered a host service with an error. Caught by nobody, it ends the function with -31045 (HUB-HOST-5). */
export class HubCallError extends Error {
  override readonly name = "HubCallError";
  /** A key of ERROR_CODES, or "function_error" for an error of the called module's own. */
  readonly kind: string;

  constructor(
    readonly code: number,
    message: string,
    readonly data?: JsonValue,
  ) {
    super(message);
    const told = typeof data === "object" && data !== null && !Array.isArray(data) ? data["kind"] : undefined;
    this.kind = typeof told === "string" ? told : (KIND_OF_CODE.get(code) ?? "function_error");
  }

  /** Return the error of that kind, found out on this side of the pipe. */
  static ofKind(kind: ErrorKind, message: string): HubCallError {
    return new HubCallError(ERROR_CODES[kind], message);
  }

  /** Return the error object as it stood on the wire. */
  toJSON(): WireError {
    return { code: this.code, message: this.message, ...(this.data === undefined ? {} : { data: this.data }) };
  }
}
