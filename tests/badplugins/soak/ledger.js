// A module that writes down each call before it does anything else; in JavaScript without a library.
import { appendFileSync, existsSync, openSync } from "node:fs";
import { createInterface } from "node:readline";

const [, , name, ledger, held, broken] = process.argv;
if (existsSync(broken)) process.exit(1);
openSync(held, "w");
const kept = [];
const declared = [
  { name: "once", params: { type: "object" } },
  { name: "again", params: { type: "object" }, hints: { idempotent: true } },
];
const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);

function execute(id, { n, do: what }) {
  appendFileSync(ledger, `${n}\n`);
  if (what === "die") process.kill(process.pid, "SIGKILL");
  else if (what === "garbage") process.stdout.write("not a frame \u0001 {]\nhalf of one\n");
  else if (what === "grow") kept.push(Buffer.alloc(10 * 1024 * 1024, 1));
  if (what === "nap") setTimeout(() => answer(id, n), 200);
  else if (what !== "silence") answer(id, n);
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  if (method === "module_info") {
    answer(id, { name, version: "1.0.0", license: "MIT", authors: ["Tests"], features: ["concurrent"] });
  } else if (method === "capabilities") answer(id, { functions: declared });
  else if (method === "once" || method === "again") execute(id, params);
  else answer(id, {});
});
