"""Own how blocking work is done for one call of an async function: in a thread that ends with the call; know no service."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from amazon.cloud import Cloud
from amazon.failures import Unavailable
from amazon.patience import Ended, Patience
from amazon.settings import Keys, Settings

__all__ = ["in_thread"]

T = TypeVar("T")


async def in_thread(work: Callable[[Cloud], T], keys: Keys, region: str, settings: Settings, *, deadline: float | None) -> T:
    """Return what `work` returns for this account; it is ended at `deadline`, of the loop's clock, and when this is cancelled.

    Raises:
        ModuleError: one of those in `failures`.
    """
    loop = asyncio.get_running_loop()
    patience = Patience(deadline)
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: list[T], error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is None:
            outcome.set_result(result[0])
        else:
            outcome.set_exception(error)

    def body() -> None:
        cloud = Cloud(keys, region, settings, patience)
        try:
            result, error = [work(cloud)], None
        except Ended:
            result, error = [], Unavailable("the time of the call is over", data={})
        except BaseException as failure:  # noqa: BLE001 - it is raised where the call is awaited
            result, error = [], failure
        finally:
            cloud.close()
        with suppress(RuntimeError):  # the loop has ended, and with it everybody who could be told
            loop.call_soon_threadsafe(settle, result, error)

    # A daemon of its own: those of asyncio are few, and are waited for at the end of the process (HUB-LIFE-4).
    threading.Thread(target=body, name="aws-call", daemon=True).start()
    timer = loop.call_at(patience.deadline, patience.end)
    try:
        return await outcome
    finally:
        timer.cancel()
        patience.end()
