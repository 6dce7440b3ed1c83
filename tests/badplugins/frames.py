"""Own what can be wrong with the bytes of a frame, one fault a switch; what is asked for is written beside the fault, once."""

import json

import wire

LIMIT = 64 * 1024  # what the test sets


def sized(request, size):
    """Return the answer as a frame of `size` bytes, its line feed not counted."""
    empty = len(wire.encode({"id": request["id"], "result": ""})) - 1
    return wire.encode({"id": request["id"], "result": "x" * (size - empty)})


def nested(request, depth):
    """Return the answer with arrays so deep that the whole frame has `depth` levels."""
    return wire.encode({"id": request["id"], "result": 0}).replace(b"0}", b"[" * (depth - 1) + b"]" * (depth - 1) + b"}")


def raw(request, result):
    """Return the answer with a result as it is written here, whatever that is."""
    return b'{"jsonrpc":"2.0","id":%d,"result":%b}\n' % (request["id"], result)


FAULTS = {
    "banner-before": lambda request, frame: b"Loading the model... 100%\n" + frame,
    "banner-after": lambda request, frame: frame + b"done in 3 ms\n",
    "glued-before": lambda request, frame: b"Loading... " + frame,
    "glued-after": lambda request, frame: frame[:-1] + b" done in 3 ms\n",
    "many-in-one-write": lambda request, frame: wire.encode({"method": "nobody/knows"}) * 1000 + frame,
    "crlf": lambda request, frame: frame[:-1] + b"\r\n",
    "bom": lambda request, frame: b"\xef\xbb\xbf" + frame,
    "utf-16": lambda request, frame: frame.decode().encode("utf-16"),
    "invalid-utf-8": lambda request, frame: raw(request, b'"\xff\xfe"'),
    "pretty-printed": lambda request, frame: json.dumps(json.loads(frame), indent=2).encode() + b"\n",
    "limit-minus-1": lambda request, frame: sized(request, LIMIT - 1),
    "limit": lambda request, frame: sized(request, LIMIT),
    "limit-plus-1": lambda request, frame: sized(request, LIMIT + 1),
    "line-of-100-mib": lambda request, frame: b"x" * (100 * 1024 * 1024) + b"\n" + frame,
    "nesting-64": lambda request, frame: nested(request, 64),
    "nesting-65": lambda request, frame: nested(request, 65),
    "nesting-10000": lambda request, frame: nested(request, 10_000),
    "duplicate-keys": lambda request, frame: raw(request, b'{"a":1,"a":2}'),
    "nan": lambda request, frame: raw(request, b"NaN"),
    "infinity": lambda request, frame: raw(request, b"-Infinity"),
    "1e400": lambda request, frame: raw(request, b"1e400"),
    "2-to-the-53-plus-1": lambda request, frame: raw(request, b"9007199254740993"),
    "lone-surrogate": lambda request, frame: raw(request, b'"\\ud800"'),
    "batch": lambda request, frame: b"[" + frame[:-1] + b"]\n",
    "no-jsonrpc": lambda request, frame: b'{"id":%d,"result":1}\n' % request["id"],
    "wrong-jsonrpc": lambda request, frame: b'{"jsonrpc":"1.0","id":%d,"result":1}\n' % request["id"],
    # Ids
    "id-unknown": lambda request, frame: wire.encode({"id": 4711, "result": "for somebody else"}) + frame,
    "id-answered-twice": lambda request, frame: frame + frame,
    "id-of-wrong-type": lambda request, frame: wire.encode({"id": str(request["id"]), "result": 1}),
    "id-null": lambda request, frame: wire.encode({"id": None, "result": 1}),
    "id-float": lambda request, frame: b'{"jsonrpc":"2.0","id":%d.0,"result":1}\n' % request["id"],
    "result-and-error": lambda request, frame: wire.encode(
        {"id": request["id"], "result": 1, "error": {"code": 1, "message": "x"}}
    ),
    "neither": lambda request, frame: wire.encode({"id": request["id"]}),
    "progress-afterwards": lambda request, frame: (
        frame + wire.encode({"method": "$/progress", "params": {"id": request["id"], "done": 1}})
    ),
    # Log lines by the protocol
    "log-of-wrong-types": lambda request, frame: (
        b"".join(
            wire.encode({"method": "hub.log", "params": params})
            for params in (
                {"level": 7, "message": ["x"]},
                {"level": {}, "message": 1},
                {"message": None},
                {"fields": "x", "message": "y"},
            )
        )
        + frame
    ),
}


def misbehave(request):
    wire.mark(f"misbehaves: {args.fault}")
    wire.write(FAULTS[args.fault](request, wire.encode({"id": request["id"], "result": "done"})))


def handle(message):
    """Answer a call that was cancelled as if it had not been."""
    if message.get("method") == "$/cancelRequest":
        wire.mark("misbehaves: answers what was cancelled")
        wire.send(id=message["params"]["id"], result="too late")
    return False


args = wire.arguments(*FAULTS)
wire.serve(
    args,
    {
        "misbehave": misbehave,
        "wait": lambda request: wire.log("waits"),
        "echo": lambda request: wire.answer(request, request["params"]),
    },
    handle=handle,
)
