"""Own what goes wrong between the start of a program and its approval, one fault a switch."""

import os
import signal
import sys
import time

import wire

FAULTS = (
    "never-answers", "exits-0", "exits-3", "exits-78", "is-killed", "closes-stdout", "refuses", "no-object", "no-common-version",
    "picks-version-2", "other-name", "other-version", "speaks-first", "answers-twice", "oversize-capabilities",
    "never-lists", "dies-when-listing", "remote-ref", "recursive-schema", "duplicate-names", "reserved-name", "bad-licence",
    "differs-after-restart", "unknown-members", "floods", "banner", "garbage", "supports-nothing", "supports-garbage",
    "invalid-schema", "answers-just-in-time", "answers-too-late",
)  # fmt: skip
# A value of the wrong type for each member of module_info.
WRONG = {
    "name": 7, "version": [1, 0], "license": None, "authors": "me", "description": "not a list", "required_modules": ["a"],
    "extra_info": {"a": 1}, "homepage": 7, "protocol_version": "1", "features": {"cancel": True},
}  # fmt: skip
FAULTS += tuple(f"wrong-{member}" for member in WRONG)


def deaf():
    while True:
        time.sleep(60)


args = wire.arguments(*FAULTS)
fault = args.fault
wire.log(f"started with {fault}")
if fault == "speaks-first":
    wire.send(id="early", method="hub.call", params={"call_id": 1, "function": "neighbour.echo"})
    wire.send(method="capabilities_changed", params={})
    wire.send(method="hub.log", params={"level": "info", "message": "hello before the handshake"})
elif fault == "banner":
    wire.write(b"Welcome to the plugin!\n\n")
elif fault == "garbage":
    wire.write(b"\x00\xff\xfe{[" * 20 + b"\n")
elif fault == "floods":
    for _ in range(200):
        wire.write(b"a line that is no frame\n")

request = wire.receive()
if fault == "never-answers":
    deaf()
elif fault.startswith("exits-"):
    wire.log("last words")
    sys.exit(int(fault.removeprefix("exits-")))
elif fault == "is-killed":
    os.kill(os.getpid(), signal.SIGSEGV)
elif fault == "closes-stdout":
    os.close(1)
    deaf()
elif fault == "refuses":
    wire.refuse(request, -32603, "not today")
elif fault == "no-object":
    wire.answer(request, ["a", "list"])
elif fault == "no-common-version":
    wire.send(id=request["id"], error={"code": -31027, "message": "too old", "data": {"offered": [1], "supported": [7, 8]}})
elif fault in ("supports-nothing", "supports-garbage"):
    supported = [] if fault == "supports-nothing" else "the latest, {of course}"
    wire.send(id=request["id"], error={"code": -31027, "message": "no", "data": {"offered": [1], "supported": supported}})
elif fault == "answers-twice":
    wire.answer(request, wire.info(args))
    wire.answer(request, wire.info(args))
else:
    different = {
        "picks-version-2": {"protocol_version": 2, "authors": 7},
        "other-name": {"name": "somebody"},
        "other-version": {"version": "9.9.9"},
        "bad-licence": {"license": "do what you like"},
        "unknown-members": {"mood": "good", "features": ["telepathy"], "nested": {"a": [1]}},
    }
    if fault.startswith("answers-"):
        time.sleep(0.3 if fault == "answers-just-in-time" else 0.9)
    if fault.startswith("wrong-"):
        member = fault.removeprefix("wrong-")
        different[fault] = {member: WRONG[member]}
    wire.answer(request, wire.info(args, **different.get(fault, {})))

while (request := wire.receive()) is not None:
    if "method" not in request:
        continue
    if request["method"] != "capabilities":
        wire.log(f"got {request['method']}")
        wire.answer(request, "hello" if request["method"] == "greet" else {})
        continue
    if fault == "never-lists":
        deaf()
    if fault == "dies-when-listing":
        sys.exit(1)
    greet = wire.function("greet")
    extra = {
        "invalid-schema": [wire.function("f", returns={"type": "no such type", "minimum": "seven"})],
        "remote-ref": [wire.function("f", returns={"$ref": "https://example.org/schema"})],
        "recursive-schema": [wire.function("f", returns={"type": "object", "properties": {"next": {"$ref": "#"}}})],
        "duplicate-names": [greet],
        "reserved-name": [wire.function("module_takeover")],
        "oversize-capabilities": [wire.function("f", description="x" * 17 * 1024 * 1024)],
        "unknown-members": [wire.function("f", colour="red")],
    }.get(fault, [])
    if fault == "differs-after-restart":
        with open(args.file, "a+") as file:
            file.seek(0)
            extra = [wire.function("surprise")] if file.read() else []
            file.write("started\n")
    wire.answer(request, {**wire.capabilities(greet, *extra), "more": "unknown"})
