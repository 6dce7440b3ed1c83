// Owns the lines of the log; knows no stream.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createLog } from "../../src/log/index.js";

function logged(write: (log: ReturnType<typeof createLog>) => void): any[] {
  const lines: string[] = [];
  write(createLog((line) => lines.push(line)));
  for (const line of lines) {
    assert.ok(line.endsWith("\n") && line.indexOf("\n") === line.length - 1, "one line each");
    assert.ok(Buffer.byteLength(line) <= 8193, "short enough for the hub");
  }
  return lines.map((line) => JSON.parse(line) as unknown);
}

test("a line has level, message, logger and fields, and no more than there is", () => {
  const lines = logged((log) => (log.info("a\nb"), log.named("db").warning("full", { free: 12 })));
  assert.deepEqual(lines, [
    { level: "info", message: "a\nb" },
    { level: "warning", message: "full", logger: "db", fields: { free: 12 } },
  ]);
});

test("whatever is logged, a line of JSON comes out", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const lines = logged((log) => {
    log.error("x", { error: new TypeError("broken"), big: 10n });
    log.error("y", { circle });
    log.debug(undefined as never, { nothing: undefined });
  });
  assert.match(lines[0].fields.error, /^TypeError: broken\n/);
  assert.deepEqual([lines[0].fields.big, lines[1].message, lines[2].message], ["10", "y", "undefined"]);
});

test("a long line is cut so that it stays JSON, with its level", () => {
  const lines = logged((log) => (log.error("\u0001".repeat(100_000)), log.warning("short", { long: "ü".repeat(100_000) })));
  assert.deepEqual(lines.map(({ level }) => level), ["error", "warning"]);
  assert.equal(lines[1].message, "short");
  assert.ok(lines[1].fields.cut_from_bytes > 200_000);
});
