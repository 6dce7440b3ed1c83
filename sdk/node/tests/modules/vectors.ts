// Owns the module `vectors` of schemas/v1/vectors/README.md, made with this SDK; knows no case.

import { isDeepStrictEqual } from "node:util";

import { HubFunctionError, InvalidParams, type JsonObject, Module, s } from "../../src/index.js";

/** Return a fresh module `vectors`. */
export function vectorsModule(): Module {
  let settings: JsonObject = {};
  const module: Module = new Module({
    name: "vectors",
    version: "1.0.0",
    license: "Apache-2.0",
    authors: ["The hub authors"],
    permissions: ["store", "call:other", "credentials"],
    implements: ["example.vectors/1.0"],
    onInit({ config, dataDirectory, disable }) {
      if (typeof config["fail"] === "string") throw new InvalidParams(config["fail"], "/fail");
      if (typeof config["disable"] === "string") return disable(config["disable"]);
      settings = { config, data_directory: dataDirectory };
    },
  });
  let changes = 0;
  addPlain(module);
  addServices(module);
  return module
    .function({
      name: "change",
      returns: s.null(),
      run() {
        changes += 1;
        module.function({ name: `changed_${changes}`, run: () => null });
        return null;
      },
    })
    .function({ name: "settings", returns: s.record(), run: () => settings });
}

function addPlain(module: Module): void {
  module
    .function({ name: "echo", params: s.object({ value: s.any() }), run: ({ value }) => value })
    .function({
      name: "add",
      params: s.object({ a: s.integer(), b: s.integer() }),
      returns: s.integer(),
      run: ({ a, b }) => a + b,
    })
    .function({
      name: "slow",
      run: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
    })
    .function({
      name: "fail",
      params: s.object({ code: s.integer(), message: s.string(), data: s.any().optional() }),
      run({ code, message, data }) {
        throw new HubFunctionError(code, message, data);
      },
    })
    .function({
      name: "raise",
      params: s.object({ secret: s.string({ secret: true }) }),
      run({ secret }) {
        throw new Error(`cannot log in with ${secret}`);
      },
    });
}

function addServices(module: Module): void {
  module
    .function({
      name: "steps",
      params: s.object({ count: s.integer() }),
      returns: s.integer(),
      run({ count }, call) {
        for (let done = 1; done <= count; done += 1) call.progress(done, { total: count });
        return count;
      },
    })
    .function({
      name: "call_back",
      params: s.object({ function: s.string(), params: s.record().optional() }),
      run: ({ function: address, params }, call) => call.call(address, params),
    })
    .function({
      name: "remember",
      params: s.object({ key: s.string(), value: s.any() }),
      async run({ key, value }, call) {
        await call.store.set(key, value);
        const kept = await call.store.get(key);
        return kept.found ? kept.value : null;
      },
    })
    .function({
      name: "forget",
      params: s.object({ key: s.string() }),
      returns: s.boolean(),
      run: ({ key }, call) => call.store.delete(key),
    })
    .function({
      name: "keep",
      params: s.object({ name: s.string(), value: s.any(), ttl_seconds: s.number().optional() }),
      async run({ name, value, ttl_seconds: ttlSeconds }, call) {
        const kept = await call.credentials.put(name, value, ttlSeconds === undefined ? {} : { ttlSeconds });
        const again = await call.credentials.get(name);
        return { account: call.account, kept, same: again.found && isDeepStrictEqual(again.value, value) };
      },
    })
    .function({
      name: "discard",
      params: s.object({ name: s.string() }),
      returns: s.boolean(),
      run: ({ name }, call) => call.credentials.delete(name),
    })
    .function({
      name: "log",
      params: s.object({ level: s.enum(["debug", "info", "warning", "error"]), message: s.string() }),
      returns: s.null(),
      run({ level, message }, call) {
        call.log(level, message);
        return null;
      },
    });
}
