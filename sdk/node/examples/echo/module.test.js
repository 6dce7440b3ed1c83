// How a module is tested: in memory, with a hub that the test owns. Run it: node --test

import assert from "node:assert/strict";
import { test } from "node:test";

import { HubCallError, startModule } from "hub-sdk/testing";

import { echo } from "./module.js";

test("every example is true", async () => {
  const hub = await startModule(echo);
  assert.equal(await hub.runExamples(), 3);
  await hub.stop();
});

test("the greeting is a matter of configuration", async () => {
  const hub = await startModule(echo, { config: { greeting: "Bonjour" } });
  assert.equal(await hub.call("greet", { name: "Ada" }), "Bonjour, Ada!");
});

test("counting ends when nobody waits any more", async () => {
  const hub = await startModule(echo);
  const cancel = new AbortController();
  const answer = hub.call("count", { to: 60 }, { signal: cancel.signal });
  cancel.abort();
  await assert.rejects(answer, (error) => error instanceof HubCallError && error.kind === "cancelled");
});
