// Owns the requests of this module to the hub, from sending to settling; knows nothing of what any of them means.

import type { Connection } from "../codec/connection.js";
import type { Id } from "../codec/messages.js";
import { CannotSend } from "../codec/strict.js";
import { HubCallError, type WireError } from "../types/errors.js";
import type { JsonValue } from "../types/json.js";
import { CANCEL_REQUEST } from "../types/names.js";

interface Waiting {
  resolve(result: JsonValue): void;
  reject(error: HubCallError): void;
}

export class HostRequests {
  readonly #waiting = new Map<Id, Waiting>();

  constructor(readonly connection: Connection) {}

  /** Send a request and wait for its answer, or until one of the signals says that nobody waits any more. Rejects with HubCallError. */
  send(method: string, params: object, signals: readonly AbortSignal[]): Promise<JsonValue> {
    return new Promise((resolve, reject) => {
      if (signals.some((signal) => signal.aborted)) return reject(givenUp(method));
      let id: Id;
      try {
        id = this.connection.sendRequest(method, params);
      } catch (error) {
        if (!(error instanceof CannotSend)) throw error;
        return reject(HubCallError.ofKind("invalid_arguments", `cannot ask ${method}: ${error.message}`));
      }
      const giveUp = (): void => this.#giveUp(id, method);
      const settled = (): void => signals.forEach((signal) => signal.removeEventListener("abort", giveUp));
      signals.forEach((signal) => signal.addEventListener("abort", giveUp));
      this.#waiting.set(id, {
        resolve: (result) => (settled(), resolve(result)),
        reject: (error) => (settled(), reject(error)),
      });
    });
  }

  #giveUp(id: Id, method: string): void {
    if (this.connection.giveUp(id)) this.connection.sendNotification(CANCEL_REQUEST, { id });
    this.#take(id)?.reject(givenUp(method));
  }

  /** Take the hub's answer to a request that is open. */
  settle(id: Id, answer: { result: JsonValue } | { error: WireError }): void {
    const waiting = this.#take(id);
    if ("result" in answer) waiting?.resolve(answer.result);
    else waiting?.reject(new HubCallError(answer.error.code, answer.error.message, answer.error.data));
  }

  #take(id: Id): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

function givenUp(method: string): HubCallError {
  return HubCallError.ofKind("cancelled", `${method} was given up`);
}
