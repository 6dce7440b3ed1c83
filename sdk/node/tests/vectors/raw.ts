// Owns a session in memory at the level of bytes; knows no case.

import { createLog } from "../../src/log/index.js";
import { MONOTONIC } from "../../src/serve/clock.js";
import type { Module } from "../../src/serve/index.js";
import { Session } from "../../src/serve/session.js";
import { within } from "../pipes.js";

const FEATURES = ["cancel", "concurrent", "context", "host_services", "progress"];

export class RawSession {
  readonly answers: Record<string, any>[] = [];
  readonly session: Session;
  finished = false;
  #wake: () => void = () => undefined;

  constructor(module: Module) {
    this.session = new Session(module as never, {
      send: (frame) => {
        this.answers.push(JSON.parse(frame.toString()) as Record<string, unknown>);
        this.#wake();
      },
      congested: () => false,
      finished: () => {
        this.finished = true;
      },
      clock: MONOTONIC,
      log: createLog(() => undefined),
      correlationId: () => "e1",
    });
  }

  send(message: object): void {
    this.session.receive(Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
  }

  /** Wait for the answer with this id; return it and what came before it. */
  async upTo(id: unknown): Promise<Record<string, any>[]> {
    const there = (): number => this.answers.findIndex((answer) => answer["id"] === id && !("method" in answer));
    while (there() < 0) await within(new Promise<void>((resolve) => (this.#wake = resolve)), `the answer to ${String(id)}`);
    return this.answers.splice(0, there() + 1);
  }

  async start(maxFrameBytes = 16777216): Promise<void> {
    const params = { protocol_versions: [1], features: FEATURES, max_frame_bytes: maxFrameBytes };
    this.send({ id: 1, method: "module_info", params });
    this.send({ id: 2, method: "capabilities", params: {} });
    this.send({ id: 3, method: "module_init", params: { config: {}, data_directory: "/nonexistent" } });
    await this.upTo(3);
  }
}
