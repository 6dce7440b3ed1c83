// Owns how an author writes a module and its functions down; knows nothing of running them.

import type { AnySchema, ArgumentsOf, InputOf, OutputOf } from "../types/schema.js";
import type { JsonObject } from "../types/json.js";
import type { Call } from "./call.js";

/** One of a function's own errors, as it is announced. `code` is outside -32768..-31000. */
export interface ErrorDefinition {
  code: number;
  message: string;
  data?: AnySchema;
}

/** A true example: the conformance runner executes it. With `error`, a code, instead of `result` where it fails. */
export interface Example<P, R> {
  summary?: string;
  params?: [P] extends [undefined] ? Record<string, never> : InputOf<P, JsonObject>;
  result?: [R] extends [undefined] ? unknown : OutputOf<R>;
  error?: number;
}

export interface Hints {
  readOnly?: boolean;
  destructive?: boolean;
  idempotent?: boolean;
  openWorld?: boolean;
}

/** What a handler answers: checked by the compiler here, and against the schema by the hub. */
export type ResultOf<R> = [R] extends [undefined] ? unknown : InputOf<R, unknown>;

export interface FunctionDefinition<P extends AnySchema | undefined, R extends AnySchema | undefined> {
  /** `[A-Za-z][A-Za-z0-9_-]*`, at most 64 characters. */
  name: string;
  /** One line. */
  summary?: string;
  description?: string;
  /** Of an object: arguments go by name. Absent means "takes none". */
  params?: P;
  /** Absent means any value. */
  returns?: R;
  errors?: readonly ErrorDefinition[];
  examples?: readonly Example<P, R>[];
  hints?: Hints;
  deprecated?: { since?: string; useInstead?: string };
  /** How long a call may take when the caller says nothing; else 30. */
  timeoutSeconds?: number;
  /** The work. `call.signal` is aborted when nobody waits for the answer any more. */
  run(args: ArgumentsOf<P>, call: Call): ResultOf<R> | Promise<ResultOf<R>>;
}

/** What `onInit` gets: the configuration, a directory of the module's own, and the services of a call. */
export interface Init<C> {
  config: C extends undefined ? JsonObject : OutputOf<C, JsonObject>;
  dataDirectory: string;
  /** `return init.disable("why")`: the module must not run here and now, which is no failure (HUB-LIFE-10). */
  disable(reason: string): void;
  call: Call;
}

export interface ModuleDefinition<C extends AnySchema | undefined = undefined> {
  /** `[a-z][a-z0-9_-]*`, at most 64 characters. */
  name: string;
  /** Strict SemVer 2.0. */
  version: string;
  /** An SPDX expression. */
  license: string;
  authors: readonly string[];
  description?: readonly string[];
  homepage?: string;
  /** Module name → requirement, such as `{ system: "^1.0" }`. */
  requiredModules?: Readonly<Record<string, string>>;
  extraInfo?: Readonly<Record<string, string>>;
  /** Host services it wants: `ask`, `store`, `credentials`, `call:MODULE`, `call:MODULE.FUNCTION`, `call:*`. */
  permissions?: readonly string[];
  /** Interfaces that its functions satisfy, with their versions: `["cloud.compute/1.0"]` (HUB-CAPS-9). */
  implements?: readonly string[];
  /** Of the object that `onInit` gets; a configuration that does not fit is refused, naming the member (HUB-INIT-2). */
  config?: C;
  /** Runs once, before the first call. Throw InvalidParams for a configuration that cannot be used. */
  onInit?(init: Init<C>): void | Promise<void>;
  /** Runs once, at the end, for about three seconds at most. */
  onCleanup?(call: Call | undefined): void | Promise<void>;
}

