// Owns asking the API on behalf of one call: one account's token, attempts, pauses, errors; knows no function and no shape of an answer.

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

import type { Call, HubFunctionError } from "hub-sdk";

import { exchange, NoReply, type Question, type Reply, TooLarge } from "./exchange.js";
import { type Failure, pauseSeconds, retryAfterSeconds } from "./patience.js";
import { askedToWait, refusalOf, shownWords, unavailable } from "./refusals.js";
import type { Settings } from "./settings.js";

const AGENT_NAME = "hub-hetzner/1.0.0";
const NOT_FOUND = 404;
const TOO_MANY_REQUESTS = 429;

/** An error answer of the API: `{"error": {"code", "message", "details"}}`. */
interface Complaint {
  error?: { code?: unknown; message?: unknown; details?: { fields?: unknown } };
}

type Outcome = { reply: Reply } | { failure: Failure; error: HubFunctionError };

/** Asks the API with the token of one account while one call lives. Nothing of it outlives the call. */
export class Client {
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(
    private readonly settings: Settings,
    private readonly call: Pick<Call, "account" | "signal" | "remainingMilliseconds">,
    private readonly token: string,
    private readonly random: () => number = Math.random,
  ) {
    // Of this call alone: connections are shared by the pages of a list, never by accounts.
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = settings.baseUrl.startsWith("https:") ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** Close what is open. */
  close(): void {
    this.#agent.destroy();
  }

  /** Return the JSON of a good answer, null for a deletion. Throws HubFunctionError, and the reason of the call's signal. */
  async ask(method: Question["method"], path: string, body?: object): Promise<unknown> {
    const question: Question = {
      method,
      url: new URL(this.settings.baseUrl + path),
      headers: { authorization: `Bearer ${this.token}`, accept: "application/json", "user-agent": AGENT_NAME },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    let mayBeDeleted = false;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(question);
      if ("reply" in outcome) return method === "DELETE" ? null : this.#json(outcome.reply, method);
      const { status, mayHaveArrived } = outcome.failure;
      // What an earlier attempt may have deleted is gone now: the caller's deletion, not somebody else's.
      if (status === NOT_FOUND && mayBeDeleted) return null;
      mayBeDeleted ||= method === "DELETE" && mayHaveArrived && status !== TOO_MANY_REQUESTS;
      const chances = { attempt, maxAttempts: this.settings.maxAttempts, remainingSeconds: this.call.remainingMilliseconds / 1000 };
      const pause = pauseSeconds(method, outcome.failure, chances, this.random);
      if (pause === undefined) throw outcome.error;
      await sleep(1000 * pause, undefined, { signal: this.call.signal });
    }
  }

  async #attempt(question: Question): Promise<Outcome> {
    const acts = question.method !== "GET";
    let reply: Reply;
    try {
      reply = await exchange(question, this.#agent, this.call.signal, this.settings.timeoutMilliseconds);
    } catch (error) {
      if (error instanceof TooLarge) throw unavailable("its answer is too large", acts);
      if (!(error instanceof NoReply)) throw error;
      const { reason, mayHaveArrived } = error;
      return { failure: { mayHaveArrived }, error: unavailable(reason, acts && mayHaveArrived) };
    }
    return this.#judged(reply, acts);
  }

  #judged(reply: Reply, acts: boolean): Outcome {
    const { status } = reply;
    if (status >= 200 && status < 300) return { reply };
    const seconds = retryAfterSeconds(reply.retryAfter, Date.now());
    const failure = { status, mayHaveArrived: true, ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) };
    if (status === TOO_MANY_REQUESTS) return { failure, error: askedToWait(seconds ?? 1) };
    const words = shownWords(complaintOf(reply.text), this.token);
    if (status >= 400 && status < 500) return { failure, error: refusalOf(status, words, this.call.account) };
    return { failure, error: unavailable(`it answers with status ${status}${words && `: ${words}`}`, acts) };
  }

  #json({ text }: Reply, method: Question["method"]): unknown {
    const value = parsed(text);
    if (value === undefined) throw unavailable("its answer is no JSON", method !== "GET");
    return value;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Return what the service says is wrong: its message, its word for it, and which members it blames; "" where it says nothing. */
function complaintOf(text: string): string {
  const { code, message, details } = (parsed(text) as Complaint | null | undefined)?.error ?? {};
  if (typeof message !== "string") return "";
  const fields = Array.isArray(details?.fields) ? (details.fields as { messages?: unknown }[]) : [];
  const blamed = fields.flatMap((field) => (Array.isArray(field?.messages) ? field.messages : [])).filter((word) => typeof word === "string");
  return [message, ...blamed].join(", ") + (typeof code === "string" ? ` (${code})` : "");
}
