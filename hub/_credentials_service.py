"""Own `hub.credentials.*` as modules ask it: the call decides whose credential it is (HUB-CRED-1); know no wire, no file."""

from typing import Any

from hub._credentials import DEFAULT_ACCOUNT, Credentials, check_keep
from hub._keyring_index import Place
from hub._peer import PendingRequest
from hub_protocol.types import HubCredentialsDeleteParams, HubCredentialsGetParams, HubCredentialsPutParams

__all__ = ["CredentialsService"]


class CredentialsService:
    """Serves the modules of one hub. Each method is asked inside the call `pending`, and returns the result for the wire."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def get(self, module: str, pending: PendingRequest, params: HubCredentialsGetParams) -> dict[str, Any]:
        """Answer `hub.credentials.get`."""
        found, value = await self._credentials.get(_place(module, pending, params.name))
        return {"found": True, "value": value} if found else {"found": False}

    async def put(self, module: str, pending: PendingRequest, params: HubCredentialsPutParams) -> dict[str, Any]:
        """Answer `hub.credentials.put`."""
        behind = pending.call.behind if pending.call is not None else None
        keep = check_keep(behind.keep) if behind is not None and behind.keep is not None else None
        place = _place(module, pending, params.name)
        return {"kept": await self._credentials.put(place, params.value, params.ttl_seconds, keep)}

    async def delete(self, module: str, pending: PendingRequest, params: HubCredentialsDeleteParams) -> dict[str, Any]:
        """Answer `hub.credentials.delete`."""
        return {"deleted": await self._credentials.delete(_place(module, pending, params.name))}


def _place(module: str, pending: PendingRequest, name: str) -> Place:
    profile = pending.call.profile if pending.call is not None else None
    return Place(module, profile or DEFAULT_ACCOUNT, name)
