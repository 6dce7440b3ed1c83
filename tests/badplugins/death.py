"""Own the ways in which a module ends, or stops to be one, in the middle of its calls, one fault a switch."""

import os
import signal
import subprocess
import sys
import time

import wire


def deaf():
    while True:
        time.sleep(60)


def fall(request):
    wire.log("falls")
    match args.fault:
        case "exit-0":
            os._exit(0)
        case "exit-3":
            os._exit(3)
        case "kill" | "segv" | "abrt":
            os.kill(os.getpid(), getattr(signal, f"SIG{args.fault.upper()}"))
        case "closes-stdout":
            os.close(1)
            deaf()
        case "closes-stdin":
            os.close(0)
            deaf()
        case "stops-itself":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "busy-loop":
            while True:
                pass
        case "half-a-frame":
            wire.write(wire.encode({"id": request["id"], "result": "half"})[:-9])
            os._exit(0)
        case "half-a-frame-and-silence":
            wire.write(wire.encode({"id": request["id"], "result": "half"})[:-9])
            deaf()
        case "grandchild-keeps-stdout":
            # In a session of its own, so that the group's end does not reach it.
            child = subprocess.Popen(["sleep", "4"], start_new_session=True)
            wire.log(f"grandchild {child.pid}")
            os._exit(1)


args = wire.arguments(
    "exit-0", "exit-3", "kill", "segv", "abrt", "closes-stdout", "closes-stdin", "stops-itself", "busy-loop", "half-a-frame",
    "half-a-frame-and-silence", "grandchild-keeps-stdout",
)  # fmt: skip
wire.serve(
    args,
    {"fall": fall, "wait": lambda request: wire.log("waits"), "echo": lambda request: wire.answer(request, request["params"])},
)
