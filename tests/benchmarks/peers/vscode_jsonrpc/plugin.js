// Owns the module of the peer vscode-jsonrpc: the same two functions, over stdin and stdout.

import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'

const connection = createMessageConnection(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout))
connection.onRequest('add', ({ a, b }) => a + b)
connection.onRequest('echo', ({ value }) => value)
connection.onClose(() => process.exit(0))
connection.listen()
