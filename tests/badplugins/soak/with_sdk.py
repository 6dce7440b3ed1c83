"""A module that writes down each call before it does anything else; in Python with the SDK."""

import os
import signal
import sys
import time

from hub_sdk import Module

name, ledger, held, broken = sys.argv[1:5]
if os.path.exists(broken):
    sys.exit(1)
os.open(held, os.O_WRONLY)
book = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
module = Module(name, version="1.0.0", license="MIT", authors=["Tests <tests@example.org>"])
kept: list[bytes] = []


def _execute(n: int, do: str) -> int:
    os.write(book, b"%d\n" % n)
    if do == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif do == "garbage":
        print("not a frame")  # which the SDK takes away from the protocol's pipe
    elif do in ("nap", "silence"):
        time.sleep(0.2 if do == "nap" else 1.0)
    elif do == "grow":
        kept.append(b"x" * (10 * 1024 * 1024))
    return n


@module.function
def once(n: int, do: str = "answer") -> int:
    """Do it."""
    return _execute(n, do)


@module.function(idempotent=True)
def again(n: int, do: str = "answer") -> int:
    """Do it; twice is as good as once."""
    return _execute(n, do)


if __name__ == "__main__":
    module.run()
