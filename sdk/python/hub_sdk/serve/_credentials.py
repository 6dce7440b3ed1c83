"""Own an account's credentials as a handler sees them, for both kinds of functions; know nothing of waiting."""

from typing import Any, Literal

from hub_sdk.serve import _services
from hub_sdk.serve._calls import Call
from hub_sdk.serve._waiting import wait_in_loop, wait_in_thread

__all__ = ["AsyncCredentials", "SyncCredentials"]


class SyncCredentials:
    """What the hub keeps for this module and the account of the call: tokens and keys. Needs the permission `credentials`.

    A name has 1 to 64 characters, a value at most 64 KiB of JSON, an account 64 of them (HUB-CRED-2). No other module sees
    them, nor this module in a call for another account (HUB-CRED-1): get them in each call, and keep nothing but by account.
    """

    def __init__(self, call: Call) -> None:
        self._call = call

    def get(self, name: str, default: Any = None) -> Any:
        """Return what is kept under `name`, or `default` where there is nothing (any more). Raises: HubCallError."""
        return wait_in_thread(self._call, _services.credentials_get(name, default))

    def put(self, name: str, value: Any, *, ttl_seconds: float | None = None) -> Literal["session", "keyring"]:
        """Keep a JSON value, for so many seconds or without end; return where: until the hub ends, or in the keyring.

        Raises:
            HubCallError: `credentials_unavailable`, `store_full`, `not_permitted`.
        """
        return wait_in_thread(self._call, _services.credentials_put(name, value, ttl_seconds))

    def delete(self, name: str) -> bool:
        """Forget what is kept under `name`; return whether there was anything. Raises: HubCallError."""
        return wait_in_thread(self._call, _services.credentials_delete(name))


class AsyncCredentials:
    """The same as SyncCredentials, to be awaited."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def get(self, name: str, default: Any = None) -> Any:
        """Return what is kept under `name`, or `default` where there is nothing (any more). Raises: HubCallError."""
        return await wait_in_loop(self._call, _services.credentials_get(name, default))

    async def put(self, name: str, value: Any, *, ttl_seconds: float | None = None) -> Literal["session", "keyring"]:
        """Keep a JSON value, for so many seconds or without end; return where: until the hub ends, or in the keyring.

        Raises:
            HubCallError: `credentials_unavailable`, `store_full`, `not_permitted`.
        """
        return await wait_in_loop(self._call, _services.credentials_put(name, value, ttl_seconds))

    async def delete(self, name: str) -> bool:
        """Forget what is kept under `name`; return whether there was anything. Raises: HubCallError."""
        return await wait_in_loop(self._call, _services.credentials_delete(name))
