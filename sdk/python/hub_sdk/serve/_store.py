"""Own the module's store as a handler sees it, for both kinds of functions; know nothing of waiting."""

from typing import Any

from hub_sdk.serve import _services
from hub_sdk.serve._calls import Call
from hub_sdk.serve._waiting import wait_in_loop, wait_in_thread

__all__ = ["AsyncStore", "SyncStore"]


class SyncStore:
    """Small JSON values that survive restarts: settings and cursors. Needs the permission `store`.

    A key has 1 to 256 characters, a value at most 1 MiB of JSON, a store 64 MiB (HUB-HOST-4).
    """

    def __init__(self, call: Call) -> None:
        self._call = call

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default` where there is none. Raises: HubCallError."""
        return wait_in_thread(self._call, _services.store_get(key, default))

    def set(self, key: str, value: Any) -> None:
        """Keep a JSON value. Raises: HubCallError (`store_full`, `not_permitted`)."""
        wait_in_thread(self._call, _services.store_set(key, value))

    def delete(self, key: str) -> bool:
        """Forget `key`; return whether it was there. Raises: HubCallError."""
        return wait_in_thread(self._call, _services.store_delete(key))

    def list(self, prefix: str = "") -> list[str]:
        """Return the keys that begin with `prefix`. Raises: HubCallError."""
        return wait_in_thread(self._call, _services.store_list(prefix))


class AsyncStore:
    """The same as SyncStore, to be awaited."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default` where there is none. Raises: HubCallError."""
        return await wait_in_loop(self._call, _services.store_get(key, default))

    async def set(self, key: str, value: Any) -> None:
        """Keep a JSON value. Raises: HubCallError (`store_full`, `not_permitted`)."""
        await wait_in_loop(self._call, _services.store_set(key, value))

    async def delete(self, key: str) -> bool:
        """Forget `key`; return whether it was there. Raises: HubCallError."""
        return await wait_in_loop(self._call, _services.store_delete(key))

    async def list(self, prefix: str = "") -> list[str]:
        """Return the keys that begin with `prefix`. Raises: HubCallError."""
        return await wait_in_loop(self._call, _services.store_list(prefix))
