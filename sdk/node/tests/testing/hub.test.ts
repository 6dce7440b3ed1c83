// Owns the hub for tests that authors get: what it finds wrong; knows no other test.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HubFunctionError, Module, s } from "../../src/index.js";
import { startModule } from "../../src/testing/index.js";

const GOOD = { name: "m", version: "1.0.0", license: "MIT", authors: ["You"] };

test("examples are executed, and one that is not true is found", async () => {
  const module = new Module(GOOD).function({
    name: "half",
    params: s.object({ n: s.integer() }),
    returns: s.number(),
    errors: [{ code: 7, message: "odd" }],
    examples: [{ params: { n: 4 }, result: 2 }, { params: { n: 3 }, error: 7 }],
    run({ n }) {
      if (n % 2 !== 0) throw new HubFunctionError(7, "odd");
      return n / 2;
    },
  });
  assert.equal(await (await startModule(module)).runExamples(), 2);
  module.function({ name: "f", params: s.object({}), examples: [{ params: {}, result: 1 }], run: () => 2 });
  await assert.rejects((await startModule(module)).runExamples(), /example 3 is not true/);
});

test("a result that does not fit is found, as a hub finds it (HUB-CALL-1)", async () => {
  const hub = await startModule(new Module(GOOD).function({ name: "f", returns: s.integer(), run: () => "no" as never }));
  await assert.rejects(hub.call("f"), /HUB-CALL-1/);
});

test("progress reaches the caller, and the hub stops", async () => {
  const hub = await startModule(new Module(GOOD).function({ name: "f", run: (_, call) => call.progress(1, { total: 2, message: "half" }) }));
  const heard: unknown[] = [];
  await hub.call("f", {}, { progress: (report) => heard.push(report) });
  assert.deepEqual(heard.map((report: any) => [report.done, report.total, report.message]), [[1, 2, "half"]]);
  await hub.stop();
});
