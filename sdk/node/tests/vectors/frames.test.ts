// Owns running the vectors `frames` against the codec; knows no module.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { Connection } from "../../src/codec/index.js";
import { LineFramer } from "../../src/codec/framing.js";
import { decode, RejectedJson } from "../../src/codec/strict.js";
import { bytes, type Case, cases, Tally } from "./cases.js";

interface Outcome {
  accepted: unknown[];
  rejected: number;
}

function read(framer: LineFramer, pieces: Iterable<Buffer>): Outcome {
  const outcome: Outcome = { accepted: [], rejected: 0 };
  for (const piece of pieces) {
    for (const line of framer.receive(piece)) {
      const value = Buffer.isBuffer(line) ? tryDecode(line) : undefined;
      if (typeof value === "object" && value !== null && !Array.isArray(value)) outcome.accepted.push(value);
      else outcome.rejected += 1;
    }
  }
  framer.receiveEnd();
  return outcome;
}

function tryDecode(line: Buffer): unknown {
  try {
    return decode(line);
  } catch (error) {
    assert.ok(error instanceof RejectedJson);
    return undefined;
  }
}

function* oneByOne(data: Buffer): Generator<Buffer> {
  for (let at = 0; at < data.length; at += 1) yield data.subarray(at, at + 1);
}

function right(outcome: Outcome, wanted: Case): boolean {
  const values: unknown[] | undefined = wanted["accepted"] ?? wanted["accepted_texts"]?.map((text: string) => JSON.parse(text) as unknown);
  const count = values?.length ?? wanted["accepted_count"];
  // -0 equals 0 (JSON has one zero), which isDeepStrictEqual denies.
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  return (
    outcome.rejected === wanted["rejected"] &&
    outcome.accepted.length === count &&
    (values === undefined || isDeepStrictEqual(plain(outcome.accepted), plain(values)))
  );
}

function check(one: Case, way: string, pieces: Iterable<Buffer>): void {
  const outcome = read(new LineFramer(one["max_frame_bytes"] ?? 16777216), pieces);
  const possible = [one["expected"], one["either"]].filter(Boolean) as Case[];
  // `module_may` is not used: this SDK is as strict as a hub.
  assert.ok(possible.some((wanted) => right(outcome, wanted)), `${way}: ${JSON.stringify(outcome).slice(0, 300)}`);
}

test("the codec accepts and rejects what the vectors of kind frames say", async () => {
  const tally = new Tally("frames");
  const problems: string[] = [];
  for (const one of cases("frames")) {
    if (one["framing"] === "content-length") {
      tally.skip("this SDK speaks lines, which is what a manifest asks for by default");
      continue;
    }
    const data = bytes(one["input"]);
    const found = await tally.run(one.id, () => {
      check(one, "at once", [data]);
      check(one, "byte by byte", oneByOne(data));
      // Behind half a frame the beginning of another is the rest of the line, so nothing is to be read there either.
      check(one, "with more behind", [data, Buffer.from('{"jsonrpc"')]);
    });
    problems.push(...found);
  }
  tally.print();
  assert.deepEqual(problems, []);
});

test("a whole connection stays silent on them but for one error for each rejected frame", () => {
  for (const one of cases("frames")) {
    if (one["framing"] === "content-length" || one["either"]) continue;
    const answers: string[] = [];
    const connection = new Connection((frame) => answers.push(frame.toString()));
    connection.maxFrameBytes = one["max_frame_bytes"] ?? 16777216;
    const events = [...connection.receive(bytes(one["input"]))];
    const rejected = events.filter((event) => event.type === "rejected");
    assert.equal(rejected.length, one["expected"]["rejected"], one.id);
    assert.equal(answers.length, rejected.filter((event) => event.answered).length, one.id);
    for (const answer of answers) assert.match(answer, /"error":\{"code":-32(700|60[02])/);
  }
});
