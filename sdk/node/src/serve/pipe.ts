// Owns reading and writing the protocol's pipe, with bounds in both directions; knows nothing of what the bytes mean.

import { createReadStream, createWriteStream } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";

import { isStream, type ProtocolPipe } from "./stdio.js";

/** While more than this waits for a hub that does not read, nothing is read from it, and progress is dropped. */
const CONGESTED_BYTES = 1024 * 1024;

export function openForWriting(descriptor: number): Writable {
  return isStream(descriptor) ? new Socket({ fd: descriptor, readable: false }) : createWriteStream("", { fd: descriptor });
}

export class Pipe {
  readonly #input: Readable;
  readonly #output: Writable;
  #frames: Buffer[] = [];

  constructor({ input, output }: ProtocolPipe) {
    this.#input = isStream(input) ? new Socket({ fd: input, writable: false }) : createReadStream("", { fd: input });
    this.#output = openForWriting(output);
  }

  /** Give what is read to `receive`; call `ended` once, when either direction is over. */
  open(receive: (data: Buffer) => void, ended: () => void): void {
    this.#input.on("data", (data: Buffer) => {
      receive(data);
      if (this.congested) this.#input.pause();
    });
    this.#output.on("drain", () => this.#input.resume());
    this.#input.once("end", ended).once("error", ended);
    this.#output.on("error", ended);
  }

  get congested(): boolean {
    return this.#output.writableLength > CONGESTED_BYTES;
  }

  /** Write a frame; all frames of one turn of the event loop go out together. */
  send(frame: Buffer): void {
    if (this.#frames.push(frame) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const frames = this.#frames;
    this.#frames = [];
    if (frames.length > 0) this.#output.write(frames.length === 1 ? frames[0] : Buffer.concat(frames));
  }

  /** Write what is left; resolves when it is written or cannot be. */
  finish(): Promise<void> {
    this.#flush();
    return new Promise((resolve) => {
      this.#output.once("error", () => resolve());
      this.#output.end(() => resolve());
    });
  }
}
