"""Own the benchmark's calls through the hub, as an application makes them: validation, deadlines, supervision, all on.

    python -m tests.benchmarks.peers.hub.host MODULE asyncio|uvloop one|all DIRECTORY PLUGINS...

`all` runs every other module too. DIRECTORY is for the hub's own files.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import anyio

from hub import Hub, Paths, Settings
from tests.benchmarks.peers.work import Calls, serve_tasks

__all__ = ["main"]

# 512 callers at once: 64 of their calls are under way in the module, as everywhere, and the others wait in the hub.
_WAITING: Final = 1024


async def _serve(module: str, others: str, directory: Path, plugins: list[Path]) -> None:
    given = Paths.from_environment(os.environ, plugins=plugins)
    paths = replace(given, state=directory / "state", data=directory / "data", runtime=directory / "run")
    settings = Settings(max_waiting=_WAITING)
    async with Hub(paths=paths, settings=settings, approve=lambda _request: True) as hub:
        await hub.start(module)
        async with anyio.create_task_group() as starts:
            for name in hub.modules if others == "all" else ():
                starts.start_soon(hub.start, name)
        add, echo = f"{module}.add", f"{module}.echo"
        await serve_tasks(
            Calls(
                add=lambda a, b: hub.call(add, a=a, b=b),
                text=lambda text: hub.call(echo, value=text),
                items=lambda items: hub.call(echo, value=items),
            )
        )


def main() -> None:
    """Serve tasks until standard input ends."""
    module, loop, others, directory, *plugins = sys.argv[1:]
    options = {"use_uvloop": loop == "uvloop"}
    anyio.run(_serve, module, others, Path(directory), [Path(plugin) for plugin in plugins], backend_options=options)


if __name__ == "__main__":
    main()
