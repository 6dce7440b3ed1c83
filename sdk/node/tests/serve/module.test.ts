// Owns what an author may write down, and what is announced of it; runs nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BadModule, HubFunctionError, Module, s } from "../../src/index.js";

const GOOD = { name: "m", version: "1.0.0", license: "MIT", authors: ["You <you@example.org>"] };
const refused = (make: () => unknown): void => assert.throws(make, (error) => error instanceof BadModule && error.message.includes("\nhint: "));

test("a module that no hub would take cannot be written", () => {
  for (const name of ["M", "1m", "", "a b", "x".repeat(65), undefined]) refused(() => new Module({ ...GOOD, name: name as string }));
  for (const version of ["1", "1.0", "v1.0.0", "1.0.0-01", "01.0.0"]) refused(() => new Module({ ...GOOD, version }));
  for (const authors of [[], [" "], "you"]) refused(() => new Module({ ...GOOD, authors: authors as string[] }));
  refused(() => new Module({ ...GOOD, license: " " }));
  refused(() => new Module({ ...GOOD, permissions: ["call:"] }));
});

test("a function that no hub would take cannot be written (HUB-CAPS-2, HUB-CAPS-3, HUB-CAPS-6)", () => {
  const run = (): null => null;
  for (const name of ["ping", "module_x", "capabilities", "hub.x", "1f", "f g", ""]) refused(() => new Module(GOOD).function({ name, run }));
  refused(() => new Module(GOOD).function({ name: "f", run }).function({ name: "f", run }));
  refused(() => new Module(GOOD).function({ name: "f", params: s.integer(), run }));
  refused(() => new Module(GOOD).function({ name: "f", errors: [{ code: -31000, message: "no" }], run }));
  refused(() => new Module(GOOD).function({ name: "f", params: "no schema" as never, run }));
  assert.throws(() => new HubFunctionError(-32000, "no"), RangeError);
});

test("what is announced has the protocol's spelling, and nothing that was not said (HUB-MSG-8)", () => {
  const module = new Module({ ...GOOD, requiredModules: { system: "^1.0" }, extraInfo: { a: "b" }, homepage: "https://example.org" }).function({
    name: "f",
    summary: "one line",
    params: s.object({ a: s.integer() }),
    returns: s.null(),
    errors: [{ code: 7, message: "no", data: s.string() }],
    examples: [{ params: { a: 1 }, result: null }],
    hints: { readOnly: true, openWorld: false },
    deprecated: { since: "1.0.0", useInstead: "g" },
    timeoutSeconds: 5,
    run: () => null,
  });
  assert.deepEqual(module.info, {
    ...GOOD, homepage: "https://example.org", required_modules: { system: "^1.0" }, extra_info: { a: "b" },
    features: ["cancel", "concurrent", "context", "host_services", "progress"],
  });
  const params = { type: "object", properties: { a: { type: "integer" } }, required: ["a"], additionalProperties: false };
  assert.deepEqual(module.capabilities(), {
    functions: [{
      name: "f", summary: "one line", params, returns: { type: "null" }, errors: [{ code: 7, message: "no", data: { type: "string" } }],
      examples: [{ params: { a: 1 }, result: null }], hints: { read_only: true, open_world: false },
      deprecated: { since: "1.0.0", use_instead: "g" }, timeout_seconds: 5,
    }],
  });
  assert.deepEqual(new Module(GOOD).function({ name: "g", run: () => 1 }).capabilities(), { functions: [{ name: "g" }] });
});
