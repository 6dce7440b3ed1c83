#!/usr/bin/env node
// Owns starting a module with the protocol's pipe out of reach before any of its code loads: node hub-run.js ./module.js [argument ...]

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import "../dist/src/serve/preload.js";

const [node, , module, ...rest] = process.argv;
if (module === undefined) {
  process.stderr.write("cannot run a module: none was named\nhint: node hub-run.js ./module.js\n");
  process.exit(2);
}
const path = resolve(module);
// The module sees the command line that it would see without this program.
process.argv = [node, path, ...rest];
await import(pathToFileURL(path).href);
