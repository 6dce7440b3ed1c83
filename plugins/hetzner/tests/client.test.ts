// Owns the tests of asking the API, against a service on loopback; knows nothing of the hub but a call's signal and deadline.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { afterEach, beforeEach, test } from "node:test";

import { HubFunctionError } from "hub-sdk";

import { Client } from "../src/client.js";
import { entries } from "../src/pages.js";
import { complaint, cut, cutInBody, FakeService, flood, json, page, silence } from "./fake.js";

const TOKEN = "secret-token-0123456789";
let service: FakeService;

beforeEach(async () => {
  service = await FakeService.start();
});
afterEach(() => service.stop());

interface World {
  remainingMilliseconds?: number;
  signal?: AbortSignal;
  timeoutMilliseconds?: number;
  baseUrl?: string;
}

async function withClient<T>(work: (client: Client) => Promise<T>, world: World = {}): Promise<T> {
  const { remainingMilliseconds = 4000, signal = new AbortController().signal, timeoutMilliseconds = 2000, baseUrl = service.url } = world;
  const settings = { baseUrl, timeoutMilliseconds, maxAttempts: 4 };
  const client = new Client(settings, { account: "work", signal, remainingMilliseconds }, TOKEN, () => 0);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

const ask = (method: "GET" | "POST" | "DELETE", world?: World) =>
  withClient((client) => client.ask(method, "/v1/servers", method === "POST" ? { name: "a" } : undefined), world);

async function fails(work: Promise<unknown>): Promise<{ code: number; data: unknown; message: string }> {
  const error: unknown = await work.then(
    () => assert.fail("it did not fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof HubFunctionError, String(error));
  assert.doesNotMatch(JSON.stringify([error.message, error.data]), new RegExp(TOKEN));
  return { code: error.code, data: error.data, message: error.message };
}

test("a request carries the token, and its answer is the JSON", async () => {
  service.will(json({ here: 1 }));
  assert.deepEqual(await ask("POST"), { here: 1 });
  assert.deepEqual(service.asked, [{ line: "POST /v1/servers", token: `Bearer ${TOKEN}`, body: '{"name":"a"}' }]);
});

test("a read survives what passes", async () => {
  service.will(complaint(500, "no"), cut, cutInBody, json({ here: 1 }));
  assert.deepEqual(await ask("GET"), { here: 1 });
});

test("a read ends after its attempts, with the service's words", async () => {
  service.will(...Array<ReturnType<typeof complaint>>(9).fill(complaint(502, "bad gateway")));
  const { code, data, message } = await fails(ask("GET"));
  assert.deepEqual([code, data, service.asked.length], [1005, { may_have_executed: false }, 4]);
  assert.match(message, /bad gateway/);
});

for (const [name, turn] of Object.entries({ "a 500": complaint(500, "no"), "a cut": cut, "a cut in the body": cutInBody, flood, silence })) {
  test(`after ${name} a creation is in doubt, and asked for once`, async () => {
    service.will(turn);
    const { code, data } = await fails(ask("POST", { timeoutMilliseconds: 1000 }));
    assert.deepEqual([code, data, service.asked.length], [1005, { may_have_executed: true }, 1]);
  });
}

test("a creation that was throttled is asked for again, and made once", async () => {
  service.will(complaint(429, "slow down", "rate_limit_exceeded", { "retry-after": "0" }), json({ made: 1 }, 201));
  assert.deepEqual(await ask("POST"), { made: 1 });
  assert.equal(service.asked.length, 2);
});

test("a wait that does not fit is told", async () => {
  service.will(complaint(429, "slow down", "rate_limit_exceeded", { "retry-after": "40" }));
  const { code, data } = await fails(ask("GET"));
  assert.deepEqual([code, data, service.asked.length], [1004, { retry_after_seconds: 40 }, 1]);
});

test("where nobody listens a creation is tried again, and surely not done", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => closed.once("listening", done));
  const { port } = closed.address() as { port: number };
  await new Promise((done) => closed.close(done));
  const { code, data, message } = await fails(ask("POST", { baseUrl: `http://127.0.0.1:${port}` }));
  assert.deepEqual([code, data], [1005, { may_have_executed: false }]);
  assert.match(message, /refused/);
});

test("statuses become the interface's errors, with words that are safe to show", async () => {
  const cases: [number, number][] = [[401, 1001], [403, 1001], [404, 1002], [400, 1003], [409, 1003], [422, 1003], [302, 1005]];
  for (const [status, wanted] of cases) {
    service.will(complaint(status, `no \u001b[31m${TOKEN} ${"x".repeat(2000)}`));
    const { code, message } = await fails(ask("GET"));
    assert.equal(code, wanted, String(status));
    assert.ok(message.length < 800 && !message.includes("\u001b"), message);
  }
  assert.equal(service.asked.length, cases.length);
});

test("a redirection is not followed", async () => {
  service.will(json({}, 307, { location: "/elsewhere" }));
  assert.equal((await fails(ask("POST"))).code, 1005);
  assert.deepEqual(service.asked.map(({ line }) => line), ["POST /v1/servers"]);
});

test("members that are blamed are told", async () => {
  const details = { fields: [{ name: "image", messages: ["image is unknown"] }] };
  service.will(json({ error: { code: "invalid_input", message: "invalid input", details } }, 422));
  assert.match((await fails(ask("POST"))).message, /invalid input, image is unknown \(invalid_input\)/);
});

test("an answer without end is cut off, and not asked for again", async () => {
  service.will(flood);
  const { code, message } = await fails(ask("GET"));
  assert.deepEqual([code, service.asked.length], [1005, 1]);
  assert.match(message, /too large/);
});

// Where a request does not end with its caller, only the bound of the test does.
test("the caller's end is the request's end", { timeout: 4000 }, async () => {
  const caller = new AbortController();
  const arrived = new Promise<void>((done) => service.will((_, request) => void request.socket.once("close", done)));
  const asking = ask("GET", { signal: caller.signal, timeoutMilliseconds: 60_000 });
  while (service.asked.length === 0) await new Promise((next) => setImmediate(next));
  caller.abort(new Error("enough"));
  await assert.rejects(asking, /enough/);
  await arrived;
});

test("an attempt gets no more time than it is given", async () => {
  service.will(silence, json({ here: 1 }));
  assert.deepEqual(await ask("GET", { timeoutMilliseconds: 200 }), { here: 1 });
  service.will(silence);
  assert.match((await fails(ask("POST", { timeoutMilliseconds: 200 }))).message, /no answer within 0.2 s/);
});

test("what an earlier attempt has deleted counts as deleted", async () => {
  service.will(cut, complaint(404, "gone"));
  assert.equal(await ask("DELETE"), null);
  service.will(complaint(404, "never there"));
  assert.equal((await fails(ask("DELETE"))).code, 1002);
});

const list = () =>
  withClient(async (client) => {
    const found: number[] = [];
    for await (const { id } of entries(client, "/v1/things", "things")) found.push(id);
    return found;
  });

test("a list is read to its end over one connection, and what moved meanwhile is there once", async () => {
  service.will(page("things", [{ id: 1 }, { id: 2 }], 2), page("things", [{ id: 2 }, { id: 3 }]));
  assert.deepEqual(await list(), [1, 2, 3]);
  assert.deepEqual(service.asked.map(({ line }) => line), ["GET /v1/things?page=1&per_page=50", "GET /v1/things?page=2&per_page=50"]);
  assert.equal(service.connections, 1);
});

test("a list that leads nowhere is an error", async () => {
  const same = page("things", [{ id: 1 }], 2);
  for (const turns of [[same, page("things", [{ id: 1 }], 3)], [page("things", [{ id: 1 }], 1)], [page("things", [], 2)]]) {
    const before = service.asked.length;
    service.will(...turns);
    assert.equal((await fails(list())).code, 1005);
    assert.equal(service.asked.length - before, turns.length);
  }
  for (const answer of [{}, { things: {} }, { things: [{ id: "x" }] }, [], null]) {
    service.will(json(answer));
    assert.equal((await fails(list())).code, 1005, JSON.stringify(answer));
  }
});
