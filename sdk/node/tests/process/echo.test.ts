// Owns the author's side of misbehaviour, on plugins/echo-node as a real child on real pipes; knows no insides of the SDK.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Child, withEchoNode, within } from "../pipes.js";

const CAPABILITIES = fileURLToPath(new URL("../../../../../plugins/echo.capabilities.json", import.meta.url));
const COMMAND = ["--import", "hub-sdk/preload", "./module.js"];

/** Define a test with a running echo-node, which is ended afterwards however the test went. */
function withEcho(name: string, body: (child: Child) => Promise<void>): void {
  test(name, () =>
    withEchoNode(async (cwd) => {
      const child = new Child(COMMAND, { cwd });
      try {
        await child.start();
        await body(child);
      } finally {
        await child.kill();
      }
    }),
  );
}

async function endsWell(child: Child): Promise<void> {
  const before = performance.now();
  child.closeInput();
  assert.deepEqual(await child.exit(), { code: 0, signal: null });
  assert.ok(performance.now() - before < 1000);
  await within(child.stdoutEnded, "the end of standard output");
}

withEcho("its capabilities are those of the three other echo modules", async (child) => {
  const { result } = await child.ask(3, "capabilities");
  assert.deepEqual(result, JSON.parse(readFileSync(CAPABILITIES, "utf8")));
});

withEcho("author side: unknown method: it is refused and survived (HUB-LIFE-5)", async (child) => {
  assert.equal((await child.ask(3, "no_such_function"))["error"].code, -32601);
  assert.equal((await child.ask(4, "add", { a: 40, b: 2 }))["result"], 42);
});

withEcho("author side: missing params: they are refused by name, like wrong ones (HUB-CALL-2)", async (child) => {
  child.send({ id: 3, method: "add" });
  const { error } = await child.next();
  assert.equal(error.code, -32602);
  assert.deepEqual(error.data.errors.map((problem: { pointer: string }) => problem.pointer), ["/a", "/b"]);
  assert.deepEqual((await child.ask(4, "add", { a: 1, b: 0.5 }))["error"].data.errors, [{ pointer: "/b", message: "must be an integer" }]);
});

withEcho("author side: malformed JSON: it is answered (HUB-FRAME-13)", async (child) => {
  child.write("hello?\n");
  const { id, error } = await child.next();
  assert.deepEqual([id, error.code, (await child.ask(8, "ping"))["id"]], [null, -32700, 8]);
});

withEcho("author side: recovered id: half a frame is answered with it (HUB-ID-5)", async (child) => {
  child.write('{"jsonrpc":"2.0","id":7,"method":"echo","params":{"value":\n');
  const { id, error } = await child.next();
  assert.deepEqual([id, error.code, (await child.ask(8, "ping"))["id"]], [7, -32700, 8]);
});

withEcho("author side: handler raises: an internal error, and its text stays in the log (HUB-CALL-4)", async (child) => {
  const { error } = await child.ask(3, "crash", { how: "panic" });
  assert.equal(error.code, -32603);
  assert.ok(!JSON.stringify(error).includes("on purpose"));
  const logged = await child.until(() => (child.stderr.includes(error.data.correlation_id) ? child.stderr : undefined), "the log line");
  assert.match(logged, /it panicked on purpose/);
  assert.equal((await child.ask(4, "ping"))["id"], 4);
});

withEcho("author side: new fields: they are ignored in messages and contexts (HUB-MSG-7)", async (child) => {
  const context = { timeout_ms: 29950, trace_id: "4bf92f3577b34da6", chain: ["echo.whoami"], moon: "full" };
  const { result } = await child.ask(3, "whoami", {}, { context, priority: "high" });
  assert.deepEqual(result, context);
});

withEcho("author side: concurrent handlers: they overlap, and a ping is answered beside them (HUB-PING-1)", async (child) => {
  child.send({ id: 3, method: "slow", params: { seconds: 3600, steps: 1 } });
  child.send({ id: 4, method: "slow", params: { seconds: 3600, steps: 1 } });
  assert.equal((await child.ask(5, "ping"))["id"], 5);
  child.send({ method: "$/cancelRequest", params: { id: 4 } });
  const cancelled = await child.next();
  assert.deepEqual([cancelled["id"], cancelled["error"].code], [4, -31000]);
  // The first one is still open: it really overlapped with the second.
  child.send({ method: "$/cancelRequest", params: { id: 3 } });
  assert.equal((await child.next())["id"], 3);
});

withEcho("progress comes before the answer, and the last report is there", async (child) => {
  child.send({ id: 3, method: "slow", params: { seconds: 0, steps: 100 } });
  const reports: number[] = [];
  let message = await child.next();
  for (; message["method"] === "$/progress"; message = await child.next()) reports.push(message["params"].done);
  assert.deepEqual(message["result"], { slept: 0 });
  assert.equal(reports.at(-1), 100);
  assert.ok(reports.length <= 20, String(reports));
});

withEcho("errors of its own keep code, message and data", async (child) => {
  const { error } = await child.ask(3, "fail", { code: 7, message: "no", data: { region: "nyc9" } });
  assert.deepEqual(error, { code: 7, message: "no", data: { region: "nyc9" } });
  assert.deepEqual((await child.ask(4, "fail"))["error"], { code: 1001, message: "it failed on purpose" });
});

withEcho("the host services reach the hub inside of the call, and an error from there is the cause", async (child) => {
  child.send({ id: 3, method: "store_get", params: { key: "k" } });
  const asked = await child.next();
  assert.deepEqual([asked["method"], asked["params"]], ["hub.store.get", { call_id: 3, key: "k" }]);
  child.send({ id: asked["id"], result: { found: false } });
  assert.deepEqual((await child.next())["result"], { found: false });
  child.send({ id: 4, method: "ask", params: { message: "?", schema: { type: "object" } } });
  const cause = { code: -31043, message: "nobody" };
  child.send({ id: (await child.next())["id"], error: cause });
  const { error } = await child.next();
  assert.deepEqual([error.code, error.data], [-31045, { cause }]);
});

withEcho("sixteen million bytes arrive as they are", async (child) => {
  const { result } = await child.ask(3, "big", { bytes: 16_000_000 });
  assert.equal(result, "x".repeat(16_000_000));
});

withEcho("a hub that writes much before it reads gets every answer", async (child) => {
  const value = "y".repeat(100_000);
  for (let id = 100; id < 200; id += 1) child.send({ id, method: "echo", params: { value } });
  const seen = new Set<number>();
  while (seen.size < 100) {
    const { id, result } = await child.next();
    assert.equal(result, value);
    seen.add(id);
  }
});

withEcho("a hundred thousand lines of log do not get into the way", async (child) => {
  assert.deepEqual((await child.ask(3, "log", { lines: 100_000 }))["result"], { logged: 100_000 });
});

withEcho("author side: end of input: it ends within a second, though a call is under way (HUB-LIFE-4)", async (child) => {
  child.send({ id: 3, method: "slow", params: { seconds: 3600 } });
  assert.equal((await child.ask(4, "ping"))["id"], 4);
  const before = child.stdout.length;
  await endsWell(child);
  assert.equal(child.stdout.length, before);
});

withEcho("author side: silent after cleanup, whatever is asked (HUB-CLEAN-2)", async (child) => {
  child.send({ id: 3, method: "slow", params: { seconds: 3600 } });
  child.send({ id: 4, method: "module_cleanup", params: {} });
  const [slow, cleanup] = [await child.next(), await child.next()];
  assert.deepEqual([slow["id"], slow["error"].code, cleanup["id"], cleanup["result"]], [3, -31000, 4, {}]);
  const before = child.stdout.length;
  child.send({ id: 5, method: "ping", params: {} });
  child.write("garbage\n");
  await endsWell(child);
  assert.equal(child.stdout.length, before);
});

withEcho("it ends well on SIGTERM, and not at all on SIGINT", async (child) => {
  child.process.kill("SIGINT");
  assert.equal((await child.ask(3, "ping"))["id"], 3);
  child.process.kill("SIGTERM");
  assert.deepEqual(await child.exit(), { code: 0, signal: null });
});

withEcho("it ends with the status that it was asked for", async (child) => {
  child.send({ id: 3, method: "crash", params: { status: 42 } });
  assert.deepEqual(await child.exit(), { code: 42, signal: null });
});

withEcho("it ends by the signal that it was asked for", async (child) => {
  child.send({ id: 3, method: "crash", params: { how: "signal" } });
  assert.deepEqual(await child.exit(), { code: null, signal: "SIGKILL" });
});
