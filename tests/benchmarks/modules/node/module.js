// The benchmark's smallest module in JavaScript: its name is its first argument, so that there can be two hundred of it.

import { Module, run, s } from "hub-sdk";

const module = new Module({ name: process.argv[2], version: "1.0.0", license: "Apache-2.0", authors: ["The hub authors"] });

module.function({
  name: "add",
  params: s.object({ a: s.integer(), b: s.integer() }),
  returns: s.integer(),
  hints: { readOnly: true, idempotent: true },
  run: ({ a, b }) => a + b,
});

await run(module);
