"""Own a module whose `def` functions do not want to end; know nothing of what becomes of them."""

import os
import signal
import threading
from typing import Literal

from hub_sdk import Context, Module

module = Module("stubborn", version="1.0.0", license="MIT", authors=["The authors of hub"])
meeting = threading.Barrier(2, timeout=5)


@module.function
def sleeps() -> None:
    threading.Event().wait()


@module.function
def spins() -> None:
    while True:
        pass


@module.function
def tells_without_end(ctx: Context) -> None:
    done = 0
    while True:
        done += 1
        ctx.progress(done)


@module.function
def waits_for_the_hub(ctx: Context) -> None:
    ctx.call("nobody.answers")


@module.function
def big(size: int) -> str:
    return "x" * size


@module.function
def meets() -> str:
    meeting.wait()
    return "met"


@module.function
def leaves_a_child(how: Literal["fork", "exec"]) -> int:
    if how == "exec":  # not by subprocess, which closes what it was not asked to hand over
        return os.posix_spawnp("sleep", ["sleep", "3600"], os.environ)
    child = os.fork()
    if not child:
        signal.pause()
    return child


@module.on_cleanup
def stop() -> None:
    threading.Event().wait()
