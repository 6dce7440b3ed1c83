# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
"""Own the benchmark's calls with the MCP Python SDK over stdio; the packages are in build/bench.

python -m tests.benchmarks.peers.mcp_sdk.host asyncio|uvloop
"""

import sys
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters

from tests.benchmarks.peers.work import Calls, Wrong, serve_tasks

__all__ = ["main"]


async def _serve() -> None:
    server = StdioServerParameters(command=sys.executable, args=[str(Path(__file__).with_name("server.py"))])
    async with Client(server) as client:

        async def call(tool: str, arguments: dict[str, Any]) -> Any:
            answer = await client.call_tool(tool, arguments)
            if answer.is_error or answer.structured_content is None:
                raise Wrong(str(answer.content)[:200])
            return answer.structured_content["result"]

        await serve_tasks(
            Calls(
                add=lambda a, b: call("add", {"a": a, "b": b}),
                text=lambda text: call("text", {"value": text}),
                items=lambda items: call("items", {"value": items}),
            )
        )


def main() -> None:
    """Serve tasks until standard input ends."""
    anyio.run(_serve, backend_options={"use_uvloop": sys.argv[1] == "uvloop"})


if __name__ == "__main__":
    main()
