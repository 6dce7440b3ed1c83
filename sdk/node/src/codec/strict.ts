// Owns the strict JSON of the wire (HUB-FRAME-5 to 10): bytes to values and values to text; knows nothing of messages.
//
// JSON.parse does the work. What it forgives (duplicate names, integers beyond 2^53, 1e400, lone surrogates, any depth) is found by
// counting beside it, and only a frame that looks suspicious is looked at again.

import { isUtf8 } from "node:buffer";

import type { JsonValue } from "../types/json.js";
import { MAX_NESTING } from "../types/limits.js";
import { look, tokens } from "./scan.js";

/** The text is not JSON as this protocol allows it; the message says why and never shows the text. */
export class RejectedJson extends Error {
  override readonly name = "RejectedJson";
}

/** A value cannot be sent: a defect of whoever wanted to send it. The message never shows the value. */
export class CannotSend extends Error {
  override readonly name = "CannotSend";
}

const TOO_DEEP = `it nests deeper than ${MAX_NESTING}`;
const UNSAFE = `it has an integer beyond ±${Number.MAX_SAFE_INTEGER}`;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Return the JSON value of one frame. Throws RejectedJson. */
export function decode(text: Buffer): JsonValue {
  if (text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf) {
    throw new RejectedJson("it begins with a byte order mark");
  }
  if (!isUtf8(text)) throw new RejectedJson("it is not UTF-8");
  const seen = look(text, MAX_NESTING);
  if (seen.depth > MAX_NESTING) throw new RejectedJson(TOO_DEEP);
  let value: JsonValue;
  try {
    value = JSON.parse(text.toString("utf8")) as JsonValue;
  } catch {
    // The parser's own words show a piece of the text, which may be a secret.
    throw new RejectedJson("it is not JSON");
  }
  const walk = new Walk(seen.surrogates);
  walk.visit(value);
  // Of two members with the same name the parser keeps one, so it has fewer than there are colons.
  if (walk.members !== seen.members) throw new RejectedJson("it has a member name twice in one object");
  if (walk.suspicious && hasUnsafeInteger(text)) throw new RejectedJson(UNSAFE);
  return value;
}

/** One walk over a parsed value, whose depth is bounded. */
class Walk {
  members = 0;
  suspicious = false;

  constructor(readonly checkStrings: boolean) {}

  visit(value: JsonValue): void {
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new RejectedJson("it has a number that overflows a double");
      if (Math.abs(value) > Number.MAX_SAFE_INTEGER) this.suspicious = true;
    } else if (typeof value === "string") {
      if (this.checkStrings && LONE_SURROGATE.test(value)) throw new RejectedJson("it has a lone surrogate");
    } else if (Array.isArray(value)) {
      for (const item of value) this.visit(item);
    } else if (value !== null && typeof value === "object") {
      const names = Object.keys(value);
      this.members += names.length;
      for (const name of names) {
        if (this.checkStrings) this.visit(name);
        this.visit(value[name] as JsonValue);
      }
    }
  }
}

/** Return whether a number without fraction and exponent, as written, is beyond what a double keeps (HUB-FRAME-9). */
function hasUnsafeInteger(text: Buffer): boolean {
  for (const { start, end } of tokens(text)) {
    const first = text[start] as number;
    if (first !== 0x2d && (first < 0x30 || first > 0x39)) continue;
    const digits = text.toString("latin1", start, end);
    // Rounding never takes a number across 2^53 from above to below, so comparing the rounded one is exact here.
    if (!/[.eE]/.test(digits) && !Number.isSafeInteger(Number(digits))) return true;
  }
  return false;
}

/** Return `value` as compact JSON. Throws CannotSend: not JSON, NaN or infinite, an unsafe integer, a lone surrogate. */
export function encode(value: unknown): string {
  const text = stringify(value);
  // JSON.stringify writes NaN as null and what is unsafe as it is: only a text that shows such a sign is looked at again.
  if (/null|[0-9]{16}|\\ud/.test(text)) stringify(value, refuseUnsendable);
  return text;
}

function stringify(value: unknown, replacer?: (name: string, value: unknown) => unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, replacer);
  } catch (error) {
    if (error instanceof CannotSend) throw error;
    if (error instanceof RangeError) throw new CannotSend(TOO_DEEP);
    throw new CannotSend("it is not JSON (a circle, a BigInt, or a toJSON that fails)");
  }
  if (text === undefined) throw new CannotSend("it is not JSON (a function or a symbol)");
  return text;
}

function refuseUnsendable(name: string, value: unknown): unknown {
  if (LONE_SURROGATE.test(name)) throw new CannotSend("it has a lone surrogate");
  if (typeof value === "string" && LONE_SURROGATE.test(value)) throw new CannotSend("it has a lone surrogate");
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new CannotSend("NaN and infinity are not JSON");
    // From 1e21 on a number is written with an exponent, which is allowed.
    if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21) throw new CannotSend(UNSAFE);
  }
  return value;
}

/** Return the bytes of a whole frame, its line feed included. Throws CannotSend: too deep or too long. */
export function toFrame(text: string, maxFrameBytes: number): Buffer {
  const frame = Buffer.from(`${text}\n`, "utf8");
  if (frame.length - 1 > maxFrameBytes) {
    throw new CannotSend(`its ${frame.length - 1} bytes are more than the frame limit of ${maxFrameBytes}`);
  }
  if (look(frame, MAX_NESTING).depth > MAX_NESTING) throw new CannotSend(TOO_DEEP);
  return frame;
}
