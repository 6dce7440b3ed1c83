"""Own a module that writes down each call that it executes before it does anything else, and then dies as often as it is asked to."""

import os
import signal

import wire


def execute(request):
    number, deaths = request["params"]["n"], request["params"].get("deaths", 0)
    with open(args.file, "a+") as ledger:
        ledger.seek(0)
        before = ledger.read().split().count(str(number))
        ledger.write(f"{number}\n")
    if before < deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    wire.answer(request, number)


args = wire.arguments()
wire.serve(
    args,
    {"once": execute, "again": execute, "wait": lambda request: wire.log("waits")},
    [wire.function("once"), wire.function("again", hints={"idempotent": True}), wire.function("wait")],
)
