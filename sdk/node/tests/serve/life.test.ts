// Owns the life of a module in memory: configuration, initialisation, change, cleanup; knows no process.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HubCallError, Module, s } from "../../src/index.js";
import { startModule, TestHub } from "../../src/testing/index.js";
import { RawSession } from "../vectors/raw.js";

const GOOD = { name: "m", version: "1.0.0", license: "MIT", authors: ["You"] };

test("a configuration is checked, filled in and typed before the hook sees it (HUB-INIT-2)", async () => {
  const seen: unknown[] = [];
  const config = s.object({ region: s.string().default("nyc1"), sizes: s.array(s.integer()).optional() });
  const module = new Module({
    ...GOOD,
    config,
    onInit: async (init) => {
      const region: string = init.config.region;
      seen.push(region, init.dataDirectory, (await init.call.store.list()).length);
    },
  });
  await startModule(module, { dataDirectory: "/data" });
  assert.deepEqual(seen, ["nyc1", "/data", 0]);
  await assert.rejects(startModule(module, { config: { sizes: [1, "2"] } }), (error) => {
    assert.ok(error instanceof HubCallError);
    assert.deepEqual([error.code, error.data], [-32602, { errors: [{ pointer: "/sizes/1", message: "must be an integer" }] }]);
    return true;
  });
});

test("a module can disable itself, and one that cannot initialise does not run", async () => {
  const disabled = await startModule(new Module({ ...GOOD, onInit: (init) => init.disable("no GPU") }));
  assert.equal(disabled.disabled, "no GPU");
  const module = new Module({ ...GOOD, onInit: () => Promise.reject(new Error("hunter2")) }).function({ name: "f", run: () => 1 });
  const hub = new TestHub(module as never, {});
  await hub.introduce();
  for (const answer of [hub.initialise({}, "/x"), hub.call("f")]) {
    await assert.rejects(answer, (error) => error instanceof HubCallError && !error.message.includes("hunter2"));
  }
});

test("introducing a module runs nothing of it (HUB-LIFE-2)", async () => {
  let ran = 0;
  const module = new Module({ ...GOOD, onInit: () => void (ran += 1), onCleanup: () => void (ran += 1) });
  const hub = new TestHub(module as never, {});
  await hub.introduce();
  await hub.stop();
  assert.equal(ran, 0);
});

test("a function that comes while the module runs is announced (HUB-CAPS-8)", async () => {
  const raw = new RawSession(new Module(GOOD));
  await raw.start();
  raw.session.module.function({ name: "late", run: () => "here" });
  assert.deepEqual(raw.answers.splice(0), [{ jsonrpc: "2.0", method: "capabilities_changed", params: {} }]);
  raw.send({ id: 4, method: "late" });
  assert.equal((await raw.upTo(4))[0]?.["result"], "here");
});

test("cleanup waits for calls to end, then runs the hook, then answers, and that is all (HUB-CLEAN-2)", async () => {
  const order: string[] = [];
  const module = new Module({ ...GOOD, onCleanup: () => void order.push("hook") }).function({
    name: "f",
    run: async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      // Some work is left to do after the abort, which takes more than one turn of the event loop.
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
      order.push("call");
      return "saved";
    },
  });
  const raw = new RawSession(module);
  await raw.start();
  raw.send({ id: 4, method: "f" });
  raw.send({ id: 5, method: "module_cleanup" });
  assert.deepEqual((await raw.upTo(5)).map(({ id, result }) => [id, result]), [[4, "saved"], [5, {}]]);
  assert.deepEqual(order, ["call", "hook"]);
  raw.send({ id: 6, method: "ping" });
  module.function({ name: "later", run: () => 1 });
  await raw.session.end(0);
  assert.deepEqual([raw.answers, order], [[], ["call", "hook"]]);
});

test("when the input ends nothing is written any more, though calls end", async () => {
  let ended = false;
  const module = new Module(GOOD).function({
    name: "f",
    run: (_, call) => new Promise((resolve) => call.signal.addEventListener("abort", () => ((ended = true), call.progress(1), resolve(1)))),
  });
  const raw = new RawSession(module);
  await raw.start();
  raw.send({ id: 4, method: "f" });
  await raw.session.end(0);
  await new Promise(setImmediate);
  assert.deepEqual([ended, raw.answers], [true, []]);
});

test("module_init comes once, and a function before it is refused (HUB-LIFE-7)", async () => {
  const raw = new RawSession(new Module(GOOD).function({ name: "f", run: () => 1 }));
  raw.send({ id: 1, method: "f" });
  raw.send({ id: 2, method: "module_init", params: { config: {} } });
  raw.send({ id: 3, method: "module_init", params: { config: {} } });
  raw.send({ id: 4, method: "f" });
  assert.deepEqual((await raw.upTo(4)).map(({ id, error, result }) => [id, error?.code ?? result]), [[1, -32600], [2, {}], [3, -32600], [4, 1]]);
});

test("no common version ends the session with both lists (HUB-VER-2)", () => {
  const raw = new RawSession(new Module(GOOD));
  raw.send({ id: 1, method: "module_info", params: { protocol_versions: [2, 3] } });
  assert.deepEqual(raw.answers[0]?.["error"].data, { offered: [2, 3], supported: [1] });
  assert.equal(raw.finished, true);
});

test("the frame limit that the hub names holds in both directions (HUB-FRAME-4)", async () => {
  const raw = new RawSession(new Module(GOOD).function({ name: "f", params: s.object({ n: s.integer() }), run: ({ n }) => "x".repeat(n) }));
  await raw.start(1000);
  raw.send({ id: 4, method: "f", params: { n: 900 } });
  raw.send({ id: 5, method: "f", params: { n: 1000 } });
  raw.send({ id: "x".repeat(1000), method: "f", params: { n: 1 } });
  raw.send({ id: 6, method: "ping" });
  assert.deepEqual((await raw.upTo(6)).map(({ id, error }) => [id, error?.code]), [[4, undefined], [5, -32603], [null, -32700], [6, undefined]]);
});
