// Owns children on real pipes, as the hub starts them (Node's own spawn gives sockets); knows no protocol but its lines.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, constants, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The bound of every wait: far more than anything here needs, and short enough to sit through. */
export const BOUND_MILLISECONDS = 5000;
export const PRELOAD = fileURLToPath(new URL("../src/serve/preload.js", import.meta.url));
export const HUB_RUN = fileURLToPath(new URL("../../bin/hub-run.js", import.meta.url));
const SDK = fileURLToPath(new URL("../..", import.meta.url));
const ECHO_NODE = fileURLToPath(new URL("../../../../plugins/echo-node/module.js", import.meta.url));

/** Run `test` in a directory with the module of plugins/echo-node, on this very SDK instead of the copy that was installed there. */
export async function withEchoNode(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "hub-echo-"));
  copyFileSync(ECHO_NODE, join(directory, "module.js"));
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(SDK, join(directory, "node_modules", "hub-sdk"));
  await test(directory).finally(() => rmSync(directory, { recursive: true }));
}

export function moduleFile(name: string): string {
  return fileURLToPath(new URL(`./modules/${name}.js`, import.meta.url));
}

/** Resolve as `promise` does, or reject after the bound, naming what was waited for. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${BOUND_MILLISECONDS} ms for ${what}`)), BOUND_MILLISECONDS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function makePipe(): { read: number; write: number } {
  const directory = mkdtempSync(join(tmpdir(), "hub-pipe-"));
  const path = join(directory, "pipe");
  execFileSync("mkfifo", [path]);
  // A reader that does not wait for a writer, so that the writer and then the real reader do not wait either.
  const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const write = openSync(path, constants.O_WRONLY);
  const read = openSync(path, constants.O_RDONLY);
  closeSync(first);
  rmSync(directory, { recursive: true });
  return { read, write };
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly stdoutEnded: Promise<void>;
  stdout = "";
  stderr = "";
  readonly #input: Socket;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(args: readonly string[], options: { env?: Record<string, string>; sockets?: boolean; cwd?: string } = {}) {
    const pipes = [makePipe(), makePipe(), makePipe()] as const;
    const theirs = [pipes[0].read, pipes[1].write, pipes[2].write];
    const [stdin, stdout, stderr] = [pipes[0].write, pipes[1].read, pipes[2].read];
    const env = { ...process.env, ...options.env };
    // Sockets where they are asked for: what a host gives that is written in Node.
    const stdio = options.sockets ? ("pipe" as const) : theirs;
    this.process = spawn(process.execPath, args, { stdio, env, ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });
    theirs.forEach(closeSync);
    if (options.sockets) [stdin, stdout, stderr].forEach(closeSync);
    this.#input = options.sockets ? (this.process.stdin as Socket) : new Socket({ fd: stdin, readable: false });
    this.#input.on("error", () => undefined);
    const out = options.sockets ? (this.process.stdout as Socket) : new Socket({ fd: stdout, writable: false });
    const err = options.sockets ? (this.process.stderr as Socket) : new Socket({ fd: stderr, writable: false });
    this.ended = new Promise((resolve) => this.process.once("exit", (code, signal) => resolve({ code, signal })));
    out.on("data", (data: Buffer) => this.#heard((this.stdout += data.toString())));
    err.on("data", (data: Buffer) => this.#heard((this.stderr += data.toString())));
    this.stdoutEnded = new Promise((resolve) => out.once("close", () => resolve()));
    out.once("close", () => this.#heard(""));
  }

  #heard(_: string): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Wait until `there` gives something. */
  async until<T>(there: () => T | undefined, what: string): Promise<T> {
    return within(this.#poll(there), `${what}; stderr: ${this.stderr.slice(-2000)}`);
  }

  async #poll<T>(there: () => T | undefined): Promise<T> {
    for (;;) {
      const found = there();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  write(text: string | Buffer): void {
    this.#input.write(text);
  }

  send(message: object): void {
    this.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  /** The next line of standard output, parsed. */
  async next(): Promise<Record<string, any>> {
    return this.until(() => {
      const end = this.stdout.indexOf("\n", this.#taken);
      if (end < 0) return undefined;
      const line = this.stdout.slice(this.#taken, end);
      this.#taken = end + 1;
      return JSON.parse(line) as Record<string, unknown>;
    }, "a message");
  }

  async ask(id: number, method: string, params: object = {}, more: object = {}): Promise<Record<string, any>> {
    this.send({ id, method, params, ...more });
    return this.next();
  }

  async start(config: object = {}): Promise<void> {
    const features = ["cancel", "concurrent", "context", "host_services", "progress"];
    await this.ask(1, "module_info", { protocol_versions: [1], features, max_frame_bytes: 16777216 });
    await this.ask(2, "module_init", { config, data_directory: "/nonexistent" });
  }

  closeInput(): void {
    this.#input.end();
  }

  exit(): Promise<Ended> {
    return within(this.ended, "the end of the process");
  }

  /** End it, however it is. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended;
    this.#input.destroy();
  }
}
