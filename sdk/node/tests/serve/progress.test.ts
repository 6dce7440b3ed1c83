// Owns how often progress is sent; knows no call.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ProgressPace, type Report } from "../../src/serve/progress.js";
import { TestClock } from "../clock.js";

function paced(): { clock: TestClock; pace: ProgressPace; sent: { at: number; done: number }[] } {
  const clock = new TestClock();
  const sent: { at: number; done: number }[] = [];
  return { clock, sent, pace: new ProgressPace(clock, ({ done }: Report) => sent.push({ at: clock.now(), done })) };
}

test("no second holds more than twenty reports, the last one included (HUB-PROG-2)", () => {
  const { clock, pace, sent } = paced();
  for (let done = 0; done < 5000; done += 1) {
    pace.report({ done });
    clock.advance(1);
  }
  pace.flush();
  assert.equal(sent.at(-1)?.done, 4999);
  for (const { at } of sent) assert.ok(sent.filter((other) => other.at >= at && other.at < at + 1000).length <= 20);
  assert.ok(sent.length > 80);
});

test("what is held is sent as soon as it may be, without another report", () => {
  const { clock, pace, sent } = paced();
  for (let done = 0; done <= 30; done += 1) pace.report({ done });
  assert.equal(sent.length, 19);
  clock.advance(1000);
  assert.deepEqual(sent.at(-1), { at: 1000, done: 30 });
  assert.equal(clock.waiting, 0);
});

test("done does not fall (HUB-PROG-1)", () => {
  const { pace, sent } = paced();
  for (const done of [1, 3, 2, 3]) pace.report({ done });
  assert.deepEqual(sent.map(({ done }) => done), [1, 3, 3]);
});
