// Owns the names under which the builder is known: `s.object`, `s.string`, ...; knows nothing else.

export { any, boolean, enum, integer, literal, null, number, string } from "./scalars.js";
export { array, json, object, record, union } from "./containers.js";
