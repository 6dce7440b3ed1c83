"""Own the ways in which a module grows until somebody stops it, one fault a switch."""

import os
import signal

import wire

kept = []
directory = ""


def grow(request):
    global kept
    wire.mark(f"misbehaves: {args.fault}")
    match args.fault:
        case "memory":
            kept.append(bytearray(os.urandom(1024)) * (10 * 1024))
            wire.answer(request, len(kept))
        case "descriptors":
            try:
                while len(kept) < 100_000:
                    kept.append(os.open("/dev/null", os.O_RDONLY))
            except OSError:
                count = len(kept)
                os.close(kept.pop())  # the marks need one
            wire.answer(request, count)
        case "processes":
            for _ in range(300):
                if os.fork() == 0:
                    signal.pause()
            wire.answer(request, 300)
        case "data-directory":
            with open(os.path.join(directory, "full"), "ab") as file:
                for _ in range(32):
                    file.write(b"x" * 1024 * 1024)
            wire.answer(request, os.path.getsize(os.path.join(directory, "full")))


def initialise(request):
    global directory
    directory = request["params"]["data_directory"]
    wire.answer(request, {})


args = wire.arguments("memory", "descriptors", "processes", "data-directory")
wire.serve(
    args,
    {"misbehave": grow, "module_init": initialise, "pid": lambda request: wire.answer(request, os.getpid())},
    [wire.function("misbehave"), wire.function("pid")],
)
