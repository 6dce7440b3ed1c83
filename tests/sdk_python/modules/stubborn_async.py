"""Own a module whose `async def` functions do not want to end; know nothing of what becomes of them."""

import asyncio
import os
import signal
import threading
from typing import Literal

from hub_sdk import AsyncContext, Module

module = Module("stubborn", version="1.0.0", license="MIT", authors=["The authors of hub"])
met = asyncio.Barrier(2)


@module.function
async def sleeps() -> None:
    """Block the loop, which an async function must not."""
    threading.Event().wait()


@module.function
async def spins() -> None:
    while True:
        pass


@module.function
async def tells_without_end(ctx: AsyncContext) -> None:
    done = 0
    while True:
        done += 1
        ctx.progress(done)
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            continue


@module.function
async def waits_for_the_hub(ctx: AsyncContext) -> None:
    await ctx.call("nobody.answers")


@module.function
async def big(size: int) -> str:
    return "x" * size


@module.function
async def meets() -> str:
    await met.wait()
    return "met"


@module.function
async def leaves_a_child(how: Literal["fork", "exec"]) -> int:
    if how == "exec":  # not by subprocess, which closes what it was not asked to hand over
        return os.posix_spawnp("sleep", ["sleep", "3600"], os.environ)
    child = os.fork()
    if not child:
        signal.pause()
    return child


@module.on_cleanup
async def stop() -> None:
    await asyncio.Event().wait()
