// Owns the tests of the functions, in a hub in memory, against a service on loopback; knows nothing of how requests are made.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";

import { HubCallError, type JsonObject } from "hub-sdk";
import { startModule, type TestHub } from "hub-sdk/testing";

import { hetzner } from "../src/module.js";
import { complaint, FakeService, json, page, rawServer, silence } from "./fake.js";

let service: FakeService;

beforeEach(async () => {
  service = await FakeService.start();
});
afterEach(() => service.stop());

const of = (account: string) => ({ account });

/** The person answers with a token that names the account, which stands at the end of the question. */
function start(config: object = {}): Promise<TestHub> {
  const ask = (message: string) => {
    const account = message.split(" ").at(-1);
    return account === "nobody" ? { action: "decline" as const } : { action: "accept" as const, content: { token: ` token-of-${account} ` } };
  };
  return startModule(hetzner(), { config: { base_url: service.url, ...config }, services: { ask } });
}

async function authenticated(...accounts: string[]): Promise<TestHub> {
  const hub = await start();
  for (const account of accounts) {
    service.will(page("servers", [rawServer(1)]));
    const told = { account, identity: "a Hetzner Cloud project with 1 server" };
    assert.deepEqual(await hub.call("authenticate", {}, of(account)), told);
  }
  return hub;
}

async function fails(work: Promise<unknown>, code: number): Promise<HubCallError> {
  const error: unknown = await work.then(
    () => assert.fail("it did not fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof HubCallError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

test("every function of the interfaces is announced word by word", async () => {
  const { capabilities } = await start();
  const wanted = ["account", "compute"].flatMap((name) => {
    const file = new URL(`../../../../schemas/interfaces/cloud.${name}-1.0.json`, import.meta.url);
    return (JSON.parse(readFileSync(file, "utf8")) as { functions: unknown[] }).functions;
  });
  const own = JSON.parse(JSON.stringify(capabilities.functions)) as unknown[];
  assert.deepEqual(own.slice(0, wanted.length), wanted);
  assert.deepEqual(capabilities.permissions, ["ask", "credentials"]);
  assert.deepEqual(capabilities.implements, ["cloud.account/1.0", "cloud.compute/1.0"]);
});

test("a configuration that cannot be used is refused by its member", async () => {
  const bad: [object, RegExp][] = [
    [{ base_url: "cloud" }, /base_url/],
    [{ base_url: "ftp://api.example" }, /base_url/],
    [{ base_url: "http://api.example" }, /base_url/],
    [{ base_url: "http://127.0.0.1.example" }, /base_url/],
    [{ base_url: "https://you:me@api.example" }, /base_url/],
    [{ base_url: "https://api.example?x=1" }, /base_url/],
    [{ timeout_seconds: 0 }, /timeout_seconds/],
    [{ max_attempts: 1.5 }, /max_attempts/],
  ];
  for (const [config, member] of bad) assert.match((await fails(start(config), -32602)).message, member);
  for (const base_url of ["https://api.example:8443/through/a/gate/", "http://localhost:1", "http://[::1]:1"]) await start({ base_url });
});

test("arguments that cannot be used are refused here too", async () => {
  const hub = await authenticated("work");
  for (const params of [{}, { id: 1 }, { id: "" }]) await fails(hub.call("delete_server", params, of("work")), -32602);
  await fails(hub.call("list_servers", { limit: 0 }, of("work")), -32602);
  assert.equal(service.asked.length, 1);
});

test("without a token nothing is asked, and the command is named", async () => {
  const hub = await start();
  for (const [name, params] of [["list_servers", {}], ["whoami", {}], ["delete_server", { id: "1" }]] as const) {
    assert.match((await fails(hub.call(name, params, of("work")), 1001)).message, /hub call hetzner.authenticate --account work/);
  }
  assert.deepEqual(await hub.call("forget", {}, of("work")), { forgotten: false });
  await fails(hub.call("authenticate", {}, of("nobody")), 1001);
  assert.deepEqual(service.asked, []);
});

test("a token that the service does not take is not kept", async () => {
  const hub = await start();
  service.will(complaint(401, "unable to authenticate", "unauthorized"));
  await fails(hub.call("authenticate", {}, of("work")), 1001);
  assert.deepEqual(await hub.call("forget", {}, of("work")), { forgotten: false });
});

test("each call uses the token of its own account", async () => {
  const hub = await authenticated("home", "work");
  const calls = Array.from({ length: 8 }, (_, number) => {
    service.will(page("servers", []));
    return hub.call("list_servers", {}, of(number % 2 === 0 ? "home" : "work"));
  });
  await Promise.all(calls);
  const tokens = service.asked.slice(2).map(({ token }) => token);
  assert.deepEqual(tokens.sort(), [...Array<string>(4).fill("Bearer token-of-home"), ...Array<string>(4).fill("Bearer token-of-work")]);
  assert.deepEqual(await hub.call("forget", {}, of("home")), { forgotten: true });
  await fails(hub.call("whoami", {}, of("home")), 1001);
});

test("a server is made as the service wants it, and its password is left there", async () => {
  const hub = await authenticated("work");
  const wanted = { name: "web-7", region: "fsn1", size: "cx22", image: "debian-12" };
  const server = rawServer(7, { status: "initializing", public_net: { ipv4: null } });
  service.will(json({ server, action: {}, root_password: "YItygq1v3GYjjMomLaKc" }, 201));
  assert.deepEqual(await hub.call("create_server", wanted, of("work")), {
    id: "7",
    name: "web-7",
    status: "starting",
    region: "fsn1",
    size: "cx22",
    image: "debian-12",
    public_ipv4: null,
    created_at: "2026-01-02T03:04:05Z",
  });
  const body = { name: "web-7", location: "fsn1", server_type: "cx22", image: "debian-12" };
  assert.deepEqual(JSON.parse(service.asked.at(-1)?.body ?? ""), body);
  service.will(json({}, 201));
  assert.deepEqual((await fails(hub.call("create_server", wanted, of("work")), 1005)).data, { may_have_executed: true });
});

test("servers are told in the words of the interface", async () => {
  const hub = await authenticated("work");
  const statuses = { starting: "starting", stopping: "stopping", off: "stopped", deleting: "deleting", migrating: "unknown", toString: "unknown" };
  service.will(page("servers", Object.keys(statuses).map((status, id) => rawServer(id, { status }))));
  const servers = (await hub.call("list_servers", {}, of("work"))) as JsonObject[];
  assert.deepEqual(servers.map(({ status }) => status), Object.values(statuses));
  const old = { location: undefined, datacenter: { location: { name: "hel1" } }, image: { id: 9, name: null }, created: "yesterday" };
  service.will(page("servers", [rawServer(1), rawServer(2, old)]), page("servers", [rawServer(3, { image: null })], 2));
  const [far] = (await hub.call("list_servers", { region: "hel1" }, of("work"))) as JsonObject[];
  assert.deepEqual([far?.["id"], far?.["image"], far?.["created_at"]], ["2", "9", null]);
  const one = (await hub.call("list_servers", { limit: 1 }, of("work"))) as JsonObject[];
  assert.deepEqual([one.length, one[0]?.["image"]], [1, null]);
  assert.equal(service.asked.at(-1)?.line, "GET /v1/servers?page=1&per_page=1");
  service.will(page("servers", [rawServer(1, { server_type: null })]));
  await fails(hub.call("list_servers", {}, of("work")), 1005);
});

test("locations are regions", async () => {
  const hub = await authenticated("work");
  service.will(page("locations", [{ id: 1, name: "fsn1", city: "Falkenstein" }, { id: 2, name: "x" }]));
  const regions = [{ id: "fsn1", name: "Falkenstein", available: true }, { id: "x", name: "x", available: true }];
  assert.deepEqual(await hub.call("list_regions", {}, of("work")), regions);
});

test("what can be bought is told", async () => {
  const hub = await authenticated("work");
  const type = { id: 1, name: "cx22", cores: 2, memory: 4.5, disk: 40, deprecation: null };
  service.will(page("server_types", [type, { ...type, id: 2, name: "cx11", deprecation: {} }]));
  const size = { id: "cx22", vcpus: 2, memory_mib: 4608, disk_gib: 40, available: true };
  assert.deepEqual(await hub.call("list_sizes", {}, of("work")), [size, { ...size, id: "cx11", available: false }]);
  service.will(page("images", [{ id: 1, name: "debian-12", description: "Debian 12" }, { id: 2, name: null, description: "" }]));
  const images = [{ id: "debian-12", name: "Debian 12" }, { id: "2", name: "2" }];
  assert.deepEqual(await hub.call("list_images", {}, of("work")), images);
});

test("what is no id never becomes part of a path", async () => {
  const hub = await authenticated("work");
  for (const id of ["..", ".", "1/../2", "1?a", "web", "%31", "1 "]) {
    assert.deepEqual(await hub.call("delete_server", { id }, of("work")), { deleted: false }, id);
  }
  assert.equal(service.asked.length, 1);
});

test("a request ends with its call", { timeout: 4000 }, async () => {
  const hub = await authenticated("work");
  const end = { cancelled: -31000, late: -31001 };
  for (const [how, code] of Object.entries(end)) {
    const closed = new Promise<void>((done) => {
      service.will((response, request) => {
        request.socket.once("close", done);
        silence(response, request);
      });
    });
    const [caller, before] = [new AbortController(), service.asked.length];
    const context = how === "late" ? { context: { timeout_ms: 200 } } : {};
    const call = hub.call("list_servers", {}, { ...of("work"), ...context, signal: caller.signal });
    const failed = fails(call, code);
    while (service.asked.length === before) await new Promise((next) => setImmediate(next));
    if (how === "cancelled") caller.abort();
    await failed;
    await closed;
  }
});
