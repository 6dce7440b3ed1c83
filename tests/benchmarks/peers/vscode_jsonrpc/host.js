// Owns the benchmark's calls with vscode-jsonrpc from Node: tasks come in as lines, each answer is checked.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const LINE = 80
const PERIOD = Array.from({ length: 4 * LINE }, (_, i) => (i % LINE === LINE - 1 ? '\n' : LETTERS[(i * 7) % 64])).join('')
const WARM_UP_SHARE = 0.2

const child = spawn(process.execPath, [new URL('plugin.js', import.meta.url).pathname], { stdio: ['pipe', 'pipe', 'inherit'] })
const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin))
connection.listen()

const textOf = (size, first) => first + PERIOD.repeat(Math.floor(size / PERIOD.length) + 1).slice(1, size)
const itemsOf = (size, first) =>
  Array.from({ length: size }, (_, i) => ({ id: i, name: `server-${i}`, region: first, memory: i % 64, running: i % 2 === 0 }))

// Every second payload begins differently, so that an old answer cannot pass for a new one.
function callOf({ work, size }) {
  if (work === 'add') {
    return async (number) => {
      const sum = await connection.sendRequest('add', { a: number, b: 3 * number + 1 })
      if (sum !== 4 * number + 1) throw new Error('the sum is wrong')
    }
  }
  const make = work === 'text' ? textOf : itemsOf
  const same = work === 'text' ? (a, b) => a === b : isDeepStrictEqual
  const payloads = [make(size, 'A'), make(size, 'B')]
  return async (number) => {
    const wanted = payloads[number % 2]
    if (!same(await connection.sendRequest('echo', { value: wanted }), wanted)) throw new Error('the echo is wrong')
  }
}

async function run(call, inFlight, seconds) {
  let calls = 0
  const begun = performance.now()
  const end = begun + seconds * 1000
  const caller = async () => {
    do await call(++calls)
    while (performance.now() < end)
  }
  await Promise.all(Array.from({ length: inFlight }, caller))
  return { calls, seconds: (performance.now() - begun) / 1000 }
}

await run(callOf({ work: 'add' }), 1, 0)
console.log('{"ready":true}')
for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line)
  const call = callOf(task)
  await run(call, task.in_flight, task.seconds * WARM_UP_SHARE)
  console.log(JSON.stringify(await run(call, task.in_flight, task.seconds)))
}
connection.dispose()
child.stdin.end()
