"""Own the protocol by hand for the programs beside it, in the standard library alone; know nothing of their faults.

A program here behaves well in everything that is not its fault, so that a test sees that one thing.
"""

import argparse
import json
import os
import sys


def arguments(*faults):
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--fault", choices=faults, required=bool(faults))
    parser.add_argument("--file", help="where the program keeps what it must know after a restart")
    parser.add_argument("--dies-in-init-if", help="a file; its presence is the condition")
    parser.add_argument("--features", default="")
    parser.add_argument("--requires", default="{}", help="required_modules, in JSON")
    return parser.parse_args()


def mark(text):
    """Leave proof of what was done, where the hub has no hand in it."""
    if path := os.environ.get("HUB_TEST_MARKS"):
        with open(path, "a") as marks:
            marks.write(text + "\n")


def write(data):
    mark(f"wrote {len(data)} bytes: {bytes(data[:100])!r}")
    while data:
        data = data[os.write(1, data) :]


def encode(message):
    return json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode() + b"\n"


def send(**message):
    write(encode(message))


def answer(request, result):
    send(id=request["id"], result=result)


def refuse(request, code, text):
    send(id=request["id"], error={"code": code, "message": text})


def log(text):
    mark(text)
    os.write(2, text.encode() + b"\n")


def read():
    line = sys.stdin.buffer.readline()
    return json.loads(line) if line else None


# What came while something else was waited for.
kept = []


def receive():
    return kept.pop(0) if kept else read()


def info(args, **members):
    who = {"name": args.name, "version": "1.0.0", "license": "MIT", "authors": ["Tests <tests@example.org>"]}
    features = [feature for feature in args.features.split(",") if feature]
    return {**who, "features": features, "required_modules": json.loads(args.requires), **members}


def function(name, **members):
    return {"name": name, "params": {"type": "object"}, **members}


def capabilities(*functions):
    return {"functions": list(functions)}


def serve(args, functions, declared=None, handle=None):
    """Serve functions (name to what takes a request and answers it) until the end of the input.

    `handle` gets each message first, and returns True when it has dealt with it.
    """
    declared = [function(name) for name in functions] if declared is None else declared
    reserved = {
        "module_info": lambda request: answer(request, info(args)),
        "capabilities": lambda request: answer(request, capabilities(*declared)),
        "module_init": lambda request: answer(request, {}),
        "module_cleanup": lambda request: answer(request, {}),
        "ping": lambda request: answer(request, {}),
    }
    while (message := receive()) is not None:
        method = message.get("method")
        if method in ("module_init", "module_cleanup", "$/cancelRequest"):
            log(f"got {method}" + (f" {message['params']['id']}" if method.startswith("$") else ""))
        if handle and handle(message):
            continue
        found = functions.get(method) or reserved.get(method)
        if found and "id" in message:
            found(message)
        elif "id" in message:
            refuse(message, -32601, f"no method {method}")
