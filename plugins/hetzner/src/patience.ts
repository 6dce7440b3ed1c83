// Owns when a request is tried again and how long is waited before it: failure and time left in, a pause out; waits for nothing itself.

import type { Question } from "./exchange.js";

/** The first pause, without its jitter; it doubles with each attempt. */
const FIRST_PAUSE_SECONDS = 0.2;
const LONGEST_PAUSE_SECONDS = 5;
/** What an attempt needs at least: a pause that leaves less before the deadline is no use. */
const ATTEMPT_SECONDS = 0.2;
/** A call without a deadline waits so long for a service that asks to wait, and no longer. */
const UNBOUNDED_WAIT_SECONDS = 60;
/** More is no time that anybody waits, and a number that JSON can not hold is no answer. */
const MOST_RETRY_AFTER_SECONDS = 1e9;
const TOO_MANY_REQUESTS = 429;
const SERVER_ERROR = 500;

export interface Failure {
  /** Of the answer, where there was one. */
  readonly status?: number;
  /** False only where the service cannot have seen the request. */
  readonly mayHaveArrived: boolean;
  readonly retryAfterSeconds?: number;
}

export interface Chances {
  /** Attempts made so far. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Until the call's deadline; Infinity where there is none. */
  readonly remainingSeconds: number;
}

/** Return whether asking again can not do a thing twice that must be done once. */
export function mayRepeat(method: Question["method"], failure: Failure): boolean {
  if (failure.status === TOO_MANY_REQUESTS || !failure.mayHaveArrived) return true;
  // A deletion that happens twice is a deletion; a creation costs money each time.
  return method !== "POST" && (failure.status === undefined || failure.status >= SERVER_ERROR);
}

/** Return the seconds to wait before the next attempt, undefined where there must or can be none. `random` is from [0, 1). */
export function pauseSeconds(
  method: Question["method"],
  failure: Failure,
  { attempt, maxAttempts, remainingSeconds }: Chances,
  random: () => number,
): number | undefined {
  if (attempt >= maxAttempts || !mayRepeat(method, failure)) return undefined;
  const backoff = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempt - 1));
  // Half of it is jitter: those who failed together do not come back together.
  const pause = Math.max(backoff * (0.5 + random() / 2), failure.retryAfterSeconds ?? 0);
  const most = Number.isFinite(remainingSeconds) ? remainingSeconds - ATTEMPT_SECONDS : UNBOUNDED_WAIT_SECONDS;
  return pause <= most ? pause : undefined;
}

/** Return the seconds that a Retry-After header means (RFC 9110, 10.2.3: seconds or a date), undefined where it means nothing. */
export function retryAfterSeconds(header: string | undefined, nowMilliseconds: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), MOST_RETRY_AFTER_SECONDS);
  // Date.parse takes much that is no date of HTTP, "-5" for instance; each of these begins with the name of a day.
  const date = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, (date - nowMilliseconds) / 1000);
}
