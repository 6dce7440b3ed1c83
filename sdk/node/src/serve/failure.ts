// Owns the one place where whatever a handler throws becomes an error object (HUB-CALL-4, HUB-HOST-5); sends nothing.

import { CannotSend } from "../codec/strict.js";
import { ERROR_CODES, HubCallError, HubFunctionError, InvalidParams, type Problem } from "../types/errors.js";
import type { Log } from "../log/index.js";
import { type Call, CallEnded } from "./call.js";

export interface Failure {
  code: number;
  message: string;
  data?: unknown;
}

/** Thrown by the SDK's own check of arguments or a configuration. */
export class Misfit extends Error {
  constructor(
    what: string,
    readonly problems: readonly Problem[],
  ) {
    const words = problems.map(({ pointer, message }) => (pointer === "" ? message : `${pointer} ${message}`));
    super(`cannot use the ${what}: ${words.join("; ")}`);
  }

  toFailure(): Failure {
    return { code: ERROR_CODES.invalid_params, message: this.message, data: { errors: this.problems } };
  }
}

/** Return the error that the caller gets for `error`, thrown in `call`. */
export function toFailure(error: unknown, call: Call, log: Log, correlationId: () => string): Failure {
  if (error instanceof HubFunctionError) {
    return { code: error.code, message: error.message, ...(error.data === undefined ? {} : { data: error.data }) };
  }
  const ended: unknown = call.signal.reason;
  if (call.signal.aborted && ended instanceof CallEnded) return { code: ERROR_CODES[ended.kind], message: ended.message };
  if (error instanceof Misfit) return error.toFailure();
  if (error instanceof InvalidParams) {
    const { message, pointer } = error;
    return { code: ERROR_CODES.invalid_params, message, data: { errors: [{ pointer, message }] } };
  }
  if (error instanceof HubCallError) {
    const message = `a host service answered with an error: ${error.message}`;
    return { code: ERROR_CODES.host_call_failed, message, data: { cause: error.toJSON() } };
  }
  return unexpected(error, call, log, correlationId());
}

/** Log the text of an error that nobody expected; return one without it, because secrets travel in such texts. */
function unexpected(error: unknown, call: Call, log: Log, id: string): Failure {
  const trace = call.traceId === undefined ? {} : { trace_id: call.traceId };
  log.error(`${call.method} failed unexpectedly`, { correlation_id: id, ...trace, error: describe(error) });
  // What cannot be sent is told: these words are ours, and never show the value.
  const why = error instanceof CannotSend ? `its result cannot be sent: ${error.message}` : "it failed unexpectedly";
  return {
    code: ERROR_CODES.internal_error,
    message: `cannot answer ${call.method}: ${why} (the module's log says more under ${id})`,
    data: { correlation_id: id },
  };
}

/** Return the text of whatever was thrown. */
export function describe(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : `thrown: ${String(error)}`;
  } catch {
    return "thrown: something that cannot be shown";
  }
}
