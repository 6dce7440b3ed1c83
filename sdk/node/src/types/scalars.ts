// Owns the builder's schemas of single values, each with its check; knows nothing of arrays and objects.

import { Schema, type Words } from "./checking.js";
import type { JsonValue } from "./json.js";

export interface StringOptions extends Words {
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  /** Never shown or logged; in a form for a person, typed blindly. */
  secret?: boolean;
}

export interface NumberOptions extends Words {
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

/** Any JSON value. */
export function any(words: Words = {}): Schema<JsonValue> {
  return new Schema<JsonValue>({ ...words }, (value) => value as JsonValue);
}

export function string(options: StringOptions = {}): Schema<string> {
  const { secret, ...keywords } = options;
  const { minLength = 0, maxLength = Infinity } = options;
  const pattern = options.pattern === undefined ? undefined : new RegExp(options.pattern, "u");
  return new Schema({ type: "string", ...keywords, ...(secret ? { writeOnly: true } : {}) }, (value, findings) => {
    if (typeof value !== "string") {
      findings.add("must be a string");
      return "";
    }
    // JSON Schema counts characters, not UTF-16 units; there are never more of the former.
    if (value.length < minLength || (minLength > 0 && value.length < 2 * minLength && [...value].length < minLength)) {
      findings.add(`must have at least ${minLength} characters`);
    }
    if (value.length > maxLength && (value.length > 2 * maxLength || [...value].length > maxLength)) {
      findings.add(`must have at most ${maxLength} characters`);
    }
    if (pattern !== undefined && !pattern.test(value)) {
      findings.add(`must fit the pattern ${options.pattern}`);
    }
    return value;
  });
}

export function number(options: NumberOptions = {}): Schema<number> {
  return numeric("number", "must be a number", options, () => true);
}

export function integer(options: NumberOptions = {}): Schema<number> {
  return numeric("integer", "must be an integer", options, Number.isInteger);
}

function numeric(type: string, wrong: string, options: NumberOptions, fits: (value: number) => boolean): Schema<number> {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = options;
  return new Schema({ type, ...options }, (value, findings) => {
    if (typeof value !== "number" || !fits(value)) {
      findings.add(wrong);
      return 0;
    }
    if (value < minimum) findings.add(`must be at least ${minimum}`);
    if (value > maximum) findings.add(`must be at most ${maximum}`);
    if (value <= exclusiveMinimum && exclusiveMinimum > -Infinity) findings.add(`must be more than ${exclusiveMinimum}`);
    if (value >= exclusiveMaximum && exclusiveMaximum < Infinity) findings.add(`must be less than ${exclusiveMaximum}`);
    return value;
  });
}

export function boolean(words: Words = {}): Schema<boolean> {
  return new Schema({ type: "boolean", ...words }, (value, findings) => {
    if (typeof value !== "boolean") findings.add("must be true or false");
    return value as boolean;
  });
}

function nothing(words: Words = {}): Schema<null> {
  return new Schema({ type: "null", ...words }, (value, findings) => {
    if (value !== null) findings.add("must be null");
    return null;
  });
}
export { nothing as null };

/** One of these strings. */
function oneOf<const T extends readonly [string, ...string[]]>(values: T, words: Words = {}): Schema<T[number]> {
  return new Schema<T[number]>({ type: "string", enum: [...values], ...words }, (value, findings) => {
    if (!values.includes(value as string)) findings.add(`must be one of ${values.join(", ")}`);
    return value as T[number];
  });
}
export { oneOf as enum };

/** This one value. */
export function literal<const T extends string | number | boolean | null>(only: T, words: Words = {}): Schema<T> {
  return new Schema<T>({ const: only, ...words }, (value, findings) => {
    if (value !== only) findings.add(`must be ${JSON.stringify(only)}`);
    return value as T;
  });
}
