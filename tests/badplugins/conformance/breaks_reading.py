"""Own the breaks of reading: good frames that are not taken, garbage that ends the module or is taken for good."""

import json
import os
import re

from module import around

READING = {}
ID = 777001
SMALL_LIMIT = 65536


def loses(id, condition):
    """Frames for which this holds are dropped without an answer."""
    READING[id] = lambda m: around(
        m, "on_frame", lambda original, line: None if line is not None and condition(m, line) else original(line)
    )


# HUB-FRAME-3. Only these frames end so, or begin so, or follow an empty line.
loses("HUB-FRAME-3/carriage-return", lambda m, line: line.endswith(b"}\r"))
loses("HUB-FRAME-3/white-space-around", lambda m, line: line.startswith(b" \t"))


def trips_over_blank_lines(m):
    def wrapper(original, line):
        if line is not None and not line.strip():
            m.fail(None, -32700, "an empty line")
        else:
            original(line)

    around(m, "on_frame", wrapper)


READING["HUB-FRAME-3/blank-lines"] = trips_over_blank_lines


def counts_pieces(id, least, most):
    """A frame that came in so many pieces is lost."""

    def make(m):
        # Of reading alone: what other breaks do with a frame must not make the next one look cut.
        pieces, last = 0, b"\n"
        original_read, original_frame = m.read, m.on_frame

        def read():
            nonlocal pieces, last
            data = original_read()
            if data:
                pieces = 1 if b"\n" in last else pieces + 1
                last = data
            return data

        def on_frame(line):
            alone = last.count(b"\n") == 1 and last.endswith(b"\n")
            if not (line and least <= pieces <= most and len(line) < 1000 and m.requests >= 3 and alone):
                original_frame(line)

        m.read, m.on_frame = read, on_frame

    READING[id] = make


counts_pieces("HUB-FRAME-11/byte-by-byte", 4, 1000)
counts_pieces("HUB-FRAME-11/split-anywhere", 2, 3)


def first_of_many(m):
    original = m.read

    def read():
        data = original()
        lines = data.split(b"\n")
        # Twenty pings in one piece, and nothing else looks so.
        return lines[0] + b"\n" if len(lines) == 21 and data.count(b'"method":"ping"') == 20 else data

    m.read = read


READING["HUB-FRAME-11/several-at-once"] = first_of_many


def drops_the_half(m):
    original = m.read

    def read():
        data = original()
        whole, feed, half = data.rpartition(b"\n")
        return whole + feed if feed and len(half) == 20 else data

    m.read = read


READING["HUB-FRAME-11/one-and-a-half"] = drops_the_half
loses("HUB-FRAME-5/reads-utf-8", lambda m, line: "漢字".encode() in line)
loses("HUB-FRAME-6/reads-escapes", lambda m, line: rb"\u0041" in line)
loses("HUB-FRAME-7/reads-64-deep", lambda m, line: b"[" * 62 + b"0" in line)
loses("HUB-FRAME-9/reads-safe-integers", lambda m, line: b"-9007199254740991" in line)
loses("HUB-FRAME-4/accepts-the-limit", lambda m, line: len(line) == SMALL_LIMIT)
loses("HUB-FRAME-2/members-behind-params", lambda m, line: b'"context":{},"x":[1]' in line)


def caseless(m):
    around(m, "decode", lambda original, line: original(line.replace(b'"ID"', b'"id"')))


READING["HUB-FRAME-14/member-names-have-a-case"] = caseless


def takes_halves(m):
    around(m, "on_half", lambda original, rest: m.on_frame(rest) if rest.endswith(b"}") else None)


READING["HUB-FRAME-12/half-a-frame-at-the-end"] = takes_halves


def holds_back(m):
    # In a start that is not initialised: its line feed is missing until more is asked. The first start of a run is never such a one.
    from breaks_start import first_start

    first = []

    def wrapper(original, id, name, params):
        if name == "module_info":
            first.append(first_start("flush"))
        if name == "capabilities" and not first[0]:
            original_write = m.write_bytes
            m.write_bytes = lambda body: m.put(body)
            original(id, name, params)
            m.write_bytes = original_write
            m.owes = True
            return
        original(id, name, params)

    def put(original, data):
        owes, m.owes = getattr(m, "owes", False), False
        original(b"\n" + data if owes else data)

    around(m, "on_request", wrapper)
    around(m, "put", put)


READING["HUB-OUT-2/flushes-each-frame"] = holds_back


# The base framing of the Language Server Protocol


def exact_name(m):
    around(m, "length_of", lambda original, head: 10**9 if b"content-LENGTH" in head else original(head))


def first_header_only(m):
    around(m, "length_of", lambda original, head: 10**9 if b"X-Other" in head else original(head))


def one_line_bodies(m):
    around(m, "on_frame", lambda original, line: None if line is not None and b",\n" in line else original(line))


def stops_at_large(m):
    around(m, "on_frame", lambda original, line: os._exit(3) if line is None else original(line))


READING["HUB-FRAME-20/name-in-any-case"] = exact_name
READING["HUB-FRAME-20/ignores-other-headers"] = first_header_only
READING["HUB-FRAME-21/body-over-several-lines"] = one_line_bodies
READING["HUB-FRAME-21/skips-an-over-long-body"] = stops_at_large


# Garbage: what makes each kind recognisable, and nothing else

KINDS = {
    "text": ("HUB-FRAME-6", b"hello?"),
    "cut-request": ("HUB-FRAME-6", b'"params":{"x":\\Z'),
    "two-on-one-line": ("HUB-FRAME-2", b"}{"),
    "nan": ("HUB-FRAME-6", b"NaN"),
    "infinity": ("HUB-FRAME-6", b"-Infinity"),
    "trailing-comma": ("HUB-FRAME-6", b"\\[1,\\]"),
    "comment": ("HUB-FRAME-6", b"/\\*one\\*/"),
    "single-quotes": ("HUB-FRAME-6", b":'x'"),
    "control-character": ("HUB-FRAME-6", b"a\tb\x01"),
    "byte-order-mark": ("HUB-FRAME-5", b"\\A\xef\xbb\xbf"),
    "not-utf-8": ("HUB-FRAME-5", b"\xff\xfe"),
    "utf-16": ("HUB-FRAME-5", b"\\A\x00{"),
    "nul-bytes": ("HUB-FRAME-6", b"\\A\x00\x00\x00\x00"),
    "nested-65-deep": ("HUB-FRAME-7", b":\\[{63}\\]"),
    "nested-10000-deep": ("HUB-FRAME-7", b":\\[{10000}\\]"),
    "never-closed": ("HUB-FRAME-7", b"\\A\\[{1000}"),
    "name-twice": ("HUB-FRAME-8", b'"a":1,"a":2'),
    "overflow": ("HUB-FRAME-9", b"1e400"),
    "integer-beyond-2-53": ("HUB-FRAME-9", b'"x":9007199254740993'),
    "lone-surrogate": ("HUB-FRAME-10", b'"\\\\ud800"'),
    "batch": ("HUB-MSG-6", b"\\A\\[\\{"),
    "empty-batch": ("HUB-MSG-6", b"\\A\\[\\]\\Z"),
    "scalar-frame": ("HUB-FRAME-2", b"\\A42\\Z"),
    "string-frame": ("HUB-FRAME-2", b'\\A"ping"\\Z'),
    "null-frame": ("HUB-FRAME-2", b"\\Anull\\Z"),
    "empty-object": ("HUB-MSG-1", b"\\A\\{\\}\\Z"),
    "no-jsonrpc": ("HUB-MSG-1", b'\\A\\{"id":777001,"method":"ping"'),
    "jsonrpc-1.0": ("HUB-MSG-1", b'"1\\.0"'),
    "jsonrpc-number": ("HUB-MSG-1", b'"jsonrpc":2\\.0,'),
    "no-method": ("HUB-MSG-2", b'"id":777001\\}'),
    "method-number": ("HUB-MSG-2", b'"method":1,'),
    "method-empty": ("HUB-MSG-2", b'"method":"",'),
    "method-too-long": ("HUB-MSG-2", b'"method":"x{129}"'),
    "method-in-capitals": ("HUB-FRAME-14", b'"METHOD"'),
    "params-array": ("HUB-MSG-3", b'"params":\\[1\\]\\}'),
    "params-string": ("HUB-MSG-3", b'"params":"x"\\}'),
    "params-null": ("HUB-MSG-3", b'"params":null'),
    "id-null": ("HUB-ID-1", b'"id":null,"method"'),
    "id-true": ("HUB-ID-1", b'"id":true'),
    "id-fraction": ("HUB-ID-1", b'"id":1\\.5'),
    "id-object": ("HUB-ID-1", b'"id":\\{\\}'),
    "id-empty": ("HUB-ID-1", b'"id":""'),
}


def on_kind(pattern, act):
    found = re.compile(pattern, re.DOTALL)

    def make(m):
        around(m, "on_frame", lambda original, line: act(m) if line is not None and found.search(line) else original(line))

    return make


for name, (requirement, pattern) in KINDS.items():
    READING[f"HUB-FRAME-13/survives-{name}"] = on_kind(pattern, lambda m: os._exit(3))
    READING[f"{requirement}/refuses-{name}"] = on_kind(pattern, lambda m: m.answer(ID, {}))


def over_long(id, act):
    def make(m):
        around(m, "on_frame", lambda original, line: act(m) if line is None else original(line))

    READING[id] = make


over_long("HUB-FRAME-4/survives-an-over-long-frame", lambda m: os._exit(3))
over_long("HUB-FRAME-4/answers-an-over-long-frame", lambda m: None)
READING["HUB-FRAME-9/does-not-round"] = on_kind(b'"id":9007199254740993', lambda m: m.answer(9007199254740992, {}))


def forgets_the_id(m):
    around(m, "on_frame", lambda original, line: m.refuse(-32600, None) if line and b'"method":1,' in line else original(line))


READING["HUB-ID-5/recovers-the-id"] = forgets_the_id


def small_buffer(mib):
    def make(m):
        def wrapper(original, line):
            if line is not None and mib * 1024 * 1024 < len(line) < (mib + 1) * 1024 * 1024:
                found = re.search(rb'"id":([0-9]+)', line[:100])
                m.fail(json.loads(found[1]), -32700, "too long for me")
            else:
                original(line)

        around(m, "on_frame", wrapper)

    return make


for mib in (1, 8, 15):
    READING[f"HUB-FRAME-4/takes-{mib}-mib"] = small_buffer(mib)
