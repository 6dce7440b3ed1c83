// Owns the life of a module's process: descriptors, signals, uncaught errors, the end; knows nothing of messages.

import { randomBytes } from "node:crypto";
import { realpathSync } from "node:fs";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";

import { log } from "../log/index.js";
import { EXIT_AFTER_EOF_SECONDS } from "../types/limits.js";
import type { AnySchema } from "../types/schema.js";
import { MONOTONIC } from "./clock.js";
import { introduce } from "./introduction.js";
import type { Module } from "./module.js";
import { openForWriting, Pipe } from "./pipe.js";
import { Session } from "./session.js";
import { claimPipe } from "./stdio.js";

// The end has a second in all (HUB-LIFE-4): half for the author's hook, and a last fifth in hand.
const HOOK_MILLISECONDS = 500 * EXIT_AFTER_EOF_SECONDS;
const EXIT_MILLISECONDS = 800 * EXIT_AFTER_EOF_SECONDS;

/**
 * Serve the module on this process's standard input and output, until the hub ends it; the process ends then, and this never returns.
 *
 * Given `import.meta.url`, it does so only in the file that was started: where a test imports that file, it returns at once.
 */
export async function run<C extends AnySchema | undefined>(module: Module<C>, url?: string): Promise<void> {
  if (url !== undefined && !isStarted(url)) return;
  const [served, pipe] = [module as unknown as Module<AnySchema | undefined>, claimPipe()];
  if (process.argv.includes("--hub-info")) return showInfo(served, pipe.output);
  if (isatty(pipe.input)) return explain(module.info.name);
  return serve(served, new Pipe(pipe));
}

function isStarted(url: string): boolean {
  const started = process.argv[1];
  try {
    return started !== undefined && realpathSync(started) === realpathSync(fileURLToPath(url));
  } catch {
    // The program was given as text, or from elsewhere than a file.
    return false;
  }
}

function serve(module: Module<AnySchema | undefined>, pipe: Pipe): Promise<never> {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    // Not unref'd: an event loop that runs empty would end the process early, and with another status.
    setTimeout(() => process.exit(0), EXIT_MILLISECONDS);
    void session
      .end(HOOK_MILLISECONDS)
      .then(() => pipe.finish())
      .finally(() => process.exit(0));
  };
  const session = new Session(module, {
    send: (frame) => pipe.send(frame),
    congested: () => pipe.congested,
    finished: end,
    clock: MONOTONIC,
    log: log.named("hub-sdk"),
    correlationId: () => randomBytes(6).toString("hex"),
  });
  survive(session);
  process.on("SIGTERM", end);
  // A terminal's interrupt goes to the whole group; the hub decides when its modules end.
  process.on("SIGINT", () => undefined);
  pipe.open((data) => session.receive(data), end);
  return new Promise<never>(() => undefined);
}

function survive(session: Session): void {
  process.on("uncaughtException", (error) => session.uncaught(error));
  process.on("unhandledRejection", (reason) => session.uncaught(reason));
  // A log that nobody reads any more must not be an uncaught error, which would be logged.
  process.stderr.on("error", () => undefined);
}

/** Print what the hub would be told, for people and build tools. */
async function showInfo(module: Module<AnySchema | undefined>, output: number): Promise<never> {
  const introduction = introduce(module.info, {});
  const shown = { module_info: "result" in introduction ? introduction.result : module.info, capabilities: module.capabilities() };
  const text = `${JSON.stringify(shown, undefined, 2)}\n`;
  await new Promise<void>((written) => openForWriting(output).end(text, written));
  process.exit(0);
}

function explain(name: string): never {
  process.stderr.write(`${name} is a module of the hub, which talks JSON-RPC to it over pipes; try --hub-info, or: hub plugin test .\n`);
  process.exit(2);
}

