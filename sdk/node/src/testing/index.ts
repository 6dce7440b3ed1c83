// Owns what the room `testing` shows: testing a module without a hub and without a process; knows nothing more.

export { HubCallError } from "../types/errors.js";
export { type CallOptions, type HubOptions, startModule, TestHub } from "./hub.js";
export type { Services } from "./services.js";
