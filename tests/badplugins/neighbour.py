"""Own a module that does nothing wrong: the neighbour that must not notice what the others do."""

import os
import threading

import wire


def sleep_until_cancelled(request):
    """Answer only when it is cancelled (`--features cancel,concurrent`)."""
    waiting.add(request["id"])
    wire.log(f"waits {request['id']}")


def handle(message):
    if message.get("method") == "$/cancelRequest" and message["params"]["id"] in waiting:
        waiting.discard(message["params"]["id"])
        wire.send(id=message["params"]["id"], error={"code": -31000, "message": "cancelled"})
        return True
    return False


def block(request):
    """Work, deaf to everything, until somebody writes to the FIFO `path`; then answer."""
    wire.log("blocks")
    with open(request["params"]["path"], "rb") as fifo:
        fifo.read()
    wire.answer(request, "done")


def block_beside(request):
    threading.Thread(target=block, args=(request,), daemon=True).start()


waiting = set()
args = wire.arguments()
wire.log("started")
wire.serve(
    args,
    {
        "echo": lambda request: wire.answer(request, request["params"]),
        "pid": lambda request: wire.answer(request, os.getpid()),
        "wait": sleep_until_cancelled,
        "block": block_beside if "concurrent" in args.features else block,
    },
    handle=handle,
)
