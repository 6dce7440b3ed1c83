// Owns what is kept for an account, and the clock that stands still while a person is asked; knows no process.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BadModule, type Call, HubCallError, type JsonValue, Module, s } from "../../src/index.js";
import { startModule } from "../../src/testing/index.js";
import { TestClock } from "../clock.js";
import { within } from "../pipes.js";

const GOOD = { name: "m", version: "1.0.0", license: "MIT", authors: ["You"] };
const THIRTY = { timeout_ms: 30_000 };

function one(run: (args: Record<string, never>, call: Call) => unknown): Module {
  return new Module({ ...GOOD, permissions: ["credentials", "ask"] }).function({ name: "f", run });
}

test("what is kept belongs to the account of the call (HUB-CRED-1)", async () => {
  const module = one(async (_, { account, credentials }) => {
    const before = await credentials.get("token");
    const kept = await credentials.put("token", null, { ttlSeconds: 60 });
    return [account, before, kept, await credentials.get("token"), await credentials.delete("other")];
  });
  const credentials = new Map([["work", new Map<string, JsonValue>([["token", { key: "w" }], ["other", 1]])]]);
  const hub = await startModule(module, { services: { credentials } });
  const missing = { found: false };
  const kept = { found: true, value: null };
  assert.deepEqual(await hub.call("f"), ["default", missing, "session", kept, false]);
  assert.deepEqual(await hub.call("f", {}, { account: "work" }), ["work", { found: true, value: { key: "w" } }, "session", kept, true]);
  assert.deepEqual(Object.fromEntries(credentials.get("work") ?? []), { token: null });
  assert.deepEqual(Object.fromEntries(credentials.get("default") ?? []), { token: null });
});

test("what the hub would refuse is refused, and its errors have their kinds (HUB-CRED-2, HUB-CRED-4)", async () => {
  const kinds = (call: Call) =>
    Promise.all(["", "n".repeat(65)].map((name) => call.credentials.get(name).catch((error: HubCallError) => error.kind)));
  const hub = await startModule(one((_, call) => kinds(call)));
  assert.deepEqual(await hub.call("f"), ["invalid_params", "invalid_params"]);
  assert.equal(new HubCallError(-31046, "the keyring is locked").kind, "credentials_unavailable");
});

test("an interface is declared with its version, or the module cannot be written (HUB-CAPS-9)", async () => {
  const good = new Module({ ...GOOD, implements: ["cloud.compute/1.0", "cloud.account/2"] });
  assert.deepEqual((await startModule(good)).capabilities.implements, ["cloud.compute/1.0", "cloud.account/2"]);
  for (const bad of ["compute/1.0", "cloud.compute", "cloud.compute/1.0.0", "Cloud.compute/1"]) {
    assert.throws(() => new Module({ ...GOOD, implements: [bad] }), BadModule, bad);
  }
});

/** Start a module that asks a person, or calls another, and then never answers; return what tells where its clock stands. */
async function asking(what: "ask" | "call") {
  const clock = new TestClock();
  const answers: (() => void)[] = [];
  let tellAsked: (call: Call) => void = () => undefined;
  let tellAnswered = (): void => undefined;
  const asked = new Promise<Call>((resolve) => (tellAsked = resolve));
  const answered = new Promise<void>((resolve) => (tellAnswered = resolve));
  const module = one(async (_, call) => {
    const answer = what === "ask" ? call.ask("?", s.object({})) : call.call("other.asks");
    tellAsked(call);
    await answer.then(tellAnswered, () => undefined);
    return new Promise(() => undefined);
  });
  const later = <T>(value: T): Promise<T> => new Promise((resolve) => answers.push(() => resolve(value)));
  const services = { ask: () => later({ action: "accept" as const, content: {} }), call: () => later(null) };
  const hub = await startModule(module, { clock, services });
  void hub.call("f", {}, { context: THIRTY }).catch(() => undefined);
  const call = await within(asked, "the question");
  return { clock, call, answer: async () => (answers[0]?.(), within(answered, "the answer")) };
}

test("the clock stands still while a person is asked (HUB-HOST-6)", async () => {
  const { clock, call, answer } = await asking("ask");
  clock.advance(10_000);
  assert.equal(call.signal.aborted, false);
  clock.advance(60_000);
  assert.equal(call.signal.aborted, false);
  await answer();
  assert.equal(call.remainingMilliseconds, 30_000);
  clock.advance(29_999);
  assert.equal(call.signal.aborted, false);
  clock.advance(1);
  assert.equal(call.signal.aborted, true);

});

test("the clock goes on after five minutes, whatever the person does (HUB-HOST-6)", async () => {
  const { clock, call } = await asking("ask");
  clock.advance(329_999);
  assert.equal(call.signal.aborted, false);
  clock.advance(1);
  assert.equal(call.signal.aborted, true);
});

test("a call that takes longer than the deadline shows that it has moved; a shorter one shows nothing (HUB-HOST-6)", async () => {
  const short = await asking("call");
  short.clock.advance(20_000);
  await short.answer();
  assert.equal(short.call.remainingMilliseconds, 10_000);
  const long = await asking("call");
  long.clock.advance(60_000);
  assert.equal(long.call.signal.aborted, false);
  await long.answer();
  assert.equal(long.call.remainingMilliseconds, 30_000);
});
