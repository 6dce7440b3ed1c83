// Owns the tests of when a request is tried again; no time passes in them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Failure, mayRepeat, pauseSeconds, retryAfterSeconds } from "../src/patience.js";

const plenty = { attempt: 1, maxAttempts: 4, remainingSeconds: 30 };
const failed = (members: Partial<Failure>): Failure => ({ mayHaveArrived: true, ...members });

test("a creation is repeated only where the service has surely not acted", () => {
  assert.equal(mayRepeat("POST", failed({ status: 429 })), true);
  assert.equal(mayRepeat("POST", failed({ mayHaveArrived: false })), true);
  for (const failure of [failed({}), failed({ status: 500 }), failed({ status: 503 })]) {
    assert.equal(mayRepeat("POST", failure), false);
    assert.equal(mayRepeat("GET", failure), true);
    assert.equal(mayRepeat("DELETE", failure), true);
  }
});

test("what the service refuses is not repeated", () => {
  for (const status of [301, 400, 401, 403, 404, 422]) assert.equal(mayRepeat("GET", failed({ status })), false);
});

test("pauses double, are jittered by half, and end with the attempts", () => {
  const pause = (attempt: number, random: number) => pauseSeconds("GET", failed({}), { ...plenty, attempt }, () => random);
  assert.deepEqual([pause(1, 1), pause(2, 1), pause(3, 1), pause(4, 1)], [0.2, 0.4, 0.8, undefined]);
  assert.equal(pause(1, 0), 0.1);
  assert.equal(pauseSeconds("GET", failed({}), { ...plenty, attempt: 9, maxAttempts: 10 }, () => 1), 5);
});

test("the service's own wish counts where it is longer, and fits before the deadline", () => {
  const wait = (retryAfterSeconds: number, remainingSeconds: number) =>
    pauseSeconds("POST", failed({ status: 429, retryAfterSeconds }), { ...plenty, remainingSeconds }, () => 0);
  assert.equal(wait(7, 30), 7);
  assert.equal(wait(0, 30), 0.1);
  assert.equal(wait(30, 30), undefined);
  assert.equal(wait(59, Infinity), 59);
  assert.equal(wait(61, Infinity), undefined);
});

test("Retry-After is read as seconds and as a date, and nothing else is", () => {
  const now = Date.parse("2026-01-02T03:04:05Z");
  const cases: [string | undefined, number | undefined][] = [
    ["3", 3],
    [" 0 ", 0],
    ["Fri, 02 Jan 2026 03:04:15 GMT", 10],
    ["Friday, 02-Jan-26 03:04:15 GMT", 10],
    ["Fri, 02 Jan 2026 03:04:00 GMT", 0],
    ["99999999999999999999", 1e9],
    ["-5", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ];
  for (const [header, seconds] of cases) assert.equal(retryAfterSeconds(header, now), seconds, String(header));
});
