// Owns calls in memory: deadline, cancellation, host services, what becomes of errors; knows no process.

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Call, CallEnded, HubCallError, HubFunctionError, InvalidParams, Module, s } from "../../src/index.js";
import { startModule } from "../../src/testing/index.js";
import { TestClock } from "../clock.js";
import { within } from "../pipes.js";

const GOOD = { name: "m", version: "1.0.0", license: "MIT", authors: ["You"] };
const failsWith = (code: number, data?: unknown) => (error: unknown) =>
  error instanceof HubCallError && error.code === code && (data === undefined || (assert.deepEqual(error.data, data), true));
const untilAborted = (_: unknown, { signal }: Call): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

function one(run: (args: Record<string, never>, call: Call) => unknown): Module {
  return new Module(GOOD).function({ name: "f", run });
}

test("the deadline aborts the call and is what it is answered with", async () => {
  const clock = new TestClock();
  const left: number[] = [];
  const module = one((args, call) => (left.push(call.remainingMilliseconds), untilAborted(args, call)));
  const hub = await startModule(module.function({ name: "quick", run: () => null }), { clock });
  const answer = hub.call("f", {}, { context: { timeout_ms: 1000 } });
  clock.advance(999);
  await hub.ping();
  clock.advance(1);
  await assert.rejects(within(answer, "the answer"), failsWith(-31001));
  await assert.rejects(Promise.all([hub.call("f", {}, { context: { timeout_ms: 0 } }), clock.advance(1)]), failsWith(-31001));
  assert.deepEqual(left, [1000, 0]);
  await hub.call("quick", {}, { context: { timeout_ms: 1000 } });
  assert.equal(clock.waiting, 0);
});

test("a cancelled call is answered once, with -31000 or with the result that was ready (HUB-CANCEL-2)", async () => {
  const reasons: unknown[] = [];
  const module = one((args, call) => (call.signal.addEventListener("abort", () => reasons.push(call.signal.reason)), untilAborted(args, call)));
  module.function({ name: "stubborn", run: (_, { signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("ready"))) });
  const hub = await startModule(module);
  const cancel = new AbortController();
  const answers = [hub.call("f", {}, { signal: cancel.signal }), hub.call("stubborn", {}, { signal: cancel.signal })];
  cancel.abort();
  await assert.rejects(answers[0] as Promise<unknown>, failsWith(-31000));
  assert.equal(await answers[1], "ready");
  assert.ok(reasons[0] instanceof CallEnded && reasons[0].name === "AbortError");
});

test("what a handler throws becomes the error that the protocol says", async () => {
  let thrown: unknown;
  const hub = await startModule(one(() => Promise.reject(thrown as Error)));
  const cases: [unknown, number, unknown?][] = [
    [new HubFunctionError(7, "no", { a: 1 }), 7, { a: 1 }],
    [new InvalidParams("too far", "/limit"), -32602, { errors: [{ pointer: "/limit", message: "too far" }] }],
    [new HubCallError(-31044, "full"), -31045, { cause: { code: -31044, message: "full" } }],
    [new Error("hunter2"), -32603, { correlation_id: "e1" }],
    ["hunter2", -32603, { correlation_id: "e2" }],
    [undefined, -32603, { correlation_id: "e3" }],
    [Object.create(null), -32603, { correlation_id: "e4" }],
  ];
  for (const [error, code, data] of cases) {
    thrown = error;
    await assert.rejects(hub.call("f"), failsWith(code, data));
  }
  const [first] = hub.logged as any[];
  assert.deepEqual([first.level, first.fields.correlation_id], ["error", "e1"]);
  assert.match(first.fields.error, /hunter2/);
});

test("a result that cannot be sent is an internal error, and the module lives on", async () => {
  const results: unknown[] = [NaN, 2 ** 53, () => 1, 10n, "\ud800", "x".repeat(17 * 1024 * 1024), { deep: JSON.parse("[".repeat(64) + "]".repeat(64)) }];
  const hub = await startModule(one(() => results.shift()));
  for (let count = results.length; count > 0; count -= 1) await assert.rejects(hub.call("f"), failsWith(-32603));
  assert.equal(await hub.call("f"), null);
});

test("host services go through the call, and end with it (HUB-HOST-1)", async () => {
  let kept: Call | undefined;
  const module = one(async (_, call) => {
    kept = call;
    await call.store.set("k", { a: 1 });
    const person = await call.ask("Which?", s.object({ region: s.string(), token: s.string({ secret: true }).optional() }));
    call.log("info", "asked", { logger: "l", fields: { n: 1 } });
    return [await call.store.get("k"), await call.store.list(), await call.store.delete("k"), await call.store.get("k"), person, await call.call("other.f", { x: 1 })];
  });
  const asked: unknown[] = [];
  const hub = await startModule(module, {
    services: {
      ask: (message, schema) => (asked.push(message, schema["properties"]), { action: "accept", content: { region: "nyc1" } }),
      call: (address, params) => [address, params],
    },
  });
  const person = { action: "accept", content: { region: "nyc1" } };
  assert.deepEqual(await hub.call("f"), [{ found: true, value: { a: 1 } }, ["k"], true, { found: false }, person, ["other.f", { x: 1 }]]);
  assert.deepEqual(asked, ["Which?", { region: { type: "string" }, token: { type: "string", writeOnly: true } }]);
  assert.deepEqual(hub.hubLog, [{ level: "info", message: "asked", logger: "l", fields: { n: 1 } }]);
  await assert.rejects(kept?.store.get("k") as Promise<unknown>, failsWith(-31042));
});

test("cancelling a call cancels what it asked the hub, and the call's own signal does the same for one request", async () => {
  const given: AbortSignal[] = [];
  const own = new AbortController();
  const module = one((_, call) => call.call("other.f"));
  module.function({ name: "g", run: (_, call) => call.call("other.f", {}, { signal: own.signal }).catch((error: HubCallError) => error.kind) });
  const hub = await startModule(module, { services: { call: (_address, _params, signal) => (given.push(signal), new Promise(() => undefined)) } });
  const cancel = new AbortController();
  const answers = [hub.call("f", {}, { signal: cancel.signal }), hub.call("g")];
  cancel.abort();
  await assert.rejects(answers[0] as Promise<unknown>, failsWith(-31000));
  own.abort();
  assert.equal(await answers[1], "cancelled");
  assert.deepEqual(given.map((signal) => signal.aborted), [true, true]);
});

test("what the hub did not offer is not used (HUB-VER-3)", async () => {
  const module = one((_, call) => (call.progress(1), call.log("info", "x"), call.call("other.f").catch((error: HubCallError) => error.kind)));
  const hub = await startModule(module, { features: [] });
  const heard: unknown[] = [];
  assert.equal(await hub.call("f", {}, { progress: (report) => heard.push(report) }), "method_not_found");
  assert.deepEqual([heard, hub.hubLog], [[], []]);
});
