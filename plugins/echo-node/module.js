// The "everything" module in JavaScript: one function for each thing that a module can do, good and bad.
// Its capabilities are those of plugins/echo.capabilities.json, word by word.

import { setTimeout as sleep } from "node:timers/promises";

import { HubFunctionError, log, Module, run, s } from "hub-sdk";

export const echo = new Module({
  name: "echo-node",
  version: "0.1.0",
  license: "Apache-2.0",
  authors: ["The hub authors"],
  description: ["Answers what it is given, and does everything else that a module can do."],
  permissions: ["ask", "store", "call:*"],
});

echo.function({
  name: "echo",
  summary: "Answer the value that was given.",
  params: s.object({ value: s.any({ description: "anything at all" }) }),
  returns: s.any(),
  examples: [
    { summary: "a value of several kinds", params: { value: { a: [1, null, "ü", true] } }, result: { a: [1, null, "ü", true] } },
    { summary: "nothing is a value too", params: { value: null }, result: null },
  ],
  hints: { readOnly: true, idempotent: true },
  run: ({ value }) => value,
});

echo.function({
  name: "add",
  summary: "Add two integers.",
  params: s.object({ a: s.integer({ description: "the first" }), b: s.integer({ description: "the second" }) }),
  returns: s.integer(),
  examples: [{ summary: "two and three", params: { a: 2, b: 3 }, result: 5 }],
  hints: { readOnly: true, idempotent: true },
  run: ({ a, b }) => a + b,
});

echo.function({
  name: "slow",
  summary: "Sleep, and report progress after each step.",
  description: "Ends at once when it is cancelled.",
  params: s.object({
    seconds: s.number({ minimum: 0, maximum: 3600, description: "how long in all" }),
    steps: s.integer({ minimum: 1, maximum: 1000, description: "in how many equal parts" }).default(10),
  }),
  returns: s.object({ slept: s.number({ description: "the seconds that were asked for" }) }),
  examples: [{ summary: "no time at all", params: { seconds: 0, steps: 2 }, result: { slept: 0 } }],
  hints: { readOnly: true },
  timeoutSeconds: 3630,
  async run({ seconds, steps }, call) {
    for (let done = 1; done <= steps; done += 1) {
      await sleep((1000 * seconds) / steps, undefined, { signal: call.signal });
      call.progress(done, { total: steps });
    }
    return { slept: seconds };
  },
});

echo.function({
  name: "fail",
  summary: "Answer with an error of the module's own.",
  params: s.object({
    code: s.integer({ description: "the error's code" }).default(1001),
    message: s.string({ description: "the error's message" }).default("it failed on purpose"),
    data: s.any({ description: "the error's data; without it the error has none" }).optional(),
  }),
  returns: s.null(),
  errors: [{ code: 1001, message: "it failed on purpose" }],
  examples: [{ summary: "the declared error", params: {}, error: 1001 }],
  run({ code, message, data }) {
    throw new HubFunctionError(code, message, data);
  },
});

echo.function({
  name: "crash",
  summary: "End the process without an answer, or fail in a way that nobody expected.",
  description:
    "exit: ends with the status. signal: sends SIGKILL to itself. panic: an unhandled error in the handler, which the module survives.",
  params: s.object({
    how: s.enum(["exit", "signal", "panic"], { description: "in which way" }).default("exit"),
    status: s.integer({ minimum: 0, maximum: 255, description: "the exit status, for exit" }).default(3),
  }),
  returns: s.null(),
  hints: { destructive: true },
  run({ how, status }) {
    if (how === "exit") process.exit(status);
    if (how === "panic") throw new Error("it panicked on purpose");
    process.kill(process.pid, "SIGKILL");
    // The signal may need a moment, and no answer must be quicker.
    return new Promise(() => undefined);
  },
});

echo.function({
  name: "call_back",
  summary: "Call a function of another module through the hub, and answer its result.",
  params: s.object({
    function: s.string({ pattern: "^[a-z][a-z0-9_-]{0,63}\\.[A-Za-z][A-Za-z0-9_-]{0,63}$", description: "module.function" }),
    params: s.record({ description: "its arguments by name" }).default({}),
  }),
  returns: s.any(),
  hints: { openWorld: true },
  run: ({ function: address, params }, call) => call.call(address, params),
});

echo.function({
  name: "big",
  summary: "Answer a string of that many x.",
  params: s.object({ bytes: s.integer({ minimum: 0, maximum: 16000000, description: "how many" }) }),
  returns: s.string(),
  examples: [{ summary: "three", params: { bytes: 3 }, result: "xxx" }],
  hints: { readOnly: true, idempotent: true },
  run: ({ bytes }) => "x".repeat(bytes),
});

echo.function({
  name: "log",
  summary: "Write lines to the log, on standard error.",
  params: s.object({
    lines: s.integer({ minimum: 1, maximum: 100000, description: "how many" }).default(1),
    level: s.enum(["debug", "info", "warning", "error"], { description: "of each line" }).default("info"),
    message: s.string({ description: "of each line" }).default("hello"),
  }),
  returns: s.object({ logged: s.integer({ description: "how many lines were written" }) }),
  examples: [{ summary: "one line", params: {}, result: { logged: 1 } }],
  hints: { idempotent: true },
  run({ lines, level, message }) {
    for (let line = 0; line < lines; line += 1) log[level](message);
    return { logged: lines };
  },
});

echo.function({
  name: "whoami",
  summary: "Answer the call's context: trace_id, chain, timeout_ms and profile, as given.",
  params: s.object({}),
  returns: s.record(),
  hints: { readOnly: true, idempotent: true },
  run: (_, call) => call.received,
});

echo.function({
  name: "ask",
  summary: "Ask the person, and answer what the hub answered.",
  params: s.object({
    message: s.string({ description: "the question" }),
    schema: s.record({ description: "JSON Schema of a flat object: the form to fill in" }),
  }),
  returns: s.any(),
  hints: { openWorld: true },
  timeoutSeconds: 300,
  run: ({ message, schema }, call) => call.ask(message, schema),
});

const key = s.string({ minLength: 1, maxLength: 256, description: "1 to 256 characters" });

echo.function({
  name: "store_get",
  summary: "Read a value from the module's store.",
  params: s.object({ key }),
  returns: s.object({
    found: s.boolean({ description: "whether there is one" }),
    value: s.any({ description: "the value, when there is one" }).optional(),
  }),
  hints: { readOnly: true, idempotent: true },
  run: (args, call) => call.store.get(args.key),
});

echo.function({
  name: "store_set",
  summary: "Keep a value in the module's store.",
  params: s.object({ key, value: s.any({ description: "anything at all" }) }),
  returns: s.null(),
  hints: { idempotent: true },
  async run(args, call) {
    await call.store.set(args.key, args.value);
    return null;
  },
});

echo.function({
  name: "store_delete",
  summary: "Forget a value of the module's store.",
  params: s.object({ key }),
  returns: s.object({ deleted: s.boolean({ description: "whether there was one" }) }),
  hints: { destructive: true, idempotent: true },
  run: async (args, call) => ({ deleted: await call.store.delete(args.key) }),
});

echo.function({
  name: "store_list",
  summary: "List the keys of the module's store.",
  params: s.object({ prefix: s.string({ description: "only keys that begin so" }).default("") }),
  returns: s.object({ keys: s.array(s.string(), { description: "sorted" }) }),
  hints: { readOnly: true, idempotent: true },
  run: async (args, call) => ({ keys: await call.store.list(args.prefix) }),
});

await run(echo, import.meta.url);
