// Owns what the room `codec` shows: bytes to events and messages to frames; knows nothing of methods, processes or handlers.

export { Connection, type Event } from "./connection.js";
export { LineFramer, type Overlong } from "./framing.js";
export { type Id, type Invalid, isId, type Message, parse, recover, type Recovered } from "./messages.js";
export { CannotSend, decode, encode, RejectedJson, toFrame } from "./strict.js";
