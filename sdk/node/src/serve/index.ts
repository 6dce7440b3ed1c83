// Owns what the room `serve` shows: writing a module, and serving it; knows nothing more.

export { Call, CallEnded, type Answer } from "./call.js";
export type { ErrorDefinition, Example, FunctionDefinition, Hints, Init, ModuleDefinition } from "./definition.js";
export { Module } from "./module.js";
export { run } from "./run.js";
export { Store } from "./store.js";
