# pyright: reportMissingImports=false, reportMissingModuleSource=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUntypedBaseClass=false
"""Own the module of the peer grpc.aio: the service of echo.proto on a Unix socket, until standard input ends.

python -m tests.benchmarks.peers.grpc_aio.plugin SOCKET; what is generated from echo.proto is in build/bench/stubs.
"""

import asyncio
import sys

import echo_pb2
import echo_pb2_grpc
import grpc

__all__ = ["OPTIONS", "main"]

# The largest payload is beyond the default of 4 MiB.
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class _Echo(echo_pb2_grpc.EchoServicer):
    async def Add(self, request: echo_pb2.Numbers, context: object) -> echo_pb2.Sum:  # noqa: N802 - named by echo.proto
        return echo_pb2.Sum(sum=request.a + request.b)

    async def EchoText(self, request: echo_pb2.Text, context: object) -> echo_pb2.Text:  # noqa: N802
        return request

    async def EchoItems(self, request: echo_pb2.Items, context: object) -> echo_pb2.Items:  # noqa: N802
        return request


async def _serve(socket: str) -> None:
    server = grpc.aio.server(options=OPTIONS)
    echo_pb2_grpc.add_EchoServicer_to_server(_Echo(), server)
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(grace=0)


def main() -> None:
    """Serve until standard input ends."""
    asyncio.run(_serve(sys.argv[1]))


if __name__ == "__main__":
    main()
