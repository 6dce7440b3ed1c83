# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUntypedFunctionDecorator=false
"""Own the module of the peer MCP: the server of its documentation, with typed tools; the packages are in build/bench."""

from typing import Any

from mcp.server import MCPServer

__all__ = ["add", "items", "text"]

server = MCPServer("bench", log_level="ERROR")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two integers."""
    return a + b


@server.tool()
def text(value: str) -> str:
    """Answer the text."""
    return value


@server.tool()
def items(value: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer the list."""
    return value


if __name__ == "__main__":
    server.run("stdio")
