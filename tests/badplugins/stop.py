"""Own the ways in which a module does not stop when it is asked to, one fault a switch."""

import os
import signal
import sys
import time

import wire


def clean_up(request):
    match args.fault:
        case "hangs-in-cleanup" | "ignores-all":
            while True:
                time.sleep(60)
        case "refuses-cleanup":
            wire.refuse(request, 9, "not now")
        case "crashes-in-cleanup":
            os.kill(os.getpid(), signal.SIGKILL)
        case "speaks-after-cleanup":
            wire.answer(request, {})
            for _ in range(3):
                wire.send(method="hub.log", params={"level": "info", "message": "after the cleanup"})
        case "exits-3-after-cleanup":
            wire.answer(request, {})
            sys.exit(3)
        case _:
            wire.answer(request, {})


args = wire.arguments(
    "hangs-in-cleanup", "refuses-cleanup", "crashes-in-cleanup", "speaks-after-cleanup", "exits-3-after-cleanup",
    "ignores-end-of-input", "ignores-sigterm", "ignores-all",
)  # fmt: skip
if args.fault in ("ignores-sigterm", "ignores-all"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
wire.serve(
    args, {"module_cleanup": clean_up, "echo": lambda request: wire.answer(request, request["params"])}, [wire.function("echo")]
)
wire.log("its input ended")
if args.fault in ("ignores-end-of-input", "ignores-sigterm"):
    while True:
        time.sleep(60)
