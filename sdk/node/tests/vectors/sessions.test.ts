// Owns playing the vectors `sessions` with the module `vectors` as a real process on real pipes; knows no insides of the SDK.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Child, moduleFile, PRELOAD, within } from "../pipes.js";
import { type Bindings, type Case, cases, fill, fits, Tally } from "./cases.js";

type Message = Record<string, any>;

/** The module's messages in order, with a way to look at the next one without taking it. */
class Stage {
  readonly bound: Bindings = new Map();
  #ahead: Message | undefined;

  constructor(readonly child: Child) {}

  async play(step: Case): Promise<void> {
    if (step["from"] === "hub") return step["eof"] ? this.child.closeInput() : this.child.send(fill(step["send"], this.bound));
    if ("exit" in step) return this.#end(step["exit"]);
    if (step["any_order"]) return this.#anyOrder([...step["any_order"]]);
    const message = (this.#ahead ??= await this.child.next());
    if (fits(step["send"], message, this.bound)) this.#ahead = undefined;
    else assert.ok(step["optional"], `${JSON.stringify(message)} does not fit ${JSON.stringify(step["send"])}`);
  }

  async #anyOrder(steps: Case[]): Promise<void> {
    while (steps.length > 0) {
      const message = await this.child.next();
      const at = steps.findIndex((step) => fits(step["send"], message, this.bound));
      assert.ok(at >= 0, `${JSON.stringify(message)} fits none`);
      steps.splice(at, 1);
    }
  }

  async #end(status: number | "any"): Promise<void> {
    assert.equal(this.#ahead, undefined, "a message that no step asked for");
    const { code, signal } = await this.child.exit();
    await within(this.child.stdoutEnded, "the end of standard output");
    if (status !== "any") assert.deepEqual({ code, signal }, { code: status, signal: null });
    await assert.rejects(Promise.race([this.child.next(), Promise.reject(new Error("nothing more"))]), /nothing more/);
  }
}

async function play(one: Case): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "hub-data-"));
  const child = new Child(["--import", PRELOAD, moduleFile("vectors_main")]);
  const stage = new Stage(child);
  stage.bound.set("data_directory", directory);
  try {
    for (const step of one["steps"] as Case[]) await stage.play(step);
  } finally {
    await child.kill();
    rmSync(directory, { recursive: true });
  }
}

test("the module `vectors` plays the sessions", async () => {
  const tally = new Tally("sessions");
  const problems: string[] = [];
  for (const one of cases("sessions")) {
    if (one["module"] === "vectors") problems.push(...(await tally.run(one.id, () => play(one))));
    else tally.skip("scripts are for hubs");
  }
  tally.print();
  assert.deepEqual(problems, []);
});
