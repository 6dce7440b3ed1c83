// Owns running the vectors `messages` against what this SDK reads and what it lets an author write; knows no connection.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, encode, parse } from "../../src/codec/index.js";
import { isObject } from "../../src/codec/messages.js";
import { BadModule, type JsonObject } from "../../src/index.js";
import { type ModuleDefinition, Module } from "../../src/serve/index.js";
import { type Case, cases, Tally } from "./cases.js";

const ENVELOPES: Record<string, string> = { Request: "request", Notification: "notification", Response: "response", ErrorResponse: "error" };

function fromWire(info: JsonObject): ModuleDefinition {
  const { required_modules: requiredModules, extra_info: extraInfo, ...same } = info;
  return { ...same, ...(requiredModules ? { requiredModules } : {}), ...(extraInfo ? { extraInfo } : {}) } as never;
}

function isRefused(one: Case): boolean {
  try {
    new Module(claimsOnly(one) ? { ...GOOD, implements: one["value"]["implements"] } : fromWire(one["value"]));
    return false;
  } catch (error) {
    assert.ok(error instanceof BadModule, String(error));
    return true;
  }
}

const GOOD = { name: "m", version: "1.0.0", license: "MIT", authors: ["You"] };

/** Capabilities of interest because of the interfaces that they claim. */
function claimsOnly(one: Case): boolean {
  return one["type"] === "CapabilitiesResult" && isObject(one["value"]) && Array.isArray(one["value"]["implements"]);
}

function isEnvelope(one: Case): boolean {
  return typeof one["value"] === "object" && one["type"] in ENVELOPES;
}

test("envelopes are told apart, values survive encoding, and modules that could not be introduced cannot be written", async () => {
  const tally = new Tally("messages");
  const problems: string[] = [];
  for (const one of cases("messages")) {
    if (isEnvelope(one)) {
      const wanted = ENVELOPES[one["type"]];
      const verdict = (): void => assert.equal(parse(one["value"]).type === wanted, one["valid"]);
      if (one["beyond_schema"] && !one["valid"]) tally.skip("1.0 and 1 are one value once they are parsed; reject/to_module.json has the bytes");
      else problems.push(...(await tally.run(one.id, verdict)));
    } else if (one["valid"]) {
      const again = (): void => assert.deepEqual(decode(Buffer.from(encode(one["value"]))), one["value"]);
      const written = (): void => assert.ok((one["type"] !== "ModuleInfo" && !claimsOnly(one)) || !isRefused(one));
      problems.push(...(await tally.run(one.id, () => (again(), written()))));
    } else if (((one["type"] === "ModuleInfo" && isObject(one["value"])) || claimsOnly(one)) && isRefused(one)) {
      tally.passed += 1;
    } else {
      tally.skip(`values of type ${one["type"]} that the compiler refuses, or that the hub alone reads`);
    }
  }
  tally.print();
  assert.deepEqual(problems, []);
});
