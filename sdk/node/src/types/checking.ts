// Owns the base of the builder's schemas: one check that collects problems, and the words that fit every type; knows no type.

import type { JsonSchema } from "./json.js";

/** Where a check is and what it has found. */
export class Findings {
  readonly path: PropertyKey[] = [];
  readonly issues: { path: PropertyKey[]; message: string }[] = [];

  add(message: string): undefined {
    // A list of a million wrong items is as wrong as its first twenty.
    if (this.issues.length < 20) {
      this.issues.push({ path: [...this.path], message });
    }
  }

  /** Run `check` on a part, one step further down the path. */
  within<T>(part: PropertyKey, check: () => T): T {
    this.path.push(part);
    try {
      return check();
    } finally {
      this.path.pop();
    }
  }
}

/** Return the value as the handler gets it; what is wrong with it goes to `findings`. */
export type Reader<Output> = (value: unknown, findings: Findings) => Output;

export type SafeParsed<Output> =
  | { success: true; data: Output }
  | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };

/** What every schema may say. */
export interface Words {
  title?: string;
  description?: string;
  examples?: unknown[];
}

/** A schema: its JSON Schema and its TypeScript type are the same thing said twice. Immutable. */
export class Schema<Output, Input = Output> {
  // They exist for the type checker only; zod has them under the same names.
  declare readonly _output: Output;
  declare readonly _input: Input;

  constructor(
    readonly json: JsonSchema,
    readonly read: Reader<Output>,
    /** What is read where the member is absent; undefined for a member that must be there. */
    readonly absent?: () => Output,
  ) {}

  /** The member may be absent. */
  optional(): Schema<Output | undefined, Input | undefined> {
    return new Schema<Output | undefined, Input | undefined>(this.json, this.read, () => undefined);
  }

  /** The member may be absent; the handler gets `value` then. */
  default(value: NonNullable<Output> & Input): Schema<Output, Input | undefined> {
    // A fresh copy for each call: a handler may change what it was given.
    return new Schema<Output, Input | undefined>({ ...this.json, default: value }, this.read, () => structuredClone(value));
  }

  describe(description: string): Schema<Output, Input> {
    return new Schema<Output, Input>({ ...this.json, description }, this.read, this.absent);
  }

  safeParse(value: unknown): SafeParsed<Output> {
    const findings = new Findings();
    const data = this.read(value, findings);
    return findings.issues.length === 0 ? { success: true, data } : { success: false, error: { issues: findings.issues } };
  }

  toJSONSchema(): JsonSchema {
    return this.json;
  }
}

export type SomeSchema = Schema<any, any>;
