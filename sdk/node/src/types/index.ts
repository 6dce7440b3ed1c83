// Owns what the room `types` shows: JSON, schemas, errors, names and limits of the protocol; knows nothing of bytes or processes.

export * as s from "./builder.js";
export { Schema, type SomeSchema, type Words } from "./checking.js";
export type { NumberOptions, StringOptions } from "./scalars.js";
export type { Shape, ShapeInput, ShapeOutput } from "./containers.js";
export {
  BadModule,
  ERROR_CODES,
  HubCallError,
  HubFunctionError,
  InvalidParams,
  isModuleCode,
  type ErrorKind,
  type Problem,
  type WireError,
} from "./errors.js";
export type { JsonObject, JsonSchema, JsonValue } from "./json.js";
export * from "./limits.js";
export { FEATURES, isReserved, PROTOCOL_VERSIONS, RESERVED_NAMES, RESERVED_PREFIXES, type Feature } from "./names.js";
export type { AnySchema, ArgumentsOf, InputOf, OutputOf, SchemaLike } from "./schema.js";
export type * from "./wire.js";
