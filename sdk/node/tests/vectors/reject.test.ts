// Owns running the vectors `reject/to_module` against a session in memory; knows no process.

import assert from "node:assert/strict";
import { test } from "node:test";

import { vectorsModule } from "../modules/vectors.js";
import { type Bindings, bytes, type Case, cases, fits, Tally } from "./cases.js";
import { RawSession } from "./raw.js";

function rightAnswer(wanted: Case, answer: Record<string, any>): boolean {
  const bound: Bindings = new Map();
  if (!(wanted["ids"] as unknown[]).some((id) => id === answer["id"])) return false;
  if ("result" in wanted) return "result" in answer && fits(wanted["result"], answer["result"], bound);
  const error = answer["error"];
  return (
    error !== undefined &&
    (wanted["codes"] as unknown[]).some((code) => fits(code, error["code"], bound)) &&
    (!("data" in wanted) || fits(wanted["data"], error["data"], bound))
  );
}

async function play(one: Case): Promise<void> {
  const raw = new RawSession(vectorsModule());
  await raw.start(one["max_frame_bytes"]);
  raw.session.receive(bytes(one["input"]));
  raw.send({ id: "the ping", method: "ping", params: {} });
  // A session that ended, as after no common version, answers no ping.
  const came = raw.finished ? raw.answers : (await raw.upTo("the ping")).slice(0, -1);
  const shown = JSON.stringify(came).slice(0, 500);
  if (one["answer"] === null) return assert.equal(came.length, 0, shown);
  if (came.length === 0 && one["may_be_silent"]) return undefined;
  // `may_succeed` is not used: this SDK is as strict as a hub.
  assert.equal(came.length, 1, shown);
  assert.ok(rightAnswer(one["answer"], came[0] as Record<string, unknown>), shown);
}

test("a module answers what the vectors of kind reject say", async () => {
  const tally = new Tally("reject");
  const problems: string[] = [];
  for (const one of cases("reject", "to_module")) problems.push(...(await tally.run(one.id, () => play(one))));
  tally.skip("reject/to_hub.json is for hubs");
  tally.print();
  assert.deepEqual(problems, []);
});
