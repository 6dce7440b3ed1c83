"""Own the ways in which a module ends, or stops to be one, in the middle of its calls, one fault a switch."""

import os
import signal
import socket
import subprocess
import sys
import time

import wire


def deaf():
    while True:
        time.sleep(60)


def stay(name, path):
    """Hold a connection to the test for as long as this process lives, deaf to everything."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    connection.sendall(f"{name} {os.getpid()}\n".encode())
    deaf()


def spread(path):
    """Become a family: the module, its child, and a daemon that has left the session."""
    if os.fork() == 0:
        stay("grandchild", path)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            stay("daemon", path)
        os._exit(0)
    stay("module", path)


def initialise(request):
    if args.dies_in_init_if and os.path.exists(args.dies_in_init_if):
        wire.mark("dies in its init")
        os._exit(1)
    wire.answer(request, {})


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
        case "daemon":
            # Forked twice, in a session of its own, deaf to SIGTERM; it holds the pipe open for as long as it lives.
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    held = os.open(args.file, os.O_WRONLY)
                    os.write(held, b"daemon\n")
                    wire.mark("the daemon runs")
                    deaf()
                os._exit(0)
            with open(args.file + ".ready") as ready:
                ready.read()
            os._exit(1)
        case "spreads":
            spread(request["params"]["path"])
        case "grandchild-keeps-stdout":
            # In a session of its own, so that the group's end does not reach it.
            child = subprocess.Popen(["sleep", "4"], start_new_session=True)
            wire.log(f"grandchild {child.pid}")
            os._exit(1)


args = wire.arguments(
    "exit-0", "exit-3", "kill", "segv", "abrt", "closes-stdout", "closes-stdin", "stops-itself", "busy-loop", "half-a-frame",
    "half-a-frame-and-silence", "grandchild-keeps-stdout", "daemon", "spreads",
)  # fmt: skip
wire.serve(
    args,
    {
        "module_init": initialise,
        "fall": fall,
        "wait": lambda request: wire.log("waits"),
        "echo": lambda request: wire.answer(request, request["params"]),
    },
    [wire.function(name) for name in ("fall", "wait", "echo")],
)
