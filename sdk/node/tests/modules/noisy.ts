// Owns a module that prints to standard output in every way there is, and behaves badly on request; knows no test.

import { execFileSync, spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

import { type Call, Module, run, s } from "../../src/index.js";

// Before the module says anything at all: an import that greets its user.
console.log("printed while loading");
process.stdout.write("written while loading\n");

const WAYS: Record<string, () => unknown> = {
  console: () => console.log("printed by console.log"),
  stdout: () => process.stdout.write("printed by process.stdout\n"),
  // What C does: a write to descriptor 1, past everything that JavaScript could redirect.
  descriptor: () => writeSync(1, "printed to descriptor 1\n"),
  child: () => execFileSync("sh", ["-c", "echo printed by a child"], { stdio: "inherit" }),
  grandchild: () => execFileSync("sh", ["-c", "(echo printed by a grandchild; echo twice) | cat"], { stdio: "inherit" }),
  worker: () =>
    new Promise((resolve) => new Worker("console.log('printed by a worker')", { eval: true }).on("exit", resolve)),
  // A child that reads standard input until it ends must not eat frames, nor wait for ever.
  reader: () => execFileSync("cat", { stdio: ["inherit", "inherit", "inherit"] }),
};

const never = (): Promise<never> => new Promise(() => undefined);

const module = new Module({
  name: "noisy",
  version: "1.0.0",
  license: "Apache-2.0",
  authors: ["The hub authors"],
  async onCleanup() {
    if (process.env["HUB_TEST_CLEANUP"] === "hangs") await never();
    if (process.env["HUB_TEST_CLEANUP"] === "fails") throw new Error("a secret of cleanup");
    process.stderr.write("cleaned up\n");
  },
});

module
  .function({
    name: "print",
    params: s.object({ way: s.string() }),
    async run({ way }) {
      await WAYS[way]?.();
      return way;
    },
  })
  .function({ name: "hang", run: never })
  .function({
    name: "busy",
    run() {
      for (;;);
    },
  })
  .function({
    name: "late",
    run(_, call: Call) {
      // Two errors that nobody awaits: they belong to this call all the same.
      setTimeout(() => {
        throw new Error("a secret in a timer");
      }, 1);
      return new Promise((_resolve, reject) => call.signal.addEventListener("abort", () => reject(new Error("aborted"))));
    },
  })
  .function({
    name: "rejected",
    run() {
      void Promise.reject(new Error("a secret in a promise"));
      return never();
    },
  })
  .function({ name: "leave", run: () => spawn("sleep", ["60"], { stdio: "inherit" }).pid })
  .function({ name: "pid", returns: s.integer(), run: () => process.pid });

await run(module);
