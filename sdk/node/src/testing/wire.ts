// Owns the hub's end of a connection in memory: frames out and in, requests and their answers; knows nothing of what they mean.

import { LineFramer } from "../codec/framing.js";
import { type Id, parse } from "../codec/messages.js";
import { decode, encode } from "../codec/strict.js";
import { HubCallError } from "../types/errors.js";
import type { JsonObject, JsonValue } from "../types/json.js";
import { MAX_FRAME_BYTES } from "../types/limits.js";

export interface Heard {
  request(id: Id, method: string, params: JsonObject): void;
  notification(method: string, params: JsonObject): void;
}

interface Waiting {
  resolve(result: JsonValue): void;
  reject(error: Error): void;
}

export class HubEnd {
  readonly #framer = new LineFramer(MAX_FRAME_BYTES);
  readonly #waiting = new Map<number, Waiting>();
  #minted = 0;

  constructor(
    /** Takes what the hub writes. */
    readonly write: (data: Buffer) => void,
    readonly heard: Heard,
  ) {}

  /** Take what the module wrote. Throws for anything that a hub would not accept: the SDK's or its user's mistake. */
  receive(data: Buffer): void {
    for (const line of this.#framer.receive(data)) {
      if (!Buffer.isBuffer(line)) throw new Error("the module sent a frame above the limit (HUB-FRAME-4)");
      const message = parse(decode(line));
      if (message.type === "invalid") throw new Error(`the module sent an invalid message: ${message.reason}`);
      if (message.type === "request") this.heard.request(message.id, message.method, message.params);
      else if (message.type === "notification") this.heard.notification(message.method, message.params);
      else if (message.type === "response") this.#take(message.id).resolve(message.result);
      else this.#take(message.id).reject(new HubCallError(message.error.code, message.error.message, message.error.data));
    }
  }

  #take(id: Id | null): Waiting {
    const waiting = typeof id === "number" ? this.#waiting.get(id) : undefined;
    if (waiting === undefined) throw new Error(`the module answered a request that is not open: ${String(id)} (HUB-ID-4)`);
    this.#waiting.delete(id as number);
    return waiting;
  }

  /** Return the id for the next request. */
  mint(): number {
    return (this.#minted += 1);
  }

  /** Send a request; the answer may be there before this returns. Rejects with HubCallError. */
  ask(id: number, method: string, params: object, context?: object): Promise<JsonValue> {
    const answer = new Promise<JsonValue>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.send({ id, method, params, ...(context ? { context } : {}) });
    return answer;
  }

  send(members: object): void {
    this.write(Buffer.from(`${encode({ jsonrpc: "2.0", ...members })}\n`));
  }
}
