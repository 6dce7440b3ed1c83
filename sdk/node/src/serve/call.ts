// Owns what a handler holds in its hand: one call with its deadline, cancellation, progress and host services; sends nothing itself.

import type { Id } from "../codec/messages.js";
import { HubCallError } from "../types/errors.js";
import type { JsonObject, JsonValue } from "../types/json.js";
import { DEFAULT_ACCOUNT, HUB_ASK, HUB_CALL, HUB_LOG, PROGRESS } from "../types/names.js";
import { type AnySchema, type OutputOf, ready } from "../types/schema.js";
import type { CallContext, LogLevel } from "../types/wire.js";
import type { Clock } from "./clock.js";
import { Credentials } from "./credentials.js";
import { Deadline } from "./deadline.js";
import { ProgressPace } from "./progress.js";
import { type AskHub, Store } from "./store.js";

/** What a call needs of the connection. */
export interface Line {
  readonly clock: Clock;
  request(method: string, params: object, signals: readonly AbortSignal[]): Promise<JsonValue>;
  /** Dropped where the hub did not offer what it belongs to, or does not read fast enough. */
  notify(method: string, params: object): void;
}

/** The reason of `call.signal`: nobody waits for the answer any more. */
export class CallEnded extends Error {
  // The name by which libraries know that they were asked to stop.
  override readonly name = "AbortError";

  constructor(
    readonly kind: "cancelled" | "timeout",
    message: string,
  ) {
    super(message);
  }
}

export type Answer<T> = { action: "accept"; content: T } | { action: "decline" };

export class Call {
  /** The module's store. Needs the permission `store`. */
  readonly store: Store;
  /** What the hub keeps secret for this module and the account of this call. Needs the permission `credentials`. */
  readonly credentials: Credentials;
  readonly #line: Line;
  readonly #abort = new AbortController();
  readonly #progress: ProgressPace;
  readonly #deadline: Deadline | undefined;
  #over = false;

  constructor(
    readonly id: Id,
    /** The function's name, or that of the reserved method. */
    readonly method: string,
    /** The call's context as the hub gave it. */
    readonly received: CallContext,
    line: Line,
  ) {
    this.#line = line;
    this.#progress = new ProgressPace(line.clock, (report) => line.notify(PROGRESS, { id, ...report }));
    const ask: AskHub = (what, params) => this.#ask(what, params);
    this.store = new Store(ask);
    this.credentials = new Credentials(ask);
    const { timeout_ms: timeout } = received;
    if (typeof timeout === "number" && timeout >= 0) {
      this.#deadline = new Deadline(timeout, line.clock, () => this.abort(new CallEnded("timeout", "the deadline passed")));
    }
  }

  /** Aborted when the caller gave up, the deadline passed or the module has to end; its reason is a CallEnded. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Milliseconds left until the deadline, not below 0; Infinity where there is none. The deadline moves while a person is asked. */
  get remainingMilliseconds(): number {
    return this.#deadline?.remaining ?? Infinity;
  }

  /** Joins the log lines of one call across modules. */
  get traceId(): string | undefined {
    return this.received.trace_id;
  }

  /** The calls that led to this one, outermost first, this one last. */
  get chain(): readonly string[] {
    return this.received.chain ?? [];
  }

  /** The account that this call is for, which its credentials belong to (HUB-CRED-1): the profile, else "default". */
  get account(): string {
    const { profile } = this.received;
    return typeof profile === "string" && profile !== "" ? profile : DEFAULT_ACCOUNT;
  }

  /** The account as the hub named it; undefined where it named none. `account` is what you want. */
  get profile(): string | undefined {
    return this.received.profile;
  }

  /** Say how far the work is; call it as often as you like, at most 20 reports a second are sent, and always the last. */
  progress(done: number, { total, message }: { total?: number; message?: string } = {}): void {
    if (!Number.isFinite(done)) throw new TypeError("cannot report progress: `done` must be a finite number");
    if (this.#over) return;
    this.#progress.report({ done, ...(total === undefined ? {} : { total }), ...(message === undefined ? {} : { message }) });
  }

  /** Call "module.function" through the hub. Needs the permission `call:...`. Rejects with HubCallError. */
  call(
    address: string,
    params: object = {},
    { timeoutMilliseconds, signal }: { timeoutMilliseconds?: number; signal?: AbortSignal } = {},
  ): Promise<JsonValue> {
    const timeout = timeoutMilliseconds === undefined ? {} : { timeout_ms: Math.max(0, Math.round(timeoutMilliseconds)) };
    return this.#patiently(false, () => this.#ask(HUB_CALL, { function: address, params, ...timeout }, signal));
  }

  /** Ask the person; `schema` is of a flat object, the form to fill in. Needs the permission `ask`. Rejects with HubCallError. */
  async ask<S extends AnySchema>(message: string, schema: S): Promise<Answer<OutputOf<S, JsonObject>>> {
    const form = ready(schema, "the schema of a question", "input");
    const answer = await this.#patiently(true, () => this.#ask(HUB_ASK, { message, schema: form.json }));
    const { action, content } = (answer ?? {}) as JsonObject;
    if (action === "decline") return { action };
    const checked = form.check(content);
    if (action !== "accept" || !checked.ok) {
      throw HubCallError.ofKind("protocol_error", "the hub's answer does not fit the schema of the question");
    }
    return { action, content: checked.value as OutputOf<S, JsonObject> };
  }

  /** Write to the hub's log in the context of this call. Never secrets. */
  log(level: LogLevel, message: string, { logger, fields }: { logger?: string; fields?: object } = {}): void {
    if (this.#over) return;
    this.#line.notify(HUB_LOG, { level, message, ...(logger === undefined ? {} : { logger }), ...(fields ? { fields } : {}) });
  }

  /** Let the deadline stand still while the hub asks a person (HUB-HOST-6), or does what may end in asking one. */
  async #patiently(surely: boolean, ask: () => Promise<JsonValue>): Promise<JsonValue> {
    this.#deadline?.hold();
    try {
      return await ask();
    } finally {
      if (!this.#over) this.#deadline?.release(surely);
    }
  }

  #ask(method: string, params: object, signal?: AbortSignal): Promise<JsonValue> {
    // A late request could never be granted (HUB-HOST-1), so it is not sent.
    if (this.#over) return Promise.reject(HubCallError.ofKind("context_ended", `cannot ask ${method}: the call is over`));
    return this.#line.request(method, { call_id: this.id, ...params }, signal ? [this.signal, signal] : [this.signal]);
  }

  /** For the SDK: nobody waits for the answer any more. */
  abort(reason: CallEnded): void {
    this.#abort.abort(reason);
  }

  /** For the SDK: the answer is about to be sent; nothing may be asked in the name of this call any more. */
  finish(): void {
    this.#deadline?.stop();
    this.#progress.flush();
    this.#over = true;
  }
}
