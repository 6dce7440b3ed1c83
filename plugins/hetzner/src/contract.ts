// Owns what the interfaces say of each function, read from the files that the build put beside the code; knows nothing of the work.

import { readFileSync } from "node:fs";

import type { ErrorDefinition, Hints, JsonSchema } from "hub-sdk";
import type { SomeSchema } from "hub-sdk/types";

/** What a module implements, as `capabilities` names it. */
export const IMPLEMENTED = ["cloud.account/1.0", "cloud.compute/1.0"] as const;

interface Signature {
  name: string;
  summary: string;
  description?: string;
  params: JsonSchema;
  returns: JsonSchema;
  errors: ErrorDefinition[];
  hints: { read_only?: boolean; destructive?: boolean; idempotent?: boolean; open_world?: boolean };
}

const signatures = new Map(IMPLEMENTED.flatMap(signaturesOf).map((signature) => [signature.name, signature]));

function signaturesOf(implemented: string): [] | Signature[] {
  // dist/src/contract.js reads dist/cloud.account-1.0.json.
  const file = new URL(`../${implemented.replace("/", "-")}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { functions: Signature[] }).functions;
}

/**
 * Return what is announced of the function `name`, word by word as its interface has it, which is proof that it is satisfied
 * (HUB-IFACE-6). `params` checks the arguments, and gives them their types.
 */
export function signatureOf<P extends SomeSchema>(name: string, params: P) {
  const signature = signatures.get(name);
  if (signature === undefined) throw new Error(`no interface has a function ${name}`);
  const { hints, params: json, ...said } = signature;
  const { read_only: readOnly, open_world: openWorld, ...same } = hints;
  const told: Hints = { ...same, ...(readOnly === undefined ? {} : { readOnly }), ...(openWorld === undefined ? {} : { openWorld }) };
  const announced = { safeParse: (value: unknown) => params.safeParse(value), toJSONSchema: () => json };
  return { ...said, params: announced as unknown as P, hints: told };
}
