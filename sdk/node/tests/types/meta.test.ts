// Owns that the hand-written codes, names and limits are those of schemas/v1/meta.json; knows nothing of their use.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import * as types from "../../src/types/index.js";
import * as names from "../../src/types/names.js";

const meta = JSON.parse(readFileSync(fileURLToPath(new URL("../../../../../schemas/v1/meta.json", import.meta.url)), "utf8"));

test("the error codes are the same", () => {
  const theirs = Object.fromEntries(meta.errors.map(({ kind, code }: { kind: string; code: number }) => [kind, code]));
  assert.deepEqual(types.ERROR_CODES, theirs);
});

test("the limits that this side has are the same", () => {
  const ours = Object.entries(types).filter(([name]) => /^MAX_|^EXIT_|_SECONDS?$|_PER_SECOND$/.test(name));
  assert.ok(ours.length >= 8);
  for (const [name, value] of ours) assert.equal(value, meta.limits[name.toLowerCase()], name);
});

test("names, features, patterns and versions are the same", () => {
  assert.deepEqual([...names.RESERVED_NAMES].sort(), meta.reserved.names);
  assert.deepEqual([...names.RESERVED_PREFIXES].sort(), [...meta.reserved.prefixes].sort());
  assert.deepEqual([...names.FEATURES].sort(), Object.keys(meta.features).sort());
  assert.deepEqual(names.PROTOCOL_VERSIONS, [meta.version]);
  const pattern = (source: string): string => new RegExp(source).source;
  assert.equal(names.MODULE_NAME.source, pattern(meta.patterns.module_name));
  assert.equal(names.FUNCTION_NAME.source, pattern(meta.patterns.function_name));
  assert.equal(names.PERMISSION.source, pattern(meta.patterns.permission));
  assert.equal(names.SEMVER.source, pattern(meta.patterns.semver));
});

test("every method of the protocol is known here", () => {
  const { to_module: toModule, to_hub: toHub } = meta.methods;
  const theirs = [toModule, toHub].flatMap(({ requests, notifications }) => [...Object.keys(requests), ...Object.keys(notifications)]);
  const ours = new Set<unknown>(Object.values(names).filter((value) => typeof value === "string"));
  assert.deepEqual(theirs.filter((name) => !ours.has(name)), []);
});
