// A whole module: two functions, a configuration, a last word. Run it by hand, or let the hub run it: hub plugin test .

import { setTimeout as sleep } from "node:timers/promises";

import { HubFunctionError, log, Module, run, s } from "hub-sdk";

let greeting = "Hello";

export const echo = new Module({
  name: "echo",
  version: "1.0.0",
  license: "MIT",
  authors: ["You <you@example.org>"],
  config: s.object({ greeting: s.string({ minLength: 1 }).default("Hello") }),
  onInit({ config }) {
    greeting = config.greeting;
  },
  onCleanup() {
    log.info("good bye");
  },
});

echo.function({
  name: "greet",
  summary: "Greet somebody by name.",
  params: s.object({ name: s.string({ description: "whom to greet" }) }),
  returns: s.string(),
  errors: [{ code: 1001, message: "nobody there" }],
  examples: [
    { params: { name: "Ada" }, result: "Hello, Ada!" },
    { summary: "there has to be somebody", params: { name: " " }, error: 1001 },
  ],
  hints: { readOnly: true, idempotent: true },
  run({ name }) {
    if (name.trim() === "") throw new HubFunctionError(1001, "nobody there");
    return `${greeting}, ${name}!`;
  },
});

echo.function({
  name: "count",
  summary: "Count to a number, one a second.",
  params: s.object({ to: s.integer({ minimum: 0, maximum: 60 }) }),
  returns: s.integer(),
  examples: [{ params: { to: 0 }, result: 0 }],
  async run({ to }, call) {
    for (let done = 1; done <= to; done += 1) {
      // What takes a signal ends by itself when nobody waits for the answer any more.
      await sleep(1000, undefined, { signal: call.signal });
      call.progress(done, { total: to });
    }
    return to;
  },
});

await run(echo, import.meta.url);
