# pyright: reportMissingImports=false, reportMissingModuleSource=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
"""Own the benchmark's calls with grpc.aio over a Unix socket; what is generated from echo.proto is in build/bench/stubs."""

import asyncio
import subprocess
import sys
import tempfile
from typing import Any

import echo_pb2
import echo_pb2_grpc
import grpc

from tests.benchmarks.peers.grpc_aio.plugin import OPTIONS
from tests.benchmarks.peers.work import Calls, Items, serve_tasks

__all__ = ["main"]

_END_SECONDS = 5.0


async def _call(socket: str) -> None:
    async with grpc.aio.insecure_channel(f"unix:{socket}", options=OPTIONS) as channel:
        stub = echo_pb2_grpc.EchoStub(channel)

        async def add(a: int, b: int) -> Any:
            return (await stub.Add(echo_pb2.Numbers(a=a, b=b))).sum

        async def text(value: str) -> Any:
            return (await stub.EchoText(echo_pb2.Text(text=value))).text

        async def items(value: Items) -> Any:
            answer = await stub.EchoItems(echo_pb2.Items(items=[echo_pb2.Item(**one) for one in value]))
            return [
                {"id": one.id, "name": one.name, "region": one.region, "memory": one.memory, "running": one.running}
                for one in answer.items
            ]

        await serve_tasks(Calls(add, text, items))


def main() -> None:
    """Serve tasks until standard input ends."""
    with tempfile.TemporaryDirectory() as directory:
        socket = f"{directory}/socket"
        command = [sys.executable, "-m", "tests.benchmarks.peers.grpc_aio.plugin", socket]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as plugin:
            assert plugin.stdin is not None
            assert plugin.stdout is not None
            plugin.stdout.readline()
            try:
                asyncio.run(_call(socket))
            finally:
                plugin.stdin.close()
                plugin.wait(_END_SECONDS)


if __name__ == "__main__":
    main()
