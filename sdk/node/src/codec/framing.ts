// Owns where one line ends and the next begins (HUB-FRAME-1 to 4, 11, 12); knows nothing of JSON.

import { isBlank } from "./scan.js";

/** How much of an over-long line is kept: enough to recognise it. */
export const HEAD_BYTES = 8192;

/** A line of `size` bytes was longer than the limit and was skipped; `head` is its beginning. */
export interface Overlong {
  size: number;
  head: Buffer;
}

/** Bytes in, lines out. It holds at most one frame's worth of bytes and looks at each of them a bounded number of times. */
export class LineFramer {
  // Joined once, when the line is whole: appending to one buffer would copy a long line again and again.
  #pieces: Buffer[] = [];
  #size = 0;
  #head: Buffer | undefined;

  constructor(public maxFrameBytes: number) {}

  /** Take the next bytes of the stream, in any pieces; give the lines that they complete, blank ones left out. */
  *receive(data: Buffer): Generator<Buffer | Overlong> {
    let start = 0;
    for (let end = data.indexOf(0x0a); end >= 0; end = data.indexOf(0x0a, start)) {
      this.#hold(data.subarray(start, end));
      start = end + 1;
      const line = this.#finish();
      if (line) yield line;
    }
    if (start < data.length) this.#hold(data.subarray(start));
  }

  #hold(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#head) return;
    this.#pieces.push(piece);
    if (this.#size > this.maxFrameBytes) {
      // A copy: a view would keep the whole piece alive.
      this.#head = Buffer.from(Buffer.concat(this.#pieces, Math.min(this.#size, HEAD_BYTES)));
      this.#pieces = [];
    }
  }

  #finish(): Buffer | Overlong | undefined {
    const [pieces, size, head] = [this.#pieces, this.#size, this.#head];
    this.#pieces = [];
    this.#size = 0;
    this.#head = undefined;
    if (head) return { size, head };
    const line = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    return isBlank(line) ? undefined : line;
  }

  /** Take the end of the stream; return how many bytes of half a line are lost (HUB-FRAME-12). */
  receiveEnd(): number {
    const lost = this.#size;
    this.#pieces = [];
    this.#size = 0;
    this.#head = undefined;
    return lost;
  }
}
