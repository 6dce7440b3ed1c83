// Owns `module_init`: the configuration is checked, the author's hook runs, its word on disabling is kept; sends nothing.

import type { JsonObject } from "../types/json.js";
import type { AnySchema } from "../types/schema.js";
import type { Call } from "./call.js";
import type { Init } from "./definition.js";
import { Misfit } from "./failure.js";
import type { Module } from "./module.js";

/** Return the result of `module_init` with these params, at once where the hook allows it. Throws what the hook throws, and Misfit. */
export function initialise(module: Module<AnySchema | undefined>, params: JsonObject, call: Call): object | Promise<object> {
  const { config = {}, data_directory: dataDirectory = "" } = params;
  const checked = module.config?.check(config) ?? { ok: true, value: config };
  if (!checked.ok) throw new Misfit("configuration", checked.problems);
  let reason: string | undefined;
  const disable = (why: string): void => {
    reason = why;
  };
  const init = { config: checked.value, dataDirectory, disable, call } as Init<AnySchema | undefined>;
  const result = (): object => (reason === undefined ? {} : { disable: reason });
  const hook = module.definition.onInit?.(init);
  return hook === undefined ? result() : hook.then(result);
}
