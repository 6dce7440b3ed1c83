// Owns what an author imports from "hub-sdk"; the rooms have more under "hub-sdk/types", "/codec", "/serve", "/log" and "/testing".

export { type Fields, log, type Log } from "./log/index.js";
export * from "./serve/index.js";
export { BadModule, HubCallError, HubFunctionError, InvalidParams, s } from "./types/index.js";
export type {
  AnySchema,
  CredentialsGetResult,
  ErrorKind,
  InputOf,
  JsonObject,
  JsonSchema,
  JsonValue,
  Kept,
  LogLevel,
  OutputOf,
  Problem,
  Schema,
  StoreGetResult,
} from "./types/index.js";
