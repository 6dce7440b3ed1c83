// Owns the builder `s`: what it announces, checks and infers; knows no module.

import assert from "node:assert/strict";
import { test } from "node:test";

import { type InputOf, type OutputOf, s } from "../../src/index.js";
import { type AnySchema, ready } from "../../src/types/schema.js";
import { BadModule } from "../../src/types/index.js";

function problems(schema: AnySchema, value: unknown): unknown {
  const checked = ready(schema, "it", "input").check(value);
  return checked.ok ? "fits" : checked.problems;
}

test("an object is closed, and names what is required", () => {
  const schema = s.object({ limit: s.integer({ minimum: 1, description: "how many" }), tag: s.string().optional(), page: s.integer().default(1) });
  assert.deepEqual(schema.toJSONSchema(), {
    type: "object",
    properties: { limit: { type: "integer", minimum: 1, description: "how many" }, tag: { type: "string" }, page: { type: "integer", default: 1 } },
    required: ["limit"],
    additionalProperties: false,
  });
});

test("each problem has its pointer", () => {
  const schema = s.object({ "a/b~c": s.array(s.object({ n: s.integer() })), m: s.record({ values: s.boolean() }) });
  assert.deepEqual(problems(schema, { "a/b~c": [{ n: 1 }, { n: 1.5 }, 7], m: { x: 1 }, moon: "full" }), [
    { pointer: "/moon", message: "is not known" },
    { pointer: "/a~1b~0c/1/n", message: "must be an integer" },
    { pointer: "/a~1b~0c/2", message: "must be an object" },
    { pointer: "/m/x", message: "must be true or false" },
  ]);
  assert.deepEqual(problems(schema, []), [{ pointer: "", message: "must be an object" }]);
});

test("what every JavaScript object inherits is neither there nor known", () => {
  assert.deepEqual(problems(s.object({ toString: s.string() }), {}), [{ pointer: "/toString", message: "is required" }]);
  assert.deepEqual(problems(s.object({}), JSON.parse('{"__proto__":1}')), [{ pointer: "/__proto__", message: "is not known" }]);
});

test("scalars are checked as JSON Schema says", () => {
  const wrong: [AnySchema, unknown][] = [
    [s.string({ minLength: 2 }), "ü"], [s.string({ minLength: 2 }), "\u{1F600}"], [s.string({ maxLength: 1 }), "ab"], [s.string({ pattern: "^a" }), "b"],
    [s.integer({ minimum: 1 }), 0], [s.number({ exclusiveMaximum: 1 }), 1], [s.number({ exclusiveMinimum: 1 }), 1], [s.number({ maximum: 1 }), 2],
    [s.number(), true], [s.boolean(), 1], [s.null(), 0], [s.enum(["a", "b"]), "c"], [s.literal(1), "1"], [s.union([s.string(), s.null()]), 1],
    [s.array(s.any(), { minItems: 1 }), []], [s.array(s.any(), { maxItems: 1 }), [1, 2]],
  ];
  for (const [schema, value] of wrong) assert.notEqual(problems(schema, value), "fits", JSON.stringify([ready(schema, "", "input").json, value]));
  const right: [AnySchema, unknown][] = [
    [s.string({ maxLength: 1 }), "\u{1F600}"], [s.integer(), -0], [s.integer({ maximum: 5 }), 5], [s.any(), null], [s.union([s.string(), s.null()]), null],
    [s.record(), { any: ["thing"] }], [s.literal(null), null], [s.number({ exclusiveMinimum: 0 }), 0.1],
  ];
  for (const [schema, value] of right) assert.equal(problems(schema, value), "fits");
});

test("defaults are filled in, fresh for each call", () => {
  const schema = s.object({ list: s.array(s.integer()).default([]) });
  const [first, second] = [schema.safeParse({}), schema.safeParse({})];
  assert.ok(first.success && second.success);
  first.data.list.push(1);
  assert.deepEqual(second.data, { list: [] });
});

test("a secret is marked for the form", () => {
  assert.deepEqual(s.string({ secret: true }).json, { type: "string", writeOnly: true });
});

test("whatever has safeParse and toJSONSchema is a schema, as zod has; what has only one of them is told so", () => {
  const issues = [{ path: ["a", 0], message: "no" }];
  const seen: unknown[] = [];
  const zodlike = {
    toJSONSchema: (options?: unknown) => (seen.push(options), { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", properties: {} }),
    safeParse: (value: unknown) => (value === 1 ? { success: true, data: 2 } : { success: false, error: { issues } }),
  };
  const { json, check } = ready(zodlike as AnySchema, "it", "input");
  assert.deepEqual(json, { type: "object", properties: {}, additionalProperties: false });
  assert.deepEqual(seen, [{ io: "input", target: "draft-2020-12" }]);
  assert.deepEqual([check(1), check(3)], [{ ok: true, value: 2 }, { ok: false, problems: [{ pointer: "/a/0", message: "no" }] }]);
  assert.throws(() => ready({ safeParse: () => ({ success: true }) } as never, "it", "input"), BadModule);
});

test("a plain JSON Schema is announced word by word, and checked by the hub alone", () => {
  const plain = { type: "object", properties: { a: { type: "integer" } } };
  assert.deepEqual(ready(plain, "it", "input").json, plain);
  assert.equal(problems(plain, { a: "no integer" }), "fits");
});

// Never run: the compiler is the test.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const shape = s.object({ a: s.integer(), b: s.string().optional(), c: s.boolean().default(true), d: s.enum(["x", "y"]), e: s.array(s.null()) });
export const outputIsRight: Same<OutputOf<typeof shape>, { a: number; c: boolean; d: "x" | "y"; e: null[]; b?: string }> = true;
export const inputIsRight: Same<InputOf<typeof shape>, { a: number; d: "x" | "y"; e: null[]; b?: string; c?: boolean }> = true;
