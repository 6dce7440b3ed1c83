// Owns what keeps standard output clean, and what ends a process, on a module that is as bad as it can be; knows no insides of the SDK.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Child, HUB_RUN, moduleFile, PRELOAD, within } from "../pipes.js";

const NOISY = moduleFile("noisy");
const STARTS: Record<string, string[]> = { preload: ["--import", PRELOAD, NOISY], "hub-run": [HUB_RUN, NOISY] };

async function withNoisy(args: string[], options: object, body: (child: Child) => Promise<void>): Promise<void> {
  const child = new Child(args, options);
  try {
    await child.start();
    await body(child);
  } finally {
    await child.kill();
  }
}

// What C does is a write to descriptor 1, past everything that JavaScript could redirect.
const PRINTS = { language: "by console.log", c: "to descriptor 1", child: "by a child" };
const WAYS: Record<keyof typeof PRINTS, string> = { language: "console", c: "descriptor", child: "child" };

for (const [who, words] of Object.entries(PRINTS)) {
  test(`author side: ${who} prints: it lands in the log, and no frame is touched (HUB-OUT-1)`, () =>
    withNoisy(STARTS["preload"] as string[], {}, async (child) => {
      const way = WAYS[who as keyof typeof PRINTS];
      assert.equal((await child.ask(10, "print", { way }))["result"], way);
      await child.until(() => (child.stderr.includes(`printed ${words}`) ? true : undefined), words);
      assert.equal((await child.ask(11, "ping"))["id"], 11);
      assert.ok(!child.stdout.includes("printed"), child.stdout);
    }));
}

for (const [start, args] of Object.entries(STARTS)) {
  test(`nothing that is printed gets onto standard output (${start})`, () =>
    withNoisy(args, {}, async (child) => {
      const ways = ["console", "stdout", "descriptor", "child", "grandchild", "worker", "reader"];
      for (const [at, way] of ways.entries()) assert.equal((await child.ask(10 + at, "print", { way }))["result"], way);
      const printed = ["while loading", "by console.log", "by process.stdout", "to descriptor 1", "by a child", "by a grandchild", "by a worker"];
      // The proof that the module really printed: it all stands in the log.
      for (const words of printed) await child.until(() => (child.stderr.includes(words) ? true : undefined), words);
      assert.ok(!child.stdout.includes("printed") && !child.stdout.includes("written"), child.stdout);
    }));
}

test("without the preload, what is printed before run() is the only thing that gets out", () =>
  withNoisyPlain(async (child) => {
    for (const way of ["console", "descriptor", "child"]) {
      child.send({ id: way, method: "print", params: { way } });
      assert.deepEqual(await child.next(), { jsonrpc: "2.0", id: way, result: way });
    }
  }));

async function withNoisyPlain(body: (child: Child) => Promise<void>): Promise<void> {
  const child = new Child([NOISY]);
  try {
    await child.until(() => (child.stdout.includes("written while loading\n") ? true : undefined), "the banner");
    await assert.rejects(child.next(), SyntaxError);
    await assert.rejects(child.next(), SyntaxError);
    await child.start();
    await body(child);
  } finally {
    await child.kill();
  }
}

test("on a socket, where a descriptor cannot be moved, at least JavaScript's ways are closed", () =>
  withNoisy(STARTS["preload"] as string[], { sockets: true }, async (child) => {
    for (const [at, way] of ["console", "stdout", "worker"].entries()) {
      assert.equal((await child.ask(10 + at, "print", { way }))["result"], way);
    }
    await child.until(() => (child.stderr.includes("by process.stdout") ? true : undefined), "the log");
    child.closeInput();
    assert.deepEqual(await child.exit(), { code: 0, signal: null });
  }));

test("files take the place of pipes without anything overwritten", () => {
  const directory = mkdtempSync(join(tmpdir(), "hub-files-"));
  const script = `echo first; printf '%s\\n' "$REQUESTS" | "$0" "$@" 2> log; echo last`;
  const calls = ["console", "stdout", "worker"].map((way, id) => ({ jsonrpc: "2.0", id, method: "print", params: { way } }));
  const requests = [{ jsonrpc: "2.0", id: "init", method: "module_init" }, ...calls].map((call) => JSON.stringify(call)).join("\n");
  try {
    const output = openSync(join(directory, "out"), "w");
    const args = ["-c", script, process.execPath, ...(STARTS["preload"] as string[])];
    spawnSync("sh", args, { cwd: directory, stdio: ["ignore", output, "inherit"], env: { ...process.env, REQUESTS: requests } });
    closeSync(output);
    const lines = readFileSync(join(directory, "out"), "utf8").split("\n");
    assert.deepEqual([lines[0], lines.at(-2)], ["first", "last"]);
    for (const line of lines.slice(1, -2)) assert.equal((JSON.parse(line) as { jsonrpc: string }).jsonrpc, "2.0");
    const logged = readFileSync(join(directory, "log"), "utf8");
    for (const words of ["printed while loading", "written while loading", "printed by console.log"]) assert.ok(logged.includes(`${words}\n`));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a child that outlives the module does not hold the protocol's pipe", () =>
  withNoisy(STARTS["preload"] as string[], {}, async (child) => {
    const { result: pid } = await child.ask(3, "leave");
    try {
      child.closeInput();
      await child.exit();
      await within(child.stdoutEnded, "the end of standard output");
      process.kill(pid, 0);
    } finally {
      process.kill(pid, "SIGKILL");
    }
  }));

test("an error that nobody caught ends the call it belongs to, and nothing else", () =>
  withNoisy(STARTS["preload"] as string[], {}, async (child) => {
    child.send({ id: 3, method: "hang", params: {} });
    const timer = await child.ask(4, "late");
    const promise = await child.ask(5, "rejected");
    assert.deepEqual([timer["id"], timer["error"].code, promise["id"], promise["error"].code], [4, -32603, 5, -32603]);
    assert.ok(!child.stdout.includes("secret"));
    await child.until(() => (child.stderr.includes("a secret in a promise") ? true : undefined), "the log");
    assert.equal((await child.ask(6, "ping"))["id"], 6);
  }));

test("the hook for cleanup runs at the end of input too, and one that hangs does not hold the process", async () => {
  for (const cleanup of ["", "hangs"]) {
    await withNoisy(STARTS["preload"] as string[], { env: { HUB_TEST_CLEANUP: cleanup } }, async (child) => {
      const before = performance.now();
      child.closeInput();
      assert.deepEqual(await child.exit(), { code: 0, signal: null });
      assert.ok(performance.now() - before < 1000);
      if (cleanup === "") await child.until(() => (child.stderr.includes("cleaned up") ? true : undefined), "the hook");
    });
  }
});

test("a hook that fails is an internal error, answered last", () =>
  withNoisy(STARTS["preload"] as string[], { env: { HUB_TEST_CLEANUP: "fails" } }, async (child) => {
    const { error } = await child.ask(3, "module_cleanup");
    assert.equal(error.code, -32603);
    assert.ok(!JSON.stringify(error).includes("secret"));
    child.closeInput();
    assert.equal((await child.exit()).code, 0);
  }));

test("a module that cannot be defined asks not to be restarted (HUB-LIFE-8), and says what is wrong", async () => {
  const child = new Child(["--import", PRELOAD, moduleFile("undefinable")]);
  assert.deepEqual(await child.exit(), { code: 78, signal: null });
  await child.until(() => (/cannot define module "Not A Name".*\nhint: /.test(child.stderr) ? true : undefined), "the reason");
  await child.kill();
});

test("--hub-info prints what the hub would be told", () => {
  const shown = JSON.parse(execFileSync(process.execPath, [...(STARTS["preload"] as string[]), "--hub-info"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  assert.equal(shown.module_info.name, "noisy");
  assert.equal(shown.capabilities.functions[0].name, "print");
});

test("on a terminal it says what it is, and ends", (t) => {
  const script = spawnSync("script", ["-qec", `${process.execPath} ${moduleFile("vectors_main")}`, "/dev/null"], { encoding: "utf8", timeout: 5000 });
  if (script.error) return t.skip(`there is no terminal here: ${script.error.message}`);
  assert.match(script.stdout, /^vectors is a module of the hub/);
  assert.equal(script.status, 2);
});
