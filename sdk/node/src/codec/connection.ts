// Owns the state of one connection, the module's side: bytes in, events out, messages in, frames out; knows no method and no I/O.
//
// The hub's garbage never throws here: it becomes an event, and an error answer where HUB-ID-5 wants one.

import { ERROR_CODES, type WireError } from "../types/errors.js";
import type { JsonObject, JsonValue } from "../types/json.js";
import { MAX_FRAME_BYTES } from "../types/limits.js";
import { HEAD_BYTES, LineFramer, type Overlong } from "./framing.js";
import { type Id, type Invalid, isObject, type Message, parse, recover } from "./messages.js";
import { tokens } from "./scan.js";
import { CannotSend, decode, encode, RejectedJson, toFrame } from "./strict.js";

export type Event =
  | { type: "request"; id: Id; method: string; params: JsonObject; context?: JsonObject }
  | { type: "notification"; method: string; params: JsonObject }
  /** One of our requests ended. */
  | { type: "result"; id: Id; result: JsonValue }
  | { type: "error"; id: Id; error: WireError }
  /** A frame was not acted on; `answered` says whether the hub was told. */
  | { type: "rejected"; kind: string; reason: string; id: Id | null; answered: boolean }
  /** A response to a request that is not open: dropped. */
  | { type: "unexpected"; id: Id | null };

type Rejection = Pick<Invalid, "reason" | "id" | "isResponse" | "isNotification"> & { kind: keyof typeof ERROR_CODES };

export class Connection {
  readonly #framer = new LineFramer(MAX_FRAME_BYTES);
  readonly #incoming = new Set<Id>();
  readonly #outgoing = new Set<Id>();
  readonly #send: (frame: Buffer) => void;
  #minted = 0;

  /** `send` takes each frame as soon as it is made. */
  constructor(send: (frame: Buffer) => void) {
    this.#send = send;
  }

  /** The frame limit for both directions (HUB-FRAME-4). */
  get maxFrameBytes(): number {
    return this.#framer.maxFrameBytes;
  }

  set maxFrameBytes(bytes: number) {
    this.#framer.maxFrameBytes = bytes;
  }

  /** Take the next bytes that the hub wrote, in any pieces; give what they mean. */
  *receive(data: Buffer): Generator<Event> {
    for (const line of this.#framer.receive(data)) {
      const event = Buffer.isBuffer(line) ? this.#receiveFrame(line) : this.#receiveOverlong(line);
      if (event) yield event;
    }
  }

  /** Take the end of the hub's stream; return how many bytes of half a frame are lost. */
  receiveEnd(): number {
    return this.#framer.receiveEnd();
  }

  #receiveOverlong(line: Overlong): Event {
    const reason = `it is longer than ${this.maxFrameBytes} bytes`;
    return this.#reject({ kind: "parse_error", reason, ...this.#recovered(line.head) });
  }

  #receiveFrame(frame: Buffer): Event {
    let value: JsonValue;
    try {
      value = decode(frame);
    } catch (error) {
      if (!(error instanceof RejectedJson)) throw error;
      return this.#reject({ kind: "parse_error", reason: error.message, ...this.#recovered(frame.subarray(0, HEAD_BYTES)) });
    }
    // Written with a fraction or an exponent it is no id, which JSON.parse hides; half a number is none to `parse` either.
    if (isObject(value) && typeof value["id"] === "number" && !isPlainId(frame)) value["id"] = 0.5;
    return this.#receiveMessage(parse(value));
  }

  #receiveMessage(message: Message | Invalid): Event {
    switch (message.type) {
      case "invalid":
        return this.#reject(message);
      case "notification":
        return message;
      case "request":
        if (this.#incoming.has(message.id)) {
          // An answer would be taken for the answer to the first of the two.
          return { type: "rejected", kind: "invalid_request", reason: "its id is open already", id: message.id, answered: false };
        }
        this.#incoming.add(message.id);
        return message;
      case "response":
        return this.#outgoing.delete(message.id) ? { ...message, type: "result" } : { type: "unexpected", id: message.id };
      case "error": {
        const { id, error } = message;
        return id !== null && this.#outgoing.delete(id) ? { type: "error", id, error } : { type: "unexpected", id };
      }
    }
  }

  #recovered(head: Buffer): Pick<Rejection, "id" | "isResponse" | "isNotification"> {
    const { id, hasMethod } = recover(head);
    return { id, isResponse: !hasMethod && id !== null && this.#outgoing.has(id), isNotification: false };
  }

  /** Report a broken frame: answer it where HUB-ID-5 says so, end our own request where it was meant as its response. */
  #reject({ kind, reason, id, isResponse, isNotification }: Rejection): Event {
    if (isResponse && id !== null && this.#outgoing.delete(id)) {
      const code = ERROR_CODES.protocol_error;
      return { type: "error", id, error: { code, message: `the hub's answer cannot be read: ${reason}` } };
    }
    const answered = !isResponse && !isNotification && !(id !== null && this.#incoming.has(id));
    if (answered) {
      this.#answer(id, { code: ERROR_CODES[kind], message: `cannot read the message: ${reason}` });
    }
    return { type: "rejected", kind, reason, id, answered };
  }

  /** Whether the hub waits for an answer to this request. */
  isOpen(id: Id): boolean {
    return this.#incoming.has(id);
  }

  /** Send a request and return its id. Throws CannotSend; nothing was sent then. */
  sendRequest(method: string, params: object): Id {
    const id = `m${this.#minted + 1}`;
    this.#frame(`"id":"${id}","method":${encode(method)},"params":${encode(params)}`);
    this.#minted += 1;
    this.#outgoing.add(id);
    return id;
  }

  /** Send a notification. Throws CannotSend. */
  sendNotification(method: string, params: object): void {
    this.#frame(`"method":${encode(method)},"params":${encode(params)}`);
  }

  /** Answer an open request. Throws CannotSend; the request stays open then. */
  sendResult(id: Id, result: unknown): void {
    // A handler that returns nothing means null.
    this.#frame(`"id":${encode(id)},"result":${result === undefined ? "null" : encode(result)}`);
    this.#incoming.delete(id);
  }

  /** Answer an open request with an error; `data` that cannot be sent is left out. */
  sendError(id: Id, error: { code: number; message: string; data?: unknown }): void {
    this.#answer(id, error);
    this.#incoming.delete(id);
  }

  #answer(id: Id | null, { code, message, data }: { code: number; message: string; data?: unknown }): void {
    const head = `"id":${encode(id)},"error":{"code":${code},"message":`;
    try {
      this.#frame(`${head}${encode(message)}${data === undefined ? "" : `,"data":${encode(data)}`}}`);
    } catch (error) {
      if (!(error instanceof CannotSend)) throw error;
      this.#frame(`${head}${encode(`an error whose message or data cannot be sent: ${error.message}`)}}`);
    }
  }

  /** Give up one of our requests; a late answer is then unexpected. Return whether it was open. */
  giveUp(id: Id): boolean {
    return this.#outgoing.delete(id);
  }

  #frame(members: string): void {
    this.#send(toFrame(`{"jsonrpc":"2.0",${members}}`, this.maxFrameBytes));
  }
}

// What the hub writes begins so; anything else takes the long way.
const PLAIN_ID = /^\{"jsonrpc":"2.0","id":-?[0-9]+[,}]/;

/** Return whether the id of a valid message is written without fraction and exponent, which JSON.parse does not tell (HUB-ID-1). */
function isPlainId(frame: Buffer): boolean {
  if (PLAIN_ID.test(frame.toString("latin1", 0, 64))) return true;
  let depth = 0;
  let [before, last] = ["", ""];
  for (const { start, end } of tokens(frame)) {
    const token = frame.toString("latin1", start, Math.min(end, start + 64));
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    else if (depth === 1 && last === ":" && before === '"id"') return !/[.eE]/.test(token);
    [before, last] = [last, token];
  }
  return true;
}

