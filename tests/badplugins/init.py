"""Own what goes wrong in module_init, one fault a switch; and a module that switches itself off."""

import os
import signal
import sys
import time

import wire


def initialise(request):
    wire.log("initialising")
    match args.fault:
        case "refuses":
            wire.refuse(request, 5, "no licence key")
        case "bad-config":
            wire.refuse(request, -32602, "config.port must be an integer")
        case "no-object":
            wire.answer(request, "fine")
        case "null":
            wire.answer(request, None)
        case "disables":
            wire.answer(request, {"disable": "there is no such hardware here"})
        case "hangs":
            while True:
                time.sleep(60)
        case "exits-0":
            sys.exit(0)
        case "exits-1":
            sys.exit(1)
        case "exits-78":
            sys.exit(78)
        case "crashes":
            os.kill(os.getpid(), signal.SIGABRT)
        case "answers-nonsense":
            wire.write(b'{"jsonrpc":"2.0","id":%d}\n' % request["id"])


args = wire.arguments(
    "refuses", "bad-config", "no-object", "null", "disables", "hangs", "exits-0", "exits-1", "exits-78", "crashes", "answers-nonsense"
)  # fmt: skip
wire.serve(
    args,
    {"module_init": initialise, "greet": lambda request: wire.log("greeted") or wire.answer(request, "hello")},
    declared=[wire.function("greet")],
)
