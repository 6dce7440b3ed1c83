// Owns the program: the module, served on standard input and output; knows nothing else.

import { run } from "hub-sdk";

import { hetzner } from "./module.js";

await run(hetzner(), import.meta.url);
