"""Own the breaks of what is written: beside the good answer to `echo` with one argument, something that breaks one rule."""

from module import around

WRITING = {}
BIG = 17 * 1024 * 1024


def writes(id, data):
    """These bytes are written before the good answer to the first example of `echo`."""

    def make(m):
        def wrapper(original, call, **end):
            if isinstance(end.get("result"), dict) and end["result"].get("a") == [1, None, "ü"]:
                m.put(data(call) if callable(data) else data)
            original(call, **end)

        around(m, "finish", wrapper)

    WRITING[id] = make


def note(value):
    return b'{"jsonrpc":"2.0","method":"note","params":{"x":%b}}\n' % value


writes("HUB-OUT-1/writes-frames-only", b"Loading the model...\n")
writes("HUB-FRAME-2/writes-one-line", b'{\n  "jsonrpc": "2.0",\n  "method": "note"\n}\n')
writes("HUB-FRAME-2/writes-objects", b"42\n")
writes("HUB-FRAME-4/writes-within-the-limit", lambda call: note(b'"%b"' % (b"x" * BIG)))
writes("HUB-FRAME-5/writes-no-byte-order-mark", b"\xef\xbb\xbf" + note(b"1"))
writes("HUB-FRAME-5/writes-utf-8", note(b'"\xff"'))
writes("HUB-FRAME-6/writes-json", note(b"NaN"))
writes("HUB-FRAME-7/writes-at-most-64-deep", note(b"[" * 70 + b"]" * 70))
writes("HUB-FRAME-8/writes-each-name-once", note(b'{"a":1,"a":2}'))
writes("HUB-FRAME-9/writes-safe-integers", note(b"9007199254740993"))
writes("HUB-FRAME-9/writes-no-overflow", note(b"1e400"))
writes("HUB-FRAME-10/writes-no-lone-surrogate", note(b'"\\ud800"'))
writes("HUB-MSG-1/writes-jsonrpc-2.0", b'{"jsonrpc":"1.0","method":"note"}\n')
writes("HUB-MSG-2/writes-good-requests", b'{"jsonrpc":"2.0","method":"","params":{}}\n')
writes("HUB-MSG-2/writes-good-notifications", b'{"jsonrpc":"2.0","method":"hub.log","params":{"level":"loud","message":"x"}}\n')
writes("HUB-ID-4/answers-what-was-asked", b'{"jsonrpc":"2.0","id":4712,"result":{}}\n')


def ends_otherwise(id, body):
    """The good answer itself is written in another form, for the arguments that only `echo` of the first round has."""

    def make(m):
        def wrapper(original, message):
            result = message.get("result")
            if isinstance(result, dict) and result.get("a") == [1, None, "ü"]:
                body(m, message, original)
            else:
                original(message)

        around(m, "write", wrapper)

    WRITING[id] = make


def twice(m, message, original):
    original(message)
    original(message)


def with_null_error(m, message, original):
    original({**message, "error": None})


ends_otherwise("HUB-ID-4/answers-once", twice)
ends_otherwise("HUB-ID-3/echoes-the-very-id", lambda m, message, original: original({**message, "id": str(message["id"])}))


def errors(id, error):
    """The error of `refuse` in another form."""

    def make(m):
        def wrapper(original, message):
            if isinstance(message.get("error"), dict) and message["error"].get("code") == 1001:
                message = error(message)
            original(message)

        around(m, "write", wrapper)

    WRITING[id] = make


writes("HUB-MSG-4/result-or-error", b'{"jsonrpc":"2.0","id":null,"result":1,"error":{"code":1,"message":"x"}}\n')
writes("HUB-MSG-4/has-the-id", b'{"jsonrpc":"2.0","result":1}\n')
writes("HUB-MSG-4/fits-the-schema", b'{"jsonrpc":"2.0","id":null,"result":1}\n')
writes("HUB-MSG-5/errors-have-their-form", b'{"jsonrpc":"2.0","id":null,"error":"no"}\n')


def headers(m):
    writes_header = b"Content-Size: 1\r\n\r\n"

    def wrapper(original, call, **end):
        original(call, **end)
        if isinstance(end.get("result"), dict) and end["result"].get("a") == [1, None, "ü"]:
            m.put(writes_header)

    around(m, "finish", wrapper)


WRITING["HUB-FRAME-20/writes-good-headers"] = headers


def unasked_features(m):
    def wrapper(original, call, params):
        m.write({"jsonrpc": "2.0", "method": "$/progress", "params": {"id": call.id, "done": 1}})
        return original(call, params)

    m.info["features"].remove("progress")
    m.handlers["echo"] = lambda call, params: (
        m.write({"jsonrpc": "2.0", "method": "$/progress", "params": {"id": call.id, "done": 1}}),
        params["value"],
    )[1]


WRITING["HUB-VER-3/uses-features-in-force"] = unasked_features
