"""Own what a module does to the flow of bytes: not reading, flooding, printing where frames belong, one fault a switch."""

import itertools
import time

import wire


def misbehave(request):
    wire.log("misbehaves")
    frame = wire.encode({"id": request["id"], "result": "done"})
    match args.fault:
        case "never-reads":
            wire.answer(request, "from now on")
            while True:
                time.sleep(60)
        case "prints":
            wire.write(b"hello\nmore\n\n  \n" + frame + b"and after\n")
        case "prints-too-much":
            for number in range(150):
                wire.write(b"line %d\n" % number)
            wire.write(frame)
        case "prints-a-megabyte":
            wire.write(b"x" * 1024 * 1024 + b"\n" + b"y\n" + frame)
        case "glued":
            wire.write(b"progress: 3% " + frame)
        case "byte-by-byte":
            for byte in frame:
                wire.write(bytes([byte]))
        case "notifications":
            chunk = wire.encode({"method": "nobody/knows", "params": {"n": 1}}) * 500
            for _ in range(100):
                wire.write(chunk)
            wire.write(frame)
        case "million-notifications":
            chunk = wire.encode({"method": "nobody/knows"}) * 1000
            for _ in range(1000):
                wire.write(chunk)
            wire.write(frame)
        case "result-of-100-mb":
            wire.answer(request, "x" * 100_000_000)
        case "unknown-answers":
            wire.write(wire.encode({"id": 4711, "result": 1}) * 2000 + frame)
        case "changes-without-end":
            wire.write(wire.encode({"method": "capabilities_changed", "params": {}}) * 5000 + frame)
        case "huge-answer":
            wire.answer(request, "x" * 17 * 1024 * 1024)
        case "asks-without-reading":
            for number in itertools.count():
                wire.send(id=f"q{number}", method="hub.nothing" + "x" * 100)


args = wire.arguments(
    "never-reads", "prints", "prints-too-much", "prints-a-megabyte", "glued", "byte-by-byte", "notifications", "unknown-answers",
    "changes-without-end", "huge-answer", "asks-without-reading", "million-notifications", "result-of-100-mb",
)  # fmt: skip
wire.serve(args, {"misbehave": misbehave, "echo": lambda request: wire.answer(request, request["params"])})
