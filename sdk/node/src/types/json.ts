// Owns the types of JSON values; knows nothing of schemas or messages.

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

export interface JsonObject {
  [name: string]: JsonValue;
}

/** A JSON Schema 2020-12, as a plain object. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}
