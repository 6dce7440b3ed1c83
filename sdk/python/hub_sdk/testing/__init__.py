"""Own the names of the room: running a module in a test, in memory. Re-exports and nothing else."""

from hub_sdk.testing._errors import CallFailed
from hub_sdk.testing._memory import Progress
from hub_sdk.testing._running import Call, Running, running
from hub_sdk.testing._running_async import AsyncCall, AsyncRunning, running_async

__all__ = ["AsyncCall", "AsyncRunning", "Call", "CallFailed", "Progress", "Running", "running", "running_async"]
