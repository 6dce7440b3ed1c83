// Owns the connection's tables where the vectors do not reach; knows no method.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CannotSend, Connection, recover } from "../../src/codec/index.js";

function connect(): { connection: Connection; sent: any[]; receive(text: string): any[] } {
  const sent: unknown[] = [];
  const connection = new Connection((frame) => sent.push(JSON.parse(frame.toString())));
  return { connection, sent, receive: (text) => [...connection.receive(Buffer.from(`${text}\n`))] };
}

test("an id that is open already is not answered a second time", () => {
  const { connection, sent, receive } = connect();
  receive('{"jsonrpc":"2.0","id":1,"method":"a"}');
  assert.deepEqual(receive('{"jsonrpc":"2.0","id":1,"method":"b"}').map((event) => event.answered), [false]);
  // 1 and "1" are two ids.
  assert.equal(receive('{"jsonrpc":"2.0","id":"1","method":"c"}')[0].type, "request");
  connection.sendResult(1, "done");
  assert.deepEqual(sent, [{ jsonrpc: "2.0", id: 1, result: "done" }]);
  assert.equal(receive('{"jsonrpc":"2.0","id":1,"method":"d"}')[0].type, "request");
});

test("a broken answer ends our request as a fault of the hub", () => {
  for (const broken of ['"result":1,"error":{}', '"error":"no"', '"result":NaN', '"result":9007199254740993']) {
    const { connection, sent, receive } = connect();
    const id = connection.sendRequest("hub.store.get", {});
    const [event] = receive(`{"jsonrpc":"2.0","id":"${id}",${broken}}`);
    assert.deepEqual([event.type, event.id, event.error.code], ["error", id, -31029]);
    assert.equal(sent.length, 1);
  }
});

test("an answer to a request that was given up is unexpected", () => {
  const { connection, receive } = connect();
  const id = connection.sendRequest("hub.call", {});
  assert.equal(connection.giveUp(id), true);
  assert.equal(receive(`{"jsonrpc":"2.0","id":"${id}","result":1}`)[0].type, "unexpected");
});

test("a request that cannot be sent is not open", () => {
  const { connection, sent } = connect();
  assert.throws(() => connection.sendRequest("hub.call", { params: NaN }), CannotSend);
  assert.equal(connection.sendRequest("hub.call", {}), "m1");
  assert.equal(sent.length, 1);
});

test("an error whose data cannot be sent is sent without it", () => {
  const { connection, sent, receive } = connect();
  receive('{"jsonrpc":"2.0","id":1,"method":"a"}');
  connection.sendError(1, { code: 7, message: "no", data: { when: NaN } });
  assert.deepEqual([sent[0].id, sent[0].error.code, "data" in sent[0].error], [1, 7, false]);
});

test("an id is recovered from the outermost object only, and only where there is one", () => {
  const id = (text: string): unknown => recover(Buffer.from(text)).id;
  assert.equal(id('{"jsonrpc":"2.0","id":7,"method":"x","par'), 7);
  assert.equal(id('{"params":{"id":8},"id":"seven","method'), "seven");
  assert.equal(id('{"params":{"id":8}'), null);
  assert.equal(id('{"id":7,"id":8'), null);
  assert.equal(id('{"x":"\\"id\\":7"'), null);
  assert.equal(id('[{"id":7}'), null);
  assert.equal(id('{"id":7.0,'), null);
});
