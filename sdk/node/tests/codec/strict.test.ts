// Owns the strict JSON of the codec where the vectors do not reach: encoding, and the time that bad texts take; knows no message.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CannotSend, decode, encode, RejectedJson, toFrame } from "../../src/codec/index.js";

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at += 1) value = [value];
  return value;
}

test("what cannot be sent is refused, and the words never show the value", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const unsendable = [NaN, Infinity, [-Infinity], 2 ** 53, { a: -(2 ** 60) }, 10n, circle, () => 1, Symbol("s"), "\ud800", { "\udfff": 1 }];
  for (const value of unsendable) assert.throws(() => encode(value), CannotSend);
  const secretive = { toJSON: () => { throw new Error("hunter2"); } };
  assert.throws(() => encode(secretive), (error) => error instanceof CannotSend && !error.message.includes("hunter2"));
});

test("what can be sent is sent, however suspicious it looks", () => {
  const values = [null, "null", 0.1234567890123456, 1e21, 2 ** 53 - 1, "9007199254740993", "\\ud800", "\u{1F600}", { a: undefined }, new Date(0)];
  for (const value of values) assert.equal(encode(value), JSON.stringify(value));
});

test("a frame nests at most 64 deep, brackets in strings not counted", () => {
  const frame = (value: unknown): Buffer => toFrame(encode({ result: value }), 1 << 20);
  assert.equal(frame(nested(63)).at(-1), 0x0a);
  assert.throws(() => frame(nested(64)), CannotSend);
  assert.throws(() => frame(nested(1_000_000)), CannotSend);
  assert.doesNotThrow(() => frame(`"${"[".repeat(100)}\\`));
});

test("a frame is at most as long as the limit, counted in bytes and without its line feed", () => {
  assert.equal(toFrame('"ü"', 4).length, 5);
  assert.throws(() => toFrame('"üü"', 5), CannotSend);
});

test("the words about a rejected text never show the text", () => {
  const texts = ['{"password":"hunter2"', '{"hunter2":1,"hunter2":2}', '"hunter2\\ud800"', '{"a":hunter2}'];
  for (const text of texts) {
    assert.throws(() => decode(Buffer.from(text)), (error) => error instanceof RejectedJson && !error.message.includes("hunter2"));
  }
});

test("a long string is as good as a short one, wherever its escapes stand", () => {
  for (const escape of ['\\"', "\\\\", "\\n", "\\u0041", "\\ud83d\\ude00"]) {
    for (let before = 50; before < 140; before += 1) {
      const text = `{"${"k".repeat(before)}${escape}":["${"{[:".repeat(before)}${escape}","${`${"{[:".repeat(before)}${escape}`.repeat(3)}"]}`;
      assert.deepEqual(decode(Buffer.from(text)), JSON.parse(text));
    }
    assert.throws(() => decode(Buffer.from(`{"${"k".repeat(200)}${escape}":1,"${"k".repeat(200)}${escape}":2}`)), RejectedJson);
  }
  assert.throws(() => decode(Buffer.from(`"${"x".repeat(1000)}\\ud83d"`)), RejectedJson);
  assert.throws(() => decode(Buffer.from(`"${"x".repeat(1000)}\\"`)), RejectedJson);
});

test("what is hard to read is read in linear time", () => {
  const hard = [
    '"'.repeat(1_000_000),
    `"${'\\"'.repeat(1_000_000)}`,
    `"${"\\\\".repeat(1_000_000)}"`,
    "1".repeat(2_000_000),
    `[${"1234567890123456789,".repeat(100_000)}1]`,
    "[{".repeat(1_000_000),
    `{${'"a":1,'.repeat(300_000)}"b":2}`,
    // Far from an escape, strings are searched and not looked at byte by byte: with the quote far away, and with many of them.
    `"${`${"x".repeat(70)}\\n`.repeat(200_000)}"`,
    `"${`${"x".repeat(70)}\\"`.repeat(200_000)}"`,
  ];
  for (const text of hard) {
    const before = performance.now();
    try {
      decode(Buffer.from(text));
    } catch (error) {
      assert.ok(error instanceof RejectedJson);
    }
    // A thousandth of what quadratic time would be; a slow machine under load needs some tens of milliseconds.
    assert.ok(performance.now() - before < 2000, text.slice(0, 20));
  }
});
