"""The benchmark's smallest module in Python: its name is its first argument, so that there can be two hundred of it."""

import sys

from hub_sdk import Module

__all__ = ["add", "module"]

module = Module(sys.argv[1], version="1.0.0", license="Apache-2.0", authors=["The hub authors"])


@module.function(read_only=True, idempotent=True)
async def add(a: int, b: int) -> int:
    """Add two integers."""
    return a + b


if __name__ == "__main__":
    module.run()
