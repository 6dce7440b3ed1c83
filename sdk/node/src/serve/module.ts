// Owns a module as it is written: what it says of itself and its functions, checked as they are defined; runs nothing.

import { BadModule, isModuleCode } from "../types/errors.js";
import { MAX_FUNCTIONS } from "../types/limits.js";
import { FEATURES, FUNCTION_NAME, INTERFACE, isReserved, MODULE_NAME, PERMISSION, SEMVER } from "../types/names.js";
import { type AnySchema, ready, type ReadySchema } from "../types/schema.js";
import type { Capabilities, FunctionInfo, ModuleInfo } from "../types/wire.js";
import type { Call } from "./call.js";
import type { FunctionDefinition, Hints, ModuleDefinition } from "./definition.js";

/** A function ready to be called. */
export interface ReadyFunction {
  info: FunctionInfo;
  params: ReadySchema | undefined;
  returns: ReadySchema | undefined;
  run(args: unknown, call: Call): unknown;
}

/** A module: `new Module({...})`, then `.function({...})` for each function, then `run(module)`. */
export class Module<C extends AnySchema | undefined = undefined> {
  /** The answer to `module_info`, but for the version that is picked there. */
  readonly info: ModuleInfo;
  readonly config: ReadySchema | undefined;
  readonly definition: ModuleDefinition<C>;
  readonly #functions = new Map<string, ReadyFunction>();
  readonly #listeners = new Set<() => void>();

  /** Throws BadModule. */
  constructor(definition: ModuleDefinition<C>) {
    checkModule(definition);
    this.definition = definition;
    this.info = toInfo(definition);
    this.config = definition.config && ready(definition.config, `the config schema of ${definition.name}`, "input");
  }

  /** Add a function and return the module. Throws BadModule. While the module runs, the hub is told (HUB-CAPS-8). */
  function<P extends AnySchema | undefined = undefined, R extends AnySchema | undefined = undefined>(
    definition: FunctionDefinition<P, R>,
  ): this {
    const { name } = definition;
    checkName(name);
    if (this.#functions.has(name)) {
      throw new BadModule(`cannot define function ${name}: there is one already`, "give each function a name of its own");
    }
    if (this.#functions.size >= MAX_FUNCTIONS) {
      throw new BadModule(`cannot define function ${name}: there are ${MAX_FUNCTIONS} already`, "make several modules");
    }
    this.#functions.set(name, readyFunction(definition));
    for (const changed of this.#listeners) changed();
    return this;
  }

  find(name: string): ReadyFunction | undefined {
    return this.#functions.get(name);
  }

  /** The answer to `capabilities`. */
  capabilities(): Capabilities {
    const { permissions, implements: interfaces } = this.definition;
    const functions = [...this.#functions.values()].map((entry) => entry.info);
    return { functions, ...present({ permissions, implements: interfaces }) };
  }

  /** Call `changed` after each function that is added from now on; return what ends that. */
  onChange(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }
}

function checkModule(definition: ModuleDefinition<AnySchema | undefined>): void {
  const { name, version, license, authors, permissions = [], implements: interfaces = [] } = definition;
  const refuse = (what: string, hint: string): never => {
    throw new BadModule(`cannot define module ${JSON.stringify(name)}: ${what}`, hint);
  };
  // A regular expression takes undefined for a word.
  if (typeof name !== "string" || !MODULE_NAME.test(name)) refuse("its name is no module name", "write lower-case letters, digits, - and _, a letter first, at most 64");
  if (!SEMVER.test(version)) refuse(`"${version}" is no version`, "write three numbers, such as 1.4.0");
  if (typeof license !== "string" || license.trim() === "") refuse("it has no licence", 'write an SPDX expression, such as "MIT"');
  if (!Array.isArray(authors) || authors.length === 0 || authors.some((author) => !String(author).trim())) {
    refuse("it has no authors", 'write at least one: ["You <you@example.org>"]');
  }
  for (const permission of permissions) {
    if (!PERMISSION.test(permission)) refuse(`"${permission}" is no permission`, "write ask, store, credentials, call:module, call:module.function or call:*");
  }
  for (const one of interfaces) {
    if (!INTERFACE.test(one)) refuse(`"${one}" is no interface`, "write its name, which has a dot, and its version: cloud.compute/1.0");
  }
}

function checkName(name: string): void {
  if (typeof name !== "string" || !FUNCTION_NAME.test(name)) {
    const hint = "write letters, digits, - and _, a letter first, at most 64";
    throw new BadModule(`cannot define function ${JSON.stringify(name)}: it is no function name`, hint);
  }
  if (isReserved(name)) throw new BadModule(`cannot define function ${name}: the name is reserved`, "choose another name");
}

function toInfo(definition: ModuleDefinition<AnySchema | undefined>): ModuleInfo {
  const { name, version, license, authors, description, homepage, requiredModules, extraInfo } = definition;
  return {
    name,
    version,
    license,
    authors,
    ...present({ description, homepage, required_modules: requiredModules, extra_info: extraInfo }),
    features: FEATURES,
  };
}

function readyFunction<P extends AnySchema | undefined, R extends AnySchema | undefined>(
  definition: FunctionDefinition<P, R>,
): ReadyFunction {
  const { name } = definition;
  const params = definition.params && ready(definition.params, `the params schema of ${name}`, "input");
  if (params && params.json["type"] !== "object") {
    throw new BadModule(`cannot define function ${name}: its params schema is not of an object`, "arguments go by name: write s.object({...})");
  }
  const returns = definition.returns && ready(definition.returns, `the returns schema of ${name}`, "output");
  const info: FunctionInfo = {
    name,
    ...present({
      summary: definition.summary,
      description: definition.description,
      params: params?.json,
      returns: returns?.json,
      errors: definition.errors?.map((error) => errorInfo(name, error)),
      examples: definition.examples,
      hints: definition.hints && hintsInfo(definition.hints),
      deprecated: definition.deprecated && present({ since: definition.deprecated.since, use_instead: definition.deprecated.useInstead }),
      timeout_seconds: definition.timeoutSeconds,
    }),
  };
  return { info, params, returns, run: (args, call) => definition.run(args as never, call) };
}

function errorInfo(name: string, { code, message, data }: { code: number; message: string; data?: AnySchema }) {
  if (!isModuleCode(code)) {
    throw new BadModule(`cannot define function ${name}: error code ${code} is not free for modules`, "take a positive integer, such as 1001");
  }
  return { code, message, ...(data ? { data: ready(data, `the data schema of error ${code} of ${name}`, "output").json } : {}) };
}

function hintsInfo({ readOnly, destructive, idempotent, openWorld }: Hints) {
  return present({ read_only: readOnly, destructive, idempotent, open_world: openWorld });
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Return the members that are there: absent means absent (HUB-MSG-8). */
function present<T extends object>(members: T): Present<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;
}
