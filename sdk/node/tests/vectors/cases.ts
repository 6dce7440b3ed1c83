// Owns reading the vectors, in place, and their inputs and patterns; knows nothing of the SDK.

import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { fileURLToPath } from "node:url";

const VECTORS = fileURLToPath(new URL("../../../../../schemas/v1/vectors/", import.meta.url));

export type Input = { text: string } | { base64: string } | { repeat: string; times: number } | { pieces: Input[] };

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Case = Record<string, any> & { id: string; description: string };

/** Return the cases of all files of a kind, or of one file. */
export function cases(kind: string, only?: string): Case[] {
  const files = readdirSync(`${VECTORS}${kind}`).filter((name) => name.endsWith(".json") && (!only || name === `${only}.json`));
  if (files.length === 0) throw new Error(`cannot read vectors: there are none of kind ${kind}`);
  return files.sort().flatMap((name) => (JSON.parse(readFileSync(`${VECTORS}${kind}/${name}`, "utf8")) as { cases: Case[] }).cases);
}

export function bytes(input: Input): Buffer {
  if ("text" in input) return Buffer.from(input.text);
  if ("base64" in input) return Buffer.from(input.base64, "base64");
  if ("repeat" in input) return Buffer.from(input.repeat.repeat(input.times));
  return Buffer.concat(input.pieces.map(bytes));
}

export type Bindings = Map<string, unknown>;

const TYPES: Record<string, (value: unknown) => boolean> = {
  $any: (value) => value !== undefined,
  $string: (value) => typeof value === "string",
  $integer: Number.isInteger,
  $number: (value) => typeof value === "number",
  $boolean: (value) => typeof value === "boolean",
  $array: Array.isArray,
  $object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  $absent: (value) => value === undefined,
};

/** Return whether `value` fits `pattern`; undefined stands for a member that is not there. */
export function fits(pattern: any, value: any, bound: Bindings): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && value.length === pattern.length && pattern.every((part, at) => fits(part, value[at], bound));
  }
  if (typeof pattern !== "object" || pattern === null) return Object.is(pattern, value) || (pattern === 0 && value === 0);
  const [name, ...others] = Object.keys(pattern);
  if (name?.startsWith("$") && others.length === 0) return fitsPlaceholder(name, pattern[name], value, bound);
  if (!TYPES["$object"]?.(value)) return false;
  return Object.entries(pattern).every(([key, part]) => fits(part, Object.hasOwn(value, key) ? value[key] : undefined, bound));
}

function fitsPlaceholder(name: string, given: any, value: any, bound: Bindings): boolean {
  switch (name) {
    case "$equals":
      return isDeepStrictEqual(given, value);
    case "$one_of":
      return given.some((one: unknown) => fits(one, value, bound));
    case "$contains":
      return Array.isArray(value) && given.every((one: unknown) => value.some((item) => fits(one, item, bound)));
    case "$without":
      // An error's data has any shape; the secret must be nowhere in it.
      return value !== undefined && !JSON.stringify(value).includes(given);
    case "$bind":
      bound.set(given, value);
      return typeof value === "string" || Number.isInteger(value);
    case "$bound":
      return isDeepStrictEqual(bound.get(given), value);
    default: {
      const type = TYPES[name];
      if (!type) throw new Error(`cannot read vectors: placeholder ${name} is not known`);
      return type(value);
    }
  }
}

/** Return a message of the hub with the values of its `$bound` placeholders. */
export function fill(message: any, bound: Bindings): any {
  if (Array.isArray(message)) return message.map((part) => fill(part, bound));
  if (typeof message !== "object" || message === null) return message;
  if (typeof message["$bound"] === "string") return bound.get(message["$bound"]);
  return Object.fromEntries(Object.entries(message).map(([key, part]) => [key, fill(part, bound)]));
}

/** Counts the cases of one kind and prints the line that the whole project's CI reads. */
export class Tally {
  passed = 0;
  failed = 0;
  readonly skipped = new Map<string, number>();

  constructor(readonly kind: string) {}

  async run(name: string, test: () => void | Promise<void>): Promise<string[]> {
    try {
      await test();
      this.passed += 1;
      return [];
    } catch (error) {
      this.failed += 1;
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  }

  skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
  }

  print(): void {
    for (const [reason, count] of this.skipped) console.log(`vectors (${this.kind}): ${count} skipped: ${reason}`);
    console.log(`vectors: ${this.passed} passed, ${this.failed} failed (${this.kind})`);
  }
}
