// Owns what the SDK needs of a schema, whoever made it: this builder, zod, or a plain JSON Schema; knows no keyword of JSON Schema.

import { BadModule, type Problem } from "./errors.js";
import type { JsonObject, JsonSchema, JsonValue } from "./json.js";

/** What zod and the builder `s` have in common: values are checked by one method, and the JSON Schema is given by another. */
export interface SchemaLike {
  toJSONSchema(options?: never): object;
  safeParse(value: unknown): { success: boolean };
}

/** A schema of the builder `s`, of zod, or a plain JSON Schema (which is announced, and checked by the hub alone). */
export type AnySchema = SchemaLike | JsonSchema;

/** The values that come out of a check by schema S: defaults are filled in. */
export type OutputOf<S, Plain = JsonValue> = S extends { readonly _output: infer Output } ? Output : Plain;
/** The values that may be given where schema S stands: members with a default may be absent. */
export type InputOf<S, Plain = JsonValue> = S extends { readonly _input: infer Input } ? Input : Plain;
/** A function's arguments; a function without `params` takes none. */
export type ArgumentsOf<P> = [P] extends [undefined] ? Record<string, never> : OutputOf<P, JsonObject>;

export type Checked = { ok: true; value: unknown } | { ok: false; problems: Problem[] };

/** A schema in the one form that the rest of the SDK uses. */
export interface ReadySchema {
  readonly json: JsonSchema;
  check(value: unknown): Checked;
}

interface Issue {
  path?: readonly PropertyKey[];
  message?: string;
}

/** Return `schema` ready for use; `what` names it in the error. Throws BadModule. */
export function ready(schema: AnySchema, what: string, io: "input" | "output"): ReadySchema {
  if (typeof schema !== "object" || schema === null) {
    throw new BadModule(`cannot use ${what}: it is no schema`, "write s.object({...}), a zod schema or a plain JSON Schema");
  }
  if (!isSchemaLike(schema)) {
    return { json: schema as JsonSchema, check: (value) => ({ ok: true, value }) };
  }
  return { json: toJson(schema, what, io), check: (value) => check(schema, value) };
}

function isSchemaLike(schema: AnySchema): schema is SchemaLike {
  return typeof (schema as Partial<SchemaLike>).safeParse === "function";
}

function toJson(schema: SchemaLike, what: string, io: "input" | "output"): JsonSchema {
  if (typeof schema.toJSONSchema !== "function") {
    throw new BadModule(`cannot use ${what}: it has no toJSONSchema()`, "zod has it from 4.2 on");
  }
  const options = { io, target: "draft-2020-12" } as never;
  const { $schema: _dialect, "~standard": _standard, ...json } = schema.toJSONSchema(options) as Record<string, unknown>;
  // What the hub announces is closed, so that a typing error in an argument's name is found by the hub.
  return json["type"] === "object" && io === "input" && !("additionalProperties" in json)
    ? { ...json, additionalProperties: false }
    : json;
}

function check(schema: SchemaLike, value: unknown): Checked {
  const parsed = schema.safeParse(value) as { success: boolean; data?: unknown; error?: { issues?: readonly Issue[] } };
  if (parsed.success) {
    return { ok: true, value: parsed.data };
  }
  const problems = (parsed.error?.issues ?? []).map(toProblem);
  return { ok: false, problems: problems.length > 0 ? problems : [{ pointer: "", message: "does not fit" }] };
}

function toProblem(issue: Issue): Problem {
  return { pointer: toPointer(issue.path ?? []), message: issue.message ?? "does not fit" };
}

/** Return the JSON pointer (RFC 6901) of a path. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
