"""Own a module that prints wherever it can, in every way that there is; know nothing of where it goes."""

import ctypes
import os
import subprocess
import sys

from hub_sdk import Module

print("at import")  # noqa: T201
module = Module("noisy", version="1.0.0", license="MIT", authors=["The authors of hub"])


@module.on_init
def start() -> None:
    print("in on_init")  # noqa: T201


@module.function
def noise() -> str:
    """Print from Python, by descriptor, from C, from a child, and from a forked child."""
    print("from print")  # noqa: T201
    os.write(1, b"from os.write\n")
    library = ctypes.CDLL(None)
    library.puts(b"from C")
    library.fflush(None)
    subprocess.run(["sh", "-c", "echo from a child"], check=True)
    forked = os.fork()
    if not forked:
        os.write(1, b"from a fork\n")
        os._exit(0)
    os.waitpid(forked, 0)
    return "done"


@module.function
async def async_noise() -> str:
    """Print from an async function."""
    sys.stdout.write("from async\n")
    return "done"


@module.function
def reader() -> str:
    """Let a child read standard input, and read it too."""
    child = subprocess.run(["cat"], check=True, capture_output=True)
    return child.stdout.decode() + sys.stdin.read()


@module.on_cleanup
def stop() -> None:
    print("in on_cleanup")  # noqa: T201
