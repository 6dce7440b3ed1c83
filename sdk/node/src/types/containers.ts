// Owns the builder's schemas that hold others: arrays, objects, records, alternatives; knows no scalar.

import { Findings, Schema, type SomeSchema, type Words } from "./checking.js";
import type { JsonObject, JsonSchema } from "./json.js";

export type Shape = Readonly<Record<string, SomeSchema>>;

type Simple<T> = { [K in keyof T]: T[K] };
type MayBeAbsent<S extends Shape, Side extends "_input" | "_output"> = {
  [K in keyof S]: undefined extends S[K][Side] ? K : never;
}[keyof S];
type Sided<S extends Shape, Side extends "_input" | "_output"> = Simple<
  { [K in Exclude<keyof S, MayBeAbsent<S, Side>>]: S[K][Side] } & {
    [K in MayBeAbsent<S, Side>]?: Exclude<S[K][Side], undefined>;
  }
>;

/** The type of an object with these members, as a handler gets it. */
export type ShapeOutput<S extends Shape> = Sided<S, "_output">;
/** The type of an object with these members, as a caller gives it. */
export type ShapeInput<S extends Shape> = Sided<S, "_input">;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with exactly these members. */
export function object<S extends Shape>(shape: S, words: Words = {}): Schema<ShapeOutput<S>, ShapeInput<S>> {
  const members = Object.entries(shape);
  const known = new Set(Object.keys(shape));
  const required = members.filter(([, member]) => member.absent === undefined).map(([name]) => name);
  const json: JsonSchema = {
    type: "object",
    properties: Object.fromEntries(members.map(([name, member]) => [name, member.json])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
    ...words,
  };
  return new Schema(json, (value, findings) => {
    if (!isObject(value)) {
      findings.add("must be an object");
      return {} as ShapeOutput<S>;
    }
    for (const name of Object.keys(value)) {
      if (!known.has(name)) findings.within(name, () => findings.add("is not known"));
    }
    return readMembers(value, members, findings) as ShapeOutput<S>;
  });
}

function readMembers(value: JsonObject, members: [string, SomeSchema][], findings: Findings): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, member] of members) {
    // hasOwn: an absent member called "toString" is absent all the same.
    if (Object.hasOwn(value, name)) {
      read[name] = findings.within(name, () => member.read(value[name], findings));
    } else if (member.absent === undefined) {
      findings.within(name, () => findings.add("is required"));
    } else {
      const fallback: unknown = member.absent();
      if (fallback !== undefined) read[name] = fallback;
    }
  }
  return read;
}

/** An object with any names; its values fit `values` where that is given. */
export function record(): Schema<JsonObject>;
export function record(words: Words & { values?: never }): Schema<JsonObject>;
export function record<V>(words: Words & { values: Schema<V> }): Schema<Record<string, V>>;
export function record(words: Words & { values?: SomeSchema } = {}): SomeSchema {
  const { values, ...rest } = words;
  const json = { type: "object", ...(values ? { additionalProperties: values.json } : {}), ...rest };
  return new Schema<unknown>(json, (value, findings) => {
    if (!isObject(value)) return findings.add("must be an object");
    if (values === undefined) return value;
    const read = ([name, member]: [string, unknown]): [string, unknown] => [
      name,
      findings.within(name, () => values.read(member, findings)),
    ];
    return Object.fromEntries(Object.entries(value).map(read));
  });
}

export function array<O, I>(
  items: Schema<O, I>,
  options: Words & { minItems?: number; maxItems?: number } = {},
): Schema<O[], I[]> {
  const { minItems = 0, maxItems = Infinity } = options;
  return new Schema<O[], I[]>({ type: "array", items: items.json, ...options }, (value, findings) => {
    if (!Array.isArray(value)) {
      findings.add("must be an array");
      return [];
    }
    if (value.length < minItems) findings.add(`must have at least ${minItems} items`);
    if (value.length > maxItems) findings.add(`must have at most ${maxItems} items`);
    return value.map((item: unknown, index) => findings.within(index, () => items.read(item, findings)));
  });
}

/** What fits one of `options`, the first that does. */
export function union<const T extends readonly [SomeSchema, ...SomeSchema[]]>(
  options: T,
  words: Words = {},
): Schema<T[number]["_output"], T[number]["_input"]> {
  return new Schema({ anyOf: options.map((option) => option.json), ...words }, (value, findings) => {
    for (const option of options) {
      const attempt = new Findings();
      const read: unknown = option.read(value, attempt);
      if (attempt.issues.length === 0) return read;
    }
    return findings.add("fits none of the alternatives");
  });
}

/** A plain JSON Schema with a type of your own: announced as it stands, and checked by the hub alone. */
export function json<T>(schema: JsonSchema): Schema<T> {
  return new Schema<T>(schema, (value) => value as T);
}
