"""A module that writes down each call before it does anything else; in Python without a library."""

import json
import os
import signal
import sys
import time

name, ledger, held, broken = sys.argv[1:5]
if os.path.exists(broken):
    sys.exit(1)
os.open(held, os.O_WRONLY)
if "--with-child" in sys.argv and os.fork() == 0:
    # Deaf, and never waited for: it must end with its parent all the same.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()
kept = []
declared = [
    {"name": "once", "params": {"type": "object"}},
    {"name": "again", "params": {"type": "object"}, "hints": {"idempotent": True}},
]
info = {"name": name, "version": "1.0.0", "license": "MIT", "authors": ["Tests"]}
book = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def write(data):
    while data:
        data = data[os.write(1, data) :]


def execute(params):
    os.write(book, b"%d\n" % params["n"])
    what = params.get("do")
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "garbage":
        write(b"not a frame \x01\xff {]\nhalf of one\n")
    elif what == "nap":
        time.sleep(0.2)
    elif what == "grow":
        kept.append(b"x" * (10 * 1024 * 1024))
    elif what == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    return params["n"]


for line in sys.stdin.buffer:
    request = json.loads(line)
    method, params = request["method"], request.get("params", {})
    if "id" not in request:
        continue
    if method in ("once", "again"):
        result = execute(params)
        if params.get("do") == "silence":
            continue
    else:
        result = {"module_info": info, "capabilities": {"functions": declared}}.get(method, {})
    write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode() + b"\n")
