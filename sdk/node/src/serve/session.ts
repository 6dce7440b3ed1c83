// Owns one module's side of one connection: reserved methods, calls and their answers; knows no process, descriptor or signal.

import { AsyncLocalStorage } from "node:async_hooks";

import { Connection, type Event } from "../codec/connection.js";
import type { Id } from "../codec/messages.js";
import type { Log } from "../log/index.js";
import { ERROR_CODES, HubCallError } from "../types/errors.js";
import type { JsonObject, JsonValue } from "../types/json.js";
import * as names from "../types/names.js";
import type { AnySchema } from "../types/schema.js";
import type { CallContext } from "../types/wire.js";
import { Call, CallEnded, type Line } from "./call.js";
import type { Clock } from "./clock.js";
import { describe, type Failure, Misfit, toFailure } from "./failure.js";
import { HostRequests } from "./host.js";
import { introduce } from "./introduction.js";
import { initialise } from "./initialisation.js";
import type { Module } from "./module.js";

/** What a session needs of the world. */
export interface World {
  /** Write a frame to the hub. */
  send(frame: Buffer): void;
  /** Whether the hub reads so slowly that what may be dropped should be. */
  congested(): boolean;
  /** The session is over by the module's own will: write what is left, and end. */
  finished(): void;
  clock: Clock;
  log: Log;
  /** A fresh id by which an error is found in the log. */
  correlationId(): string;
}

type Phase = "introduced" | "initialising" | "running" | "stopping" | "over";

// Of the four seconds of module_cleanup (HUB-CLEAN-1), one for calls to end and most of the rest for the hook.
const CALLS_END_MILLISECONDS = 1000;
const HOOK_MILLISECONDS = 2500;

export class Session {
  readonly #connection: Connection;
  readonly #host: HostRequests;
  readonly #calls = new Map<Id, { call: Call; settled: Promise<void> }>();
  // Which call an error belongs to that nobody caught.
  readonly #current = new AsyncLocalStorage<Call>();
  readonly #line: Line;
  readonly #stopListening: () => void;
  #features: ReadonlySet<string> = new Set();
  #phase: Phase = "introduced";
  #needsCleanup = false;
  #cleaning: Promise<void> | undefined;

  constructor(
    readonly module: Module<AnySchema | undefined>,
    readonly world: World,
  ) {
    this.#connection = new Connection((frame) => this.#phase !== "over" && world.send(frame));
    this.#host = new HostRequests(this.#connection);
    this.#line = {
      clock: world.clock,
      request: (method, params, signals) => this.#request(method, params, signals),
      notify: (method, params) => this.#notify(method, params),
    };
    this.#stopListening = module.onChange(() => {
      if (this.#phase === "running") this.#connection.sendNotification(names.CAPABILITIES_CHANGED, {});
    });
  }

  /** Take the next bytes that the hub wrote. */
  receive(data: Buffer): void {
    for (const event of this.#connection.receive(data)) {
      if (this.#phase === "over") return;
      this.#handle(event);
    }
  }

  #handle(event: Event): void {
    switch (event.type) {
      case "request":
        return this.#answer(event);
      case "notification":
        return event.method === names.CANCEL_REQUEST ? this.#cancel(event.params["id"]) : undefined;
      case "result":
      case "error":
        return this.#host.settle(event.id, event);
      case "rejected":
        return this.world.log.warning(`a frame was not acted on: ${event.reason}`, { answered: event.answered });
      case "unexpected":
        return undefined;
    }
  }

  #cancel(id: JsonValue | undefined): void {
    this.#calls.get(id as Id)?.call.abort(new CallEnded("cancelled", "the call was cancelled"));
  }

  #answer({ id, method, params, context }: Extract<Event, { type: "request" }>): void {
    switch (method) {
      case names.MODULE_INFO:
        return this.#introduce(id, params);
      case names.CAPABILITIES:
        return this.#connection.sendResult(id, this.module.capabilities());
      case names.PING:
        return this.#connection.sendResult(id, {});
      case names.MODULE_INIT:
        return this.#initialise(id, params);
      case names.MODULE_CLEANUP:
        if (this.#cleaning) return this.#refuse(id, "module_cleanup comes once");
        this.#cleaning = this.#cleanUp(id);
        return;
      default:
        return this.#call(id, method, params, context ?? {});
    }
  }

  #introduce(id: Id, params: JsonObject): void {
    const outcome = introduce(this.module.info, params);
    if ("error" in outcome) {
      this.#connection.sendError(id, outcome.error);
      // No later message could be understood (HUB-VER-2).
      if (outcome.error.code !== ERROR_CODES.no_common_version) return;
      this.#close();
      return this.world.finished();
    }
    this.#features = outcome.features;
    this.#connection.maxFrameBytes = outcome.maxFrameBytes ?? this.#connection.maxFrameBytes;
    this.#connection.sendResult(id, outcome.result);
  }

  #initialise(id: Id, params: JsonObject): void {
    if (this.#phase !== "introduced") return this.#refuse(id, "module_init comes once");
    this.#phase = "initialising";
    this.#needsCleanup = true;
    const became = (phase: Phase): void => {
      if (this.#phase === "initialising") this.#phase = phase;
    };
    this.#start(id, names.MODULE_INIT, {}, (call) => initialise(this.module, params, call), became);
  }

  #call(id: Id, method: string, params: JsonObject, context: JsonObject): void {
    const found = this.module.find(method);
    if (found === undefined) {
      return this.#connection.sendError(id, { code: ERROR_CODES.method_not_found, message: `there is no function ${method}` });
    }
    if (this.#phase !== "running") return this.#refuse(id, `${method} cannot be called ${this.#phase === "stopping" ? "any more" : "before module_init"}`);
    const checked = found.params?.check(params) ?? { ok: true, value: {} };
    if (!checked.ok) return this.#connection.sendError(id, new Misfit("arguments", checked.problems).toFailure());
    this.#start(id, method, context, (call) => found.run(checked.value, call));
  }

  #refuse(id: Id, message: string): void {
    this.#connection.sendError(id, { code: ERROR_CODES.invalid_request, message });
  }

  /** Run `work` as the call of this id, and answer with what becomes of it; `became` hears it first. */
  #start(id: Id, method: string, context: CallContext, work: (call: Call) => unknown, became?: (phase: Phase) => void): void {
    const call = new Call(id, method, context, this.#line);
    const succeed = (result: unknown): void => {
      became?.("running");
      this.#succeed(call, result);
    };
    const fail = (error: unknown): void => {
      became?.("introduced");
      this.#fail(call, error);
    };
    let result: unknown;
    try {
      result = this.#current.run(call, () => work(call));
    } catch (error) {
      return fail(error);
    }
    // What is ready at once is answered at once, before the answer to whatever the hub sent behind it.
    if (!isThenable(result)) return succeed(result);
    this.#calls.set(id, { call, settled: Promise.resolve(result).then(succeed, fail) });
  }

  #succeed(call: Call, result: unknown): void {
    if (!this.#connection.isOpen(call.id)) return;
    try {
      call.finish();
      this.#connection.sendResult(call.id, result);
      this.#calls.delete(call.id);
    } catch (error) {
      this.#fail(call, error);
    }
  }

  #fail(call: Call, error: unknown): void {
    if (!this.#connection.isOpen(call.id)) return;
    const failure = toFailure(error, call, this.world.log, this.world.correlationId);
    this.#end(call, failure);
  }

  #end(call: Call, failure: Failure): void {
    call.finish();
    this.#connection.sendError(call.id, failure);
    this.#calls.delete(call.id);
  }

  /** Take an error that nobody caught: it ends the call it belongs to, if there is one, and nothing else. */
  uncaught(error: unknown): void {
    const call = this.#current.getStore();
    // The answer to module_cleanup is the last word, so it waits for the hook itself.
    const answerable = call !== undefined && call.method !== names.MODULE_CLEANUP && this.#connection.isOpen(call.id);
    if (answerable) return this.#fail(call, error);
    this.world.log.error("an error that nobody caught, outside of any call", { error: describe(error) });
  }

  #request(method: string, params: object, signals: readonly AbortSignal[]): Promise<JsonValue> {
    if (this.#features.has("host_services")) return this.#host.send(method, params, signals);
    return Promise.reject(HubCallError.ofKind("method_not_found", `cannot ask ${method}: this hub offers no host services`));
  }

  #notify(method: string, params: object): void {
    const feature = method === names.PROGRESS ? "progress" : "host_services";
    // What nobody waits for must not fill the memory of a module whose hub does not read.
    if (!this.#features.has(feature) || this.world.congested()) return;
    try {
      this.#connection.sendNotification(method, params);
    } catch (error) {
      // It may come from a timer, where nobody could catch it.
      this.world.log.warning(`cannot send ${method}`, { error: describe(error) });
    }
  }

  async #cleanUp(id: Id): Promise<void> {
    await this.#within(CALLS_END_MILLISECONDS, this.#abandon("the module was asked to end"));
    const call = new Call(id, names.MODULE_CLEANUP, {}, this.#line);
    const failure = await this.#runHook(call, HOOK_MILLISECONDS);
    // Each request has exactly one answer (HUB-ID-4), and after the answer to this one there is nothing (HUB-CLEAN-2).
    for (const { call: late } of [...this.#calls.values()]) {
      this.#end(late, { code: ERROR_CODES.cancelled, message: "the module ended" });
    }
    call.finish();
    if (failure) this.#connection.sendError(id, failure);
    else this.#connection.sendResult(id, {});
    this.#close();
  }

  /** End without having been asked: standard input ended, or a signal came. Resolves when the hook has run, or had its time. */
  async end(hookMilliseconds: number): Promise<void> {
    const cleaning = this.#cleaning;
    // Whoever could have waited for an answer is gone.
    this.#close();
    void this.#abandon("the hub is gone");
    await (cleaning ? this.#within(hookMilliseconds, cleaning) : this.#runHook(undefined, hookMilliseconds));
  }

  #close(): void {
    this.#stopListening();
    this.#phase = "over";
  }

  #abandon(why: string): Promise<unknown> {
    if (this.#phase !== "over") this.#phase = "stopping";
    const under = [...this.#calls.values()];
    for (const { call } of under) call.abort(new CallEnded("cancelled", why));
    return Promise.all(under.map(({ settled }) => settled));
  }

  async #runHook(call: Call | undefined, milliseconds: number): Promise<Failure | undefined> {
    const hook = this.module.definition.onCleanup;
    if (!this.#needsCleanup || !hook) return undefined;
    this.#needsCleanup = false;
    const blamed = call ?? new Call("cleanup", names.MODULE_CLEANUP, {}, this.#line);
    const failed = this.#current.run(blamed, async () => hook(call)).then(
      () => undefined,
      (error: unknown) => toFailure(error, blamed, this.world.log, this.world.correlationId),
    );
    return this.#within(milliseconds, failed);
  }

  #within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const stop = this.world.clock.after(milliseconds, () => resolve(undefined));
      void work.then(resolve, reject).finally(stop);
    });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
