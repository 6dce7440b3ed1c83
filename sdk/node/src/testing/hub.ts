// Owns a hub for tests: it takes a module through its life in memory, no process and no pipe; knows nothing of test runners.

import { isDeepStrictEqual } from "node:util";

import type { Id } from "../codec/messages.js";
import { createLog } from "../log/index.js";
import { type Clock, MONOTONIC } from "../serve/clock.js";
import type { Module } from "../serve/module.js";
import { Session } from "../serve/session.js";
import { ERROR_CODES, HubCallError } from "../types/errors.js";
import type { JsonObject, JsonValue } from "../types/json.js";
import { MAX_FRAME_BYTES } from "../types/limits.js";
import * as names from "../types/names.js";
import type { AnySchema } from "../types/schema.js";
import type { CallContext, Capabilities, ModuleInfo } from "../types/wire.js";
import { serveRequest, type Services } from "./services.js";
import { HubEnd } from "./wire.js";

export interface HubOptions {
  config?: object;
  dataDirectory?: string;
  services?: Services;
  /** What this hub offers; by default everything. */
  features?: readonly string[];
  clock?: Clock;
}

export interface CallOptions {
  /** What goes with the call: `timeout_ms`, `trace_id`, `chain`, `profile`. */
  context?: CallContext;
  /** The account that it is for, as `hub call --account` says it. */
  account?: string;
  /** Aborted, it cancels the call. */
  signal?: AbortSignal;
  progress?(report: JsonObject): void;
}

/** Start a module in memory: module_info, capabilities and module_init have been answered when it resolves. Rejects with HubCallError. */
export async function startModule<C extends AnySchema | undefined>(module: Module<C>, options: HubOptions = {}): Promise<TestHub> {
  const hub = new TestHub(module as unknown as Module<AnySchema | undefined>, options);
  await hub.introduce();
  await hub.initialise(options.config ?? {}, options.dataDirectory ?? "/nonexistent");
  return hub;
}

export class TestHub {
  info!: ModuleInfo;
  capabilities!: Capabilities;
  /** The reason, when the module disabled itself. */
  disabled: string | undefined;
  /** Lines of the SDK's own log, parsed: what went wrong in a handler is here. */
  readonly logged: JsonObject[] = [];
  /** Params of `hub.log` notifications. */
  readonly hubLog: JsonObject[] = [];
  readonly #session: Session;
  readonly #end: HubEnd;
  readonly #asked = new Map<Id, AbortController>();
  readonly #progress = new Map<Id, (report: JsonObject) => void>();
  readonly #accounts = new Map<Id, string>();
  #errors = 0;

  constructor(
    readonly module: Module<AnySchema | undefined>,
    readonly options: HubOptions,
  ) {
    this.#end = new HubEnd((data) => this.#session.receive(data), {
      request: (id, method, params) => void this.#serve(id, method, params),
      notification: (method, params) => this.#hear(method, params),
    });
    this.#session = new Session(module, {
      send: (frame) => this.#end.receive(frame),
      congested: () => false,
      finished: () => undefined,
      clock: options.clock ?? MONOTONIC,
      log: createLog((line) => this.logged.push(JSON.parse(line) as JsonObject)),
      correlationId: () => `e${(this.#errors += 1)}`,
    });
  }

  async introduce(): Promise<void> {
    const features = this.options.features ?? names.FEATURES;
    const offer = { protocol_versions: names.PROTOCOL_VERSIONS, features, max_frame_bytes: MAX_FRAME_BYTES };
    this.info = (await this.#ask(names.MODULE_INFO, offer)) as unknown as ModuleInfo;
    this.capabilities = (await this.#ask(names.CAPABILITIES, {})) as unknown as Capabilities;
  }

  async initialise(config: object, dataDirectory: string): Promise<void> {
    const answer = (await this.#ask(names.MODULE_INIT, { config, data_directory: dataDirectory })) as JsonObject;
    this.disabled = answer["disable"] as string | undefined;
  }

  #ask(method: string, params: object): Promise<JsonValue> {
    return this.#end.ask(this.#end.mint(), method, params);
  }

  /** Call a function. Rejects with HubCallError where it answers with an error; throws where its result does not fit `returns`. */
  async call(name: string, params: object = {}, { context, account, signal, progress }: CallOptions = {}): Promise<JsonValue> {
    const id = this.#end.mint();
    if (progress) this.#progress.set(id, progress);
    const given = { ...context, ...(account === undefined ? {} : { profile: account }) };
    this.#accounts.set(id, given.profile ?? names.DEFAULT_ACCOUNT);
    const answer = this.#end.ask(id, name, params, given);
    const cancel = (): void => this.#end.send({ method: names.CANCEL_REQUEST, params: { id } });
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted) cancel();
    try {
      const result = await answer;
      const checked = this.module.find(name)?.returns?.check(result);
      if (checked && !checked.ok) throw new Error(`the result of ${name} does not fit its returns schema (HUB-CALL-1)`);
      return result;
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#progress.delete(id);
      this.#accounts.delete(id);
    }
  }

  /** Execute every example of every function, as the conformance runner does. Rejects at the first that is not true. */
  async runExamples(): Promise<number> {
    let count = 0;
    for (const { name, examples = [] } of this.capabilities.functions) {
      for (const example of examples) {
        const outcome = await this.call(name, (example.params ?? {}) as object).then(
          (result) => ({ result }),
          (error: unknown) => ({ error: error instanceof HubCallError ? error.code : error }),
        );
        const wanted = example.error === undefined ? { result: example.result } : { error: example.error };
        if (!isDeepStrictEqual(outcome, wanted)) {
          throw new Error(`example ${count + 1} is not true: ${name} ${JSON.stringify(example)} gave ${JSON.stringify(outcome)}`);
        }
        count += 1;
      }
    }
    return count;
  }

  async ping(): Promise<void> {
    await this.#ask(names.PING, {});
  }

  /** End the module: `module_cleanup`, then the end of its input. */
  async stop(): Promise<void> {
    await this.#ask(names.MODULE_CLEANUP, {});
    await this.#session.end(0);
  }

  #hear(method: string, params: JsonObject): void {
    if (method === names.HUB_LOG) this.hubLog.push(params);
    else if (method === names.PROGRESS) this.#progress.get(params["id"] as Id)?.(params);
    else if (method === names.CANCEL_REQUEST) this.#asked.get(params["id"] as Id)?.abort();
  }

  async #serve(id: Id, method: string, params: JsonObject): Promise<void> {
    const abort = new AbortController();
    this.#asked.set(id, abort);
    try {
      const account = this.#accounts.get(params["call_id"] as Id) ?? names.DEFAULT_ACCOUNT;
      const result = await serveRequest((this.options.services ??= {}), { method, params, account, signal: abort.signal });
      this.#end.send({ id, result: result ?? null });
    } catch (error) {
      const told = error instanceof HubCallError ? error.toJSON() : { code: ERROR_CODES.internal_error, message: String(error) };
      this.#end.send({ id, error: told });
    } finally {
      this.#asked.delete(id);
    }
  }
}
