"""Own a module that writes far more log than anybody can read, one way a switch, and counts it."""

import os
import time

import wire

FLOOD_BYTES = 16 * 1024 * 1024
written = {"bytes": 0, "lines": 0}


def flood(request):
    wire.mark(f"misbehaves: {args.fault}")
    match args.fault:
        case "stderr":
            piece, count = b"one more line that nobody reads\n" * 1000, 1000
        case "hub.log":
            piece, count = (
                wire.encode({"method": "hub.log", "params": {"level": "info", "message": "one more line"}}) * 500,
                500,
            )
        case "long-lines":
            piece, count = b"x" * 1024 * 1024 + b"\n", 1
        case "no-line-ends":
            piece, count = b"x" * 1024 * 1024, 0
    # Into the second after, in which the lines that were dropped are told.
    end = time.monotonic() + 1.3
    while written["bytes"] < FLOOD_BYTES or time.monotonic() < end:
        left = memoryview(piece)
        while left:
            left = left[os.write(1 if args.fault == "hub.log" else 2, left) :]
        written["bytes"] += len(piece)
        written["lines"] += count
    if args.fault == "no-line-ends":
        os.write(2, b"\n")
    wire.answer(request, None)


args = wire.arguments("stderr", "hub.log", "long-lines", "no-line-ends")
wire.serve(args, {"flood": flood, "written": lambda request: wire.answer(request, written)})
